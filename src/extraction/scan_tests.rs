//! What scans do to the entries of a form, and what must be read or doubted all the same.

use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::id::Permille;
use crate::domain::place::Area;
use crate::domain::reading::{MarkKind, Page};
use crate::extraction::sketch::{extract, grid, mark, page, said};

const TITLE: (i32, i32, &str) = (300, 40, "需給調整市場システム利用申込書");

/// A field's value, and whether it is doubted.
fn read(one: &Page, key: &str) -> (String, bool) {
    let found = extract(std::slice::from_ref(one));
    (said(&found, key), found.fields.fields.get(key).is_some_and(|field| field.needs_review()))
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
fn a_text_that_is_less_than_certain_is_doubted_a_persons_name_always_other_words_where_the_scan_lost_its_colours() {
    let doubted = |key: &str, label: &str, entry: &str, coloured: bool, sure: u16| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(260, label), (600, entry)]]);
        one.lines[2].glyphs[0].confidence = Permille(sure);
        one.coloured = coloured;
        read(&one, key).1
    };
    let name = |coloured, sure| doubted("representative_name", "代表者氏名", "中西　薫", coloured, sure);
    assert!(name(false, 955) && !name(false, 965) && name(true, 915) && !name(true, 925));
    let department = |coloured, sure| doubted("contact_department", "担当部署", "土木課", coloured, sure);
    assert!(department(false, 975) && !department(false, 985) && !department(true, 975));
    let addressee = doubted("addressee", "宛先", "東北例示送配電株式会社御中", false, 975);
    assert!(!addressee, "its shape speaks for it");
    let company = |sure| doubted("applicant_name", "申込者名", "株式会社見本電力", false, sure);
    assert!(!company(955), "its reading in kana watches over it");
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

#[test]
fn an_entry_that_shares_its_cell_with_its_label_is_blank_where_nothing_stands_beside_it() {
    // With other entries in their labels' cells, and with entries in cells of their own, of which one was lost.
    let framed = |remarks: &str| {
        let mut one = page(1, &[TITLE], &[]);
        grid(
            &mut one,
            50,
            100,
            &[&[(300, "利用開始希望日/2026年6月5日"), (300, "担当者氏名/小松　健")], &[(300, "メールアドレス/a@b.jp"), (300, remarks)]],
        );
        extract(&[one]).fields.fields.get("remarks").map(|field| field.needs_review())
    };
    assert_eq!(framed("備考/"), None);
    assert_eq!(framed("備考/至急"), Some(false));
    let ruled = {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "利用開始希望日"), (300, "2026年6月5日")], &[(200, "担当者氏名"), (300, "小松　健")]]);
        grid(&mut one, 50, 180, &[&[(200, "メールアドレス"), (300, "a@b.jp")], &[(200, "備考")]]);
        extract(&[one]).fields.fields.get("remarks").map(|field| field.needs_review())
    };
    assert_eq!(ruled, Some(true));
    let beside = |behind: &str| {
        let mut one = page(1, &[TITLE], &[]);
        let both = format!("事業者コード： 27592　　　MMSコード：{behind}");
        grid(&mut one, 50, 100, &[&[(200, "法人番号"), (700, "5299182328200")], &[(200, "コード"), (700, &both)]]);
        let found = extract(&[one]);
        (said(&found, "mms_code"), found.fields.fields.contains_key("mms_code"))
    };
    assert_eq!(beside(""), (String::new(), false));
    assert_eq!(beside(" P404"), ("P404".to_owned(), true));
}

#[test]
fn a_remark_in_kanji_below_a_number_is_no_part_of_it() {
    // In small print, as remarks are.
    let doubted = |below: &str| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "法人番号"), (500, &format!("5299182328200/{below}"))]]);
        let note = one.lines.last_mut().unwrap();
        let left = note.area.left;
        note.glyphs
            .iter_mut()
            .for_each(|glyph| (glyph.start, glyph.end) = (left + (glyph.start - left) * 6 / 10, left + (glyph.end - left) * 6 / 10));
        read(&one, "corporate_number").1
    };
    assert!(!doubted("国税庁が指定した13桁の番号"));
    assert!(doubted("４４７１２３"));
}

#[test]
fn a_telephone_number_may_have_its_area_code_in_brackets() {
    let doubted = |number: &str| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "電話番号"), (500, number)]]);
        read(&one, "contact_phone").1
    };
    assert!(!doubted("0246(22)9761") && !doubted("(022)939-8230") && !doubted("022-939-8230"));
    assert!(doubted("0246(22)976"));
}

#[test]
fn a_consent_in_brackets_is_given_where_they_are_marked() {
    let said = |entry: &str| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "同意"), (500, entry)]]);
        read(&one, "consent")
    };
    assert_eq!(said("（○）同意する"), ("1".to_owned(), false));
    assert_eq!(said("（　）同意する").0, "0");
}

#[test]
fn a_blank_outside_all_cells_is_believed_where_no_ink_was_left_over() {
    let remarks = |loose: Option<Vec<Area>>| {
        let lines = [
            TITLE,
            (60, 200, "申込日"),
            (300, 200, "（2026年4月7日）"),
            (60, 260, "担当者氏名"),
            (300, 260, "（小松　健　　　　　）"),
            (60, 320, "メールアドレス"),
            (300, 320, "（a@b.jp　　　　）"),
            (60, 380, "備考"),
            (300, 380, "（　　　　　　　　　　）"),
        ];
        let one = Page { loose, ..page(1, &lines, &[]) };
        extract(&[one]).fields.fields.get("remarks").map(|field| field.needs_review())
    };
    assert_eq!(remarks(Some(Vec::new())), None);
    assert_eq!(remarks(Some(vec![Area::new(600, 900, 640, 920)])), None, "elsewhere");
    assert_eq!(remarks(Some(vec![Area::new(360, 384, 390, 400)])), Some(true), "nobody read what stands there");
    assert_eq!(remarks(None), Some(true));
}

#[test]
fn a_blank_in_a_cell_of_its_own_is_believed_unless_ink_lies_there_that_nobody_read() {
    let remarks = |ink: Area| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "申込日"), (700, "2026年4月7日")], &[(200, "備考"), (700, "")]]);
        one.loose = Some(vec![ink]);
        extract(&[one]).fields.fields.get("remarks").map(|field| field.doubts)
    };
    let own = Area::new(260, 150, 320, 170);
    assert_eq!(remarks(own), Some(Doubt::Unseen.into()));
    assert_eq!(remarks(Area { top: own.top + 100, bottom: own.bottom + 100, ..own }), None, "below the grid");
    assert_eq!(remarks(Area { bottom: own.top - 6, top: own.top - 10, ..own }), None, "what is left of a rule");
}

#[test]
fn on_a_poor_scan_a_blank_is_believed_where_not_even_crumbs_lie() {
    let remarks = |loose: Option<Vec<Area>>| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "申込日"), (700, "2026年4月7日")], &[(200, "備考"), (700, "")]]);
        (one.spoilt, one.loose) = (Permille(5), loose);
        extract(&[one]).fields.fields.get("remarks").map(|field| field.doubts)
    };
    assert_eq!(remarks(Some(Vec::new())), None);
    assert_eq!(remarks(Some(vec![Area::new(300, 160, 301, 161)])), Some(Doubt::Unseen.into()));
    assert_eq!(remarks(None), Some(Doubt::Unseen.into()), "so much that nobody can tell");
}

#[test]
fn on_a_poor_scan_that_is_believed_whose_strokes_held_together_or_for_which_more_than_its_characters_speaks() {
    let doubted = |spoilt: u16, frayed: u16| {
        let mut one = page(1, &[TITLE], &[]);
        let rows: [&[(i32, &str)]; 5] = [
            &[(200, "法人番号"), (500, "5299182328200")],
            &[(200, "申込日"), (500, "2026年4月7日")],
            &[(200, "申込区分"), (500, "☑新規　□変更　□追加　□廃止")],
            &[(200, "担当者氏名"), (500, "小松　健")],
            &[(200, "電話番号"), (500, "022-939-8230")],
        ];
        grid(&mut one, 50, 100, &rows);
        one.spoilt = Permille(spoilt);
        one.lines.iter_mut().for_each(|line| line.frayed = Permille(frayed));
        let fields = extract(&[one]).fields.fields;
        ["corporate_number", "application_date", "application_kind", "contact_name", "contact_phone"].map(|key| fields[key].doubts)
    };
    let poor = Doubts::from(Doubt::PoorScan);
    assert_eq!(doubted(0, 0), [Doubts::NONE; 5]);
    assert_eq!(doubted(5, 5), [Doubts::NONE, Doubts::NONE, Doubts::NONE, poor, Doubts::NONE]);
    assert_eq!(doubted(40, 5), [poor; 5]);
    assert_eq!(
        doubted(40, 2),
        [Doubts::NONE, Doubts::NONE, Doubts::NONE, poor, Doubts::NONE],
        "strokes that held together; but for a name"
    );
}

#[test]
fn words_among_frayed_ones_are_believed_where_they_were_read_clearly() {
    let doubts = |confidence: u16, frayed: u16| {
        let mut one = page(1, &[TITLE], &[]);
        grid(&mut one, 50, 100, &[&[(200, "備考"), (700, "至急")]]);
        one.spoilt = Permille(5);
        let entry = one.lines.last_mut().unwrap();
        entry.frayed = Permille(frayed);
        entry.glyphs.iter_mut().for_each(|glyph| glyph.confidence = Permille(confidence));
        extract(&[one]).fields.fields["remarks"].doubts
    };
    let poor = Doubts::from(Doubt::PoorScan);
    assert_eq!([doubts(990, 0), doubts(982, 0), doubts(990, 5)], [Doubts::NONE, poor, poor]);
}
