//! Forms as public offices set them: several things in one cell, heads above their entries, words of options in a row.

use crate::domain::reading::{MarkKind, Page};
use crate::extraction::sketch::{extract, grid, mark, page, said};

const TITLE: (i32, i32, &str) = (300, 40, "需給調整市場システム利用申込書");

fn checked(pages: &[Page], wanted: &[(&str, &str)]) {
    let extract = extract(pages);
    for (key, value) in wanted {
        assert_eq!(said(&extract, key).replace(' ', ""), *value, "{key}");
    }
}

fn doubted(pages: &[Page], key: &str) -> bool {
    extract(pages).fields.fields.get(key).is_some_and(|field| field.needs_review())
}

#[test]
fn the_reading_stands_small_above_the_name_and_the_postal_code_above_the_address() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    grid(
        &mut one,
        50,
        100,
        &[
            &[(160, "法人番号"), (700, "2360376066429")],
            &[(160, "所在地"), (700, "〒 461-4401/愛知県名古屋市東区東新町3丁日16番7号")],
            &[(160, "代表者"), (700, "役職　　　代表取締役社長/氏名　　　髙橋 健")],
        ],
    );
    // Two cells beside one label, parted by a rule that begins behind it.
    one.cells.extend(
        [(50, 600, 210, 700), (210, 600, 910, 640), (210, 640, 910, 700)].map(|(l, t, r, b)| crate::domain::place::Area::new(l, t, r, b)),
    );
    let lines = page(1, &[(58, 640, "申込者名"), (218, 608, "フリガナ　　　トウコウセイテツ"), (218, 656, "東光製鉄合同会社")], &[]).lines;
    one.lines.extend(lines);
    checked(
        &[one],
        &[
            ("applicant_name", "東光製鉄合同会社"),
            ("applicant_name_kana", "トウコウセイテツ"),
            ("postal_code", "461-4401"),
            ("address", "愛知県名古屋市東区東新町3丁目16番7号"),
            ("representative_title", "代表取締役社長"),
            ("representative_name", "髙橋健"),
        ],
    );
}

#[test]
fn options_that_read_like_a_label_stay_the_entry_of_their_label() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    let heads: &[(i32, &str)] = &[(400, "リソース区分"), (460, "市場参加の有無")];
    grid(&mut one, 50, 100, &[heads, &[(400, "発電機　DR（需要抑制）"), (460, "不参加　参加")]]);
    one.marks = vec![mark(MarkKind::Ring, 50, 142, 132, 178), mark(MarkKind::Ring, 452, 142, 532, 178)];
    checked(&[one], &[("resource_kind", "GEN"), ("market_participation", "0")]);
}

#[test]
fn a_label_may_say_that_its_entry_is_asked_for() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1"), (50, 600, "会社名※必須　東光製鉄合同会社")], &[]);
    let rows: &[&[(i32, &str)]] = &[
        &[(300, "8 所在地【必須】"), (600, "愛知県名古屋市東区")],
        &[(300, "担当部署 Department"), (600, "総務部")],
        &[(300, "代表者役職＊"), (600, "代表取締役")],
    ];
    grid(&mut one, 50, 100, rows);
    let wanted = [
        ("address", "愛知県名古屋市東区"),
        ("contact_department", "総務部"),
        ("representative_title", "代表取締役"),
        ("applicant_name", "東光製鉄合同会社"),
    ];
    checked(&[one], &wanted);
}

#[test]
fn print_between_the_parts_of_an_entry_keeps_it_one() {
    let lines = &[
        TITLE,
        (800, 10, "1/1"),
        (50, 100, "法人番号　　2360376066429"),
        (50, 150, "利用開始希望日　　西暦 2026 年　 7 月　 1 日"),
        (50, 200, "契約締結日　　令和　　　年　　　月　　　□"),
        (50, 250, "電話番号　　022　　　　－　629　　　　－　8007"),
        (50, 300, "メールアドレス　　support　　　　　＠ helios-el.example.jp"),
    ];
    let wanted = [
        ("desired_start_date", "2026-07-01"),
        ("contract_date", ""),
        ("contact_phone", "022-629-8007"),
        ("contact_email", "support@helios-el.example.jp"),
    ];
    checked(&[page(1, lines, &[])], &wanted);
}

#[test]
fn a_group_named_in_front_of_its_first_label_has_no_entry() {
    let lines = &[TITLE, (100, 100, "申込者"), (260, 100, "T　　461-4401"), (260, 150, "商号　　東光製鉄合同会社")];
    checked(&[page(1, lines, &[])], &[("applicant_name", "東光製鉄合同会社"), ("postal_code", "461-4401")]);
}

#[test]
fn a_note_below_an_entry_is_none_of_it() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    grid(
        &mut one,
        50,
        100,
        &[
            &[(160, "申込者名"), (700, "東光製鉄合同会社/登記簿に記載の商号をご記入ください。")],
            &[(160, "所在地"), (700, "愛知県名古屋市東区/（注）登記簿上の所在地")],
        ],
    );
    // Set small, with its sign unread.
    let note = one.lines.iter_mut().find(|line| line.text.starts_with("登記")).unwrap();
    for (n, glyph) in note.glyphs.iter_mut().enumerate() {
        (glyph.start, glyph.end) = (218 + 14 * n as i32, 232 + 14 * n as i32);
    }
    checked(&[one], &[("applicant_name", "東光製鉄合同会社"), ("address", "愛知県名古屋市東区")]);
}

#[test]
fn several_labels_in_the_cell_beside_a_group_are_before_their_own_entries() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    grid(
        &mut one,
        50,
        100,
        &[
            &[(160, "代表者"), (700, "代表者役職：代表取締役　　　代表者名：髙橋 健")],
            &[(160, "コード"), (700, "事業者コード：48959　　　MMSコード：K742")],
            &[(160, "所在地"), (700, "郵便番号：461-4401/愛知県名古屋市東区")],
        ],
    );
    let wanted =
        [("representative_title", "代表取締役"), ("representative_name", "髙橋健"), ("operator_code", "48959"), ("mms_code", "K742")];
    checked(&[one.clone()], &wanted);
    checked(&[one], &[("postal_code", "461-4401"), ("address", "愛知県名古屋市東区")]);
}

#[test]
fn a_cell_with_a_head_of_its_own_is_no_entry_of_the_empty_one_above_it() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    let rows: &[&[(i32, &str)]] =
        &[&[(430, "事業者コード/48959"), (430, "MMSコード")], &[(860, "契約区分/☑電源Ⅰ’厳気象対応調整力契約/□電源Ⅱ周波数調整力契約")]];
    grid(&mut one, 50, 100, rows);
    checked(&[one.clone()], &[("operator_code", "48959"), ("mms_code", ""), ("contract_kind", "1P")]);
    // The same one below the other.
    one.cells.clear();
    one.lines.truncate(2);
    grid(&mut one, 50, 100, &[&[(860, "MMSコード")], &[(860, "契約区分/☑電源Ⅰ’厳気象対応調整力契約/□電源Ⅱ周波数調整力契約")]]);
    checked(&[one], &[("mms_code", ""), ("contract_kind", "1P")]);
}

#[test]
fn labels_side_by_side_have_their_entries_side_by_side_below_them() {
    let lines = &[
        TITLE,
        (800, 10, "1/1"),
        (50, 100, "申込日　　　　　　　　　　　　　　　　　宛先"),
        (50, 140, "2026/04/06　　　　　　　　　　　　　　　東北例示送配電株式会社"),
        (50, 200, "リソース区分　　　　　　　　　　　　　　市場参加の有無"),
        (50, 240, "（○）発電機　（　）DR　　　　　　　　　　（○）不参加　（　）参加"),
        (50, 300, "会社名"),
        (50, 340, "東光製鉄合同会社"),
        (50, 400, "法人番号　　　　　　　　　　　　　　　　T"),
        (50, 440, "2360376066429　　　　　　　　　　　　　　 461-4401"),
    ];
    let wanted = [
        ("resource_kind", "GEN"),
        ("market_participation", "0"),
        ("applicant_name", "東光製鉄合同会社"),
        ("corporate_number", "2360376066429"),
        ("postal_code", "461-4401"),
    ];
    checked(&[page(1, lines, &[])], &wanted);
}

#[test]
fn where_a_rule_between_two_entries_was_lost_neither_is_believed() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    let cells = [(50, 100, 210, 160), (50, 160, 210, 220), (210, 100, 910, 220)];
    one.cells = cells.map(|(l, t, r, b)| crate::domain::place::Area::new(l, t, r, b)).to_vec();
    let written = [(58, 115, "代表者役職"), (58, 175, "代表者氏名"), (218, 115, "業務執行社員"), (218, 175, "北村 誠")];
    one.lines.extend(page(1, &written, &[]).lines);
    assert!(doubted(&[one.clone()], "representative_title") && doubted(&[one.clone()], "representative_name"));
    // The label of the upper row was not read.
    one.lines.retain(|line| line.text != "代表者役職");
    assert!(doubted(&[one], "representative_name"));
}

#[test]
fn a_page_that_is_missing_excuses_no_blank_on_the_one_that_is_there() {
    let lines = &[
        TITLE,
        (800, 10, "1/2"),
        (50, 100, "申込日　　2026/04/06"),
        (50, 200, "法人番号　　2360376066429"),
        (50, 250, "所在地　　愛知県名古屋市東区東新町3丁目16番7号"),
        (50, 300, "リソース区分　　☑発電機　□DR"),
    ];
    let pages = [page(1, lines, &[])];
    assert!(doubted(&pages, "applicant_name"), "its label was not read");
    assert!(!extract(&pages).fields.fields.contains_key("contact_phone"), "on the page that is missing");
}

#[test]
fn a_tick_alone_tells_the_option_behind_it() {
    let kind = |entry: &str| {
        let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
        one.source = crate::domain::reading::PageSource::TextLayer;
        grid(&mut one, 50, 100, &[&[(160, "申込区分"), (700, entry)]]);
        said(&extract(&[one]), "application_kind")
    };
    assert_eq!(kind("✓ 新規　　変更　　追加　　廃止"), "1");
    assert_eq!(kind("新規　　✓ 変更　　追加　　廃止"), "2");
    assert_eq!(kind("新規　　変更　　追加　　✓ 廃止"), "4");
}

#[test]
fn specks_and_lost_signs_of_a_scan_are_put_right_or_doubted() {
    let lines = &[
        TITLE,
        (800, 10, "1/1"),
        (50, 100, "法人番号　　2360376066429"),
        (50, 150, "申込日　　令和8年4月14H"),
        (50, 200, "利用開始希望日　　西暦：2026年7月1日"),
        (50, 250, "担当部署　　第三チーム："),
        (50, 300, "電話番号　　080-6436-0098"),
        (50, 350, "メールアドレス　　apply@royal365.examplecom"),
        (50, 400, "申込者名　　合同会社殼発電"),
    ];
    let wanted = [
        ("application_date", "2026-04-14"),
        ("desired_start_date", "2026-07-01"),
        ("contact_department", "第三チーム"),
        ("contact_phone", "080-6436-0098"),
        ("contact_email", "apply@royal365.example.com"),
        ("applicant_name", "合同会社殻発電"),
        ("postal_code", ""),
    ];
    let pages = [page(1, lines, &[])];
    checked(&pages, &wanted);
    for key in ["application_date", "desired_start_date", "contact_department", "contact_email", "applicant_name"] {
        assert!(doubted(&pages, key), "{key}");
    }
    let phone =
        |number: &str| doubted(&[page(1, &[TITLE, (800, 10, "1/1"), (50, 300, &format!("電話番号　　{number}"))], &[])], "contact_phone");
    let mut written = pages[0].clone();
    written.source = crate::domain::reading::PageSource::TextLayer;
    checked(&[written], &[("applicant_name", "合同会社殼発電")]);
    let low = page(1, &[TITLE, (800, 10, "1/1"), (50, 300, "電話番号　　080_-6436_0098")], &[]);
    checked(std::slice::from_ref(&low), &[("contact_phone", "080-6436-0098")]);
    assert!(doubted(&[low], "contact_phone"));
    assert!(phone("0246-11-430") && phone("080-6436-009") && !phone("0246-11-4301") && !phone("080-6436-0098"));
}

#[test]
fn words_of_two_options_without_their_boxes_are_doubted() {
    let kind = |entry: &str| {
        let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
        grid(&mut one, 50, 100, &[&[(160, "契約区分"), (700, entry)]]);
        doubted(&[one], "contract_kind")
    };
    assert!(kind("電源Ⅱ周波数調歪力契約/電源Ⅱ需給バランス調整力契約"));
    assert!(!kind("電源Ⅱ周波数調整力契約"));
}

#[test]
fn a_number_on_another_page_than_its_neighbours_is_doubted() {
    let file = |second: &str| {
        let mut one = page(1, &[TITLE, (800, 10, "1/2")], &[]);
        let rows: &[&[(i32, &str)]] = &[
            &[(160, "申込者名"), (700, "東光製鉄合同会社")],
            &[(160, second), (700, "4246006111918")],
            &[(160, "所在地"), (700, "愛知県名古屋市東区")],
        ];
        grid(&mut one, 50, 100, rows);
        let two = page(2, &[(800, 10, "2/2"), (50, 1300, "申込者　法人番号 4246006111918")], &[]);
        doubted(&[one, two], "corporate_number")
    };
    assert!(file("☒☒"));
    assert!(!file("法人番号"));
}

#[test]
fn an_imprint_read_as_words_is_no_missing_seal() {
    let sealed = |words: &str| {
        let mut one = page(1, &[TITLE, (800, 10, "1/1"), (50, 250, "法人番号　　2360376066429")], &[]);
        one.coloured = true;
        grid(&mut one, 50, 100, &[&[(160, "代表者氏名"), (700, "髙橋 健")]]);
        one.lines.extend(page(1, &[(600, 110, words)], &[]).lines);
        [one]
    };
    assert!(doubted(&sealed("開発風"), "seal_present"));
    assert!(!doubted(&sealed("印"), "seal_present"));
}

#[test]
fn a_bar_with_the_name_of_a_group_stands_before_its_labels() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1"), (50, 600, "法人番号　　2360376066429")], &[]);
    let rows: &[&[(i32, &str)]] = &[
        &[(230, "提出日"), (300, "令和 8 年 4 月 1 日"), (230, "申込区分"), (300, "☑新規 □変更/□廃止")],
        &[(280, "提出先"), (780, "東北例示送配電株式会社")],
    ];
    grid(&mut one, 100, 100, rows);
    one.cells.extend([(40, 100, 100, 140), (40, 140, 100, 210)].map(|(l, t, r, b)| crate::domain::place::Area::new(l, t, r, b)));
    one.lines.extend(page(1, &[(50, 125, "申")], &[]).lines);
    checked(&[one], &[("application_date", "2026-04-01"), ("application_kind", "1"), ("addressee", "東北例示送配電株式会社")]);
}
