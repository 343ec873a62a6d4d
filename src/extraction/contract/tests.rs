//! Contracts set line by line, as a reader would hand them over.

use super::*;
use crate::domain::place::Area;
use crate::domain::reading::{Content, Glyph, Mark, MarkKind, Reading};
use crate::extraction::typed::Lists;

const HEIGHT: i32 = 100;

/// A line of ten-point letters; `x` and `y` in tenths of a point.
pub(super) fn line(x: i32, y: i32, text: &str) -> Line {
    let mut at = x;
    let glyphs: Vec<Glyph> = text
        .chars()
        .map(|char| {
            let start = at;
            at += if char.is_ascii() { HEIGHT / 2 } else { HEIGHT };
            Glyph { char, start, end: at, confidence: Permille::SURE, others: Vec::new() }
        })
        .collect();
    Line {
        area: Area::new(x, y, at, y + HEIGHT),
        text: text.to_owned(),
        confidence: Permille::SURE,
        glyphs,
        hand: Permille(0),
        frayed: Permille(0),
    }
}

fn page(number: u32, lines: Vec<Line>) -> Page {
    Page { number, width: 5950, height: 8420, lines, ..Page::default() }
}

/// Lines from the top, twenty points apart; a tab sets the x in points before it.
pub(super) fn set(number: u32, text: &str) -> Page {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
        .flat_map(|(n, text)| {
            text.trim_end()
                .split('|')
                .filter(|part| !part.is_empty())
                .map(move |part| {
                    let (x, words) = part.split_once('\t').unwrap_or(("70", part));
                    line(x.trim().parse::<i32>().unwrap() * 10, 500 + 200 * n as i32, words)
                })
                .collect::<Vec<_>>()
        })
        .collect();
    page(number, lines)
}

/// The two forms and the code list as shipped.
fn shipped() -> (Vec<DocumentSpec>, Lists) {
    let documents = [
        include_str!("../../../templates/mms-usage/forms/contract.toml"),
        include_str!("../../../templates/mms-usage/forms/contract-application.toml"),
    ];
    let lists: toml::Table = toml::from_str(include_str!("../../../templates/mms-usage/lists.toml")).unwrap();
    let contract = lists["list"]["CONTRACT"]["entries"].clone().try_into().unwrap();
    (documents.map(|text| toml::from_str(text).unwrap()).to_vec(), Lists::from([("CONTRACT".to_owned(), contract)]))
}

pub(super) fn extract_pages(pages: &[Page]) -> Option<Extract> {
    let (documents, lists) = shipped();
    extract(DocId::of(b"contract"), pages, &Forms { documents: &documents, lists: &lists })
}

pub(super) fn codes(extract: &Extract) -> Vec<&str> {
    extract.remarks.iter().map(|remark| remark.code.0.as_str()).collect()
}

pub(super) const BODY: &str = "200\t電源Ⅱ´低速需給バランス調整力契約書（ＤＲ）
株式会社試験（以下「甲」という。）と例示送配電株式会社（以下「乙」という。）とは、次のとおり契約を
締結する。
第１条　甲は、別紙１（契約電源等一覧表）に記載する契約電源等を用いる。
第２条　本契約の有効期間は、令和８年４月１日から、令和９年３月31日までとする。
第３条　契約電力は、1.25万キロワットとする。
第４条　上限電力量単価は、38.5円／kWhとする。
本契約締結の証として、本書２通を作成し、甲乙記名押印のうえ各自１通を保有する。";

pub(super) const SIGNED: &str = "
令和８年３月２日
70\t甲|110\t福岡県福岡市例示一丁目1番1号
110\t株式会社試験
110\t代表取締役　試験　太郎|300\t㊞
70\t乙|110\t宮城県仙台市例示町1番1号
110\t例示送配電株式会社
110\t代表取締役社長　例示　次郎|300\t㊞";

pub(super) const APPENDIX: &str = "別紙１
200\t契約電源等一覧表
50\tNo.|90\t需要家名|230\t需要場所|380\t供給地点特定番号|510\t供出電力(kW)
50\t1|90\t株式会社甲野|230\t宮城県例示町1番地|380\t0200000000000000000001|510\t7,000
50\t2|90\t乙川合同会社|230\t宮城県例示町2番地|380\t0200000000000000000002|510\t5,500
50\t合計|510\t12,500";

pub(super) fn contract(body: &str, signed: &str, appendix: &str) -> Extract {
    let mut pages = vec![set(1, &format!("{body}\n{signed}"))];
    if !appendix.is_empty() {
        pages.push(set(2, appendix));
    }
    extract_pages(&pages).unwrap()
}

#[test]
fn a_contract_says_what_it_says() {
    let extract = contract(BODY, SIGNED, APPENDIX);
    assert_eq!(extract.document.as_str(), "contract");
    let text = |key: &str| extract.fields.text(key).unwrap_or_default();
    let read: Vec<String> = [
        "contract_kind",
        "party_a",
        "party_b",
        "contract_date",
        "period_from",
        "period_to",
        "contract_kw",
        "energy_price_cap",
        "signature_a",
        "signature_b",
    ]
    .iter()
    .map(|key| text(key))
    .collect();
    assert_eq!(read, ["2L", "株式会社試験", "例示送配電株式会社", "2026-03-02", "2026-04-01", "2027-03-31", "12500", "38.50", "1", "1"]);
    assert_eq!(extract.remarks, []);
    assert!(extract.fields.fields.values().all(|field| !field.needs_review()), "{:?}", extract.fields.fields);
}

#[test]
fn the_sum_is_no_customer_and_must_be_right() {
    let extract = contract(BODY, SIGNED, APPENDIX);
    let rows = extract.fields.group("equipment");
    let names: Vec<_> = rows.iter().filter_map(|row| row.text("equipment_name")).collect();
    assert_eq!(names, ["株式会社甲野", "乙川合同会社"]);
    assert_eq!(rows[1].text("supply_point_number").as_deref(), Some("0200000000000000000002"));
    let wrong = contract(BODY, SIGNED, &APPENDIX.replace("12,500", "13,500"));
    assert_eq!(codes(&wrong), ["H-013"]);
}

#[test]
fn what_a_line_runs_through_is_doubted_and_nothing_else() {
    let corrected = |n: usize, words: &str, kind: MarkKind| {
        let mut pages = vec![set(1, &format!("{BODY}\n{SIGNED}")), set(2, APPENDIX)];
        let area = pages[n].lines.iter().find(|line| line.text.contains(words)).unwrap().area;
        pages[n].marks.push(Mark { area, kind, confidence: Permille(900) });
        let extract = extract_pages(&pages).unwrap();
        let rows = extract.fields.group("equipment").iter().flat_map(|row| row.fields.iter());
        let all = extract.fields.fields.iter().chain(rows);
        let doubted = all.filter(|(_, field)| field.needs_review()).map(|(key, _)| key.to_string()).collect::<Vec<_>>();
        (doubted, codes(&extract).join(" "))
    };
    let told = |keys: &[&str], codes: &str| (keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), codes.to_owned());
    assert_eq!(corrected(0, "契約電力", MarkKind::Struck), told(&["contract_kw"], "A-020"));
    assert_eq!(corrected(0, "契約電力", MarkKind::Corrected), told(&["contract_kw"], ""), "a 訂正印 leaves the question what holds");
    assert_eq!(corrected(1, "乙川合同会社", MarkKind::Struck), told(&["equipment_name"], "A-020"));
}

#[test]
fn two_texts_at_one_place_of_a_table_are_doubted() {
    let mut pages = vec![set(1, &format!("{BODY}\n{SIGNED}")), set(2, APPENDIX)];
    pages[1].source = PageSource::TextLayer;
    let name = pages[1].lines.iter_mut().find(|line| line.text.contains("乙川")).unwrap();
    name.glyphs[0].confidence = Permille(0);
    name.confidence = Permille(500);
    let extract = extract_pages(&pages).unwrap();
    let doubted = extract.fields.group("equipment").iter().map(|row| row.fields["equipment_name"].needs_review());
    assert_eq!(doubted.collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_contract_without_date_or_seal_is_not_concluded() {
    for signed in [SIGNED.replace("令和８年３月２日", "令和　　年　　月　　日"), SIGNED.replacen("|300\t㊞", "", 1), String::new()]
    {
        let extract = contract(BODY, &signed, APPENDIX);
        assert_eq!(codes(&extract), ["H-007"], "{signed}");
    }
    let electronic = SIGNED.replace("|300\t㊞", "|300\t電子署名済");
    assert_eq!(codes(&contract(BODY, &electronic, APPENDIX)), Vec::<&str>::new());
    let draft = BODY.replace("契約書（ＤＲ）", "契約書（案）");
    let extract = contract(&draft, SIGNED, APPENDIX);
    assert_eq!(
        (codes(&extract), extract.fields.text("contract_title").unwrap().as_str()),
        (vec!["H-007"], "電源II ́低速需給バランス調整力契約書")
    );
}

#[test]
fn a_missing_appendix_is_named() {
    let extract = contract(BODY, SIGNED, "");
    assert_eq!(codes(&extract), ["H-008"]);
    assert_eq!(extract.remarks[0].words["value"], "別紙1");
    let two = BODY.replace("別紙１（", "別紙２（機能）および別紙１（");
    assert_eq!(contract(&two, SIGNED, APPENDIX).remarks[0].words["value"], "別紙2");
}

#[test]
fn body_and_appendix_must_agree() {
    let extract = contract(BODY, SIGNED, &format!("{APPENDIX}\n\n契約電力は、12,000kWとする。"));
    assert_eq!(codes(&extract), ["H-013"]);
    assert_eq!(extract.remarks[0].field.as_deref(), Some("contract_kw"));
}

#[test]
fn a_gap_in_the_printed_page_numbers_is_a_missing_page() {
    let mut pages = vec![set(1, &format!("{BODY}\n{SIGNED}")), set(2, APPENDIX)];
    for (page, number) in pages.iter_mut().zip(["1 / 3", "3 / 3"]) {
        page.lines.push(line(2900, 8000, number));
    }
    let extract = extract_pages(&pages).unwrap();
    assert_eq!((codes(&extract), extract.remarks[0].words["page"].as_str()), (vec!["F-006"], "2"));
}

#[test]
fn units_of_a_plant_stand_in_ruled_and_joined_cells() {
    let mut appendix = set(
        2,
        "別紙１
50\t発電所名|200\t号機|260\t所在地|400\t定格出力(MW)|500\t最低出力(MW)
60\t例示発電所|200\t1|260\t宮城県例示町1番地|400\t60|500\t18
200\t2|260\t宮城県例示町1番地|400\t32.5|500\t9.6",
    );
    let columns = [(450, 1900), (1900, 2500), (2500, 3900), (3900, 4900), (4900, 5800)];
    for (n, (left, right)) in columns.into_iter().enumerate() {
        appendix.cells.push(Area::new(left, 670, right, 850));
        if n == 0 {
            appendix.cells.push(Area::new(left, 850, right, 1250));
        } else {
            appendix.cells.push(Area::new(left, 850, right, 1050));
            appendix.cells.push(Area::new(left, 1050, right, 1250));
        }
    }
    let extract = extract_pages(&[set(1, &format!("{BODY}\n{SIGNED}")), appendix]).unwrap();
    let rows: Vec<(String, String, String)> = extract
        .fields
        .group("equipment")
        .iter()
        .map(|row| ["equipment_name", "equipment_rated_kw", "equipment_min_kw"].map(|key| row.text(key).unwrap_or_default()).into())
        .collect();
    let row = |name: &str, rated: &str, min: &str| (name.to_owned(), rated.to_owned(), min.to_owned());
    assert_eq!(rows, [row("例示発電所1号機", "60000", "18000"), row("例示発電所2号機", "32500", "9600")]);
}

#[test]
fn an_application_is_read_and_the_form_for_the_system_is_not() {
    let text = "200\t調整力契約申込書

申込日|200\t令和8年3月2日
申込者名|200\t株式会社試験
契約種別|200\t□電源Ⅱ周波数調整力契約　☑電源Ⅱ需給バランス調整力契約
契約設備名|200\t試験発電所1号機
定格容量|200\t2万kW";
    let extract = extract_pages(&[set(1, text)]).unwrap();
    assert_eq!(extract.document.as_str(), "contract_application");
    let text_of = |key: &str| extract.fields.text(key).unwrap_or_default();
    assert_eq!(["application_date", "applicant_name", "contract_kind"].map(text_of), ["2026-03-02", "株式会社試験", "2B"]);
    assert_eq!(extract.fields.group("equipment")[0].text("rated_capacity_kw").as_deref(), Some("20000"));
    let other = text.replace("調整力契約申込書", "需給調整市場システム利用申込書");
    assert!(extract_pages(&[set(1, &other)]).is_none());
}

#[test]
fn every_pattern_of_the_catalogue_is_sound_and_names_fields() {
    for spec in &shipped().0 {
        for written in &spec.clauses {
            let pattern = clauses::pattern(written).unwrap_or_else(|error| panic!("{written}: {error}"));
            for key in pattern.capture_names().flatten() {
                assert!(spec.field(key).is_some(), "{key} of {written} is no field of {}", spec.id);
            }
        }
    }
}

#[test]
fn a_role_before_a_name_is_no_part_of_it() {
    let body =
        BODY.replace("株式会社試験（以下", "調整力提供者 株式会社試験（以下").replace("）と例示", "）および一般送配電事業者である例示");
    let extract = contract(&body, SIGNED, APPENDIX);
    let parties = ["party_a", "party_b"].map(|key| extract.fields.text(key).unwrap_or_default());
    assert_eq!(parties, ["株式会社試験", "例示送配電株式会社"]);
}

#[test]
fn narrow_columns_without_rules_part_at_their_spaces() {
    let appendix = "別紙１
50\tNo. 契約設備名|230\t所在地|380\t定格出力(kW)|480\t最低出力(kW)
50\t010 例示第二発電所|230\t宮城県例示町1番地|380\t60,000|480\t18,000";
    let extract = contract(BODY, SIGNED, appendix);
    let [unit] = extract.fields.group("equipment") else { panic!("{:?}", extract.fields) };
    let read =
        ["equipment_name", "equipment_address", "equipment_rated_kw", "equipment_min_kw"].map(|key| unit.text(key).unwrap_or_default());
    assert_eq!(read, ["例示第二発電所", "宮城県例示町1番地", "60000", "18000"]);
}

#[test]
fn equipment_may_be_written_label_by_label() {
    let appendix = "別紙１
（１）
80\t発電所名：例示発電所
80\t所在地：宮城県例示町1番地
80\t定格出力(MW)：60
（２）
80\t発電所名：例示第二発電所
80\t所在地：宮城県例示町2番地
80\t定格出力(MW)：32.5
80\t備考：なし";
    let extract = contract(BODY, SIGNED, appendix);
    let units: Vec<[String; 2]> = extract
        .fields
        .group("equipment")
        .iter()
        .map(|unit| ["equipment_name", "equipment_rated_kw"].map(|key| unit.text(key).unwrap_or_default()))
        .collect();
    assert_eq!(units, [["例示発電所", "60000"], ["例示第二発電所", "32500"]].map(|unit| unit.map(str::to_owned)));
}

/// What is said of a file that holds these pages.
fn said_of_file(pages: Vec<Page>) -> (String, Vec<(String, Option<u32>)>) {
    let (mut documents, _) = shipped();
    documents.push(crate::extraction::sketch::spec());
    let lists = crate::extraction::sketch::lists();
    let pages = pages.into_iter().zip(1..).map(|(page, number)| Page { number, ..page }).collect();
    let content = Content::Paper { pages, enclosed: Vec::new() };
    let reading = Reading { doc: DocId::of(b"file"), format: "pdf".to_owned(), content, remarks: Vec::new() };
    let extract = crate::extraction::extract(&reading, "一式.pdf", &Forms { documents: &documents, lists: &lists });
    let page_of = |place: &Option<Place>| match place {
        Some(Place::Page { page, .. }) => Some(*page),
        _ => None,
    };
    let remarks = extract.remarks.iter().filter(|remark| remark.code.0 == "M-008");
    (extract.document.as_str().to_owned(), remarks.map(|remark| (remark.code.0.clone(), page_of(&remark.place))).collect())
}

#[test]
fn what_lies_beside_a_contract_in_one_file_is_lost_to_nobody() {
    let contract = || vec![set(1, &format!("{BODY}\n{SIGNED}")), set(2, APPENDIX)];
    let form = || {
        let rows = [
            "事業者名|220\t株式会社試験",
            "法人番号|220\t4246006111918",
            "郵便番号|220\t980-0000",
            "所在地|220\t宮城県",
            "担当者名|220\t試験 花子",
        ];
        let rows = rows.map(|row| format!("70\t{row}")).join("\n");
        vec![set(1, &format!("200\t需給調整市場システム利用申込書\n{rows}\n70\tE-mail|220\ta@example.jp\n70\t電話番号|220\t03-0000-0000"))]
    };
    let with = |parts: Vec<Vec<Page>>| said_of_file(parts.into_iter().flatten().collect());
    assert_eq!(with(vec![contract()]), ("contract".to_owned(), vec![]));
    assert_eq!(with(vec![form(), contract()]).1, [("M-008".to_owned(), Some(1))]);
    assert_eq!(with(vec![contract(), form()]).1, [("M-008".to_owned(), Some(3))]);
    assert_eq!(with(vec![contract(), contract()]).1, [("M-008".to_owned(), Some(3))]);
}
