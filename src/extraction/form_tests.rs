//! Forms of several designs, and the faults that their entries may have.

use crate::domain::id::Permille;
use crate::domain::reading::{MarkKind, Page};
use crate::domain::value::Value;
use crate::extraction::sketch::{extract, grid, mark, page, said, try_extract};

const TITLE: (i32, i32, &str) = (300, 40, "需給調整市場システム利用申込書");

fn check(pages: &[Page], wanted: &[(&str, &str)]) {
    let extract = extract(pages);
    for (key, value) in wanted {
        let said = said(&extract, key).replace(' ', "");
        assert_eq!(said, *value, "{key}: {:?}", extract.fields.fields.get(key).map(|field| &field.raw));
    }
}

#[test]
fn several_pairs_in_one_row_of_a_grid() {
    let mut one = page(1, &[TITLE, (700, 10, "様式第１号　2026年4月版　　1/1")], &[]);
    grid(
        &mut one,
        50,
        100,
        &[
            &[(160, "宛先"), (400, "東北例示送配電株式会社 御中"), (120, "申請日"), (200, "2026/04/06")],
            &[(160, "申請区分"), (720, "☑新規　□変更　□追加　□廃止")],
            &[(160, "法人番号（13/桁）"), (300, "2360376066429"), (160, "郵便番号"), (260, "461-4401")],
            &[(160, "代表者役職"), (300, "代表取締役社長"), (160, "代表者名"), (260, "髙橋 健　　印")],
            &[(160, "広域機関事業者/コード"), (300, "48959"), (160, "ＭＭＳコード"), (260, "")],
            &[(160, "契約の有無"), (400, "□締結済　☑未締結（申込中）"), (120, "契約日"), (200, "")],
            &[(160, "調整力契約の種/別"), (720, "☑電源Ⅰ’厳気象対応調整力契約/□電源Ⅱ周波数調整力契約/☑電源Ⅱ需給バランス調整力契約")],
            &[(160, "証明書発行要否"), (400, "☑新規発行　□不要"), (120, "希望枚数"), (200, "3枚")],
            &[(160, "ＴＥＬ"), (300, "052-696-3209"), (160, "E-mail"), (260, "shijo@example.co.jp")],
        ],
    );
    check(
        &[one],
        &[
            ("addressee", "東北例示送配電株式会社"),
            ("application_date", "2026-04-06"),
            ("application_kind", "1"),
            ("corporate_number", "2360376066429"),
            ("postal_code", "461-4401"),
            ("representative_title", "代表取締役社長"),
            ("representative_name", "髙橋健"),
            ("operator_code", "48959"),
            ("mms_code", ""),
            ("contract_status", "0"),
            ("contract_date", ""),
            ("contract_kind", "1P,2B"),
            ("certificate_request", "1"),
            ("certificate_count", "3"),
            ("contact_phone", "052-696-3209"),
            ("contact_email", "shijo@example.co.jp"),
            ("form_edition", "2026年4月版"),
            ("page_marker", "1/1"),
            ("seal_present", "0"),
        ],
    );
}

#[test]
fn a_letter_about_the_form_is_no_form() {
    let words = |title| {
        let labels = ["受付番号", "事業者名", "法人番号", "担当者名", "電話番号", "E-mail", "契約種別", "申請日"];
        let rows = labels.iter().enumerate().map(|(n, label)| (100, 200 + 40 * n as i32, *label));
        [page(1, &rows.chain([(300, 40, title)]).collect::<Vec<_>>(), &[])]
    };
    assert!(try_extract(&words("ご提出書類")).is_some(), "its labels tell");
    for title in ["需給調整市場システム利用承認通知書", "クライアント証明書パスフレーズ通知書"] {
        assert!(try_extract(&words(title)).is_none(), "{title}");
    }
    assert!(try_extract(&words("承認通知書の送付先　本社")).is_some(), "no title ends so");
}

#[test]
fn a_block_without_grid_with_an_address_over_three_rows() {
    let mut one = page(
        1,
        &[
            (50, 10, "様式第１号（2026年4月版）"),
            (900, 10, "1/2"),
            (760, 50, "令和8年4月6日"),
            (50, 100, "東北例示送配電株式会社　御中"),
            (560, 150, "〒060-5079"),
            (420, 180, "所在地"),
            (560, 180, "北海道札幌市中央区大通西一丁目"),
            (560, 210, "淡路洲ビル14階"),
            (420, 260, "申込者名"),
            (560, 260, "淡路洲電源開発事業合同会社"),
            (420, 310, "代表者役職"),
            (560, 310, "代表社員"),
            (420, 360, "代表者氏名"),
            (560, 360, "假屋 健　　　㊞"),
            (200, 420, "需 給 調 整 市 場 シ ス テ ム 利 用 申 込 書"),
            (60, 470, "利用について、取引規程等に同意のうえ、下記のとおり申し込みます。"),
        ],
        &[],
    );
    one.marks.push(mark(MarkKind::Seal, 780, 320, 880, 420));
    check(
        &[one],
        &[
            ("application_date", "2026-04-06"),
            ("addressee", "東北例示送配電株式会社"),
            ("postal_code", "060-5079"),
            ("address", "北海道札幌市中央区大通西一丁目淡路洲ビル14階"),
            ("applicant_name", "淡路洲電源開発事業合同会社"),
            ("representative_title", "代表社員"),
            ("representative_name", "假屋健"),
            ("seal_present", "1"),
            ("form_edition", "2026年4月版"),
            ("consent", ""),
        ],
    );
}

#[test]
fn no_grid_at_all_with_labels_and_entries_on_one_line() {
    let one = page(
        1,
        &[
            TITLE,
            (50, 100, "１．申込区分：□新規　☑変更"),
            (50, 140, "２．商　　号　　株式会社見本電力"),
            (50, 180, "３．住　　所"),
            (250, 180, "東京都千代田区丸の内一丁目1番1号"),
            (50, 220, "４．電話番号：03-1234-5678　　　FAX：03-1234-5679"),
            (50, 260, "５．ＭＭＳコード"),
            (50, 300, "６．需給調整市場への"),
            (50, 326, "　　参加予定"),
            (300, 312, "□参加　☑不参加"),
            (50, 360, "７．利用開始希望日　　令和　年　月　日"),
        ],
        &[],
    );
    check(
        &[one],
        &[
            ("application_kind", "2"),
            ("applicant_name", "株式会社見本電力"),
            ("address", "東京都千代田区丸の内一丁目1番1号"),
            ("contact_phone", "03-1234-5678"),
            ("mms_code", ""),
            ("market_participation", "0"),
            ("desired_start_date", ""),
        ],
    );
}

#[test]
fn labels_above_their_entries_and_one_character_a_box() {
    let mut one = page(1, &[TITLE], &[]);
    grid(&mut one, 50, 100, &[&[(300, "申込者名"), (300, "事業者コード")], &[(300, "株式会社見本電力"), (300, "98569")]]);
    let boxes: Vec<(i32, &str)> =
        std::iter::once((160, "法人番号")).chain("4246006111918".split("").filter(|c| !c.is_empty()).map(|c| (30, c))).collect();
    grid(&mut one, 50, 300, &[&boxes]);
    check(&[one], &[("applicant_name", "株式会社見本電力"), ("operator_code", "98569"), ("corporate_number", "4246006111918")]);
}

#[test]
fn a_group_heading_says_whose_name_it_is() {
    let mut one = page(1, &[TITLE], &[(50, 100, 110, 180), (50, 180, 110, 300)]);
    one.lines.push(crate::extraction::sketch::line(55, 120, "代表者"));
    one.lines.push(crate::extraction::sketch::line(55, 220, "担当者"));
    grid(&mut one, 110, 100, &[&[(160, "役職"), (400, "代表取締役")], &[(160, "氏名"), (400, "見本 太郎")]]);
    grid(
        &mut one,
        110,
        180,
        &[&[(160, "所属"), (400, "企画部")], &[(160, "氏名"), (400, "仮名 花子")], &[(160, "電話"), (400, "022-000-0000")]],
    );
    check(
        &[one],
        &[
            ("representative_title", "代表取締役"),
            ("representative_name", "見本太郎"),
            ("contact_department", "企画部"),
            ("contact_name", "仮名花子"),
            ("contact_phone", "022-000-0000"),
        ],
    );
}

#[test]
fn two_ticks_where_one_is_allowed_are_remarked() {
    let mut one = page(1, &[TITLE], &[]);
    grid(&mut one, 50, 100, &[&[(160, "申込区分"), (600, "☑新規　☑変更　□追加")], &[(160, "契約締結状況"), (600, "□締結済　□未締結")]]);
    let extract = extract(&[one]);
    assert_eq!(extract.fields.value("application_kind"), Some(&Value::Codes(vec!["1".into(), "2".into()])));
    assert!(extract.fields.fields["application_kind"].needs_review());
    assert_eq!(extract.fields.value("contract_status"), None);
    let codes: Vec<_> = extract.remarks.iter().map(|remark| (remark.code.to_string(), remark.field.clone())).collect();
    assert!(codes.contains(&("A-023".to_owned(), Some("application_kind".to_owned()))), "{codes:?}");
}

#[test]
fn boxes_seen_as_shapes_and_a_ring_around_a_word() {
    let mut one = page(1, &[TITLE], &[]);
    grid(&mut one, 50, 100, &[&[(160, "申込区分"), (600, "口新規　口変更　日追加")], &[(160, "リソース区分"), (600, "発電機　・　ＤＲ")]]);
    for (n, kind) in [MarkKind::BoxEmpty, MarkKind::BoxTicked, MarkKind::BoxEmpty].into_iter().enumerate() {
        let left = 218 + 80 * n as i32;
        one.marks.push(mark(kind, left, 106, left + 20, 130));
    }
    one.marks.push(mark(MarkKind::Ring, 310, 140, 370, 180));
    check(&[one], &[("application_kind", "2"), ("resource_kind", "DR")]);
}

#[test]
fn a_ring_that_spoils_letters_or_touches_the_label_still_chooses() {
    let mut one = page(1, &[TITLE, (50, 200, "市場参加予定不参加　　参加")], &[]);
    grid(&mut one, 50, 100, &[&[(160, "クライアント証明書"), (600, "新規発行　匹存証明書を利月　不要")]]);
    let around = |word: &str, page: &Page| {
        let line = page.lines.iter().find(|line| line.text.contains(word)).unwrap();
        let from = line.text.find(word).map(|byte| line.text[..byte].chars().count()).unwrap();
        let glyphs = &line.glyphs[from..from + word.chars().count()];
        mark(MarkKind::Ring, glyphs[0].start - 4, line.area.top - 4, glyphs[glyphs.len() - 1].end + 4, line.area.bottom + 4)
    };
    let rings = [around("不参加", &one), around("匹存証明書を利月", &one)];
    one.marks.extend(rings);
    check(&[one], &[("market_participation", "0"), ("certificate_request", "2")]);
}

#[test]
fn a_missing_page_is_remarked_and_pages_in_any_order_are_read() {
    let mut second = page(2, &[(900, 10, "2/2")], &[]);
    grid(
        &mut second,
        50,
        100,
        &[
            &[(160, "担当部署"), (400, "企画部")],
            &[(160, "担当者氏名"), (400, "仮名 花子")],
            &[(160, "電話番号"), (400, "022-000-0000")],
            &[(160, "メールアドレス"), (400, "a@example.jp")],
            &[(160, "発行枚数"), (400, "枚")],
        ],
    );
    let found = extract(&[second.clone()]);
    assert_eq!(
        found.remarks.iter().map(|r| (r.code.to_string(), r.words.get("page").cloned())).collect::<Vec<_>>(),
        [("A-002".to_owned(), Some("1".to_owned()))]
    );
    assert_eq!(said(&found, "certificate_count"), "");
    let again = second.clone();
    let first = page(1, &[TITLE, (900, 10, "1/2")], &[]);
    let whole = extract(&[Page { number: 1, ..second }, Page { number: 2, ..first }]);
    assert!(whole.remarks.is_empty(), "{:?}", whole.remarks);
    assert_eq!(said(&whole, "contact_department"), "企画部");
    let specked = page(1, &[TITLE, (900, 10, "1/20")], &[]);
    let codes: Vec<String> = extract(&[specked, Page { number: 2, ..again }]).remarks.iter().map(|r| r.code.to_string()).collect();
    assert!(!codes.contains(&"A-002".to_owned()), "a speck behind a marker asks for no pages: {codes:?}");
}

#[test]
fn a_paper_that_is_no_form_is_none() {
    assert_eq!(try_extract(&[page(1, &[(50, 50, "請求書"), (50, 90, "住所　東京都")], &[])]), None);
    assert_eq!(try_extract(&[]), None);
}

/// Makes one character doubtful, with what else it may be.
fn doubt(page: &mut Page, line: usize, n: usize, confidence: u16, others: &[(char, u16)]) {
    let glyph = &mut page.lines[line].glyphs[n];
    glyph.confidence = Permille(confidence);
    glyph.others = others.iter().map(|(c, sure)| (*c, Permille(*sure))).collect();
}

fn one_entry(label: &str, entry: &str) -> Page {
    let mut one = page(1, &[TITLE], &[]);
    grid(&mut one, 50, 100, &[&[(260, label), (600, entry)]]);
    one
}

#[test]
fn a_postal_mark_alone_in_its_cell_is_a_label_though_misread() {
    check(&[one_entry("T", "9800811")], &[("postal_code", "980-0811")]);
    let mut other = one_entry("F", "9800811");
    doubt(&mut other, 1, 0, 957, &[('〒', 7)]);
    check(&[other], &[("postal_code", "980-0811")]);
    assert_eq!(extract(&[one_entry("F", "9800811")]).fields.value("postal_code"), None);
}

#[test]
fn of_two_forms_that_look_alike_the_one_in_daily_use_is_offered() {
    let mut one = one_entry("代表者氏名", "見本惠");
    let read = |one: &Page| {
        let extract = extract(std::slice::from_ref(one));
        let field = &extract.fields.fields["representative_name"];
        (said(&extract, "representative_name").replace(' ', ""), field.needs_review())
    };
    doubt(&mut one, 2, 2, 582, &[('恵', 415)]);
    assert_eq!(read(&one), ("見本恵".to_owned(), true));
    doubt(&mut one, 2, 2, 930, &[('恵', 60)]);
    assert_eq!(read(&one).0, "見本惠");
}

#[test]
fn a_single_doubtful_digit_is_repaired_by_the_check_digit_and_shown_to_a_person() {
    let mut one = one_entry("法人番号", "4246006111978");
    doubt(&mut one, 2, 11, 520, &[('1', 430), ('2', 30)]);
    let found = extract(&[one.clone()]);
    assert_eq!(said(&found, "corporate_number"), "4246006111918");
    assert!(found.fields.fields["corporate_number"].needs_review());
    // A wrong number that was read without doubt is the applicant's, not ours to mend.
    doubt(&mut one, 2, 11, 999, &[]);
    assert_eq!(said(&extract(&[one]), "corporate_number"), "4246006111978");
}

#[test]
fn letters_where_only_digits_can_stand_become_digits() {
    check(&[one_entry("電話番号", "O22-l23-4567")], &[("contact_phone", "022-123-4567")]);
    check(&[one_entry("フリガナ", "力ブシキガイシャ　ミホンエネルギ一")], &[("applicant_name_kana", "カブシキガイシャミホンエネルギー")]);
}

#[test]
fn what_the_reader_was_not_sure_of_is_shown_to_a_person() {
    let mut one = one_entry("申込者名", "株式会社見本電力");
    assert!(!extract(&[one.clone()]).fields.fields["applicant_name"].needs_review());
    doubt(&mut one, 2, 4, 600, &[('貝', 380)]);
    assert!(extract(&[one]).fields.fields["applicant_name"].needs_review());
    let mut name = one_entry("代表者氏名", "高橋　次郎");
    doubt(&mut name, 2, 0, 980, &[('髙', 20)]);
    let found = extract(&[name]);
    assert_eq!(
        (said(&found, "representative_name").as_str(), found.fields.fields["representative_name"].needs_review()),
        ("髙橋 次郎", true)
    );
}

#[test]
fn the_stamp_of_receipt_is_no_date_of_application() {
    let one = page(1, &[TITLE, (600, 4, "受付"), (580, 34, "2026.4.8"), (50, 100, "申込者名"), (300, 100, "株式会社見本電力")], &[]);
    assert_eq!(extract(&[one]).fields.value("application_date"), None);
}

#[test]
fn options_are_known_by_their_words_where_the_label_is_unreadable() {
    check(&[one_entry("大利篇粘状况", "☑締結済　□未締結（申込中）")], &[("contract_status", "1")]);
}

#[test]
fn a_misread_label_still_names_its_field() {
    check(&[one_entry("リソ一ス区公", "☑発電機　□ＤＲ（需要抑制）")], &[("resource_kind", "GEN")]);
    check(&[one_entry("契約締結曰", "令和8年3月25日")], &[("contract_date", "2026-03-25")]);
}

#[test]
fn a_blank_is_believed_where_a_cell_or_open_boxes_prove_it() {
    let mut one = page(1, &[TITLE], &[]);
    grid(
        &mut one,
        50,
        100,
        &[&[(160, "代表者氏名"), (600, "")], &[(160, "契約種別"), (600, "□電源Ⅱ周波数調整力契約　□電源Ⅱ需給バランス調整力契約")]],
    );
    grid(&mut one, 50, 300, &[&[(160, "申込区分"), (600, "新規　変更　追加　廃止")]]);
    let fields = extract(&[one, page(2, &[(800, 10, "2/2")], &[])]).fields.fields;
    assert!(!fields.contains_key("representative_name") && !fields.contains_key("contract_kind"));
    // A ring may have been overlooked, and a label that nobody found has an entry somewhere.
    for key in ["application_kind", "corporate_number"] {
        let blank = fields.get(key).map(|field| (field.value.to_string(), field.needs_review()));
        assert_eq!(blank, Some((String::new(), true)), "{key}");
    }
}

#[test]
fn numbers_of_two_applicants_in_one_file_are_doubted() {
    let file = |other: &str| {
        let mut one = page(1, &[TITLE, (800, 10, "1/2")], &[]);
        grid(&mut one, 50, 100, &[&[(160, "法人番号"), (600, "4246006111918")]]);
        let two = page(2, &[(800, 10, "2/2"), (50, 1300, other)], &[]);
        extract(&[one, two]).fields.fields["corporate_number"].needs_review()
    };
    assert!(file("申込者　法人番号 3405029910430"));
    assert!(!file("申込者　法人番号 4246006111918"));
}

#[test]
fn a_label_that_stands_twice_watches_over_its_entry() {
    let file = |second: &str| {
        let mut one = one_entry("申込者名", "株式会社見本電力");
        one.lines.push(crate::extraction::sketch::line(50, 1300, &format!("申込者名：{second}")));
        extract(&[one]).fields.fields["applicant_name"].needs_review()
    };
    assert!(file("合同会社別人発電"));
    assert!(!file("株式会社見本電力"));
}

#[test]
fn a_heading_with_the_words_of_a_label_leaves_the_entry_to_the_label() {
    let one = page(1, &[TITLE, (50, 100, "６　その他"), (50, 160, "通信欄　　　　旧社名での登録あり")], &[]);
    check(&[one], &[("remarks", "旧社名での登録あり")]);
}

#[test]
fn options_may_have_a_cell_each_or_stand_wide_apart() {
    let mut one = page(1, &[TITLE], &[]);
    grid(
        &mut one,
        50,
        100,
        &[
            &[(160, "申込区分"), (150, "□新規"), (150, "□変更"), (150, "☑追加"), (150, "□廃止")],
            &[(160, "リソース区分"), (600, "□発電機　　　　　　　　☑ＤＲ（需要抑制）")],
        ],
    );
    check(&[one], &[("application_kind", "3"), ("resource_kind", "DR")]);
}

#[test]
fn a_box_that_was_lost_is_told_by_those_that_stand_and_doubted() {
    let found = extract(&[one_entry("申込区分", "□新規　変更　□追加　□廃止")]);
    assert_eq!((said(&found, "application_kind").as_str(), found.fields.fields["application_kind"].needs_review()), ("2", true));
    let found = extract(&[one_entry("申込区分", "新規□　変更　追加□　廃止□")]);
    assert_eq!((said(&found, "application_kind").as_str(), found.fields.fields["application_kind"].needs_review()), ("2", true));
    let found = extract(&[one_entry("申込区分", "新規　変更）　追加　廃止")]);
    assert_eq!((said(&found, "application_kind").as_str(), found.fields.fields["application_kind"].needs_review()), ("2", true));
}

#[test]
fn a_rival_reading_is_doubted_however_far_behind() {
    let doubted = |entry: &str, n: usize, confidence: u16, others: &[(char, u16)]| {
        let mut one = one_entry("申込者名", entry);
        doubt(&mut one, 2, n, confidence, others);
        extract(&[one]).fields.fields["applicant_name"].needs_review()
    };
    assert!(doubted("株式会社大非", 5, 870, &[('井', 120)]));
    assert!(!doubted("株式会社大井", 5, 985, &[('丼', 12)]));
    assert!(
        doubted("株式会社パンダイ", 4, 943, &[('バ', 40)]) && !doubted("株式会社パンダイ", 4, 943, &[('八', 40)]),
        "marks run together"
    );
}

#[test]
fn a_character_lost_within_a_name_leaves_its_room() {
    let doubted = |entry: &str| extract(&[one_entry("代表者氏名", entry)]).fields.fields["representative_name"].needs_review();
    assert!(doubted("渡会　　郎"));
    assert!(!doubted("渡会　二郎") && !doubted("大井　誠"));
}

#[test]
fn a_colon_read_as_another_sign_is_no_part_of_the_entry() {
    let one = page(1, &[TITLE, (50, 100, "利用開始希望日°令和8年8月7日"), (50, 160, "申込者名。株式会社見本電力")], &[]);
    check(&[one], &[("desired_start_date", "2026-08-07"), ("applicant_name", "株式会社見本電力")]);
}

#[test]
fn a_day_years_off_the_others_is_doubted() {
    let mut one = page(1, &[TITLE], &[]);
    let rows: [&[(i32, &str)]; 3] = [
        &[(260, "申込日"), (600, "2026年4月6日")],
        &[(260, "契約締結日"), (600, "2026年3月2日")],
        &[(260, "利用開始希望日"), (600, "2062年7月1日")],
    ];
    grid(&mut one, 50, 100, &rows);
    let fields = extract(&[one]).fields.fields;
    assert!(
        fields["desired_start_date"].needs_review()
            && !fields["application_date"].needs_review()
            && !fields["contract_date"].needs_review()
    );
}

#[test]
fn what_a_hand_wrote_is_doubted_unless_its_check_digit_is_right() {
    let doubted = |label: &str, key: &str, entry: &str| {
        let mut one = one_entry(label, entry);
        one.lines[2].hand = Permille(700);
        extract(&[one]).fields.fields[key].needs_review()
    };
    assert!(doubted("申込者名", "applicant_name", "株式会社見本電力"));
    assert!(!doubted("法人番号", "corporate_number", "4246006111918"));
}

#[test]
fn an_entry_and_the_label_behind_it_are_not_one_longer_label() {
    let one =
        page(1, &[TITLE, (60, 200, "2 申込者"), (60, 260, "肩書"), (300, 260, "代表社員"), (700, 260, "氏名"), (900, 260, "高木 晴")], &[]);
    check(&[one], &[("representative_title", "代表社員"), ("representative_name", "高木晴")]);
    let other = page(1, &[TITLE, (60, 200, "【事業者】"), (60, 260, "6. 役職 執行役員"), (60, 320, "7. 氏名“高木 晴")], &[]);
    check(&[other], &[("representative_title", "執行役員"), ("representative_name", "高木晴")]);
}
