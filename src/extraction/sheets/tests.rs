//! Sheets as applicants change them. Each is drawn as text: a line a row, `|` between cells.

use super::*;
use crate::domain::document::DocumentSpec;
use crate::domain::reading::{CellValue, Merge, SheetCell};
use crate::extraction::typed::Lists;

const FORMS: &[&str] = &[
    include_str!("../../../templates/mms-usage/forms/operator-profile.toml"),
    include_str!("../../../templates/mms-usage/forms/user-info.toml"),
    include_str!("../../../templates/mms-usage/forms/resource.toml"),
    include_str!("../../../templates/mms-usage/forms/unit-price.toml"),
    include_str!("../../../templates/mms-usage/forms/screening.toml"),
    include_str!("../../../templates/mms-usage/forms/customer-pattern.toml"),
];

/// `#` before a number makes a numeric cell, `@` before a date a date.
pub(super) fn sheet(name: &str, rows: &[&str]) -> Sheet {
    let cell = |row: usize, (column, text): (usize, &str)| {
        let text = text.trim().replace('/', "\n").replace('／', "/");
        let value = match text.chars().next()? {
            '#' => CellValue::Number(text[1..].to_owned()),
            '@' => CellValue::Date(text[1..].to_owned()),
            '!' => CellValue::Error(text[1..].to_owned()),
            _ => CellValue::Text(text),
        };
        Some(SheetCell { row: row as u32 + 1, column: column as u32 + 1, value, aside: None })
    };
    let cells = rows.iter().enumerate().flat_map(|(n, row)| row.split('|').enumerate().filter_map(move |one| cell(n, one))).collect();
    Sheet { name: name.to_owned(), visible: true, cells, ..Sheet::default() }
}

fn try_read(sheets: &[Sheet]) -> Option<Extract> {
    let documents: Vec<DocumentSpec> = FORMS.iter().map(|form| toml::from_str(form).unwrap()).collect();
    let lists: toml::Table = toml::from_str(include_str!("../../../templates/mms-usage/lists.toml")).unwrap();
    let lists: Lists =
        lists["list"].as_table().unwrap().iter().map(|(name, list)| (name.clone(), list["entries"].clone().try_into().unwrap())).collect();
    extract(DocId::of(b"book"), sheets, &Forms { documents: &documents, lists: &lists })
}

pub(super) fn read(sheets: &[Sheet]) -> Extract {
    try_read(sheets).expect("a data set")
}

pub(super) fn records<'e>(extract: &'e Extract, kind: &str) -> &'e [Record] {
    extract.sets.get(&DocumentKind::new(kind)).map_or(&[], |rows| rows)
}

pub(super) fn said(record: &Record) -> Vec<String> {
    record.fields.iter().map(|(key, field)| format!("{key}={}{}", field.value, if field.needs_review() { "?" } else { "" })).collect()
}

pub(super) fn codes(extract: &Extract) -> Vec<&str> {
    extract.remarks.iter().map(|remark| remark.code.0.as_str()).collect()
}

const PROFILE: &[&str] = &[
    "No.|項目|必須／任意|登録値|備考",
    "#1|適用開始日|必須|R8.5.1|西暦または和暦",
    "#2|事業者名称|必須|穂高見本電力株式会社|",
    "#3|事業者ｺｰﾄﾞ|必須|Ａ１Ｂ２Ｃ|※広域機関が発行",
    "#4|MMSコード|任意||先頭の0も記入",
    "#5|銀行コード（4桁）|必須|0001|",
    "#6|支店コード|必須|#7|",
    "#7|預金種目|必須|普通預金|",
    "#8|収入割相当率（％）|任意|－|",
    "支払先|||||",
    "|郵便番号|必須|〒980-0001|",
    "|支払先電話番号|必須|022-000-0000|",
];

#[test]
fn a_profile_with_other_words_columns_and_remarks() {
    let extract = read(&[sheet("Sheet1", PROFILE)]);
    let [profile] = records(&extract, "operator_profile") else { panic!("{extract:?}") };
    let wanted = [
        "account_type=1",
        "bank_code=0001",
        // A zero or two may be gone.
        "branch_code=7?",
        "operator_code=A1B2C",
        "operator_name=穂高見本電力株式会社",
        "payee_phone=022-000-0000",
        "payee_postal_code=980-0001",
        "start_date=2026-05-01",
    ];
    assert_eq!(said(profile), wanted);
    assert_eq!(profile.fields["bank_code"].place, Place::Cell { doc: DocId::of(b"book"), sheet: "Sheet1".into(), row: 6, column: 4 });
    assert!(codes(&extract).is_empty());
}

#[test]
fn a_profile_without_its_labels_is_said_to_be_changed() {
    let extract = read(&[sheet("事業者概要データ", &["事業者概要データ", "あ|い", "う|え", "お|か"])]);
    assert_eq!(codes(&extract), ["B-001"]);
    assert!(try_read(&[sheet("議事録", &["日時|2026／05／01", "出席者|見本", "場所|会議室", "次回|未定"])]).is_none());
}

#[test]
fn guides_and_hidden_sheets_are_not_read() {
    let mut hidden = sheet("旧", PROFILE);
    hidden.visible = false;
    let guide = sheet("事業者概要データ（記入例）", PROFILE);
    assert!(try_read(&[hidden.clone(), guide.clone()]).is_none());
    let extract = read(&[guide, sheet("事業者概要", PROFILE), hidden]);
    assert_eq!(records(&extract, "operator_profile").len(), 1);
    assert_eq!(extract.fields.text("hidden_sheets").as_deref(), Some("旧"));
}

#[test]
fn users_with_a_sample_row_a_footnote_and_unused_numbers() {
    let rows = [
        "ユーザ情報",
        "",
        "No.|ユーザ氏名|氏名（フリガナ）|所属|E-mail|TEL|権限|証明書要否",
        "例|例示 太郎|レイジ タロウ|部|taro@example.jp|03-0000-0000|管理者|○",
        "#1|見本 花子|ミホン ハナコ|需給部|hanako@example.jp|０３－１１１１－２２２２|1:管理者|〇",
        "#2|見本 次郎||需給部|jiro@example.jp|03-1111-2223|参照者|×",
        "#3|||||||",
        "",
        "※メールアドレスは会社のものをご記入ください。",
    ];
    let extract = read(&[sheet("利用者一覧", &rows)]);
    let users = records(&extract, "user_info")[0].group("users");
    assert_eq!(users.len(), 2);
    assert_eq!(users[0].text("role").as_deref(), Some("1"));
    assert_eq!(users[0].text("cert_required").as_deref(), Some("1"));
    assert_eq!(users[0].text("phone").as_deref(), Some("03-1111-2222"));
    assert_eq!(users[1].text("user_name_kana"), None);
    assert_eq!(codes(&extract), ["B-015"]);
}

#[test]
fn resources_a_column_or_a_row_with_headings_over_two_rows() {
    let columns = [
        "項目|単位|電源等1|電源等2|備考",
        "電源等コード||R0001|R0002|",
        "エリア||東北|#2|",
        "電源等名称||見本一号|見本二号|",
        "定格容量|MW|#10|#20.5|",
        "定格容量（MW）||#10|#20.5|",
        "電源等略称||一|二|",
        "電源等種別||蓄電池|火力|",
        "契約種別||電源Ⅱ周波数調整力契約、電源Ⅱb低速需給バランス調整力契約|2B|",
        "住所||宮城県|宮城県|",
        "電話番号||022-000-0001|022-000-0002|",
        "BGコード||B0001|B0002|",
        "系統コード||G0001|G0002|",
        "応動時間[分]||#10|#10|",
        "継続時間[分]||#240|#240|",
        "供出可能量[kW]||9，000|#9000.000000000002|",
        "監視指令・制御方法||専用線|簡易指令システム|",
        "電源Ⅰ契約有無||無|なし|",
        "開始日||@2026-05-01|#46143|",
    ];
    let extract = read(&[sheet("②電源等", &columns)]);
    let [one, two] = records(&extract, "resource") else { panic!("{extract:?}") };
    assert_eq!(one.text("contract_kind").as_deref(), Some("2F,2L"));
    assert_eq!(two.text("area").as_deref(), Some("02"));
    assert_eq!((one.text("available_kw").as_deref(), two.text("available_kw").as_deref()), (Some("9000"), Some("9000")));
    // A serial without a date's format is a guess.
    assert!(two.fields["start_date"].needs_review() && two.text("start_date").as_deref() == Some("2026-05-01"));

    let mut rows = sheet(
        "電源等データ",
        &[
            "電源等コード|電源等名称|定格容量|機能有無|||変化速度||供出可能量|最低出力|開始日|エリア",
            "||kW|GF|LFC|DSS|LFC|EDC|kW|kW||",
            "R0001|見本一号|#1000|有|無|○|#10|#20|#500|#100|令和8年5月1日|東北",
            "R0002|見本二号|#2000|無|無|×|||#600|#200|令和8年5月1日|",
        ],
    );
    rows.merged = vec![
        Merge { top: 1, left: 4, bottom: 1, right: 6 },
        Merge { top: 1, left: 7, bottom: 1, right: 8 },
        Merge { top: 3, left: 12, bottom: 4, right: 12 },
    ];
    let extract = read(&[rows]);
    let [one, two] = records(&extract, "resource") else { panic!("{extract:?}") };
    assert_eq!(
        (one.text("func_gf").as_deref(), one.text("func_lfc").as_deref(), one.text("func_dss").as_deref()),
        (Some("1"), Some("0"), Some("1"))
    );
    assert_eq!((one.text("ramp_rate_lfc").as_deref(), one.text("ramp_rate_edc").as_deref()), (Some("10"), Some("20")));
    assert_eq!((two.text("min_output_kw").as_deref(), two.text("area").as_deref()), (Some("200"), Some("02")));
}

const PRICE: &[&str] = &[
    "電源等コード|R0001",
    "開始日時|@2026-05-01",
    "終了日時|2026／05／31 24:00",
    "運転パターンNo.|#1",
    "出力帯",
    "No.|出力帯下限[kW]|V1|V2|V4|a定数|b定数",
    "#1|#0|#9.29|#7|#10|-0.5|",
    "#2|#1000|#13.27|#7|#10||",
    "起動費",
    "ケース番号|停止時間（以上）|起動費",
    "#1|#8|#1800000",
];

#[test]
fn prices_have_a_header_and_two_tables() {
    let stacked: Vec<&str> =
        std::iter::once("調整単価データ").chain(PRICE.iter().copied()).chain([""]).chain(PRICE.iter().copied()).collect();
    for (sheets, count) in [(vec![sheet("申出単価", PRICE), sheet("申出単価(2)", PRICE)], 2), (vec![sheet("単価", &stacked)], 2)]
    {
        let extract = read(&sheets);
        let prices = records(&extract, "unit_price");
        assert_eq!(prices.len(), count);
        for price in prices {
            assert_eq!(
                said(price),
                ["operation_pattern_no=1", "resource_code=R0001", "valid_from=2026-05-01T00:00", "valid_to=2026-05-31T24:00"]
            );
            let bands = price.group("bands");
            assert_eq!(
                said(&bands[0]),
                ["band_lower_kw=0", "band_no=1", "const_a=-0.5", "v1_price=9.29", "v2_price=7.00", "v4_price=10.00"]
            );
            assert_eq!(bands.len(), 2);
            assert_eq!(said(&price.group("startup_costs")[0]), ["startup_case_no=1", "stop_hours=8.0", "v3_price=1800000"]);
        }
        assert!(codes(&extract).is_empty());
    }
}

#[test]
fn prices_in_one_flat_table_come_apart_by_their_header() {
    let rows = [
        "電源等コード|開始日時|終了日時|運転パターン番号|出力帯番号|出力帯下限値|V1単価",
        "R0001|2026／05／01 00:00|2026／05／31 24:00|#1|#1|#0|#9",
        "||||#2|#500|#10",
        "R0002|2026／05／01 00:00|2026／05／31 24:00|#1|#1|#0|#11",
    ];
    let extract = read(&[sheet("調整単価データ", &rows)]);
    let prices = records(&extract, "unit_price");
    let bands: Vec<usize> = prices.iter().map(|price| price.group("bands").len()).collect();
    assert_eq!(bands, [2, 1]);
    assert_eq!(prices[1].text("resource_code").as_deref(), Some("R0002"));
}

#[test]
fn numbers_that_excel_has_damaged_are_named_with_their_row() {
    let rows = [
        "需要家リスト・パターン",
        "電源等コード|D0001",
        "パターン番号|#1",
        "供出可能量|#150",
        "項番|供給地点特定番号（22桁）|需要家名|所在地|電圧区分|契約電力|供出可能量",
        "#1|#2.123456789E+21|甲|仙台市|高圧（6.6kV）|#100|#50",
        "#2|0212345678901234567890|乙|仙台市|特別高圧|#100|#100",
        "#3|02-1234-5678-9012-3000-0000|丙|仙台市|高圧|#100|#100",
        "合計||||||#250",
    ];
    let extract = read(&[sheet("④需要家パターン", &rows)]);
    let customers = records(&extract, "customer_pattern")[0].group("customers");
    assert_eq!(customers.len(), 3);
    assert_eq!(customers[0].text("voltage_class").as_deref(), Some("2"));
    assert_eq!(customers[0].text("customer_available_kw").as_deref(), Some("50"));
    assert!(customers[0].fields["supply_point_number"].needs_review());
    assert_eq!(customers[2].text("supply_point_number").as_deref(), Some("0212345678901230000000"));
    let rows: Vec<_> = extract.remarks.iter().map(|remark| (remark.code.0.as_str(), remark.words["row"].as_str())).collect();
    assert_eq!(rows, [("G-010", "1")]);
    assert_eq!(records(&extract, "customer_pattern")[0].text("available_kw").as_deref(), Some("150"));
}

#[test]
fn placeholders_and_cells_without_a_value_are_doubted() {
    let mut rows: Vec<&str> = PROFILE.to_vec();
    rows.extend(["|口座番号|必須|例）1234567|", "|金融機関名|必須|!#N／A|", "|店舗名|必須|○○支店|"]);
    let extract = read(&[sheet("事業者概要", &rows)]);
    let profile = &records(&extract, "operator_profile")[0];
    assert!(["account_number", "bank_name", "branch_name"].iter().all(|key| profile.fields[*key].needs_review()), "{:?}", said(profile));
    let fields: Vec<_> = extract.remarks.iter().map(|remark| (remark.code.0.as_str(), remark.field.as_deref())).collect();
    assert_eq!(fields, [("B-015", Some("account_number")), ("B-015", Some("branch_name"))]);
}

#[test]
fn several_data_sets_on_one_sheet_are_cut_at_their_titles() {
    let mut rows: Vec<&str> = vec!["事業者概要データ"];
    rows.extend(PROFILE);
    rows.extend(["", "ユーザ情報", "No.|氏名|メールアドレス|電話番号|権限区分", "#1|見本 花子|hanako@example.jp|03-1111-2222|管理者"]);
    let extract = read(&[sheet("登録票", &rows)]);
    assert_eq!(extract.sets.keys().map(DocumentKind::as_str).collect::<Vec<_>>(), ["operator_profile", "user_info"]);
}

#[test]
fn titles_come_numbered_bracketed_and_with_the_name_of_the_form() {
    let mut rows: Vec<&str> = vec!["【様式1 事業者概要データ】"];
    rows.extend(PROFILE);
    rows.extend([
        "",
        "■利用者（ユーザ）情報",
        "",
        "No.|氏名|メールアドレス|電話番号|権限区分",
        "#1|見本 花子|hanako@example.jp|03-1111-2222|管理者",
    ]);
    rows.extend(["", "３．電源等データ登録票", "電源等コード|開始日|エリア|電源等種別", "R0001|2026／05／01|02|火力"]);
    let extract = read(&[sheet("登録票", &rows)]);
    assert_eq!(extract.sets.keys().map(DocumentKind::as_str).collect::<Vec<_>>(), ["operator_profile", "resource", "user_info"]);
}

#[test]
fn a_label_without_its_value_is_no_title() {
    let screening = ["電源等審査用データ", "", "様式番号|様式14", "電源等コード", "電源等名称|見本発電所", "契約締結状況|締結済"];
    let extract = read(&[sheet("様式14", &screening)]);
    assert_eq!(said(&records(&extract, "screening")[0]), ["contract_status=1", "form_no=様式14", "resource_name=見本発電所"]);
    let unit = ["電源等データ", "", "電源等コード|R0001", "電源等名称", "電源等略称|見本", "エリア|東北", "供出可能量|#100"];
    let extract = read(&[sheet("電源等データ", &unit)]);
    assert_eq!(said(&records(&extract, "resource")[0]), ["area=02", "available_kw=100", "resource_code=R0001", "resource_short_name=見本"]);
    let list = [
        "需要家リスト・パターン",
        "電源等コード|R0001",
        "需要家リスト・パターン番号|#1",
        "需要家リスト・パターン名称",
        "供出可能量|#100",
        "",
        "需要家",
        "No.|供給地点特定番号|需要家名|供出可能量（需要家別）",
        "#1|0212345678901234567891|見本工業|#100",
    ];
    let extract = read(&[sheet("需要家リスト・パターン", &list)]);
    let [pattern] = records(&extract, "customer_pattern") else { panic!("{extract:?}") };
    assert_eq!(said(pattern), ["available_kw=100", "pattern_no=1", "resource_code=R0001"]);
    assert_eq!(pattern.group("customers").len(), 1);
}

#[test]
fn without_titles_the_labels_tell_where_another_data_set_begins() {
    let mut rows: Vec<&str> = PROFILE.to_vec();
    rows.extend(["", "No.|氏名|メールアドレス|電話番号|権限区分", "#1|見本 花子|hanako@example.jp|03-1111-2222|管理者"]);
    let extract = read(&[sheet("Sheet1", &rows)]);
    assert_eq!(extract.sets.keys().map(DocumentKind::as_str).collect::<Vec<_>>(), ["operator_profile", "user_info"]);
    // A sheet that says what it is holds nothing else: its contact person is no user.
    let named = read(&[sheet("事業者概要データ", &rows)]);
    assert_eq!(named.sets.keys().map(DocumentKind::as_str).collect::<Vec<_>>(), ["operator_profile"]);
}

#[test]
fn a_title_merged_over_the_values_is_no_heading_of_theirs() {
    let rows = [
        "電源等審査に関わる補足情報（様式14）||",
        "様式番号|様式14|",
        "電源等コード|R0001|",
        "電源等名称|見本発電所|",
        "契約締結状況|締結済|",
    ];
    let mut page = sheet("電源等審査用データ", &rows);
    page.merged.push(Merge { top: 1, left: 1, bottom: 1, right: 3 });
    let extract = read(&[page]);
    let [screening] = records(&extract, "screening") else { panic!("{extract:?}") };
    assert_eq!(said(screening), ["contract_status=1", "form_no=様式14", "resource_code=R0001", "resource_name=見本発電所"]);
}

#[test]
fn two_sheets_of_one_profile_are_told_where_they_differ() {
    let mended: Vec<String> = PROFILE.iter().map(|row| row.replace("穂高見本電力株式会社", "穂高見本発電株式会社")).collect();
    let mended: Vec<&str> = mended.iter().map(String::as_str).collect();
    let with = |rows: &[&str]| read(&[sheet("事業者概要データ", PROFILE), sheet("事業者概要データ（修正後）", rows)]);
    let doubted = |extract: &Extract| {
        let first = &records(extract, "operator_profile")[0];
        first.fields.iter().filter(|(_, field)| field.needs_review()).map(|(key, _)| key.to_string()).collect::<Vec<_>>()
    };
    let same = with(PROFILE);
    assert_eq!((codes(&same), doubted(&same)), (vec![], vec!["branch_code".to_owned()]));
    let other = with(&mended);
    assert_eq!((codes(&other), doubted(&other)), (vec!["M-008"], vec!["branch_code".to_owned(), "operator_name".to_owned()]));
}

/// What a resource says of its output and its times under labels worded like this.
fn resource(rows: &[&str]) -> Vec<String> {
    let known =
        ["電源等データ", "電源等コード||R0001", "電源等名称||見本発電所", "開始日||@2026-05-01", "エリア||東北", "系統コード||G0001"];
    let extract = read(&[sheet("電源等データ", &[&known[..], rows].concat())]);
    let asked = ["rated_capacity_kw", "station_service_rate", "duration_min", "startup_pattern"];
    let said = said(&records(&extract, "resource")[0]);
    said.into_iter().filter(|word| asked.iter().any(|key| word.starts_with(key))).collect()
}

#[test]
fn units_of_headings_are_converted_or_doubted() {
    for (rows, wanted) in [
        (&["定格容量(千kW)||#73"][..], "rated_capacity_kw=73000"),
        (&["定格容量（発電端MW）||#73"], "rated_capacity_kw=73000"),
        (&["定格容量（kVA）||#73"], "rated_capacity_kw=73?"),
        (&["定格容量（MW）（必須）||#73"], "rated_capacity_kw=73000"),
        (&["定格容量[kW]||73千kW"], "rated_capacity_kw=73000"),
        (&["継続時間（時間）||#4"], "duration_min=240"),
        (&["起動パターン（分,MW）||0:0;30:21"], "startup_pattern=0:0;30:21?"),
        // A unit in a cell of its own.
        (&["定格容量|MW|#73"], "rated_capacity_kw=73000"),
        (&["定格容量||#73|MW"], "rated_capacity_kw=73000"),
        (&["定格容量[kW]|MW|#73"], "rated_capacity_kw=73?"),
        (&["||（単位：MW）", "定格容量||#73"], "rated_capacity_kw=73000?"),
        // What is the field's own, or a remark.
        (&["定格容量[kW]|kW|#72900"], "rated_capacity_kw=72900"),
        (&["定格容量（ＫＷ）||#72900"], "rated_capacity_kw=72900"),
        (&["定格容量（必須）||#72900"], "rated_capacity_kw=72900"),
        (&["定格容量（注1）||#72900"], "rated_capacity_kw=72900"),
        (&["||（単位：kW、分）", "定格容量||#72900"], "rated_capacity_kw=72900"),
        (&["||（単位：円）", "定格容量||#72900"], "rated_capacity_kw=72900"),
        (&["起動パターン[min,kW]||0:0;30:21800"], "startup_pattern=0:0;30:21800"),
    ] {
        assert_eq!(resource(rows), [wanted], "{rows:?}");
    }
}

#[test]
fn prices_under_headings_in_thousands_of_yen_are_converted() {
    let price = |heading: &str| {
        let heading = format!("ケース番号|停止時間（以上）|{heading}");
        let rows = [&PRICE[..9], &[heading.as_str(), "#1|#8|#400"]].concat();
        let extract = read(&[sheet("単価", &rows)]);
        said(&records(&extract, "unit_price")[0].group("startup_costs")[0]).pop()
    };
    for (heading, wanted) in [
        ("V3単価（千円／回）", "v3_price=400000"),
        ("V3単価（千円）", "v3_price=400000"),
        ("V3単価（単位：1,000円）", "v3_price=400?"),
        ("V3単価（円／月）", "v3_price=400?"),
        ("V3単価（円／回）", "v3_price=400"),
        ("V3単価（税抜）", "v3_price=400"),
    ] {
        assert_eq!(price(heading).as_deref(), Some(wanted), "{heading}");
    }
}

/// The sheet with something beside the value of its last cell.
fn last_aside(rows: &[&str], unit: &str, doubtful: bool) -> String {
    let known = ["電源等コード|R0001", "電源等名称|見本発電所", "開始日|@2026-05-01", "エリア|東北", "系統コード|G0001"];
    let mut page = sheet("電源等データ", &[&known[..], rows].concat());
    page.cells.last_mut().unwrap().aside = Some(Box::new(crate::domain::reading::Aside { unit: unit.to_owned(), doubtful }));
    let extract = read(&[page]);
    let record = &records(&extract, "resource")[0];
    let field = record.fields.iter().find(|(key, _)| matches!(key.as_str(), "rated_capacity_kw" | "station_service_rate")).unwrap().1;
    format!("{}{} from {}", field.value, if field.needs_review() { "?" } else { "" }, field.raw)
}

#[test]
fn the_unit_that_a_cell_shows_is_believed_before_its_heading() {
    // The words are the format's: nobody has typed text into a cell for numbers.
    assert_eq!(last_aside(&["定格容量[kW]|#73"], "MW", false), "73000 from 73");
    assert_eq!(last_aside(&["定格容量[kW]|#73"], "MVA", false), "73? from 73");
    assert_eq!(last_aside(&["定格容量[kW]|#72900"], "kW", false), "72900 from 72900");
    assert_eq!(last_aside(&["定格容量[MW]|#73"], "台", false), "73000 from 73");
    assert_eq!(last_aside(&["定格容量[kW]|#7"], "万", false), "70000 from 7");
    assert_eq!(last_aside(&["定格容量[kW]|#72900"], "", true), "72900? from 72900", "struck out or hidden");
}

#[test]
fn a_small_percentage_without_its_format_is_doubted() {
    let rate = |number: &str, unformatted: bool| {
        let rows = ["電源等コード|R0001", "電源等名称|見本発電所", "開始日|@2026-05-01", "エリア|東北", number];
        let page = Sheet { unformatted, ..sheet("電源等データ", &rows) };
        records(&read(&[page]), "resource")[0].fields["station_service_rate"].needs_review()
    };
    assert!(rate("所内率[%]|#0.045", true));
    for (number, unformatted) in [("所内率[%]|#0.045", false), ("所内率[%]|#4.5", true), ("所内率[%]|0.5%", true), ("所内率[%]|#0", true)]
    {
        assert!(!rate(number, unformatted), "{number}");
    }
}

#[test]
fn a_record_in_a_hidden_column_is_doubted_and_not_left_out() {
    let rows = [
        "電源等データ",
        "電源等コード|R0001|R0002",
        "電源等名称|見本発電所|見本第二発電所",
        "開始日|@2026-05-01|@2026-05-01",
        "エリア|東北|東北",
        "定格容量|#72900|#51000",
    ];
    let mut page = sheet("電源等データ", &rows);
    let hidden = crate::domain::reading::Aside { unit: String::new(), doubtful: true };
    page.cells.iter_mut().filter(|cell| cell.column == 3).for_each(|cell| cell.aside = Some(Box::new(hidden.clone())));
    let extract = read(&[page]);
    let told: Vec<(String, bool)> = records(&extract, "resource")
        .iter()
        .map(|record| (record.text("resource_code").unwrap_or_default(), record.fields.values().all(|field| field.needs_review())))
        .collect();
    assert_eq!(told, [("R0001".to_owned(), false), ("R0002".to_owned(), true)]);
}
