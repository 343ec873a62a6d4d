//! What stands side by side, goes on below or on the next sheet, and answers that are ticked.

use super::tests::{codes, read, records, said, sheet};
use crate::domain::extract::{Extract, Record};
use crate::domain::reading::Merge;

fn numbers(records: &[Record], group: &str) -> Vec<usize> {
    records.iter().map(|record| record.group(group).len()).collect()
}

#[test]
fn labels_in_two_columns_belong_to_one_record() {
    let rows = [
        "電源等データ",
        "電源等コード|R0001||応動時間[分]|#10",
        "エリア|東北||継続時間[分]|#240",
        "電源等名称|見本一号||供出可能量(kW)|#9000",
        "住所|宮城県||BGコード|B0001",
        "変化速度（LFC）|#20||電源Ⅰ契約有無|無",
    ];
    let extract = read(&[sheet("電源等_1号機", &rows)]);
    let [one] = records(&extract, "resource") else { panic!("{extract:?}") };
    let wanted = [
        "address=宮城県",
        "area=02",
        "available_kw=9000",
        "bg_code=B0001",
        "duration_min=240",
        "kw1_contract_flag=0",
        "ramp_rate_lfc=20",
        "resource_code=R0001",
        "resource_name=見本一号",
        "response_time_min=10",
    ];
    assert_eq!(said(one), wanted);
}

#[test]
fn a_label_in_two_cells_is_one_label() {
    let rows = [
        "電源等データ||",
        "電源等コード||R0001",
        "エリア||東北",
        "変化速度|LFC|#20",
        "|EDC|#30",
        "機能有無|DSS|有",
        "|GF|無",
        "電源等名称||見本一号",
    ];
    let extract = read(&[sheet("電源等データ", &rows)]);
    let [one] = records(&extract, "resource") else { panic!("{extract:?}") };
    let wanted =
        ["area=02", "func_dss=1", "func_gf=0", "ramp_rate_edc=30", "ramp_rate_lfc=20", "resource_code=R0001", "resource_name=見本一号"];
    assert_eq!(said(one), wanted);
}

#[test]
fn records_side_by_side_are_read_each() {
    let prices = [
        "調整単価データ|||||",
        "電源等コード|R0001|||電源等コード|R0002|",
        "開始日時|@2026-05-01|||開始日時|@2026-06-01|",
        "終了日時|2026／05／31 24:00|||終了日時|2026／06／30 24:00|",
        "運転パターン番号|#1|||運転パターン番号|#2|",
        "出力帯番号|出力帯下限値|V1||出力帯番号|出力帯下限値|V1",
        "#1|#0|#9||#1|#0|#11",
        "#2|#500|#10||||",
    ];
    let extract = read(&[sheet("単価", &prices)]);
    let prices = records(&extract, "unit_price");
    assert_eq!(numbers(prices, "bands"), [2, 1]);
    assert_eq!(
        said(&prices[1]),
        ["operation_pattern_no=2", "resource_code=R0002", "valid_from=2026-06-01T00:00", "valid_to=2026-06-30T24:00"]
    );
    assert_eq!(said(&prices[1].group("bands")[0]), ["band_lower_kw=0", "band_no=1", "v1_price=11.00"]);

    let units = [
        "電源等データ||||",
        "電源等コード|R0001||電源等コード|R0002",
        "電源等名称|見本一号||電源等名称|見本二号",
        "エリア|東北||エリア|東北",
        "BGコード|B0001||BGコード|B0002",
    ];
    let extract = read(&[sheet("電源等データ", &units)]);
    let names: Vec<_> = records(&extract, "resource").iter().map(|record| record.text("resource_name").unwrap_or_default()).collect();
    assert_eq!(names, ["見本一号", "見本二号"]);
}

#[test]
fn starting_costs_below_a_flat_table_belong_to_its_records() {
    let rows = [
        "電源等コード|開始日時|終了日時|運転パターン番号|出力帯番号|出力帯下限値|V1単価",
        "R0001|2026／05／01 00:00|2026／05／31 24:00|#1|#1|#0|#9",
        "||||#2|#500|#10",
        "R0002|2026／05／01 00:00|2026／05／31 24:00|#1|#1|#0|#11",
        "起動費",
        "電源等コード|ケース番号|停止時間|V3単価",
        "R0001|#1|#8|#400000",
        "R0001|#2|#16|#800000",
        "R0002|#1|#8|#500000",
    ];
    let extract = read(&[sheet("調整単価データ", &rows)]);
    let prices = records(&extract, "unit_price");
    assert_eq!((numbers(prices, "bands"), numbers(prices, "startup_costs")), (vec![2, 1], vec![2, 1]));
    assert_eq!(said(&prices[1].group("startup_costs")[0]), ["startup_case_no=1", "stop_hours=8.0", "v3_price=500000"]);
}

const PATTERN: &[&str] = &["電源等コード|D0001", "パターン番号|#1", "供出可能量|#150"];
const CUSTOMERS: &str = "項番|供給地点特定番号|需要家名|所在地|電圧区分|契約電力|供出可能量（需要家別）";

fn customers(head: &[&str], from: u32) -> Vec<String> {
    let head = head.iter().map(|row| (*row).to_owned());
    let rows = (from..from + 2).map(|no| format!("#{no}|02123456789012345678{no:02}|甲{no}|仙台市|高圧|#100|#50"));
    head.chain([CUSTOMERS.to_owned()]).chain(rows).collect()
}

fn patterns(sheets: &[Vec<String>]) -> (Vec<usize>, Extract) {
    let sheet = |(n, rows): (usize, &Vec<String>)| sheet(&format!("需要家一覧{n}"), &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let extract = read(&sheets.iter().enumerate().map(sheet).collect::<Vec<_>>());
    (numbers(records(&extract, "customer_pattern"), "customers"), extract)
}

#[test]
fn a_list_goes_on_on_the_next_sheet() {
    let first = customers(PATTERN, 1);
    for next in [customers(&["需要家リスト・パターン（続き）"], 3), customers(PATTERN, 3)] {
        let (found, extract) = patterns(&[first.clone(), next]);
        assert_eq!(found, [4]);
        assert!(codes(&extract).is_empty(), "{extract:?}");
    }
    // Numbers that begin anew are another list, or the same one twice.
    assert_eq!(patterns(&[first.clone(), customers(&["需要家リスト・パターン"], 1)]).0, [2, 2]);
    assert_eq!(patterns(&[first.clone(), first]).0, [2, 2]);
}

#[test]
fn ticked_answers_are_read_and_untouched_boxes_are_blank() {
    let rows = [
        "項目|登録値",
        "事業者名|見本電力株式会社",
        "事業課税標準|■収入割　□収入割以外（所得割等）",
        "預金種別|□普通　■当座　□貯蓄　□その他",
        "口座番号|1234567",
        "金融機関名|見本銀行",
    ];
    let extract = read(&[sheet("事業者概要データ", &rows)]);
    let profile = said(&records(&extract, "operator_profile")[0]);
    assert!(["tax_basis=1", "account_type=2"].iter().all(|word| profile.contains(&(*word).to_owned())), "{profile:?}");
    let unit = ["電源等コード|R0001", "電源等名称|見本", "エリア|東北", "機能有無（GF）|□有　□無", "機能有無（LFC）|（　）有　（○）無"];
    let extract = read(&[sheet("電源等データ", &unit)]);
    assert_eq!(said(&records(&extract, "resource")[0]), ["area=02", "func_lfc=0", "resource_code=R0001", "resource_name=見本"]);
}

#[test]
fn a_period_in_one_cell_has_two_ends() {
    let rows = [
        "電源等コード|R0001",
        "適用期間|2026／05／01 00:00 ～ 2026／05／31 24:00",
        "運転パターン番号|#1",
        "出力帯番号|出力帯下限値|V1",
        "#1|#0|#9",
    ];
    let extract = read(&[sheet("調整単価データ", &rows)]);
    let wanted = ["operation_pattern_no=1", "resource_code=R0001", "valid_from=2026-05-01T00:00", "valid_to=2026-05-31T24:00"];
    assert_eq!(said(&records(&extract, "unit_price")[0]), wanted);
}

#[test]
fn bands_side_by_side_in_a_flat_table_are_read_each() {
    let mut page = sheet(
        "調整単価データ",
        &[
            "電源等コード|開始日時|終了日時|運転パターン番号|出力帯1|||出力帯2||",
            "||||出力帯番号|出力帯下限値|V1単価|出力帯番号|出力帯下限値|V1単価",
            "R0001|2026／05／01 00:00|2026／05／31 24:00|#1|#1|#0|#9|#2|#500|#10",
            "R0002|2026／05／01 00:00|2026／05／31 24:00|#1|#1|#0|#11|||",
        ],
    );
    page.merged = (1..=4).map(|column| Merge { top: 1, left: column, bottom: 2, right: column }).collect();
    let extract = read(&[page]);
    let prices = records(&extract, "unit_price");
    assert_eq!(numbers(prices, "bands"), [2, 1]);
    assert_eq!(said(&prices[0].group("bands")[1]), ["band_lower_kw=500", "band_no=2", "v1_price=10.00"]);
}

#[test]
fn starting_costs_on_a_sheet_of_their_own_belong_to_the_bands() {
    let bands = |code: &str| {
        [
            format!("電源等コード|{code}"),
            "開始日時|@2026-05-01".into(),
            "終了日時|@2026-06-01".into(),
            "運転パターン番号|#1".into(),
            "出力帯番号|出力帯下限値|V1".into(),
            "#1|#0|#9".into(),
        ]
    };
    let costs =
        |code: &str| [format!("電源等コード|{code}"), String::new(), "ケース番号|停止時間|V3単価".into(), format!("#1|#8|#{}", &code[1..])];
    let page = |name: &str, rows: &[String]| sheet(name, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let one_each =
        [page("調整単価データ1", &bands("R1000")), page("調整単価データ2", &bands("R2000")), page("調整単価（起動費1）", &costs("R1000"))];
    let in_one = ["調整単価データ（起動費）", "電源等コード|ケース番号|停止時間|V3単価", "R1000|#1|#8|#1000", "R2000|#1|#8|#2000"];
    for last in [page("調整単価（起動費2）", &costs("R2000")), sheet("起動費", &in_one)] {
        let sheets: Vec<_> = match last.name.as_str() {
            "起動費" => one_each[..2].iter().cloned().chain([last]).collect(),
            _ => one_each.iter().cloned().chain([last]).collect(),
        };
        let extract = read(&sheets);
        let costs: Vec<_> = records(&extract, "unit_price")
            .iter()
            .map(|price| price.group("startup_costs")[0].text("v3_price").unwrap_or_default())
            .collect();
        assert_eq!(costs, ["1000", "2000"]);
    }
}

#[test]
fn a_number_in_several_cells_below_one_heading_is_one() {
    let mut page = sheet(
        "需要家リスト・パターン",
        &[
            "電源等コード|D0001",
            "パターン番号|#1",
            "項番|供給地点特定番号||||||需要家名|供出可能量（需要家別）",
            "#1|02|1234|5678|9012|3456|7890|甲|#50",
        ],
    );
    page.merged = vec![Merge { top: 3, left: 2, bottom: 3, right: 7 }];
    let extract = read(&[page]);
    let customers = records(&extract, "customer_pattern")[0].group("customers");
    assert_eq!(
        said(&customers[0]),
        ["customer_available_kw=50", "customer_name=甲", "customer_no=1", "supply_point_number=0212345678901234567890"]
    );
}

#[test]
fn labels_with_their_translation_are_labels() {
    let rows = [
        "No.|氏名 / User name|メールアドレス/E-mail address|電話番号/phone|権限区分/role",
        "#1|見本 花子|hanako@example.jp|03-1111-2222|管理者",
    ];
    let users = read(&[sheet("ユーザ情報", &rows)]);
    let wanted = ["email=hanako@example.jp", "phone=03-1111-2222", "role=1", "user_name=見本 花子", "user_no=1"];
    assert_eq!(said(&records(&users, "user_info")[0].group("users")[0]), wanted);
    let rows = [
        "電源等データ||",
        "電源等コード|resource_code|R0001",
        "開始日|start_date|2026／05／01",
        "エリア|area|東北",
        "電源等名称|resource_name|見本",
        "電話番号|phone|022-000-0000",
    ];
    let extract = read(&[sheet("電源等データ", &rows)]);
    let [one] = records(&extract, "resource") else { panic!("{extract:?}") };
    assert_eq!(said(one), ["area=02", "phone=022-000-0000", "resource_code=R0001", "resource_name=見本", "start_date=2026-05-01"]);
}

#[test]
fn a_head_in_one_row_has_its_values_beside_its_labels() {
    for between in [&["", ""][..], &[][..]] {
        let head = "電源等コード|D0001|パターン番号|#1|パターン名称|標準|供出可能量|#100";
        let rows: Vec<String> = [head].iter().chain(between).map(|row| (*row).to_owned()).chain(customers(&[], 1)).collect();
        let (found, extract) = patterns(&[rows]);
        assert_eq!(found, [2]);
        let wanted = ["available_kw=100", "pattern_name=標準", "pattern_no=1", "resource_code=D0001"];
        assert_eq!(said(&records(&extract, "customer_pattern")[0]), wanted);
    }
}

#[test]
fn headings_that_come_again_are_no_record_and_hide_none() {
    let rows = [
        "No.（番号）|氏名 / Name|メールアドレス|電話番号|権限区分",
        "#1|見本 花子|hanako@example.jp|03-1111-2222|管理者",
        "",
        "No.|氏名|メールアドレス|電話番号|権限区分",
        "#2|見本 次郎|jiro@example.jp|03-1111-2223|参照者",
    ];
    for head in [rows[0], "ナンバー|氏名|メールアドレス|電話番号|権限区分"] {
        let rows: Vec<&str> = [head].into_iter().chain(rows[1..].iter().copied()).collect();
        let extract = read(&[sheet("ユーザ情報", &rows)]);
        let names: Vec<_> =
            records(&extract, "user_info")[0].group("users").iter().map(|user| user.text("user_name").unwrap_or_default()).collect();
        assert_eq!(names, ["見本 花子", "見本 次郎"], "{head}");
    }
}

#[test]
fn a_day_and_its_time_may_stand_in_two_cells() {
    let rows = [
        "電源等コード|R0001|",
        "開始日時|@2026-05-01|0:00",
        "終了日時|@2026-05-31|24:00",
        "運転パターン番号|#1|",
        "出力帯番号|出力帯下限値|V1",
        "#1|#0|#9",
    ];
    let extract = read(&[sheet("調整単価データ", &rows)]);
    let wanted = ["operation_pattern_no=1", "resource_code=R0001", "valid_from=2026-05-01T00:00", "valid_to=2026-05-31T24:00"];
    assert_eq!(said(&records(&extract, "unit_price")[0]), wanted);
}
