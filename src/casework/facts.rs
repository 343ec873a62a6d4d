//! The facts that transitions ask for: a closed set of named questions about a case.

use crate::casework::flow::{Flow, Flows};
use crate::casework::fold::{Case, Deed, Move, Paper};
use crate::casework::{certificates, deed, idle};
use crate::domain::extract::Record;
use crate::domain::finding::{Finding, Severity, UNREAD};
use crate::domain::value::Value;
use jiff::civil::Date;

/// What a fact may look at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub case: &'a Case,
    pub flow: &'a Flow,
    pub flows: &'a Flows,
    pub today: Date,
    /// Business days from today to a day; negative once it has passed.
    pub days_left: &'a dyn Fn(Date) -> i64,
    /// MMSコード and user IDs are issued here, or came from MMS.
    pub credentials_at_hand: bool,
    /// MMS handed over later certificates than the case knows.
    pub certificates_came: bool,
    /// The desk makes client certificates itself.
    pub certifies_locally: bool,
}

type Question = fn(&View<'_>) -> bool;

const FACTS: &[(&str, Question)] = &[
    ("application-received", |view| view.case.paper("application_form").is_some()),
    ("thanks-due", |view| are_thanks_due(view.case)),
    ("application-complete", |view| is_application_complete(view.case, view.flow)),
    ("application-defective", |view| {
        let counts = |finding: &Finding| asks(finding) && concerns_application(finding) && !idle::is_idle(finding, view.case, view.flow);
        view.case.open.iter().any(counts)
    }),
    ("application-settled-for-asking", |view| {
        is_application_complete(view.case, view.flow) || view.case.deadlines.get("companions").is_none_or(|due| view.today > *due)
    }),
    ("application-renewed", |view| {
        let returned = view.case.last_move(&["T03"]).map_or(0, |moved| moved.seq);
        view.case.papers.iter().any(|paper| paper.seq > returned && view.flow.application.iter().any(|kind| holds(paper, kind)))
    }),
    // Without a new paper too: a person knows what was to be asked, or asks in another way.
    ("application-put-right", |view| {
        let returned = view.case.last_move(&["T03"]).map_or(u32::MAX, |moved| moved.seq);
        let by_a_person = |deed: &Deed| deed.seq > returned && [deed::CORRECTED, deed::SETTLED].contains(&deed.what.as_str());
        view.case.deeds.iter().any(by_a_person) || is_request_dropped(view.case)
    }),
    ("credentials-at-hand", |view| view.credentials_at_hand || view.case.credentials.is_some()),
    ("registration-begun", |view| {
        view.case.export().is_some()
            || view.flow.registered.iter().any(|set| set != "operator_profile" && view.case.workbook_set(set).is_some())
    }),
    ("export-received", |view| view.case.export().is_some()),
    ("screening-requested", |view| export_status(view.case).is_some_and(|status| status == "1")),
    ("registration-complete", |view| {
        view.case.export().is_some_and(|export| view.flow.registered.iter().all(|set| holds(export, set) || desk_side_set(view.case, set)))
            && view.flow.screening.iter().all(|kinds| kinds.split(" | ").any(|kind| has(view.case, kind)))
    }),
    ("registration-defective", |view| view.case.open.iter().any(|finding| asks(finding) && concerns_registration(finding))),
    ("confirmation-defective", |view| view.case.open.iter().any(|finding| hinders_approval(finding) && !concerns_contract(finding))),
    ("rejection-ordered", |view| ordered(view.case, "REJECT")),
    ("rejection-recorded", |view| is_rejection_recorded(view.case)),
    ("something-to-ask", |view| is_something_to_ask(&view.case.open)),
    ("registration-renewed", |view| registration_renewed(view.case)),
    ("answer-due-soon", |view| due_soon(view, "answer") && !has_passed(view, "answer")),
    ("answer-overdue", |view| has_passed(view, "answer")),
    ("check-due-soon", |view| due_soon(view, "check-limit")),
    ("silent-for-long", |view| has_passed(view, "silence")),
    // Nobody is given up who was asked and never reminded.
    ("reminded", |view| {
        // A returned application of which nothing is asked any more is reminded of nothing.
        let is_in_vain = view.case.is_applying() && still_asked(view.case).is_empty();
        !view.case.deadlines.contains_key("answer") || reminded(view.case) || is_in_vain
    }),
    ("still-asked", |view| !still_asked(view.case).is_empty()),
    ("contract-concluded", |view| is_contract_concluded(view.case)),
    ("contract-compared", |view| view.case.paper("contract").is_some() && view.case.export().is_some()),
    ("approval-defective", |view| {
        let counts = |finding: &Finding| asks(finding) && concerns_approval(finding) && !idle::is_idle(finding, view.case, view.flow);
        view.case.open.iter().any(counts)
    }),
    ("approval-hindered", |view| is_something_to_ask(&view.case.open)),
    ("approval-ordered", |view| ordered(view.case, "APPROVE")),
    ("approved-in-mms", |view| is_approved_in_mms(view.case)),
    ("approval-seen-again", |view| {
        let approved = view.case.last_move(&["T19"]).map_or(u32::MAX, |moved| moved.seq);
        view.case.exports().any(|export| export.seq > approved && status(export).is_some_and(|status| status == "2"))
    }),
    ("holds-certificates", |view| view.case.holders().next().is_some()),
    ("certifies-locally", |view| view.certifies_locally),
    ("certificate-ends", |view| {
        let due = view.case.deadlines.get(certificates::DEADLINE);
        due.is_some_and(|due| certificates::is_near(*due, view.flows, view.today))
    }),
    ("certificate-renewal-wanted", |view| view.certificates_came || !view.case.renewals.is_empty()),
    ("certificate-revoked", |view| !certificates::revoked_untold(view.case).is_empty()),
    ("withdrawal-recorded", |view| view.case.last_deed(deed::WITHDRAWN).is_some()),
    ("closing-recorded", |view| view.case.last_deed(deed::CLOSED).is_some()),
    ("held-by-refusal-alone", |view| !view.case.open.iter().any(stops)),
    ("held", |view| view.case.held),
];

pub fn names() -> Vec<&'static str> {
    FACTS.iter().map(|(name, _)| *name).collect()
}

/// Whether a guard names a fact, with or without `not-`.
pub fn is_known(guard: &str) -> bool {
    question(guard).is_some()
}

fn question(guard: &str) -> Option<(Question, bool)> {
    let find = |name: &str| FACTS.iter().find(|(known, _)| *known == name).map(|(_, question)| *question);
    find(guard).map(|question| (question, true)).or_else(|| find(guard.strip_prefix("not-")?).map(|question| (question, false)))
}

/// Whether a guard holds; an unknown one never does.
pub fn hold(guard: &str, view: &View<'_>) -> bool {
    question(guard).is_some_and(|(question, wanted)| question(view) == wanted)
}

/// The applicant must do something about it.
pub fn asks(finding: &Finding) -> bool {
    matches!(finding.severity, Severity::Ask | Severity::Reject)
}

/// What was asked for did not come: it asks for nothing more than that.
pub fn repeats_a_request(finding: &Finding) -> bool {
    finding.code.0 == "P-003"
}

/// Chapter of the defect catalogue, its first letter.
pub fn chapter(finding: &Finding) -> char {
    finding.code.0.chars().next().unwrap_or(' ')
}

/// Defects of the application and what comes with it.
pub fn concerns_application(finding: &Finding) -> bool {
    matches!(chapter(finding), 'A' | 'B' | 'C' | 'M')
}

/// Defects of the contract, or of its comparison with the registration.
pub fn concerns_contract(finding: &Finding) -> bool {
    chapter(finding) == 'H' || finding.code.0 == "D-016"
}

/// Defects of the registered data and what is handed in for the screening.
pub fn concerns_registration(finding: &Finding) -> bool {
    matches!(chapter(finding), 'B' | 'D' | 'E' | 'F' | 'G' | 'X') && !concerns_contract(finding)
}

/// Defects of what is registered, or of the contract that it must fit.
pub fn concerns_approval(finding: &Finding) -> bool {
    concerns_contract(finding) || concerns_registration(finding)
}

/// Nothing is approved while the applicant must do something, be it about the registration or about the application before it.
pub fn hinders_approval(finding: &Finding) -> bool {
    asks(finding) && !repeats_a_request(finding)
}

/// MMS shows 否認 of the registration as it stands now, or the desk says that it was carried out.
pub fn is_rejection_recorded(case: &Case) -> bool {
    export_status(case).is_some_and(|status| status == "9") || done_in_mms(case, deed::REJECTED, "REJECT")
}

/// MMS shows 承認 of the registration as it stands now, or the desk says that it was carried out.
pub fn is_approved_in_mms(case: &Case) -> bool {
    export_status(case).is_some_and(|status| status == "2") || done_in_mms(case, deed::APPROVED, "APPROVE")
}

/// The applicant must do something other than answer what was asked before.
pub fn is_something_to_ask(open: &[Finding]) -> bool {
    open.iter().any(hinders_approval)
}

/// Nobody wrote to the applicant yet, be it that a person had to look first or that no address was known.
fn are_thanks_due(case: &Case) -> bool {
    let mended = [deed::RELEASED, deed::CORRECTED].iter().filter_map(|what| case.last_deed(what)).map(|deed| deed.seq).max();
    let since = case.papers.last().map_or(0, |paper| paper.seq).max(mended.unwrap_or(0));
    let in_vain = case.last_deed(deed::LEFT_OUT).is_some_and(|deed| deed.seq > since);
    case.letters.is_empty() && case.address().is_some() && !in_vain
}

/// The step that asked the applicant for something last.
fn last_request(case: &Case) -> Option<&Move> {
    case.last_move(&["T03", "T14"])
}

/// What a request said, as it was then.
fn asked_in(request: &Move) -> impl Iterator<Item = &Finding> {
    let returned = request.transition == "T03";
    request.open.iter().filter(move |finding| hinders_approval(finding) && (!returned || concerns_application(finding)))
}

/// The last request to the applicant was about this too.
pub fn was_asked(case: &Case, finding: &Finding) -> bool {
    last_request(case).is_some_and(|request| asked_in(request).any(|asked| is_same(asked, finding)))
}

/// What the last request asked and what still stands as it was asked.
pub fn still_asked(case: &Case) -> Vec<&Finding> {
    let Some(request) = last_request(case) else { return Vec::new() };
    let open = case.open.iter().filter(|finding| asks(finding) && was_asked(case, finding));
    // A file that cannot be read is told once and answered by another file.
    let answered = case.papers.iter().any(|paper| paper.seq > request.seq);
    let is_told = |finding: &&Finding| chapter(finding) == 'M' && !answered && !case.open.iter().any(|open| is_same(open, finding));
    open.chain(asked_in(request).filter(is_told)).collect()
}

/// The letter of the last request was a draft, and a person decided that it never leaves.
pub fn is_request_dropped(case: &Case) -> bool {
    let kinds = ["deficiency_notice", "additional_request"];
    let asked = last_request(case).map_or(u32::MAX, |request| request.seq);
    case.letters.iter().any(|letter| letter.dropped && letter.seq > asked && kinds.contains(&letter.kind.as_str()))
}

/// The same defect of the same entry, whatever stands there by now.
fn is_same(one: &Finding, other: &Finding) -> bool {
    one.code == other.code && one.document == other.document && one.field == other.field
}

/// The contract in hand is dated and signed by both, or a person says so.
pub fn is_contract_concluded(case: &Case) -> bool {
    case.paper("contract").is_some_and(concluded) || case.last_deed(deed::CONCLUDED).is_some_and(|deed| since_contract(case, deed))
}

fn holds(paper: &Paper, kind: &str) -> bool {
    let extract = &paper.received.extract;
    extract.document.as_str() == kind || extract.sets.iter().any(|(set, records)| set.as_str() == kind && !records.is_empty())
}

/// All that the application must come with is there.
pub fn is_application_complete(case: &Case, flow: &Flow) -> bool {
    flow.application.iter().all(|kind| has(case, kind))
}

fn has(case: &Case, kind: &str) -> bool {
    case.newest().any(|paper| holds(paper, kind))
}

/// 審査用データ may be handed to the desk instead of being registered.
fn desk_side_set(case: &Case, set: &str) -> bool {
    set == "screening" && case.workbook_set(set).is_some()
}

/// 1 = screening requested, 2 = approved, 9 = rejected.
pub fn status(export: &Paper) -> Option<String> {
    export.received.extract.fields.text("registration_status")
}

fn export_status(case: &Case) -> Option<String> {
    case.export().and_then(status)
}

/// A person must decide before anything goes out. The desk's own reminders hold nothing up, nor does what is to be read.
pub fn stops(finding: &Finding) -> bool {
    const REMINDERS: &[&str] = &["P-001", "P-002", "P-007", "P-008", "P-009"];
    let code = finding.code.0.as_str();
    finding.severity == Severity::Staff && !REMINDERS.contains(&code) && !UNREAD.contains(&code)
}

/// What was recorded since the registration was first shown as it stands now is about that registration, however often it is
/// exported again.
pub fn since_export(case: &Case, deed: &Deed) -> bool {
    deed.seq > case.export().map_or(0, |export| first_shown(case, export))
}

/// The event with which the registration of an export first came, under the same number and revision.
pub fn first_shown(case: &Case, export: &Paper) -> u32 {
    let now = registration(export);
    let same = case.exports().filter(|other| now.is_some() && registration(other) == now).map(|other| other.seq).min();
    same.unwrap_or(export.seq)
}

/// What was recorded after the newest copy of the contract is about that copy.
pub fn since_contract(case: &Case, deed: &Deed) -> bool {
    deed.seq > case.paper("contract").map_or(0, |contract| contract.seq)
}

/// The desk says that the operation was carried out: a person recorded it, or the operation sheet came back filled in.
fn done_in_mms(case: &Case, what: &str, operation: &str) -> bool {
    case.last_deed(what).is_some_and(|deed| since_export(case, deed)) || case.sheets().any(|sheet| sheet_says(case, sheet, operation))
}

/// The returned sheet is for this operation and the registration as it stands now.
fn sheet_says(case: &Case, sheet: &Paper, operation: &str) -> bool {
    let registration = |row: &Record| Some(format!("{}-{}", row.text("registration_no")?, row.text("registration_revision")?));
    let rows = sheet.received.extract.fields.group("rows");
    sheet.seq > case.export().map_or(0, |export| first_shown(case, export))
        && rows.iter().all(|row| registration(row) == case.registration())
        && sheet_rows_say(case, sheet, operation)
}

/// Every row of a returned sheet says that this operation was done.
pub fn sheet_rows_say(case: &Case, sheet: &Paper, operation: &str) -> bool {
    let rows = sheet.received.extract.fields.group("rows");
    let says = |row: &Record, key: &str, wanted: &str| row.text(key).is_some_and(|value| value == wanted);
    let wanted = [("operation", operation), ("result", "1"), ("case_no", &case.no.0)];
    !rows.is_empty() && rows.iter().all(|row| wanted.iter().all(|(key, value)| says(row, key, value)))
}

/// The operation was ordered for the registration as it stands now.
pub fn ordered(case: &Case, operation: &str) -> bool {
    let Some(registration) = case.registration() else { return false };
    let about = |key: &str| key.split('/').nth(2).is_some_and(|occasion| occasion == registration);
    case.letters.iter().any(|letter| letter.operation.as_deref() == Some(operation) && about(&letter.key))
}

fn due_soon(view: &View<'_>, deadline: &str) -> bool {
    let at = view.flows.deadline(deadline).and_then(|deadline| deadline.remind_at).unwrap_or(0);
    view.case.deadlines.get(deadline).is_some_and(|due| (view.days_left)(*due) <= i64::from(at))
}

fn has_passed(view: &View<'_>, deadline: &str) -> bool {
    view.case.deadlines.get(deadline).is_some_and(|due| view.today > *due)
}

/// A reminder went to the applicant after the last request.
fn reminded(case: &Case) -> bool {
    let asked = last_request(case).map_or(0, |moved| moved.seq);
    case.moves.iter().any(|moved| moved.seq > asked && moved.transition.starts_with("T16"))
}

/// A later revision, or another registration, than the one that was rejected.
fn registration_renewed(case: &Case) -> bool {
    let Some(rejected) = case.last_move(&["T13", "T20"]) else { return false };
    let before = case.exports().filter(|export| export.seq < rejected.seq).filter_map(registration).max();
    case.exports()
        .filter(|export| status(export).is_some_and(|status| status == "1"))
        .filter_map(registration)
        .any(|now| before.as_ref().is_none_or(|before| now > *before))
}

/// Registration number and revision; the number begins with the day, so later ones are greater.
pub fn registration(export: &Paper) -> Option<(String, i64)> {
    let fields = &export.received.extract.fields;
    match fields.value("registration_revision") {
        Some(Value::Integer(revision)) => Some((fields.text("registration_no")?, *revision)),
        _ => None,
    }
}

/// Dated, and signed by both.
pub fn concluded(contract: &Paper) -> bool {
    let fields = &contract.received.extract.fields;
    let signed = |key| matches!(fields.value(key), Some(Value::Flag(true)));
    fields.value("contract_date").is_some_and(|value| value.date().is_some()) && signed("signature_a") && signed("signature_b")
}
