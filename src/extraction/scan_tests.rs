//! What scans do to the entries of a form, and what must be read or doubted all the same.

use crate::domain::id::Permille;
use crate::domain::reading::{MarkKind, Page};
use crate::extraction::sketch::{extract, grid, mark, page, said};

const TITLE: (i32, i32, &str) = (300, 40, "需給調整市場システム利用申込書");

/// A field's value, and whether it is doubted.
fn read(one: &Page, key: &str) -> (String, bool) {
    let found = extract(std::slice::from_ref(one));
    (said(&found, key), found.fields.fields.get(key).is_some_and(|field| field.needs_review))
}

#[test]
fn a_number_of_one_digit_below_its_label_is_an_entry() {
    let mut one = page(1, &[TITLE], &[]);
    grid(&mut one, 50, 100, &[&[(400, "利用開始希望日/2026年6月5日"), (400, "発行枚数/5")]]);
    assert_eq!(read(&one, "certificate_count"), ("5".to_owned(), false));
}

#[test]
fn a_text_that_a_rule_cuts_within_a_word_is_doubted() {
    let cut = |width: i32| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(160, "本社所在地"), (width, "宮城県仙台市青葉"), (400, "区一番町三丁目")]]);
        read(&one, "address")
    };
    assert_eq!(cut(168), ("宮城県仙台市青葉".to_owned(), true));
    assert_eq!(cut(300), ("宮城県仙台市青葉".to_owned(), false), "far away stands another entry");
}

#[test]
fn a_postal_mark_outside_a_grid_is_told_by_the_code_beside_it() {
    let one = |entry| page(1, &[TITLE, (60, 200, "T"), (400, 200, entry), (60, 260, "本社所在地"), (400, 260, "（愛媛県松山市")], &[]);
    assert_eq!(read(&one("（792-4826"), "postal_code").0, "792-4826");
    assert_eq!(read(&one("（792-48"), "postal_code").0, "");
}

#[test]
fn a_given_name_that_was_read_badly_is_kept_and_doubted() {
    let mut one = page(1, &[TITLE], &[]);
    grid(&mut one, 50, 100, &[&[(260, "代表者氏名"), (600, "中西　惠")]]);
    one.lines[2].glyphs[2].confidence = Permille(620);
    let (name, doubted) = read(&one, "representative_name");
    assert!(name.ends_with('惠') && doubted, "{name}");
}

#[test]
fn a_name_that_is_less_than_certain_is_doubted_where_the_scan_lost_its_colours() {
    let doubted = |coloured: bool, sure: u16| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(260, "代表者氏名"), (600, "中西　薫")]]);
        one.lines[2].glyphs[0].confidence = Permille(sure);
        one.coloured = coloured;
        read(&one, "representative_name").1
    };
    assert!(doubted(false, 935) && !doubted(false, 965));
    assert!(!doubted(true, 935) && doubted(true, 845));
}

/// An option that is not ticked.
const OPEN: &str = "□電源Ⅰ’厳気象対応調整力契約";

#[test]
fn of_options_below_each_other_the_one_without_a_box_is_the_ticked_one() {
    let options = |first: &str, ticked: &str| {
        let lines = [TITLE, (60, 200, "対象契約"), (300, 200, first), (300, 228, "□電源Ⅱ周波数調整力契約")];
        let mut one = page(1, &lines, &[]);
        let rest = page(1, &[(324, 256, ticked), (300, 284, "□電源Ⅱｂ低速需給バランス調整力契約")], &[]);
        one.lines.extend(rest.lines);
        read(&one, "contract_kind")
    };
    assert_eq!(options(OPEN, "電源ll需給バランス調整力契約"), ("2B".to_owned(), true));
    assert_eq!(options(OPEN, "〓〓〓〓"), (String::new(), true), "the fourth option is not seen, and may be the ticked one");
    let ticked = options("☑電源Ⅰ’厳気象対応調整力契約", "電源ll需給バランス調整力契約");
    assert_eq!(ticked.0, "1P", "where one is ticked, a row without a box is no second one");
}

#[test]
fn what_an_imprint_touches_is_doubted_where_no_colour_parts_them() {
    let sealed = |coloured: bool, left: i32| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(260, "申込者名"), (600, "株式会社見本電力")]]);
        one.marks.push(mark(MarkKind::Seal, left, 90, left + 120, 210));
        one.coloured = coloured;
        read(&one, "applicant_name").1
    };
    let end = 318 + 8 * 20;
    assert!(sealed(false, end - 10) && sealed(false, end + 5));
    assert!(!sealed(false, end + 40) && !sealed(true, end - 10));
}
