//! The ledger as tables for other programs.
//!
//! Owns which tables there are and what their columns mean. Never shows a secret: the ledger's rows of the outbox stay closed.

use crate::catalogue::Catalogue;
use crate::domain::case::{Body, Event};
use crate::domain::finding::Severity;
use crate::export::{Cell, Column, Table, column};
use crate::fault::Fault;
use crate::notices::outbox;
use crate::store::Ledger;
use serde::Deserialize;
use serde_json::Value as Json;

const CASES: &[Column] = &[
    column("case_no", "受付番号"),
    column("flow", "フロー"),
    column("state", "状態"),
    column("held", "要確認"),
    column("opened", "受付日"),
    column("applicant_name", "申込み事業者"),
    column("corporate_number", "法人番号"),
    column("contact_email", "メールアドレス"),
    column("mms_code", "MMSコード"),
    column("next_deadline", "次の期限"),
    column("next_deadline_on", "期限日"),
    column("open_findings", "未解消の指摘"),
    column("notices", "発出文書"),
];
const FINDINGS: &[Column] = &[
    column("case_no", "受付番号"),
    column("code", "コード"),
    column("severity", "区分"),
    column("document", "書類"),
    column("field", "項目"),
    column("message", "指摘"),
];
const DEADLINES: &[Column] = &[column("case_no", "受付番号"), column("deadline", "期限"), column("on", "期限日")];
const NOTICES: &[Column] = &[
    column("case_no", "受付番号"),
    column("at", "作成日時"),
    column("kind", "文書"),
    column("operation", "操作"),
    column("subject", "件名"),
    column("file", "ファイル"),
];
const VALUES: &[Column] = &[
    column("case_no", "受付番号"),
    column("received", "受領日時"),
    column("file", "ファイル"),
    column("document", "書類"),
    column("field", "項目"),
    column("value", "値"),
    column("original", "原文"),
    column("place", "箇所"),
    column("needs_review", "要確認"),
    column("doubts", "要確認の理由"),
];

/// Every table over all cases, in the order of their numbers. Values are those of forms, contracts and mails as they were read.
pub fn tables(ledger: &Ledger, catalogue: &Catalogue) -> Result<Vec<Table>, Fault> {
    let parse =
        |text: &String| serde_json::from_str(text).map_err(|error| Fault::lasting("ledger", error, "restore the ledger from a backup"));
    let cases: Vec<Json> = ledger.summaries()?.iter().map(parse).collect::<Result<_, _>>()?;
    let mut tables = of_cases(&cases, catalogue);
    let rows = ledger.history()?.iter().flat_map(|event| values(event, catalogue)).collect();
    tables.push(Table { key: "values", title: "読取値".into(), columns: VALUES.into(), rows });
    Ok(tables)
}

fn of_cases(cases: &[Json], catalogue: &Catalogue) -> Vec<Table> {
    let each = |rows: &dyn Fn(&Json) -> Vec<Vec<Cell>>| cases.iter().flat_map(rows).collect();
    vec![
        Table { key: "cases", title: "案件".into(), columns: CASES.into(), rows: each(&|case| vec![row(case, catalogue)]) },
        Table {
            key: "findings", title: "未解消の指摘".into(), columns: FINDINGS.into(), rows: each(&|case| findings(case, catalogue))
        },
        Table { key: "deadlines", title: "期限".into(), columns: DEADLINES.into(), rows: each(&|case| deadlines(case, catalogue)) },
        Table { key: "notices", title: "発出文書".into(), columns: NOTICES.into(), rows: each(&|case| notices(case, catalogue)) },
    ]
}

fn text(object: &Json, key: &str) -> Cell {
    Cell::of(object[key].as_str())
}

fn day(text: Option<&str>) -> Cell {
    // A moment begins with its day.
    text.and_then(|text| text.get(..10)?.parse().ok()).map_or(Cell::Empty, Cell::Day)
}

fn list<'j>(case: &'j Json, key: &str) -> &'j [Json] {
    case[key].as_array().map_or(&[], Vec::as_slice)
}

fn deadline(kind: Option<&str>, catalogue: &Catalogue) -> Cell {
    kind.map_or(Cell::Empty, |kind| Cell::named(kind, catalogue.japanese().deadline(&kind.replace('_', "-"))))
}

fn document(kind: &str, catalogue: &Catalogue) -> Cell {
    Cell::named(kind, catalogue.title(kind))
}

/// A doubt that a person has to settle.
fn flag(is_set: bool) -> Cell {
    Cell::named(is_set, if is_set { "要確認" } else { "" })
}

fn row(case: &Json, catalogue: &Catalogue) -> Vec<Cell> {
    let next = list(case, "deadlines").iter().min_by_key(|due| due["on"].as_str());
    let state = case["state"].as_str().unwrap_or_default();
    vec![
        text(case, "case_no"),
        text(case, "flow"),
        Cell::named(state, catalogue.japanese().state(state)),
        flag(case["held"] == true),
        day(case["opened"].as_str()),
        text(case, "applicant_name"),
        text(case, "corporate_number"),
        text(case, "contact_email"),
        text(case, "mms_code"),
        deadline(next.and_then(|due| due["kind"].as_str()), catalogue),
        day(next.and_then(|due| due["on"].as_str())),
        Cell::Number(list(case, "open_findings").len() as i64),
        Cell::Number(list(case, "notices").len() as i64),
    ]
}

fn findings(case: &Json, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let row = |finding: &Json| {
        let kind = finding["document"].as_str().unwrap_or_default();
        let field = finding["field"].as_str().map(|key| Cell::named(key, catalogue.japanese().field(kind, key)));
        let graded = Severity::deserialize(&finding["severity"]).ok().map(outbox::severity);
        vec![
            text(case, "case_no"),
            text(finding, "code"),
            graded.map_or(Cell::Empty, |name| Cell::named(finding["severity"].clone(), name)),
            document(kind, catalogue),
            field.unwrap_or(Cell::Empty),
            text(finding, "message"),
        ]
    };
    list(case, "open_findings").iter().map(row).collect()
}

fn deadlines(case: &Json, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let name = |due: &Json| deadline(due["kind"].as_str(), catalogue);
    list(case, "deadlines").iter().map(|due| vec![text(case, "case_no"), name(due), day(due["on"].as_str())]).collect()
}

fn notices(case: &Json, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let titled = |kind: &str| Cell::named(kind, catalogue.letter_title(kind));
    let row = |notice: &Json| {
        let kind = notice["kind"].as_str().map_or(Cell::Empty, titled);
        vec![text(case, "case_no"), text(notice, "at"), kind, text(notice, "operation"), text(notice, "subject"), text(notice, "file")]
    };
    list(case, "notices").iter().map(row).collect()
}

fn values(event: &Event, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let Body::Received(received) = &event.body else { return Vec::new() };
    let kind = &received.extract.document;
    let spec = catalogue.documents.iter().find(|spec| spec.id == *kind);
    let row = |(key, field): (&crate::domain::name::Name, &crate::domain::extract::Field)| {
        vec![
            Cell::text(event.case.0.as_str()),
            Cell::text(received.landed.unwrap_or(event.at).to_string()),
            Cell::text(received.name.as_str()),
            document(kind.as_str(), catalogue),
            Cell::named(key.to_string(), spec.map_or_else(|| key.to_string(), |spec| spec.label(key))),
            Cell::text(field.value.to_string()),
            Cell::text(field.raw.as_str()),
            Cell::of(catalogue.japanese().place(&field.place)),
            flag(field.needs_review()),
            Cell::of(catalogue.japanese().doubts(field.doubts)),
        ]
    };
    received.extract.fields.fields.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_named_for_people_and_coded_for_programs() {
        let catalogue = Catalogue::load(&crate::catalogue::shipped()).unwrap();
        let case = serde_json::json!({ "case_no": "TH-2026-0001", "flow": "I_PRIME", "state": "S60_CHECKING", "held": true,
            "deadlines": [{ "kind": "check_limit", "on": "2026-05-08" }],
            "notices": [{ "kind": "receipt_ack", "at": "2026-04-08T10:00:00+09:00", "file": "TH-2026-0001/receipt_ack-1.eml", "subject": "文" }],
            "open_findings": [
                { "code": "E-006", "severity": "ask", "document": "unit_price", "field": "v1_price", "message": "文" },
                { "code": "A-021", "severity": "staff", "document": "application_form", "field": null, "message": "文" },
            ] });
        let tables = of_cases(&[case], &catalogue);
        let printed = |key: &str| String::from_utf8(crate::export::csv(tables.iter().find(|table| table.key == key).unwrap())).unwrap();
        assert!(printed("findings").contains("E-006,要補正,調整単価データ,V1単価,"), "{}", printed("findings"));
        assert!(printed("findings").contains("A-021,要確認（社内）,需給調整市場システム利用申込書,,"), "{}", printed("findings"));
        assert!(printed("cases").contains(",要確認,"), "{}", printed("cases"));
        let json = crate::export::json(&tables);
        let case = &json["cases"][0];
        assert_eq!(
            [&case["state"], &case["held"], &case["next_deadline"], &json["deadlines"][0]["deadline"], &json["notices"][0]["kind"]],
            [&Json::from("S60_CHECKING"), &true.into(), &"check_limit".into(), &"check_limit".into(), &"receipt_ack".into()]
        );
        let found = &json["findings"][0];
        assert_eq!([&found["severity"], &found["document"], &found["field"]], ["ask", "unit_price", "v1_price"]);
        assert_eq!(json["findings"][1]["field"], Json::Null);
    }
}
