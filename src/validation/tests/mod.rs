//! The shipped rules: their examples, and the truth of samples.

mod planted;

use super::examples::record;
use super::*;
use crate::domain::Files;
use crate::domain::document::{CodeWord, DocumentKind, DocumentSpec};
use crate::domain::extract::{Extract, Record};
use crate::domain::finding::Severity;
use crate::domain::id::{DocId, Permille};
use jiff::civil::date;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The shipped catalogue, as far as rules need it.
struct House {
    documents: Vec<DocumentSpec>,
    lists: Lists,
    sentences: BTreeMap<String, String>,
    severities: BTreeMap<String, Severity>,
    rules: Rules,
    desk: Desk,
}

#[derive(Deserialize)]
struct Defects {
    defect: Vec<Defect>,
}

#[derive(Deserialize)]
struct Defect {
    code: String,
    severity: Severity,
    sentence: String,
}

#[derive(Deserialize)]
struct Shared {
    list: BTreeMap<String, Entries>,
    tso: Vec<Tso>,
}

#[derive(Deserialize)]
struct Entries {
    entries: Vec<CodeWord>,
}

#[derive(Deserialize)]
struct Tso {
    area: String,
    area_name: String,
    prefectures: Vec<String>,
}

const FLOWS: &[&str] = &["I_PRIME", "II_DR", "II_GEN"];

fn folder(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a folder of the catalogue, by their path in it.
fn shipped(name: &str) -> Files {
    let entries = std::fs::read_dir(folder("templates").join(name)).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files.map(|entry| (format!("{name}/{}", entry.file_name().to_string_lossy()), std::fs::read(entry.path()).unwrap().into())).collect()
}

fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> T {
    toml::from_str(std::str::from_utf8(bytes).unwrap()).unwrap()
}

impl House {
    fn open() -> Self {
        let files = shipped("mms-usage");
        let defects: Defects = parse(&files["mms-usage/defects.toml"]);
        let shared: Shared = parse(&files["mms-usage/lists.toml"]);
        let rules = Rules::load(&shipped("mms-usage/rules")).unwrap_or_else(|faults| panic!("{faults:?}"));
        let regions =
            shared.tso.into_iter().map(|tso| Region { area: tso.area, name: tso.area_name, prefectures: tso.prefectures }).collect();
        House {
            documents: shipped("mms-usage/forms").values().map(|bytes| parse(bytes)).collect(),
            lists: shared.list.into_iter().map(|(name, list)| (name, list.entries)).collect(),
            severities: defects.defect.iter().map(|defect| (defect.code.clone(), defect.severity)).collect(),
            sentences: defects.defect.into_iter().map(|defect| (defect.code, defect.sentence)).collect(),
            desk: Desk { regions, ..rules.desk.clone().unwrap() },
            rules,
        }
    }

    fn specs(&self) -> Specs<'_> {
        Specs { documents: &self.documents, lists: &self.lists }
    }

    fn check(&self, papers: &Papers<'_>) -> Vec<Remark> {
        let context = Context { specs: self.specs(), desk: &self.desk, received_on: date(2026, 4, 20), flow: flow_of(papers) };
        check(&self.rules, papers, &context)
    }

    /// Codes found, without warnings.
    fn grave(&self, papers: &Papers<'_>) -> Vec<String> {
        let mut codes: Vec<String> = self
            .check(papers)
            .iter()
            .filter(|remark| self.severities[&remark.code.0] != Severity::Warn)
            .map(|remark| remark.code.0.clone())
            .collect();
        codes.dedup();
        codes
    }

    fn faults(&self, changed: &str, from: &str, to: &str) -> Vec<String> {
        let mut files = shipped("mms-usage/rules");
        let path = format!("mms-usage/rules/{changed}");
        let text = String::from_utf8(files[&path].to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        files.insert(path, text.replacen(from, to, 1).into_bytes().into());
        let faults = match Rules::load(&files) {
            Ok(rules) => rules.check(&self.specs(), FLOWS, &self.sentences, &files),
            Err(faults) => faults,
        };
        faults.iter().map(ToString::to_string).collect()
    }

    fn extract(&self, truth: &Json) -> Extract {
        let kind = truth["document"].as_str().unwrap();
        let fields = if truth["fields"].is_null() { &truth["header"] } else { &truth["fields"] };
        let mut sets = BTreeMap::new();
        for (set, json) in truth["data"].as_object().into_iter().flatten() {
            let all = json.as_array().cloned().unwrap_or_else(|| vec![json.clone()]);
            let records =
                all.iter().map(|one| record(set, one, &self.specs()).unwrap_or_else(|| panic!("{set}"))).collect::<Vec<_>>().into();
            sets.insert(DocumentKind::new(set), records);
        }
        let own = self.specs().document(kind);
        let known: serde_json::Map<String, Json> = fields
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| {
                own.is_some_and(|spec| spec.field(key).is_some() || spec.fields.iter().any(|field| field.group.as_ref() == Some(key)))
            })
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let fields = record(kind, &Json::Object(known), &self.specs()).unwrap_or_default();
        Extract {
            doc: DocId::of(kind.as_bytes()),
            document: DocumentKind::new(kind),
            pages: 2,
            turned: Default::default(),
            fields,
            sets,
            remarks: Vec::new(),
        }
    }
}

fn truths(prefix: &str) -> Vec<(String, Json)> {
    let folder = folder("tests/data/truth");
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let read = |name: &String| serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap();
    names.iter().filter(|name| name.starts_with(prefix)).map(|name| (name.clone(), read(name))).collect()
}

#[test]
fn every_example_of_every_rule_holds_and_no_blank_stays_open() {
    let house = House::open();
    let faults = house.rules.check(&house.specs(), FLOWS, &house.sentences, &shipped("mms-usage/rules"));
    assert!(faults.is_empty(), "\n{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    assert!(house.rules.all().len() > 150, "{}", house.rules.all().len());
}

#[test]
fn planted_faults_of_rules_are_named_with_their_file() {
    let house = House::open();
    for (file, from, to, says) in [
        ("resource.toml", "other = \"rated_capacity_kw\" } }", "other = \"rated_capacity\" } }", "rated_capacity is no field"),
        ("resource.toml", "code = \"D-005\"", "code = \"D-905\"", "no code of defects.toml"),
        (
            "resource.toml",
            "min_output_kw = 300, rated_capacity_kw = 200 }, finds = true",
            "min_output_kw = 300, rated_capacity_kw = 200 }, finds = false",
            "example 1 finds 1 times",
        ),
        ("price.toml", "on = \"unit_price.bands\"", "on = \"unit_price.band\"", "unit_price.band is no field"),
        ("contract.toml", "code = \"H-007\"", "code = \"H-009\"", "leaves the blank {expected}"),
        ("customers.toml", "check = { not_elsewhere", "check = { nowhere", "unknown variant"),
        ("application.toml", "source = \"A\"", "sauce = \"A\"", "sauce"),
    ] {
        let faults = house.faults(file, from, to);
        assert!(
            faults.iter().any(|fault| fault.starts_with(&format!("mms-usage/rules/{file}")) && fault.contains(says)),
            "{says}: {faults:?}"
        );
    }
}

#[test]
fn a_rule_names_the_fields_that_it_holds_against_one_another() {
    let rules = House::open().rules;
    let named = |code: &str, field: &str| rules.cited_with(code, field).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(named("D-005", "min_output_kw"), "min_output_kw rated_capacity_kw");
    assert_eq!(named("D-005", "rated_capacity_kw"), "min_output_kw rated_capacity_kw");
    assert!(named("H-003", "contract_kw").contains("kw1_contract_kw"), "{}", named("H-003", "contract_kw"));
    // How two values are held against each other is no field.
    assert!(!named("H-001", "party_a").split(' ').any(|word| word == "name"), "{}", named("H-001", "party_a"));
    assert_eq!(named("D-005", "phone"), "phone", "no rule of that code names it");
}

#[test]
fn samples_show_what_was_planted_and_nothing_else() {
    let house = House::open();
    for (name, truth) in truths("book").into_iter().chain(truths("form")) {
        let extract = house.extract(&truth);
        let papers = Papers::of(&extract);
        assert_eq!(flow_of(&papers), truth["flow"].as_str().filter(|_| name != "form-28.truth.json"), "{name}");
        let wanted: Vec<&str> = truth["expected_findings"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        assert_eq!(house.grave(&papers), wanted, "{name}: {:#?}", house.check(&papers));
    }
}

/// The same data as MMS exports them.
fn as_export(house: &House, book: &Extract) -> Extract {
    let header = serde_json::json!({ "registration_no": "2026042001", "registration_revision": 1, "registration_status": "1" });
    let head = house.extract(&serde_json::json!({ "document": "mms_export", "fields": header }));
    Extract { sets: book.sets.clone(), ..head }
}

#[test]
fn whole_cases_without_a_defect_show_none() {
    let house = House::open();
    for (name, truth) in truths("mail").into_iter().chain(truths("MMSREG")) {
        let kind = if name.starts_with("mail") { "registration_workbook" } else { "mms_export" };
        let mut book = truth.clone();
        book["document"] = kind.into();
        let book = house.extract(&book);
        let contract = house.extract(&serde_json::json!({ "document": "contract", "fields": truth["contract"] }));
        let export = as_export(&house, &book);
        let mut papers = Papers::of(&book);
        if name.starts_with("mail") {
            papers.add(&contract);
            papers.add(&export);
            papers.case = true;
            papers.files = truth["attachments"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
        }
        assert_eq!(flow_of(&papers), truth["flow"].as_str(), "{name}");
        assert_eq!(house.check(&papers), Vec::new(), "{name}");
    }
}

#[test]
fn a_doubtful_value_is_a_question_for_staff_never_a_demand() {
    let house = House::open();
    let (_, truth) = truths("form-26").remove(0);
    let mut extract = house.extract(&truth);
    let number = extract.fields.fields.get_mut("corporate_number").unwrap();
    number.doubts = crate::domain::doubt::Doubt::Faint.into();
    number.confidence = Permille(500);
    assert_eq!(house.grave(&Papers::of(&extract)), ["A-021"]);
    // Clearly read and odd: the paper is wrong, and one remark says it.
    extract.fields.fields.get_mut("corporate_number").unwrap().confidence = Permille(950);
    assert_eq!(house.grave(&Papers::of(&extract)), ["A-007"]);
}

#[test]
fn what_a_reader_noted_is_not_said_again() {
    let house = House::open();
    let (_, truth) = truths("form-33").remove(0);
    let mut extract = house.extract(&truth);
    extract.remarks.push(Remark::new("A-003").field("application_date"));
    assert_eq!(house.grave(&Papers::of(&extract)), Vec::<String>::new());
}

#[test]
fn a_cell_that_the_reader_of_a_workbook_noted_is_not_named_twice() {
    let house = House::open();
    let (_, truth) = truths("book-13").remove(0);
    let mut extract = house.extract(&truth);
    let place = extract.sets[&DocumentKind::new("operator_profile")][0].fields["bank_code"].place.clone();
    assert_eq!(house.grave(&Papers::of(&extract)), ["B-004"]);
    extract.remarks.push(Remark::new("B-004").field("bank_code").at(place));
    assert_eq!(house.grave(&Papers::of(&extract)), Vec::<String>::new());
}

#[test]
fn an_export_like_its_workbook_differs_in_nothing() {
    let house = House::open();
    for (name, truth) in truths("book-0") {
        let book = house.extract(&truth);
        let mut export = as_export(&house, &book);
        export.sets.remove(&DocumentKind::new("user_info"));
        let mut papers = Papers::of(&book);
        papers.add(&export);
        assert_eq!(house.grave(&papers), Vec::<String>::new(), "{name}");
        let prices = export.sets.get_mut(&DocumentKind::new("unit_price")).unwrap();
        let band: &mut Record = &mut prices[0].groups.get_mut("bands").unwrap()[0];
        band.fields.get_mut("v1_price").unwrap().value = crate::domain::value::Value::Decimal("0.01".parse().unwrap());
        let mut papers = Papers::of(&book);
        papers.add(&export);
        let remarks = house.check(&papers);
        let differences: Vec<_> = remarks.iter().filter(|remark| remark.code.0 == "X-005").collect();
        assert_eq!(differences.len(), 1, "{name}: {differences:?}");
        assert_eq!((differences[0].field.as_deref(), differences[0].document.as_deref()), (Some("v1_price"), Some("unit_price")));
    }
}

#[test]
fn a_form_may_open_two_cases() {
    let house = House::open();
    let form = |kinds: Json, kind: &str| {
        house.extract(&serde_json::json!({ "document": "application_form", "fields": { "contract_kind": kinds, "resource_kind": kind } }))
    };
    for (kinds, kind, flows) in [
        (serde_json::json!(["1P", "2B"]), "DR", vec!["I_PRIME", "II_DR"]),
        (serde_json::json!(["1P"]), "GEN", vec!["I_PRIME"]),
        (serde_json::json!(["2L"]), "GEN", vec!["II_GEN"]),
        (serde_json::json!([]), "GEN", vec![]),
    ] {
        assert_eq!(flows_of(&Papers::of(&form(kinds.clone(), kind))), flows, "{kinds} {kind}");
    }
}

#[test]
fn a_long_list_in_another_order_is_compared_in_time() {
    let house = House::open();
    let customer = |n: usize| serde_json::json!({ "customer_no": n, "supply_point_number": format!("025{n:019}"), "customer_available_kw": 1, "customer_address": "宮城県白石市" });
    let book = |numbers: Vec<usize>| {
        let customers: Vec<Json> = numbers.into_iter().map(customer).collect();
        let pattern =
            serde_json::json!([{ "resource_code": "D0001", "pattern_no": 1, "available_kw": customers.len(), "customers": customers }]);
        house.extract(&serde_json::json!({ "document": "registration_workbook", "data": { "customer_pattern": pattern } }))
    };
    let handed_in = book((1..=5_000).collect());
    let export = as_export(&house, &book((1..=5_000).rev().collect()));
    let mut papers = Papers::of(&handed_in);
    papers.add(&export);
    let begun = std::time::Instant::now();
    assert_eq!(house.check(&papers), Vec::new());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

/// Two resources with names alone, as a workbook has them before MMS has numbered them.
fn two_resources(first: &str, second: &str, turned: bool) -> Json {
    let pair = |make: &dyn Fn(&str, u32) -> Json| {
        let mut both = vec![make(first, 1), make(second, 2)];
        if turned {
            both.reverse();
        }
        both
    };
    serde_json::json!({
        "resource": pair(&|code, n| serde_json::json!({ "resource_code": code, "resource_name": format!("見本DR{n}"), "resource_short_name": format!("見本{n}"), "available_kw": 1000 * n, "grid_code": format!("G600{n}") })),
        "unit_price": pair(&|code, n| serde_json::json!({ "resource_code": if code.is_empty() { format!("見本{n}") } else { code.to_owned() }, "valid_from": "2026/05/01 00:00", "operation_pattern_no": 1, "bands": [{ "band_no": 1, "v1_price": format!("{n}.00") }] })),
        "customer_pattern": pair(&|code, n| serde_json::json!({ "resource_code": if code.is_empty() { format!("見本{n}") } else { code.to_owned() }, "pattern_no": 1, "available_kw": 1000 * n })),
    })
}

/// Documents and fields of which an export says something else than the workbooks, one after another.
fn differences(house: &House, books: &[Json], registered: Json) -> Vec<(String, String)> {
    let book = |(n, data): (usize, &Json)| {
        let book = house.extract(&serde_json::json!({ "document": "registration_workbook", "data": data }));
        Extract { doc: DocId::of(&[n as u8]), ..book }
    };
    let books: Vec<Extract> = books.iter().enumerate().map(book).collect();
    let header = serde_json::json!({ "registration_no": "2026042001" });
    let export = house.extract(&serde_json::json!({ "document": "mms_export", "header": header, "data": registered }));
    let mut papers = Papers::default();
    books.iter().chain([&export]).for_each(|extract| papers.add(extract));
    let remarks = house.check(&papers).into_iter().filter(|remark| remark.code.0 == "X-005");
    remarks.map(|remark| (remark.document.unwrap_or_default(), remark.field.unwrap_or_default())).collect()
}

#[test]
fn resources_that_mms_numbers_and_lists_in_its_own_order_are_told_by_their_names() {
    let house = House::open();
    let book = [two_resources("", "", false)];
    assert_eq!(differences(&house, &book, two_resources("D0002", "D0001", true)), vec![]);
    let mut swapped = two_resources("D0002", "D0001", true);
    let prices = swapped["unit_price"].as_array_mut().unwrap();
    let (one, two) = (prices[0]["bands"].clone(), prices[1]["bands"].clone());
    (prices[0]["bands"], prices[1]["bands"]) = (two, one);
    let price = ("unit_price".to_owned(), "v1_price".to_owned());
    assert_eq!(differences(&house, &book, swapped), [price.clone(), price]);
}

#[test]
fn a_workbook_for_each_resource_stands_beside_the_others_and_a_version_does_not() {
    let house = House::open();
    let of = |which: usize| {
        let mut data = two_resources("", "", false);
        data.as_object_mut().unwrap().values_mut().for_each(|records| *records = serde_json::json!([records[which]]));
        data
    };
    let registered = || two_resources("D0001", "D0002", false);
    assert_eq!(differences(&house, &[of(0), of(1)], registered()), vec![]);
    let mut other = registered();
    other["resource"][0]["grid_code"] = "G9999".into();
    assert_eq!(differences(&house, &[of(0), of(1)], other), [("resource".to_owned(), "grid_code".to_owned())]);
    // A later version without the second resource: it is registered although nobody hands it in any more.
    let whole = differences(&house, &[two_resources("", "", false), of(0)], registered());
    let sets: Vec<&str> = whole.iter().map(|(document, _)| document.as_str()).collect();
    assert_eq!(sets, ["customer_pattern", "resource", "unit_price"]);
}
