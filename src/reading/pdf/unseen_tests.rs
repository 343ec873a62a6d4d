//! Small PDFs whose text layer says more than their page shows, and pages that only look so.

use super::tests::{Made, font, fonts, one, pages, texts, utf16};
use crate::domain::id::Permille;
use crate::domain::reading::{MarkKind, Page, PageSource};
use lopdf::{Dictionary, Object, Stream, dictionary};

fn japanese() -> Dictionary {
    font("Type0", "X", "UniJIS-UCS2-H")
}

/// Ten-point text in its own block.
fn text(x: i32, y: i32, words: &str) -> String {
    format!("BT /F 10 Tf {x} {y} Td {} Tj ET ", utf16(words))
}

/// A page with this content, and with what its names stand for.
fn drawn(content: &str, named: Dictionary) -> Page {
    let mut resources = dictionary! { "Font" => fonts(japanese()) };
    resources.extend(&named);
    let mut made = Made::new();
    made.page(content, dictionary! {}, dictionary! { "Resources" => resources });
    pages(&made.bytes()).remove(0)
}

fn plain(content: &str) -> Page {
    drawn(content, dictionary! {})
}

fn kinds(page: &Page) -> Vec<MarkKind> {
    page.marks.iter().map(|mark| mark.kind).collect()
}

/// Nobody is asked to look at it again.
fn is_undoubted(page: &Page) -> bool {
    let sure = page.lines.iter().flat_map(|line| &line.glyphs).all(|glyph| glyph.confidence == Permille::SURE);
    sure && !page.marks.iter().any(|mark| matches!(mark.kind, MarkKind::Struck | MarkKind::Corrected))
}

const LABEL: (i32, i32, &str) = (50, 600, "発行枚数");

fn labelled(content: &str) -> Page {
    plain(&(text(LABEL.0, LABEL.1, LABEL.2) + content))
}

#[test]
fn what_was_painted_over_is_no_value_and_what_stands_there_now_is_doubted() {
    let old = text(200, 600, "株式会社見本");
    for (paint, hidden) in [
        ("1 1 1 rg 198 596 100 16 re f 0 g ", true),
        // As a viewer draws a wide stroke, or a polygon.
        ("1 1 1 RG 16 w 198 604 m 298 604 l S ", true),
        ("0 0 0 0 k 198 596 m 298 596 l 298 612 l 198 612 l f 0 g ", true),
        // Beside, above, and too thin to hide anything.
        ("1 1 1 rg 198 616 100 16 re f 0 g ", false),
        ("1 1 1 rg 198 603 100 1 re f 0 g ", false),
        // Cut away, or with the hole of a frame.
        ("q 0 0 9 9 re W n 1 1 1 rg 198 596 100 16 re f Q ", false),
        ("q 0 0 m 600 0 l 0 800 l W n 1 1 1 rg 198 596 100 16 re f Q ", false),
        ("1 1 1 rg 198 596 100 16 re 199 597 98 14 re f* 0 g ", false),
    ] {
        let page = labelled(&format!("{old}{paint}"));
        let wanted = if hidden { vec!["発行枚数"] } else { vec!["発行枚数", "株式会社見本"] };
        assert_eq!(texts(&page), wanted, "{paint}");
        assert_eq!(kinds(&page).contains(&MarkKind::Struck), hidden, "{paint}");
        let replaced = labelled(&format!("{old}{paint}{}", if hidden { text(200, 600, "合同会社例示") } else { String::new() }));
        assert_eq!(texts(&replaced).len(), 2, "{paint}");
        assert!(!hidden || texts(&replaced)[1] == "合同会社例示" && kinds(&replaced) == [MarkKind::Struck], "{paint}");
    }
}

#[test]
fn what_is_drawn_once_more_on_its_ground_is_no_correction() {
    let entry = text(200, 600, "株式会社見本");
    let page = labelled(&format!("{entry}1 1 1 rg 198 596 100 16 re f 0 g {entry}"));
    assert_eq!(texts(&page), ["発行枚数", "株式会社見本"]);
    assert!(is_undoubted(&page));
    let line = text(200, 600, "＿＿＿＿（　）");
    let field = labelled(&format!("{line}1 1 1 rg 198 596 100 16 re f 0 g {}", text(200, 600, "５")));
    assert_eq!(texts(&field), ["発行枚数", "５"]);
    assert!(is_undoubted(&field), "a line to write on is no value");
}

#[test]
fn what_shines_through_hides_nothing() {
    let states = dictionary! {
        "Thin" => dictionary! { "ca" => 0.4 },
        "Pen" => dictionary! { "BM" => "Multiply" },
        "Soft" => dictionary! { "SMask" => dictionary! { "S" => "Luminosity" } },
        "Full" => dictionary! { "ca" => 1, "BM" => "Normal", "SMask" => "None" },
    };
    for (state, hidden) in [("Thin", false), ("Pen", false), ("Soft", false), ("Full", true)] {
        let content = format!("{}q /{state} gs 1 1 0 rg 48 596 100 16 re f Q {}", text(50, 600, "見本"), text(50, 700, "頁"));
        let page = drawn(&content, dictionary! { "ExtGState" => states.clone() });
        assert_eq!(texts(&page), if hidden { vec!["頁"] } else { vec!["頁", "見本"] }, "{state}");
        assert_eq!(is_undoubted(&page), !hidden, "{state}");
    }
    let hatched = format!("{}/Pattern cs /P scn 48 596 100 16 re f", text(50, 600, "見本"));
    assert_eq!(texts(&plain(&hatched)), ["見本"]);
}

#[test]
fn pale_letters_are_read_where_something_dark_lies_beneath() {
    let white = |words: &str| format!("1 g {}0 g ", text(50, 600, words));
    let cases = [
        (String::new(), false),
        // The dark cell of a label, also one that is cut to its row, a shading or a wide line.
        ("0.2 g 40 590 200 30 re f ".to_owned(), true),
        ("q 40 590 200 30 re W n 0 0 0.5 rg 0 0 600 800 re f Q ".to_owned(), true),
        ("q 40 590 200 30 re W n /S sh Q ".to_owned(), true),
        ("30 w 40 604 m 240 604 l S ".to_owned(), true),
        // A white cell on it, and a dark one elsewhere.
        ("0.2 g 40 590 200 30 re f 1 g 42 592 190 26 re f ".to_owned(), false),
        ("0.2 g 40 690 200 30 re f ".to_owned(), false),
    ];
    for (ground, seen) in cases {
        let page = plain(&format!("{ground}{}{}", white("見出し"), text(50, 500, "本文")));
        assert_eq!(texts(&page), if seen { vec!["見出し", "本文"] } else { vec!["本文"] }, "{ground}");
        assert!(is_undoubted(&page), "{ground}");
    }
}

#[test]
fn the_colours_of_letters_are_told_by_their_space() {
    let ink = |kind: &str, name: &str| vec![Object::Name(kind.into()), Object::Name(name.into()), "DeviceCMYK".into()];
    let spaces = dictionary! { "Ink" => ink("Separation", "Black"), "Index" => ink("Indexed", "DeviceRGB") };
    for (colour, seen) in [
        ("/Ink cs 1 scn", true),
        ("/Ink cs 0.01 scn", false),
        ("/Index cs 1 sc", true),
        ("/Nobody cs 1 1 1 scn", true),
        ("1 g /Ink cs", true),
        ("/DeviceGray cs 1 sc", false),
        ("0.02 0.02 0 0.01 k", false),
        ("0.97 0.96 1 rg", false),
        ("0.9 0.9 0.9 rg", true),
        // Only the outline shows.
        ("1 g 2 Tr", true),
        ("1 G 1 Tr", false),
        ("1 g /Off gs", false),
    ] {
        let content = format!("{}{colour} {}", text(50, 700, "頁"), text(50, 600, "見本"));
        let named = dictionary! { "ColorSpace" => spaces.clone(), "ExtGState" => dictionary! { "Off" => dictionary! { "ca" => 0 } } };
        assert_eq!(texts(&drawn(&content, named)).contains(&"見本"), seen, "{colour}");
    }
}

#[test]
fn what_the_clip_leaves_nothing_of_is_no_text() {
    let clipped = |clip: &str| labelled(&format!("q {clip} W n {}Q ", text(200, 600, "見本")));
    assert_eq!(texts(&clipped("0 0 1 1 re")), ["発行枚数"]);
    assert_eq!(texts(&clipped("200 598 20 12 re")), ["発行枚数", "見本"]);
    assert_eq!(texts(&clipped("200 598 10 12 re")), ["発行枚数", "見"]);
}

fn with_picture(more: Dictionary, place: &str, size: i64) -> Page {
    let mut made = Made::new();
    let mut picture = dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => size, "Height" => size, "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8 };
    picture.extend(&more);
    let picture = made.document.add_object(Stream::new(picture, vec![255; (size * size) as usize]));
    let resources = dictionary! { "Font" => fonts(japanese()), "XObject" => dictionary! { "I" => picture } };
    let content = format!("{}{}q {place} cm /I Do Q", text(50, 600, "代表者　見本太郎"), text(50, 500, "印"));
    made.page(&content, dictionary! {}, dictionary! { "Resources" => resources });
    pages(&made.bytes()).remove(0)
}

#[test]
fn a_picture_hides_what_lies_under_it_and_a_seal_leaves_a_doubt() {
    let whole = with_picture(dictionary! {}, "600 0 0 800 0 0", 60);
    assert_ne!(whole.source, PageSource::TextLayer, "the page is looked at as people see it");
    let over = with_picture(dictionary! {}, "50 0 0 16 88 596", 8);
    assert_eq!((texts(&over), kinds(&over)), (vec!["代表者", "印"], vec![MarkKind::Struck]));
    let soft = with_picture(dictionary! { "SMask" => dictionary! {} }, "50 0 0 16 88 596", 8);
    assert_eq!(texts(&soft), ["代表者 見本太郎", "印"]);
    assert!(is_undoubted(&soft));
    let seal = with_picture(dictionary! {}, "40 0 0 40 110 585", 8);
    assert_eq!((texts(&seal), kinds(&seal)), (vec!["代表者 見本", "印"], vec![MarkKind::Seal, MarkKind::Corrected]));
    let on_its_sign = with_picture(dictionary! {}, "40 0 0 40 35 485", 8);
    assert_eq!((texts(&on_its_sign), kinds(&on_its_sign)), (vec!["代表者 見本太郎"], vec![MarkKind::Seal]));
}

#[test]
fn an_ordinary_form_is_not_doubted() {
    let row = |y: i32, label: &str, entry: &str| {
        format!(
            "0.1 0.2 0.4 rg 40 {bottom} 120 24 re f 0.93 0.95 1 rg 160 {bottom} 300 24 re f 0 G 40 {bottom} 420 24 re S 160 {bottom} m 160 {top} l S \
             1 g {}0 g {}{}",
            text(50, y, label),
            text(170, y, entry),
            // Bold by printing twice.
            text(170, y, entry).replace("170 ", "170.4 "),
            bottom = y - 8,
            top = y + 16,
        )
    };
    let underlined = "170 574 m 220 574 l S 0.5 w 260 579 m 268 579 l 272 579 m 280 579 l 284 579 m 292 579 l S ";
    let page = plain(&format!("1 g 0 0 600 800 re f 0 g {}{}{underlined}", row(600, "申込者名", "見本電力"), row(576, "枚数", "５")));
    assert_eq!(texts(&page), ["申込者名", "見本電力", "枚数", "５"]);
    assert!(is_undoubted(&page));
}

fn struck(content: &str) -> Vec<MarkKind> {
    kinds(&plain(&format!("{}{content}", text(50, 600, "発行３枚")))).into_iter().filter(|kind| *kind == MarkKind::Struck).collect()
}

#[test]
fn a_short_line_through_one_sign_strikes_it_out() {
    assert_eq!(struck("69 604 m 81 604 l S"), [MarkKind::Struck]);
    assert_eq!(struck("69 603.6 12 0.8 re f"), [MarkKind::Struck], "a thin rectangle is a line, too");
    for (innocent, what) in [
        ("69 599 m 81 599 l S", "an underline"),
        ("69 609 m 81 609 l S", "a rule above"),
        ("92 604 m 100 604 l S", "a dash behind the words"),
        ("74 604 m 76 604 l S", "part of a sign"),
        ("60 604 m 69 604 l 70 604 m 80 604 l 81 604 m 90 604 l S", "a dashed line"),
        ("75 590 m 75 615 l S", "a rule down"),
        ("69 598 m 81 611 l S", "a tick"),
    ] {
        assert_eq!(struck(innocent), [], "{what}");
    }
}

#[test]
fn a_passage_that_a_comment_strikes_out_is_struck() {
    let page = |kind: &str, quads: Vec<Object>| {
        let comment = dictionary! { "Type" => "Annot", "Subtype" => kind, "Rect" => vec![70.into(), 598.into(), 80.into(), 610.into()], "QuadPoints" => quads };
        kinds(&one(&text(50, 600, "発行３枚"), japanese(), dictionary! { "Annots" => vec![Object::Dictionary(comment)] }))
    };
    let (row_by_row, around): (Vec<Object>, Vec<Object>) =
        ([70, 610, 80, 610, 70, 598, 80, 598].map(Object::from).to_vec(), [70, 598, 80, 598, 80, 610, 70, 610].map(Object::from).to_vec());
    assert_eq!(page("StrikeOut", row_by_row.clone()), [MarkKind::Struck]);
    assert_eq!(page("StrikeOut", around), [MarkKind::Struck]);
    assert_eq!(page("Highlight", row_by_row), []);
    assert_eq!(page("StrikeOut", vec![70.into(); 3]), [], "a comment cut short strikes nothing");
}
