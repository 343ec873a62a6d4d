//! Real scans, cropped: a bilevel fax with rings and a seal, and a skewed, shaded colour page that lies on its side.

use rayon::prelude::*;
use sight::recogniser::Recogniser;
use uketsuke::domain::id::DocId;
use uketsuke::domain::reading::{Content, MarkKind, Page, PageSource};
use uketsuke::reading::format::{Limits, Source, Tools};

fn page(name: &str, ocr: &Recogniser) -> Page {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let tools = Tools { ocr, limits: Limits::default() };
    let reading = uketsuke::reading::read(&Source { doc: DocId::of(&bytes), name, bytes: &bytes }, &tools);
    assert_eq!(reading.remarks, []);
    match reading.content {
        Content::Paper { mut pages, .. } if pages.len() == 1 => pages.remove(0),
        other => panic!("{other:?}"),
    }
}

fn marks(page: &Page, kind: MarkKind) -> usize {
    page.marks.iter().filter(|mark| mark.kind == kind).count()
}

fn has(page: &Page, text: &str) -> bool {
    page.lines.iter().any(|line| line.text.replace(' ', "").contains(text))
}

#[test]
fn a_fax_keeps_its_grid_its_rings_and_its_seal() {
    let page = page("fax.png", &Recogniser::load().unwrap());
    assert_eq!((page.turned, page.source), (0, PageSource::Recognised));
    assert!(page.cells.len() >= 22, "{} cells", page.cells.len());
    assert_eq!(marks(&page, MarkKind::Ring), 1, "{:?}", page.marks);
    assert_eq!(marks(&page, MarkKind::Seal), 1, "{:?}", page.marks);
    ["宛先", "申請区分", "新規", "フリガナ", "郵便番号", "需給調整市場システム利用申込書"]
        .iter()
        .for_each(|label| assert!(has(&page, label), "{label}"));
    let crosses = |line: &uketsuke::domain::place::Area| {
        page.cells
            .iter()
            .filter(|cell| cell.intersection(line).is_some_and(|shared| shared.width() * 4 > line.width().min(cell.width())))
            .count()
            > 1
    };
    assert!(page.lines.iter().all(|line| !crosses(&line.area)), "a line crosses a ruled line");
}

#[test]
fn a_page_on_its_side_is_turned_and_read_the_same_by_any_number_of_threads() {
    let ocr = Recogniser::load().unwrap();
    let pages: Vec<Page> = (0..2).into_par_iter().map(|_| page("sideways.jpg", &ocr)).collect();
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0].turned, 3);
    assert!(pages[0].width > pages[0].height);
    ["所在地", "代表者氏名", "御中", "申込区分", "☑新規", "□変更"].iter().for_each(|text| assert!(has(&pages[0], text), "{text}"));
    assert_eq!(marks(&pages[0], MarkKind::Seal), 1);
}
