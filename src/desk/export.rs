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

fn deadline_name(kind: &str, catalogue: &Catalogue) -> String {
    catalogue.japanese().deadline(&kind.replace('_', "-"))
}

fn row(case: &Json, catalogue: &Catalogue) -> Vec<Cell> {
    let next = list(case, "deadlines").iter().min_by_key(|due| due["on"].as_str());
    let state = case["state"].as_str().unwrap_or_default();
    vec![
        text(case, "case_no"),
        text(case, "flow"),
        Cell::text(catalogue.japanese().state(state)),
        Cell::text(if case["held"] == true { "要確認" } else { "" }),
        day(case["opened"].as_str()),
        text(case, "applicant_name"),
        text(case, "corporate_number"),
        text(case, "contact_email"),
        text(case, "mms_code"),
        Cell::of(next.and_then(|due| due["kind"].as_str()).map(|kind| deadline_name(kind, catalogue))),
        day(next.and_then(|due| due["on"].as_str())),
        Cell::Number(list(case, "open_findings").len() as i64),
        Cell::Number(list(case, "notices").len() as i64),
    ]
}

fn findings(case: &Json, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let row = |finding: &Json| {
        let document = finding["document"].as_str().unwrap_or_default();
        let field = finding["field"].as_str().map(|key| catalogue.japanese().field(document, key));
        let severity = Severity::deserialize(&finding["severity"]).ok().map(outbox::severity);
        vec![
            text(case, "case_no"),
            text(finding, "code"),
            Cell::of(severity),
            Cell::text(catalogue.title(document)),
            Cell::of(field),
            text(finding, "message"),
        ]
    };
    list(case, "open_findings").iter().map(row).collect()
}

fn deadlines(case: &Json, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let name = |due: &Json| Cell::of(due["kind"].as_str().map(|kind| deadline_name(kind, catalogue)));
    list(case, "deadlines").iter().map(|due| vec![text(case, "case_no"), name(due), day(due["on"].as_str())]).collect()
}

fn notices(case: &Json, catalogue: &Catalogue) -> Vec<Vec<Cell>> {
    let title = |kind: &str| catalogue.letter_title(kind);
    let row = |notice: &Json| {
        let kind = Cell::of(notice["kind"].as_str().map(title));
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
            Cell::text(catalogue.title(kind.as_str())),
            Cell::text(spec.map_or_else(|| key.to_string(), |spec| spec.label(key))),
            Cell::text(field.value.to_string()),
            Cell::text(field.raw.as_str()),
            Cell::of(catalogue.japanese().place(&field.place)),
            Cell::text(if field.needs_review() { "要確認" } else { "" }),
            Cell::of(catalogue.japanese().doubts(field.doubts)),
        ]
    };
    received.extract.fields.fields.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_named_as_people_name_them() {
        let catalogue = Catalogue::load(&crate::catalogue::shipped()).unwrap();
        let case = serde_json::json!({ "case_no": "TH-2026-0001", "open_findings": [
            { "code": "E-006", "severity": "ask", "document": "unit_price", "field": "v1_price", "message": "文" },
            { "code": "A-021", "severity": "staff", "document": "application_form", "field": null, "message": "文" },
        ] });
        let said: Vec<Vec<Cell>> = findings(&case, &catalogue).into_iter().map(|row| row[1..5].to_vec()).collect();
        let price = [Cell::text("E-006"), Cell::text("要補正"), Cell::text("調整単価データ"), Cell::text("V1単価")];
        let doubt = [Cell::text("A-021"), Cell::text("要確認（社内）"), Cell::text("需給調整市場システム利用申込書"), Cell::Empty];
        assert_eq!(said, [price, doubt]);
    }
}
