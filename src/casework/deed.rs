//! What a person may record: which event, in which state, and why not.
//!
//! Owns the refusals. What an event then brings about is written in the facts and in the fold.

use crate::casework::facts::{self, View};
use crate::casework::flow::Event;
use crate::casework::fold::Deed;
use crate::casework::{certificates, idle, overtaken};
use crate::domain::case::{Body, CertificateFacts};
use crate::domain::finding::{Finding, Severity};
use crate::domain::language::{Language, Word};

pub const REJECTED: &str = "mms-rejected";
pub const APPROVED: &str = "mms-approved";
pub const CONCLUDED: &str = "contract-concluded";
pub const CORRECTED: &str = "corrected";
pub const SETTLED: &str = "finding-settled";
pub const RELEASED: &str = "released";
pub const WITHDRAWN: &str = "withdrawn";
pub const CLOSED: &str = "closed";
pub const NOTE: &str = "note";
pub const RENEWED: &str = "certificate-renewed";
pub const REVOKED: &str = "certificate-revoked";

/// What the program notes where thanks for what came could not be written.
pub const LEFT_OUT: &str = "letter-left-out";

pub const LETTER_RELEASED: &str = "letter-released";
pub const LETTER_DROPPED: &str = "letter-dropped";

/// The key of the letter that is released or dropped, among what is set.
pub const LETTER: &str = "letter";

/// The user whose certificate is renewed or revoked, among what is set.
pub const USER: &str = "user_id";

/// Everything that a person may record.
pub const NAMES: &[&str] = &[
    REJECTED,
    APPROVED,
    CONCLUDED,
    CORRECTED,
    SETTLED,
    RELEASED,
    WITHDRAWN,
    CLOSED,
    NOTE,
    RENEWED,
    REVOKED,
    LETTER_RELEASED,
    LETTER_DROPPED,
];

/// The key of the letter that an event releases.
pub fn released_letter(body: &Body) -> Option<&String> {
    match body {
        Body::Recorded { what, set, .. } if what == LETTER_RELEASED => set.get(LETTER),
        _ => None,
    }
}

/// The key of the draft that will never leave.
pub fn dropped_letter(body: &Body) -> Option<&String> {
    match body {
        Body::Recorded { what, set, .. } if what == LETTER_DROPPED => set.get(LETTER),
        _ => None,
    }
}

/// An event that is not possible now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub reasons: Vec<Word>,
    /// What could be recorded instead.
    pub possible: Vec<String>,
}

impl Refusal {
    pub fn why(&self, language: Language) -> String {
        let reasons: Vec<&str> = self.reasons.iter().map(|reason| reason.said(language)).collect();
        reasons.join(language.choose("。", "; "))
    }
}

/// Whether an event may be recorded now. `about` is the finding that a person wants to settle, or the user whose
/// certificate is meant.
pub fn allow(what: &str, about: Option<&str>, view: &View<'_>) -> Result<(), Refusal> {
    let reasons = match view.flows.event(what) {
        Some(event) => against(event, about, view),
        None => vec![Word::new(format!("{what:?} という記録はありません"), format!("there is no event {what:?}"))],
    };
    if reasons.is_empty() { Ok(()) } else { Err(Refusal { reasons, possible: possible(view) }) }
}

/// The events that are possible now; a finding is settled by its code.
pub fn possible(view: &View<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for event in &view.flows.events {
        if event.id == SETTLED {
            let mut codes: Vec<&str> =
                view.case.open.iter().filter(|finding| may_settle(finding, view)).map(|finding| finding.code.0.as_str()).collect();
            codes.sort_unstable();
            codes.dedup();
            all.extend(codes.into_iter().map(|code| format!("{SETTLED} {code}")));
        } else if against(event, None, view).is_empty() {
            all.push(event.id.clone());
        }
    }
    all
}

/// The same deed, recorded before and still in force: to record it again changes nothing.
pub fn in_force<'a>(what: &str, about: Option<&str>, view: &View<'a>) -> Option<&'a Deed> {
    let last = view.case.last_deed(what)?;
    let of_user = |deed: &&Deed| deed.what == what && deed.set.get(USER).map(String::as_str) == about;
    let at_end = view.flows.state(&view.case.state).is_some_and(|state| state.last);
    match what {
        REJECTED | APPROVED => (!at_end && facts::since_export(view.case, last)).then_some(last),
        CONCLUDED => (!at_end && facts::since_contract(view.case, last)).then_some(last),
        WITHDRAWN | CLOSED => at_end.then_some(last),
        SETTLED => {
            let code = about?;
            let open = view.case.open.iter().any(|finding| finding.code.0 == code);
            view.case
                .deeds
                .iter()
                .rev()
                .find(|deed| !open && deed.what == SETTLED && deed.set.get("code").is_some_and(|known| known == code))
        }
        RENEWED => view.case.deeds.iter().rev().find(of_user).filter(|_| about.is_some_and(|user| view.case.renewals.contains(user))),
        REVOKED => {
            let user = view.case.user(about?)?;
            let gone = user.certificate.as_ref().is_some_and(|certificate| certificate.revoked.is_some());
            view.case.deeds.iter().rev().find(of_user).filter(|_| gone)
        }
        _ => None,
    }
}

/// Why an event is not possible; empty where it is.
fn against(event: &Event, about: Option<&str>, view: &View<'_>) -> Vec<Word> {
    let mut reasons = Vec::new();
    let state = &view.case.state;
    if !event.from.contains(state) {
        let name = |id: &String| view.flows.state(id).map_or_else(|| id.clone(), |state| state.name.clone());
        let from: Vec<String> = event.from.iter().map(name).collect();
        reasons.push(Word::new(
            format!("案件の状態は「{}」です。「{}」を記録できる状態: {}", name(state), event.name, from.join("、")),
            format!(
                "the case is in {state} ({}); {} belongs to {}",
                view.flows.state(state).map_or("", |state| state.english.as_str()),
                event.id,
                event.from.join(", ")
            ),
        ));
    }
    let lacking = event.needs.iter().filter(|need| !facts::hold(&need.fact, view));
    reasons.extend(lacking.map(|need| need.otherwise.clone()));
    match event.id.as_str() {
        SETTLED => reasons.extend(about.and_then(|code| against_settling(code, view))),
        RENEWED | REVOKED if reasons.is_empty() => reasons.extend(against_certificate(&event.id, about, view)),
        LETTER_RELEASED | LETTER_DROPPED => reasons.extend(against_draft(&event.id, about, view)),
        _ => {}
    }
    reasons
}

/// Why a letter is not to be released or dropped; without one, why none is.
fn against_draft(what: &str, key: Option<&str>, view: &View<'_>) -> Option<Word> {
    let letters = || view.case.letters.iter().filter(|letter| letter.draft);
    let drafts: Vec<&str> = letters().map(|letter| letter.key.as_str()).collect();
    match key {
        _ if drafts.is_empty() => Some(Word::new("この案件に下書きの文書はありません", "no letter of this case is a draft")),
        Some(key) if !drafts.contains(&key) => {
            let drafts = drafts.join(", ");
            Some(Word::new(
                format!("{key:?} は下書きではありません。下書き: {drafts}"),
                format!("{key:?} is no draft; drafts are {drafts}"),
            ))
        }
        Some(key) if what == LETTER_RELEASED => letters().find(|letter| letter.key == key).and_then(|letter| overtaken::why(letter, view)),
        _ => None,
    }
}

/// Why the certificate of a user cannot be renewed or revoked; without a user, why that of none can.
fn against_certificate(what: &str, user_id: Option<&str>, view: &View<'_>) -> Option<Word> {
    let held = certificates::held(view.case);
    let Some(user_id) = user_id else {
        let reasons = held.iter().map(|(user, facts)| against_one(what, user, facts, view)).collect::<Option<_>>()?;
        let all = Refusal { reasons, possible: Vec::new() };
        return Some(Word::new(all.why(Language::Japanese), all.why(Language::English)));
    };
    if let Some(holder) = view.case.user(user_id).and_then(|user| user.held_by.as_ref()) {
        return Some(Word::new(
            format!("{user_id} の証明書は案件 {holder} のものです。そちらで記録してください"),
            format!("the certificate of {user_id} is held by {holder}: record it there"),
        ));
    }
    match held.iter().find(|(user, _)| *user == user_id) {
        Some((user, facts)) => against_one(what, user, facts, view),
        None => {
            let users: Vec<&str> = held.iter().map(|(user, _)| *user).collect();
            let users = users.join(", ");
            Some(Word::new(
                format!("{user_id:?} はこの案件の証明書を持っていません。持っているユーザ: {users}"),
                format!("{user_id:?} has no certificate in this case; those who have are {users}"),
            ))
        }
    }
}

fn against_one(what: &str, user_id: &str, facts: &CertificateFacts, view: &View<'_>) -> Option<Word> {
    let holds = facts.holds_on(view.today);
    match what {
        REVOKED if holds => None,
        REVOKED => {
            let ended = facts.revoked.unwrap_or(facts.to);
            Some(Word::new(
                format!("{user_id} の証明書はすでに無効です（{ended}）"),
                format!("the certificate of {user_id} no longer holds (it ended on {ended})"),
            ))
        }
        _ if !holds || certificates::is_near(facts.to, view.flows, view.today) => None,
        _ => {
            let (to, days) = (facts.to, certificates::window(view.flows));
            Some(Word::new(
                format!("{user_id} の証明書は{to}まで有効です。更新は満了前{days}日以内、または失効後に行います"),
                format!("the certificate of {user_id} holds until {to}: it is renewed in the last {days} days, or once it is revoked"),
            ))
        }
    }
}

fn against_settling(code: &str, view: &View<'_>) -> Option<Word> {
    let mut open = view.case.open.iter().filter(|finding| finding.code.0 == code).peekable();
    if open.peek().is_none() {
        return Some(Word::new(format!("{code} は未解消の指摘ではありません"), format!("{code} is not open")));
    }
    let asked = open.find(|finding| !may_settle(finding, view))?;
    Some(Word::new(
        format!("{code} は申込者にお尋ねする指摘です（{}）。値を訂正するか、回答をお待ちください", asked.message),
        format!("{code} asks the applicant ({}); correct the value, or wait for the answer", asked.message),
    ))
}

/// What the applicant is asked cannot be settled by the desk; what nobody asks can.
fn may_settle(finding: &Finding, view: &View<'_>) -> bool {
    matches!(finding.severity, Severity::Staff | Severity::Warn) || idle::is_idle(finding, view.case, view.flow)
}
