//! What the log of a case shows: remarks that no single paper can.

use crate::casework::changes::Cited;
use crate::casework::flow::Flows;
use crate::casework::fold::{Again, Case, Deed, Paper};
use crate::casework::settling::{self, About};
use crate::casework::{certificates, changes, deed, facts, late};
use crate::domain::date;
use crate::domain::extract::Record;
use crate::domain::finding::{Finding, Remark};
use crate::domain::place::Place;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What a look at the history of a case needs beside it.
pub struct Sight<'a> {
    pub flows: &'a Flows,
    pub today: Date,
    /// Business days from today to a day; negative once it has passed.
    pub days_left: &'a dyn Fn(Date) -> i64,
    /// The fields that one defect is about.
    pub cited: Cited<'a>,
    /// The MMSコード that the operator holds through other cases.
    pub account: Option<&'a str>,
}

/// Remarks about the order of events and the calendar, with the id of the document they concern. `open` are the
/// findings that the papers show now.
pub fn remarks(case: &Case, open: &[Finding], sight: &Sight<'_>) -> Vec<(String, Remark)> {
    let mut all = Vec::new();
    all.extend(
        case.papers.iter().filter(|paper| paper.duplicate).map(|paper| ("application_form".to_owned(), second_application(case, paper))),
    );
    all.extend(about_an_account(case, sight.account).map(|remark| ("application_form".to_owned(), remark)));
    all.extend(case.again.iter().map(|again| (late::DOCUMENT.to_owned(), came_again(again))));
    all.extend(grown_without_rejection(case).map(|paper| ("mms_export".to_owned(), at(Remark::new("X-006"), paper))));
    all.extend(older_exports(case).map(|paper| ("mms_export".to_owned(), at(Remark::new("X-007"), paper))));
    all.extend(passed_over(case).into_iter().map(|remark| ("mms_export".to_owned(), remark)));
    all.extend(exports_of_others(case).map(|paper| ("mms_export".to_owned(), at(Remark::new("X-004"), paper))));
    all.extend(case.hearsay().map(|paper| (paper.received.extract.document.to_string(), at(Remark::new("X-008"), paper))));
    all.extend(out_of_order(case, open).into_iter().map(|remark| ("case".to_owned(), remark)));
    all.extend(changes::unasked(case, sight.cited).into_iter().map(|remark| ("case".to_owned(), remark)));
    all.retain(|(document, remark)| !settled(case, document, remark));
    all.extend(late::remarks(case, sight.flows).into_iter().map(|remark| (late::DOCUMENT.to_owned(), remark)));
    all.extend(unsent_request(case).map(|remark| ("case".to_owned(), remark)));
    all.extend(lacking_contract(case).map(|remark| ("case".to_owned(), remark)));
    all.extend(deadlines(case, sight).into_iter().map(|remark| ("case".to_owned(), remark)));
    all
}

/// What the desk itself dropped twice is no matter of the applicant's.
fn came_again(again: &Again) -> Remark {
    let day = date::in_letters(again.first);
    Remark::new("M-006").word("file", again.name.as_str()).word("date", day).within(again.own)
}

/// What the desk's operations in MMS lack: 承認 that nobody may give, 否認 that nobody carried out, or after which nothing is asked.
fn out_of_order(case: &Case, open: &[Finding]) -> Option<Remark> {
    if let Some(code) = against_approval(case, open) {
        return Some(of_export(code, case));
    }
    let waits = facts::ordered(case, "REJECT") && !facts::is_rejection_recorded(case);
    match case.state.as_str() {
        "S60_CHECKING" | "S81_CONTRACT_COMPARING" => waits.then(|| Remark::new("P-007")),
        "S61_MMS_REJECTED" => (!facts::is_something_to_ask(open)).then(|| of_export("P-010", case)),
        _ => None,
    }
}

/// Nothing is compared without a copy of the contract, whatever a person settles: it would stand still, and nobody would see it.
fn lacking_contract(case: &Case) -> Option<Remark> {
    (case.state == "S81_CONTRACT_COMPARING" && case.paper("contract").is_none()).then(|| Remark::new("P-012"))
}

/// The case waits for an answer to a letter that never leaves. Settled since the request, it is asked in another way.
fn unsent_request(case: &Case) -> Option<Remark> {
    let waits = ["S11_APPLICATION_RETURNED", "S62_ADDITIONAL_REQUESTED"].contains(&case.state.as_str());
    let asked = case.last_move(&["T03", "T14"])?.seq;
    let is_settled = case.deeds.iter().any(|deed| deed.seq > asked && settles(deed, "P-011"));
    (waits && facts::is_request_dropped(case) && !is_settled).then(|| Remark::new("P-011"))
}

fn settles(deed: &Deed, code: &str) -> bool {
    deed.what == deed::SETTLED && deed.set.get(settling::CODE).is_some_and(|known| known == code)
}

/// Why 承認 in MMS should not stand, whether it was ordered while all was well or by nobody.
fn against_approval(case: &Case, open: &[Finding]) -> Option<&'static str> {
    let under_way = !case.moves.iter().any(|moved| moved.transition == "T19");
    if !under_way || !facts::is_approved_in_mms(case) || facts::is_rejection_recorded(case) {
        return None;
    }
    if !facts::ordered(case, "APPROVE") && !facts::is_contract_concluded(case) {
        return Some("P-004");
    }
    open.iter().any(|finding| facts::asks(finding) && facts::concerns_approval(finding)).then_some("P-006")
}

/// A remark about the registration as it stands now.
fn of_export(code: &str, case: &Case) -> Remark {
    let remark = Remark::new(code);
    match case.export() {
        Some(export) => at(remark, export),
        None => remark,
    }
}

fn at(remark: Remark, paper: &Paper) -> Remark {
    remark.at(Place::Whole { doc: paper.received.doc })
}

/// A person looked at this remark after its paper came and settled it. `document` is the one that shows it.
pub fn settled(case: &Case, document: &str, remark: &Remark) -> bool {
    let about = About::remark(document, remark);
    let shown = remark
        .place
        .as_ref()
        .and_then(Place::doc)
        .and_then(|doc| case.papers.iter().rev().find(|paper| paper.received.doc == doc))
        .map_or(0, |paper| paper.seq);
    case.deeds.iter().any(|deed| deed.seq > shown && settling::settles(deed, &about))
}

/// 変更, 追加 or 廃止 of an account in MMS: handled as a new application it would get a second one. What the desk itself issued to the
/// operator is taken over; an account is never ended by the program.
fn about_an_account(case: &Case, account: Option<&str>) -> Option<Remark> {
    let fields = &case.paper("application_form").filter(|_| case.is_applying())?.received.extract.fields;
    let kind = fields.text("application_kind")?;
    let (_, word) = KINDS_OF_CHANGE.iter().find(|(code, _)| *code == kind)?;
    let mms_code = fields.text("mms_code")?;
    let is_taken_over = kind != ENDED && account == Some(mms_code.as_str());
    let place = fields.fields.get("application_kind").map(|field| field.place.clone());
    let remark = Remark { place, ..Remark::new("A-024").field("application_kind").word("value", *word).word("expected", mms_code) };
    (!is_taken_over).then_some(remark)
}

/// 申込区分 of who has an account already.
const KINDS_OF_CHANGE: &[(&str, &str)] = &[("2", "変更"), ("3", "追加"), (ENDED, "廃止")];
const ENDED: &str = "4";

/// The same application once more, or one that differs in the areas: at any one of them it need be handed in once.
fn second_application(case: &Case, paper: &Paper) -> Remark {
    let areas = |paper: &Paper| {
        paper.received.extract.fields.fields.get("planned_areas").filter(|field| !field.needs_review()).map(|field| field.value.clone())
    };
    let first = case.paper("application_form").and_then(areas);
    let elsewhere = areas(paper).is_some_and(|areas| first.is_some_and(|first| first != areas));
    let code = if elsewhere { "A-013" } else { "A-016" };
    at(Remark::new(code).word("date", date::in_letters(case.opened.date())), paper)
}

/// Exports whose revision is higher than that of an earlier export, with no 否認 in between.
fn grown_without_rejection(case: &Case) -> impl Iterator<Item = &Paper> {
    let exports: Vec<&Paper> = case.exports().collect();
    let mut found = Vec::new();
    for (n, export) in exports.iter().enumerate() {
        let Some((number, revision)) = facts::registration(export) else { continue };
        let earlier = exports[..n].iter().rev().find(|other| {
            facts::registration(other).is_some_and(|(other_number, other_revision)| other_number == number && other_revision < revision)
        });
        if earlier.is_some_and(|earlier| !rejected(case, earlier, export)) {
            found.push(*export);
        }
    }
    found.into_iter()
}

/// Registrations under other numbers than the one that is worked on, for which the screening is asked for and that nobody rejected.
fn passed_over(case: &Case) -> Vec<Remark> {
    let numbered = |export: &'_ Paper| facts::registration(export).map(|(number, _)| number);
    let Some((newest, number)) = case.export().and_then(|newest| Some((newest, numbered(newest)?))) else { return Vec::new() };
    let mut others: BTreeMap<String, &Paper> = BTreeMap::new();
    // What is about the company alone comes with each of its registrations.
    let says_more = |export: &&Paper| export.brought.iter().any(|set| !OF_THE_COMPANY.contains(&set.as_str()));
    for export in case.exports().filter(says_more) {
        let Some(other) = numbered(export).filter(|other| *other != number) else { continue };
        let known = others.entry(other).or_insert(export);
        if facts::registration(export) >= facts::registration(known) {
            *known = export;
        }
    }
    let waits = |export: &&Paper| facts::status(export).is_none_or(|status| status == "1") && !rejected(case, export, newest);
    let told = |(other, export): (String, &Paper)| at(Remark::new("X-011").word("value", other).word("expected", number.clone()), export);
    others.into_iter().filter(|(_, export)| waits(export)).map(told).collect()
}

/// Data sets about the company, whatever is registered.
const OF_THE_COMPANY: &[&str] = &["operator_profile", "user_info"];

/// 否認 of the earlier registration is recorded: by a person or a returned sheet before the later one came, or by an export
/// that shows it, whenever that one was dropped.
fn rejected(case: &Case, earlier: &Paper, later: &Paper) -> bool {
    let between = |seq: u32| (facts::first_shown(case, earlier)..later.seq).contains(&seq);
    let (Some(first), Some(last)) = (facts::registration(earlier), facts::registration(later)) else { return false };
    case.deeds.iter().any(|deed| deed.what == deed::REJECTED && between(deed.seq))
        || case.sheets().any(|sheet| between(sheet.seq) && facts::sheet_rows_say(case, sheet, "REJECT"))
        || case.exports().any(|export| {
            facts::status(export).as_deref() == Some("9") && facts::registration(export).is_some_and(|shown| first <= shown && shown < last)
        })
}

/// Exports that came here by another key, and are under an MMSコード or from a 事業者コード that is not this operator's.
fn exports_of_others(case: &Case) -> impl Iterator<Item = &Paper> {
    let issued: BTreeSet<String> = case.credentials.iter().map(|credentials| credentials.mms_code.clone()).collect();
    let own = operator_codes(case);
    case.exports().filter(move |export| {
        let fields = &export.received.extract.fields;
        let is_other =
            |key: &str, known: &BTreeSet<String>| !known.is_empty() && sure(fields, key).is_some_and(|code| !known.contains(&code));
        !issued.is_empty() && (is_other("mms_code", &issued) || is_other("sender_code", &own))
    })
}

/// 事業者コード that the applicant gave, on the form or in 事業者概要データ.
fn operator_codes(case: &Case) -> BTreeSet<String> {
    let profiles = |paper: &'_ Paper| {
        let sets = paper.received.extract.sets.iter().filter(|(set, _)| set.as_str() == "operator_profile");
        sets.flat_map(|(_, records)| records.iter()).filter_map(|record| sure(record, "operator_code")).collect::<Vec<_>>()
    };
    let handed_in = case.newest().filter(|paper| paper.received.extract.document.as_str() != "mms_export");
    handed_in.flat_map(|paper| profiles(paper).into_iter().chain(sure(&paper.received.extract.fields, "operator_code"))).collect()
}

/// A value that nobody doubts.
fn sure(record: &Record, key: &str) -> Option<String> {
    record.fields.get(key).filter(|field| !field.needs_review()).map(|field| field.value.to_string())
}

/// Exports that were made before one which was already taken in.
fn older_exports(case: &Case) -> impl Iterator<Item = &Paper> {
    let made = |paper: &Paper| paper.received.extract.fields.text("exported_at");
    let exports: Vec<&Paper> = case.exports().collect();
    let mut found = Vec::new();
    for (n, export) in exports.iter().enumerate() {
        if made(export).is_some_and(|here| exports[..n].iter().filter_map(|other| made(other)).any(|other| other > here)) {
            found.push(*export);
        }
    }
    found.into_iter()
}

fn deadlines(case: &Case, sight: &Sight<'_>) -> Vec<Remark> {
    let Sight { flows, today, days_left, .. } = *sight;
    let mut found = Vec::new();
    for (id, due) in &case.deadlines {
        let Some(deadline) = flows.deadline(id) else { continue };
        let near = deadline.remind_at.is_some_and(|at| days_left(*due) <= i64::from(at))
            || id == certificates::DEADLINE && certificates::is_near(*due, flows, today);
        let code = match today > *due {
            true => deadline.overdue.as_deref(),
            false => deadline.warning.as_deref().filter(|_| near),
        };
        found.extend(code.filter(|code| !settled_for(case, id, code)).map(|code| Remark::new(code).word("date", date::in_letters(*due))));
    }
    found
}

/// A person settled this code since the date that it is about began to run.
fn settled_for(case: &Case, deadline: &str, code: &str) -> bool {
    let since = case.due_since.get(deadline).copied().unwrap_or(0);
    case.deeds.iter().any(|deed| deed.seq > since && settles(deed, code))
}
