//! Contracts in other layouts: two columns, heads in tables, tables without rules, amendments, pages that nobody signed.

use super::tests::{APPENDIX, BODY, SIGNED, codes, contract, extract_pages, set};
use crate::domain::extract::Extract;
use crate::domain::place::Area;
use crate::domain::reading::Page;

fn text(extract: &Extract, key: &str) -> String {
    extract.fields.text(key).unwrap_or_default()
}

/// Ruled cells around the lines of a page, in rows of this height from a line on; columns between these edges (points).
fn rule(page: &mut Page, rows: std::ops::Range<i32>, edges: &[i32]) {
    for row in rows {
        let top = 460 + 200 * row;
        let cells = edges.windows(2).map(|pair| Area::new(pair[0] * 10, top, pair[1] * 10, top + 200));
        page.cells.extend(cells);
    }
}

#[test]
fn the_second_party_may_be_the_applicant() {
    let body = BODY.replace(
        "株式会社試験（以下「甲」という。）と例示送配電株式会社（以下「乙」という。）とは",
        "例示送配電株式会社（以下「乙」という。）と株式会社試験（以下「甲」という。）とは",
    );
    let extract = contract(&body, SIGNED, APPENDIX);
    assert_eq!((text(&extract, "party_a"), text(&extract, "party_b")), ("株式会社試験".into(), "例示送配電株式会社".into()));
}

#[test]
fn yen_with_sen_are_one_price() {
    for (clause, wanted) in [
        ("上限電力量単価は、38円50銭とする", "38.50"),
        ("単価は申出単価とし、１キロワット時につき38円5銭を超えないものとする", "38.05"),
        ("上限電力量単価は、45円とする", "45.00"),
    ] {
        let extract = contract(&BODY.replace("上限電力量単価は、38.5円／kWhとする", clause), SIGNED, APPENDIX);
        assert_eq!(text(&extract, "energy_price_cap"), wanted);
        assert!(!extract.fields.fields["energy_price_cap"].needs_review());
    }
}

#[test]
fn a_page_in_two_columns_is_read_column_by_column() {
    let mut rows = vec!["150\t電源Ⅱ周波数調整力契約書".to_owned()];
    let left = [
        "株式会社試験（以下「甲」という。）と例示送",
        "配電株式会社（以下「乙」という。）とは、次",
        "のとおり契約を締結する。甲および乙は誠意を",
        "もって本契約を履行する。関係法令を遵守する",
        "ものとする。第１条　甲は契約設備を用いる。",
        "第２条　本契約の有効期間は、令和８年４月１",
        "日から、令和９年３月31日までとする。以下略",
    ];
    let right = "甲および乙は、電気事業法その他関係法令なら";
    rows.extend(left.iter().map(|text| format!("60\t{text}|310\t{right}")));
    rows.push("60\t本契約締結の証として、本書２通を作成し、甲乙記名押印のうえ各自１通を保有する。".to_owned());
    let mut page = set(1, &format!("{}\n{SIGNED}", rows.join("\n")));
    // The columns are set for themselves: their lines stand at other heights.
    page.lines.iter_mut().filter(|line| line.area.left > 3000).for_each(|line| {
        line.area = Area { top: line.area.top - 80, bottom: line.area.bottom - 80, ..line.area };
    });
    page.lines.sort_by_key(|line| line.area.top);
    let extract = extract_pages(&[page]).unwrap();
    assert_eq!((text(&extract, "party_a"), text(&extract, "party_b")), ("株式会社試験".into(), "例示送配電株式会社".into()));
    assert_eq!((text(&extract, "period_from"), text(&extract, "period_to")), ("2026-04-01".into(), "2027-03-31".into()));
    assert_eq!(text(&extract, "contract_kind"), "2F");
}

#[test]
fn a_head_in_a_table_says_parties_and_period() {
    let mut first = set(
        1,
        "150\t電源Ⅱ需給バランス調整力契約書
70\t契約番号|250\tB-0077
70\t甲（調整力提供者）|250\t有限会社試験蓄電
70\t乙（一般送配電事業者）|250\t例示送配電株式会社
70\t契約締結日|250\t2026／03／30
70\t契約期間|250\t2026／04／01 ～ 2029／03／31

甲と乙とは、上記の要項および以下の条項により契約を締結する。
第１条　甲は乙の指令に従い調整力を提供する。
第２条　本契約は電磁的記録により作成し、双方の電子署名をもって締結したものとする。",
    );
    rule(&mut first, 1..6, &[60, 240, 500]);
    let mut second =
        set(2, "別紙1（契約設備一覧表）\n70\t契約設備名|250\t試験蓄電所\n70\t所在地|250\t宮城県名取市例示野9番地\n70\t定格出力|250\t20MW");
    rule(&mut second, 1..4, &[60, 240, 500]);
    let third = set(
        3,
        "200\t電子署名情報
70\t甲　代表取締役 試験 七郎|250\t有限会社試験蓄電|450\t署名済
70\t乙　代表取締役社長 例示 次郎|250\t例示送配電株式会社|450\t署名済",
    );
    let extract = extract_pages(&[first, second, third]).unwrap();
    let wanted = [
        ("contract_number", "B-0077"),
        ("party_a", "有限会社試験蓄電"),
        ("party_b", "例示送配電株式会社"),
        ("contract_date", "2026-03-30"),
        ("period_from", "2026-04-01"),
        ("period_to", "2029-03-31"),
        ("signature_a", "1"),
        ("signature_b", "1"),
    ];
    for (key, value) in wanted {
        assert_eq!(text(&extract, key), value, "{key}");
    }
    let [unit] = extract.fields.group("equipment") else { panic!("{extract:?}") };
    let said: Vec<_> = unit.fields.iter().map(|(key, field)| format!("{key}={}", field.value)).collect();
    assert_eq!(said, ["equipment_address=宮城県名取市例示野9番地", "equipment_name=試験蓄電所", "equipment_rated_kw=20000"]);
    assert!(codes(&extract).is_empty(), "{:?}", codes(&extract));
}

#[test]
fn an_amendment_says_the_new_value() {
    let body = "100\t電源Ⅱ需給バランス調整力契約の一部変更に関する覚書
株式会社試験（以下「甲」という。）と例示送配電株式会社（以下「乙」という。）とは、契約の一部を変更する。
第１条　原契約第３条中「契約電力は、2,300kWとする。」を「契約電力は、2,500kWとする。」に改める。
第２条　原契約第４条中「提供期間は2026年4月1日から2027年3月31日まで」を「提供期間は2026年5月1日から2028年3月31日まで」に改める。
本覚書締結の証として、本書２通を作成し、甲乙記名押印のうえ各自１通を保有する。";
    let extract = contract(body, SIGNED, "");
    let wanted = [("contract_kw", "2500"), ("period_from", "2026-05-01"), ("period_to", "2028-03-31"), ("contract_kind", "2B")];
    for (key, value) in wanted {
        assert_eq!(text(&extract, key), value, "{key}");
    }
    let bare = body.replace("契約電力は、2,300kWとする。", "2,300キロワット").replace("契約電力は、2,500kWとする。", "2,500キロワット");
    assert_eq!(text(&contract(&bare, SIGNED, ""), "contract_kw"), "2500");
}

#[test]
fn rows_without_rules_are_told_by_their_numbers() {
    let wrapped = "別紙１
200\t契約電源等一覧表
50\t供給地点特定番号|200\t需要家名|330\t需要場所|480\t供出電力(kW)
330\t宮城県仙台市宮城野
50\t0200000000000000000001|200\t株式会社甲野|330\t区例示港湾工業団地|480\t7,000
330\t1番地の2
330\t宮城県仙台市宮城野
50\t0200000000000000000002|200\t乙川合同会社|330\t区例示港湾工業団地|480\t5,500
330\t2番地の3
200\t合計|480\t12,500";
    let extract = contract(BODY, SIGNED, wrapped);
    let rows: Vec<_> = extract
        .fields
        .group("equipment")
        .iter()
        .map(|row| ["equipment_name", "equipment_address", "supply_point_number"].map(|key| row.text(key).unwrap_or_default()))
        .collect();
    let wanted = [
        ["株式会社甲野", "宮城県仙台市宮城野区例示港湾工業団地1番地の2", "0200000000000000000001"],
        ["乙川合同会社", "宮城県仙台市宮城野区例示港湾工業団地2番地の3", "0200000000000000000002"],
    ];
    assert_eq!(rows, wanted);
    assert!(codes(&extract).is_empty(), "{:?}", codes(&extract));
}

#[test]
fn a_seal_beside_no_name_is_the_forms_own() {
    let unfilled = "
令和　　年　　月　　日
70\t甲|110\t住所
110\t会社名　株式会社試験
110\t代表者|300\t印
70\t乙|110\t宮城県仙台市例示町1番1号
110\t例示送配電株式会社
110\t代表者|180\t例示　次郎|300\t印";
    let extract = contract(BODY, unfilled, APPENDIX);
    assert_eq!((text(&extract, "signature_a"), text(&extract, "signature_b")), ("0".into(), "1".into()));
    assert_eq!(codes(&extract), ["H-007"]);
}

#[test]
fn equipment_in_numbered_items_or_a_column_each_is_read() {
    let said = |extract: &Extract| -> Vec<[String; 3]> {
        let units = extract.fields.group("equipment").iter();
        let keys = ["equipment_name", "equipment_address", "equipment_rated_kw"];
        units.map(|unit| keys.map(|key| unit.text(key).unwrap_or_default())).collect()
    };
    let items = "別紙１　契約設備一覧表
１．発電所名：北嶺水力発電所
２．号機：1号機
３．所在地：宮城県例示町1番地
４．認可出力：3.25万kW";
    assert_eq!(said(&contract(BODY, SIGNED, items)), [["北嶺水力発電所1号機", "宮城県例示町1番地", "32500"].map(str::to_owned)]);
    let first = set(1, &format!("{BODY}\n{SIGNED}"));
    let mut second = set(
        2,
        "別紙１　契約設備一覧表
70\t項目|250\t1号機|420\t2号機
70\t契約設備名|250\t蒼海発電所1号機|420\t蒼海発電所2号機
70\t所在地|250\t石巻市1番地|420\t石巻市2番地
70\t定格出力|250\t25万kW|420\t350MW",
    );
    rule(&mut second, 1..5, &[60, 240, 410, 560]);
    let extract = extract_pages(&[first, second]).unwrap();
    let wanted = [["蒼海発電所1号機", "石巻市1番地", "250000"], ["蒼海発電所2号機", "石巻市2番地", "350000"]];
    assert_eq!(said(&extract), wanted.map(|unit| unit.map(str::to_owned)));
}

#[test]
fn a_table_without_rules_goes_on_on_the_next_page() {
    let first = set(1, &format!("{BODY}\n{SIGNED}"));
    let second = set(
        2,
        "別紙１
200\t契約電源等一覧表
50\t供給地点特定番号|200\t需要家名|330\t需要場所|480\t供出電力(kW)
50\t0200000000000000000001|200\t株式会社甲野|330\t仙台市1番地|480\t7,000",
    );
    let third = set(3, "50\t0200000000000000000002|200\t乙川合同会社|330\t仙台市2番地|480\t5,500\n200\t合計|480\t12,500");
    let extract = extract_pages(&[first, second, third]).unwrap();
    let names: Vec<_> = extract.fields.group("equipment").iter().map(|row| row.text("equipment_name").unwrap_or_default()).collect();
    assert_eq!(names, ["株式会社甲野", "乙川合同会社"]);
}

#[test]
fn a_column_under_an_unknown_label_is_no_part_of_its_neighbours() {
    let table = "別紙１
200\t契約電源等一覧表
50\t需要家名|190\t担当支店|290\t供給地点特定番号|450\t需要場所
50\t株式会社甲野|190\t仙台北支店|290\t0200000000000000000001|450\t仙台市1番地
50\t乙川合同会社|190\t仙台南支店|290\t0200000000000000000002|450\t仙台市2番地";
    let extract = contract(BODY, SIGNED, table);
    let names: Vec<_> = extract.fields.group("equipment").iter().map(|row| row.text("equipment_name").unwrap_or_default()).collect();
    assert_eq!(names, ["株式会社甲野", "乙川合同会社"]);
    assert!(extract.fields.group("equipment").iter().all(|row| row.text("supply_point_number").is_some_and(|number| number.len() == 22)));
}

#[test]
fn a_unit_noted_above_a_table_holds_for_its_numbers_and_is_looked_at() {
    let table = "別紙１
170\t契約設備一覧表（単位：MW）
50\t発電所名|190\t所在地|330\t認可出力|420\t最低負荷(kW)
50\t蒼海発電所|190\t石巻市1番地|330\t250|420\t62,500";
    let extract = contract(BODY, SIGNED, table);
    let unit = &extract.fields.group("equipment")[0];
    let said = |key: &str| (unit.text(key).unwrap_or_default(), unit.fields[key].needs_review());
    assert_eq!(said("equipment_rated_kw"), ("250000".to_owned(), true));
    assert_eq!(said("equipment_min_kw"), ("62500".to_owned(), false));
}
