//! Places are told where they stand in the file: a known page, fed to the reader in every way a scanner feeds it.

use lopdf::{Document, Stream, dictionary};
use sight::recogniser::Recogniser;
use std::f64::consts::PI;
use uketsuke::catalogue;
use uketsuke::domain::id::DocId;
use uketsuke::domain::place::Area;
use uketsuke::domain::reading::{Content, MarkKind, Page};
use uketsuke::drawing::canvas::Canvas;
use uketsuke::drawing::pen::Pen;
use uketsuke::reading::format::{Limits, Source, Tools};

const SIZE: (usize, usize) = (1240, 1754);
const BOX: Area = Area { left: 300, top: 700, right: 330, bottom: 730 };
const CELL: Area = Area { left: 480, top: 400, right: 1000, bottom: 480 };
/// Where the addressee stands.
const LINE: Area = Area { left: 140, top: 260, right: 644, bottom: 296 };

/// Lines of text, a ruled cell, a ticked box.
fn upright() -> Canvas {
    let pen = Pen::new(catalogue::typeface()).unwrap();
    let mut page = Canvas::blank(SIZE.0, SIZE.1, [255; 3]);
    let mut line = |left: i32, top: i32, words: &str| pen.write(&mut page, words, (left, top), 36.0, [0; 3]);
    line(340, 120, "需給調整市場システム利用申込書");
    line(140, 260, "東北例示送配電株式会社　御中");
    line(140, 420, "法人番号");
    line(500, 420, "7999901000001");
    line(140, 520, "申込者名　　株式会社穂高嶺電力");
    line(140, 696, "区分");
    line(350, 696, "新規に申し込みます");
    line(140, 900, "需給調整市場の利用について取引規程に同意します。");
    line(180, 980, "ご担当者さまの氏名と電話番号をお書きください。");
    line(150, 1060, "添付書類は二部ずつご用意のうえ郵送願います。");
    line(200, 1140, "本書の控えは五年間保管してください。");
    page.frame(&CELL, [0; 3], 3);
    page.frame(&Area::new(BOX.left + 3, BOX.top + 3, BOX.right - 3, BOX.bottom - 3), [0; 3], 3);
    for n in 0..14 {
        page.fill(&Area::new(BOX.left + 8 + n, BOX.top + 8 + n, BOX.left + 11 + n, BOX.top + 11 + n), [0; 3]);
        page.fill(&Area::new(BOX.left + 8 + n, BOX.bottom - 11 - n, BOX.left + 11 + n, BOX.bottom - 8 - n), [0; 3]);
    }
    page
}

/// The page askew by so many degrees clockwise, and the way there for a point.
fn askew(page: &Canvas, degrees: f64) -> (Canvas, impl Fn(f64, f64) -> (f64, f64)) {
    let (sin, cos) = (degrees * PI / 180.0).sin_cos();
    let (cx, cy) = (SIZE.0 as f64 / 2.0, SIZE.1 as f64 / 2.0);
    let mut out = page.clone();
    for y in (0..SIZE.1).filter(|_| degrees != 0.0) {
        for x in 0..SIZE.0 {
            // The mean of four points of each pixel: a scanner's edges are soft.
            let grey = (0..4).map(|n| {
                let (dx, dy) = (x as f64 + f64::from(n % 2) / 2.0 - 0.25 - cx, y as f64 + f64::from(n / 2) / 2.0 - 0.25 - cy);
                let (fx, fy) = (cx + dx * cos + dy * sin, cy - dx * sin + dy * cos);
                let inside = fx >= 0.0 && fy >= 0.0;
                inside.then(|| page.at(fx.round() as usize, fy.round() as usize)).flatten().map_or(255, |pixel| u32::from(pixel[0]))
            });
            out.blend(x as i32, y as i32, [(grey.sum::<u32>() / 4) as u8; 3], 255);
        }
    }
    (out, move |x, y| (cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos))
}

/// The way of a point when the picture is turned clockwise by quarters.
fn turned((x, y): (f64, f64), quarters: u8) -> (f64, f64) {
    let (w, h) = (SIZE.0 as f64, SIZE.1 as f64);
    match quarters {
        1 => (h - y, x),
        2 => (w - x, h - y),
        3 => (y, w - x),
        _ => (x, y),
    }
}

fn read(png: &[u8], ocr: &Recogniser) -> Page {
    let tools = Tools { ocr, limits: Limits::default() };
    match uketsuke::reading::read(&Source { doc: DocId::of(png), name: "page.png", bytes: png }, &tools).content {
        Content::Paper { mut pages, .. } if pages.len() == 1 => pages.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mark_and_a_line_are_where_they_stand_in_the_file() {
    const NEAR: f64 = 5.0;
    let ocr = Recogniser::load().unwrap();
    let page = upright();
    let mut ticked = 0;
    for (quarters, degrees) in [(0, 0.0), (0, 2.5), (1, -1.5), (2, 1.5), (3, 2.0), (1, 0.0), (2, 0.0), (3, 0.0)] {
        let case = format!("{quarters} quarters, {degrees} degrees");
        let (lying, way) = askew(&page, degrees);
        let found = read(&lying.turned(quarters).png().unwrap(), &ocr);
        assert_eq!(found.turned, (4 - quarters) % 4, "{case}");
        let wanted = |area: &Area| {
            let (x, y) = area.centre();
            turned(way(f64::from(x), f64::from(y)), quarters)
        };
        let near = |area: &Area, wanted: (f64, f64), x: f64, y: f64| {
            let (fx, fy) = area.centre();
            (f64::from(fx) - wanted.0).abs() <= x && (f64::from(fy) - wanted.1).abs() <= y
        };
        let cells: Vec<Area> = found.cells.iter().map(|cell| found.frame.area(cell)).collect();
        assert!(cells.iter().any(|area| near(area, wanted(&CELL), NEAR, NEAR)), "{case}: {cells:?}, wanted {:?}", wanted(&CELL));
        let boxes: Vec<Area> =
            found.marks.iter().filter(|mark| mark.kind == MarkKind::BoxTicked).map(|mark| found.frame.area(&mark.area)).collect();
        let there = |area: &Area| near(area, wanted(&BOX), NEAR, NEAR) && area.width().max(area.height()) < 50;
        assert!(boxes.iter().all(there), "{case}: {boxes:?}, wanted {:?}", wanted(&BOX));
        ticked += boxes.len();
        let addressee =
            found.lines.iter().find(|line| line.text.contains("東北例示送配電")).unwrap_or_else(|| panic!("{case}: {:?}", found.lines));
        // How far a line reaches is less sure than how high it stands.
        let (along, across) = if quarters % 2 == 0 { (20.0, NEAR) } else { (NEAR, 20.0) };
        let area = found.frame.area(&addressee.area);
        assert!(near(&area, wanted(&LINE), along, across), "{case}: {area:?}, wanted {:?}", wanted(&LINE));
    }
    // Whether a tick is seen on every look is the marks' own business; where it is seen, it stands there.
    assert!(ticked >= 6, "{ticked}");
}

/// A PDF of one page, 600 by 848 points, that is the picture but for a margin of 5 and 7 points; shown turned by so many degrees.
fn pdf(page: &Canvas, rotate: i64) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let picture = image::load_from_memory(&page.png().unwrap()).unwrap().into_luma8();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90).encode_image(&picture).unwrap();
    let mut document = Document::with_version("1.7");
    let scan = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => SIZE.0 as i64, "Height" => SIZE.1 as i64,
        "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8, "Filter" => "DCTDecode",
    };
    let scan = document.add_object(Stream::new(scan, jpeg));
    let content = document.add_object(Stream::new(dictionary! {}, b"q 590 0 0 834 5 7 cm /S Do Q".to_vec()));
    let pages = document.new_object_id();
    let leaf = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Rotate" => rotate,
        "MediaBox" => vec![0.into(), 0.into(), 600.into(), 848.into()],
        "Resources" => dictionary! { "XObject" => dictionary! { "S" => scan } },
    });
    document.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => vec![leaf.into()], "Count" => 1 }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_scan_in_a_pdf_is_told_in_the_units_of_its_page_as_it_is_shown() {
    let ocr = Recogniser::load().unwrap();
    let page = upright();
    let (x, y) = CELL.centre();
    // In tenths of a point on the page before it is turned.
    let (x, y) = (50.0 + f64::from(x) * 5900.0 / SIZE.0 as f64, 70.0 + f64::from(y) * 8340.0 / SIZE.1 as f64);
    for (rotate, wanted) in [(0, (x, y)), (90, (8480.0 - y, x)), (180, (6000.0 - x, 8480.0 - y))] {
        let found = read(&pdf(&page, rotate), &ocr);
        let cells: Vec<Area> = found.cells.iter().map(|cell| found.frame.area(cell)).collect();
        let near = |area: &Area| {
            let (fx, fy) = area.centre();
            (f64::from(fx) - wanted.0).abs() <= 25.0 && (f64::from(fy) - wanted.1).abs() <= 25.0
        };
        assert!(cells.iter().any(near), "{rotate}: {cells:?}, wanted {wanted:?}");
    }
}
