//! The pages of the outbox: one over all cases, one a case, readable in any browser without the program.
//!
//! Owns the order of the rows and the words around dates. Never decides anything; its input says everything.

use crate::domain::date;
use crate::domain::finding::Severity;
use crate::fault::Fault;
use crate::notices::names;
use crate::notices::notice::Book;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Business days left on which a case is marked as due.
pub const SOON: i32 = 2;

const INDEX: &str = "_shared/html/index.html.hbs";
const CASE: &str = "_shared/html/case.html.hbs";
const INDEX_SAMPLE: &str = include_str!("../../templates/_shared/html/index.sample.json");
const CASE_SAMPLE: &str = include_str!("../../templates/_shared/html/case.sample.json");

/// A page of the index: every case that is due or waits for a person, the nearest of the other open ones, and the latest of those at their
/// end. What is beside the cases stands on the first page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overview {
    /// Name of the transmission operator and of its desk.
    pub tso: String,
    pub desk: String,
    /// The day of the run.
    pub today: Date,
    /// The clock of the run, as people read it.
    pub made_at: String,
    /// Which of how many pages, counted from 1.
    #[serde(default = "one")]
    pub page: u32,
    #[serde(default = "one")]
    pub pages: u32,
    /// Of all pages together.
    pub sums: Sums,
    pub cases: Vec<Row>,
    /// Open cases that are not among them: nothing of them is due yet, and they wait for nobody here.
    #[serde(default)]
    pub more_open: u32,
    /// Cases at their end that are not among them.
    #[serde(default)]
    pub more_closed: u32,
    /// Documents that belong to no case yet, and files in quarantine.
    #[serde(default)]
    pub strays: Vec<Stray>,
    /// Earlier ones that are not among them.
    #[serde(default)]
    pub more_strays: u32,
    /// The latest 受付票, the latest first.
    #[serde(default)]
    pub receipts: Vec<Slip>,
}

fn one() -> u32 {
    1
}

/// The name of a page of the index.
pub fn page_name(page: usize) -> String {
    if page == 1 { "index.html".to_owned() } else { format!("index-{page}.html") }
}

/// How many cases there are, by what they wait for. `late` to `drafted` of what is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    pub open: u32,
    pub late: u32,
    pub soon: u32,
    pub held: u32,
    /// Orders to the operator of MMS of which nobody said what became.
    #[serde(default)]
    pub ordered: u32,
    pub drafted: u32,
    /// What mails say or ask, and what came after the end, by case.
    #[serde(default)]
    pub unread: u32,
    pub done: u32,
}

/// A 受付票 in the overview.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    pub at: String,
    pub file: String,
    /// In Japanese.
    pub result: String,
    /// Where it lies in the outbox.
    pub path: String,
}

/// A document that waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stray {
    pub file: String,
    /// In Japanese.
    pub state: String,
    #[serde(default)]
    pub note: Option<String>,
}

/// A case in the overview.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub case_no: String,
    #[serde(default)]
    pub applicant: Option<String>,
    pub flow: String,
    /// In Japanese.
    pub state: String,
    /// Waits for a person.
    pub held: bool,
    /// Nothing more to do.
    pub done: bool,
    #[serde(default)]
    pub due: Option<Due>,
    pub open_findings: u32,
    pub letters: u32,
    /// Its latest letter is an order to the operator of MMS that nobody has confirmed.
    #[serde(default)]
    pub ordered: bool,
    /// One of its letters waits to be released.
    #[serde(default)]
    pub drafted: bool,
    /// Something that came for it must be read.
    #[serde(default)]
    pub unread: bool,
}

/// What is due, and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    pub label: String,
    pub on: Date,
    /// Business days left; negative when passed.
    pub days_left: i32,
    /// They are days of the calendar: holidays are not known so far.
    #[serde(default)]
    pub of_calendar: bool,
}

/// `CASE_NO/index.html`: one case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasePage {
    pub tso: String,
    pub desk: String,
    pub made_at: String,
    pub case: Row,
    /// Label and value, such as 法人番号 and MMSコード.
    pub facts: Vec<Fact>,
    pub deadlines: Vec<Due>,
    pub findings: Vec<Open>,
    pub letters: Vec<Sent>,
    /// Oldest first.
    pub history: Vec<Step>,
    /// What was read, and where it stood.
    pub evidence: Vec<Evidence>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// An open finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    pub code: String,
    pub severity: Severity,
    pub document: String,
    #[serde(default)]
    pub label: Option<String>,
    pub sentence: String,
    /// `利用申込書.pdf 1頁`.
    #[serde(default)]
    pub place: Option<String>,
    /// A picture of that place, by its name inside the case's folder.
    #[serde(default)]
    pub figure: Option<String>,
}

/// A letter with its files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    pub at: String,
    pub title: String,
    pub subject: String,
    #[serde(default)]
    pub to: Option<String>,
    /// Names inside the case's folder.
    pub files: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub at: String,
    pub by: String,
    pub what: String,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub document: String,
    pub label: String,
    pub value: String,
    /// As it stood on the paper.
    pub original: String,
    pub file: String,
    /// `1頁`, `シート「電源等」3行目`.
    #[serde(default)]
    pub place: Option<String>,
    /// Why a person has to look, where one has to.
    #[serde(default)]
    pub doubts: Option<String>,
    /// A picture of that place, by its name inside the case's folder.
    #[serde(default)]
    pub figure: Option<String>,
}

impl Book {
    /// A page of the index, its cases in the order in which they are given.
    pub fn overview(&self, overview: &Overview) -> Result<String, Fault> {
        self.words(INDEX)?.render(INDEX, overview_view(overview))
    }

    /// The page of one case.
    pub fn case_page(&self, page: &CasePage) -> Result<String, Fault> {
        self.words(CASE)?.render(CASE, case_view(page))
    }
}

fn overview_view(overview: &Overview) -> Value {
    let pages = (1..=overview.pages).map(|page| {
        let name = page_name(page as usize);
        json!({ "number": page, "link": link(&[&name]), "current": page == overview.page })
    });
    let mut view = json!({
        "tso": overview.tso,
        "desk": overview.desk,
        "today": date::in_letters(overview.today),
        "made_at": overview.made_at,
        "first": overview.page == 1,
        "last": overview.page == overview.pages,
        "next": (overview.page < overview.pages).then(|| link(&[&page_name(overview.page as usize + 1)])),
        "pages": if overview.pages > 1 { pages.collect::<Vec<Value>>() } else { Vec::new() },
        "sums": overview.sums,
        "more_open": overview.more_open,
        "more_closed": overview.more_closed,
        "more_strays": overview.more_strays,
        "strays": overview.strays,
        "receipts": overview.receipts.iter().map(slip_view).collect::<Vec<Value>>(),
    });
    // Put in as they are: the macro copies what it is given.
    view["cases"] = overview.cases.iter().map(row_view).collect();
    view
}

fn case_view(page: &CasePage) -> Value {
    let mut findings: Vec<&Open> = page.findings.iter().collect();
    findings.sort_by_key(|open| std::cmp::Reverse(open.severity));
    let letters = page.letters.iter().map(|sent| {
        let files: Vec<Value> = sent.files.iter().map(|name| json!({"name": name, "link": link(&[name])})).collect();
        json!({"at": sent.at, "title": sent.title, "subject": sent.subject, "to": sent.to, "files": files})
    });
    json!({
        "tso": page.tso,
        "desk": page.desk,
        "made_at": page.made_at,
        "case": row_view(&page.case),
        "facts": page.facts,
        "deadlines": page.deadlines.iter().map(due_view).collect::<Vec<Value>>(),
        "findings": findings.into_iter().map(finding_view).collect::<Vec<Value>>(),
        "letters": letters.collect::<Vec<Value>>(),
        "history": page.history,
        "evidence": page.evidence.iter().map(evidence_view).collect::<Vec<Value>>(),
    })
}

fn row_view(row: &Row) -> Value {
    json!({
        "case_no": row.case_no,
        "link": link(&[&row.case_no, "index.html"]),
        "applicant": row.applicant,
        "flow": row.flow,
        "state": row.state,
        "held": row.held,
        "done": row.done,
        "due": row.due.as_ref().map(due_view),
        "ordered": !row.done && row.ordered,
        "drafted": row.drafted,
        "unread": row.unread,
        "open_findings": row.open_findings,
        "letters": row.letters,
    })
}

fn slip_view(slip: &Slip) -> Value {
    let steps: Vec<&str> = slip.path.split('/').collect();
    json!({"at": slip.at, "file": slip.file, "result": slip.result, "link": link(&steps)})
}

fn due_view(due: &Due) -> Value {
    let unit = if due.of_calendar { "日" } else { "営業日" };
    let (tone, left) = match due.days_left {
        days if days < 0 => ("late", format!("{}{unit}超過", -i64::from(days))),
        0 => ("soon", "本日まで".to_owned()),
        days if days <= SOON => ("soon", format!("残り{days}{unit}")),
        days => ("calm", format!("残り{days}{unit}")),
    };
    json!({"label": due.label, "on": date::in_letters(due.on), "left": left, "tone": tone})
}

/// What people of the house call a severity.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Reject => "差戻し",
        Severity::Staff => "要確認（社内）",
        Severity::Ask => "要補正",
        Severity::Warn => "参考",
    }
}

fn finding_view(open: &Open) -> Value {
    let tone = match open.severity {
        Severity::Reject | Severity::Staff => "late",
        Severity::Ask => "soon",
        Severity::Warn => "calm",
    };
    json!({
        "code": open.code,
        "tone": tone,
        "severity": severity(open.severity),
        "document": open.document,
        "label": open.label,
        "sentence": open.sentence,
        "place": open.place,
        "figure": open.figure.as_deref().map(|name| link(&[name])),
    })
}

fn evidence_view(evidence: &Evidence) -> Value {
    json!({
        "document": evidence.document,
        "label": evidence.label,
        "value": evidence.value,
        "original": evidence.original,
        "file": evidence.file,
        "place": evidence.place,
        "needs_review": evidence.doubts.is_some(),
        "doubts": evidence.doubts,
        "figure": evidence.figure.as_deref().map(|name| link(&[name])),
    })
}

/// A relative address: whatever a name holds, it can lead nowhere but down from here.
fn link(steps: &[&str]) -> String {
    let step = |name: &&str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
    };
    format!("./{}", steps.iter().map(step).collect::<Vec<_>>().join("/"))
}

/// The templates of these pages against their samples.
pub(super) fn check(book: &Book) -> Vec<Fault> {
    let mut faults = Vec::new();
    let outcomes = [
        serde_json::from_str::<Overview>(INDEX_SAMPLE).map(|sample| (INDEX, book.overview(&sample), overview_view(&sample))),
        serde_json::from_str::<CasePage>(CASE_SAMPLE).map(|sample| (CASE, book.case_page(&sample), case_view(&sample))),
    ];
    for outcome in outcomes {
        match outcome {
            Ok((path, rendered, view)) => {
                match book.words(path) {
                    Ok(words) => faults.extend(names::check(words, path, &[view])),
                    Err(fault) => faults.push(fault),
                }
                faults.extend(rendered.err());
            }
            Err(error) => faults.push(Fault::lasting("_shared/html", error, "mend the sample of this page")),
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        assert_eq!(link(&["TH-2026-0001", "index.html"]), "./TH-2026-0001/index.html");
        assert_eq!(link(&["javascript:alert(1)"]), "./javascript%3Aalert%281%29");
        assert_eq!(link(&["../../etc"]), "./..%2F..%2Fetc");
    }

    #[test]
    fn the_pages_of_an_index_lead_to_each_other() {
        let overview: Overview = serde_json::from_str(INDEX_SAMPLE).unwrap();
        let view = |page, pages| overview_view(&Overview { page, pages, ..overview.clone() });
        let (only, first, last) = (view(1, 1), view(1, 2), view(2, 2));
        assert_eq!((only["pages"].as_array().unwrap().len(), &only["next"]), (0, &Value::Null));
        assert_eq!(
            (&first["first"], &first["next"], &first["pages"][0]["current"]),
            (&json!(true), &json!("./index-2.html"), &json!(true))
        );
        assert_eq!((&last["first"], &last["last"], &last["pages"][0]["link"]), (&json!(false), &json!(true), &json!("./index.html")));
    }
}
