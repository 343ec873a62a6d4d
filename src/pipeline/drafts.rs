//! Drafts: letters that stay in the house until a person releases them.
//!
//! Owns which letters these are, what leaves together, which days begin only when a letter leaves, and that it leaves as the
//! case stands then. Whether it still may is `casework::overtaken`'s.

use crate::casework::deed;
use crate::casework::flow::{Deadline, Flows, Transition};
use crate::casework::fold::{Case, Sent};
use crate::casework::overtaken::step_of;
use crate::domain::case::{Body, Credentials, Event};
use crate::domain::letter::Letter;
use crate::fault::Fault;
use crate::pipeline::certificates::{self, KEY_FILE, News, PASSPHRASE_PAGE};
use crate::pipeline::decide::Desk;
use crate::pipeline::{Around, Office};

/// The notice that announces the first certificates, and the one that announces later ones.
pub const APPROVAL: &str = "approval_notice";
pub const CERTIFICATE: &str = "certificate_notice";

/// Whether a letter of a kind waits for a person. What a notice announces waits with it.
pub fn waits(kind: &str, announced_by: Option<&str>, office: &Office<'_>) -> bool {
    [Some(kind), announced_by].into_iter().flatten().any(|kind| office.desk.drafts.contains(kind))
}

/// A key file, or the page that says its passphrase.
pub fn is_handed_over(letter: &Sent) -> bool {
    [KEY_FILE, PASSPHRASE_PAGE].contains(&letter.kind.as_str())
}

/// A draft on account of its notice alone: nobody wants to look at it by itself.
fn goes_along(letter: &Sent, office: &Office<'_>) -> bool {
    letter.draft && is_handed_over(letter) && !office.desk.drafts.contains(&letter.kind)
}

fn is_notice(letter: &Sent) -> bool {
    [APPROVAL, CERTIFICATE].contains(&letter.kind.as_str())
}

/// The notice that announces what a user is handed: the next one after it.
fn notice_of<'c>(case: &'c Case, letter: &Sent) -> Option<&'c Sent> {
    case.letters.iter().find(|other| is_notice(other) && other.seq > letter.seq)
}

/// Whether a draft may only leave with its notice, which waits still or is not yet written.
pub fn is_bound(case: &Case, key: &str, office: &Office<'_>) -> bool {
    let draft = case.letters.iter().find(|letter| letter.key == key).filter(|letter| goes_along(letter, office));
    draft.is_some_and(|draft| notice_of(case, draft).is_none_or(|notice| notice.draft))
}

/// What leaves with a notice, or is dropped with it.
pub fn along_with<'c>(case: &'c Case, key: &str, office: &Office<'_>) -> Vec<&'c str> {
    let mine = |letter: &&Sent| goes_along(letter, office) && notice_of(case, letter).is_some_and(|notice| notice.key == key);
    case.letters.iter().filter(mine).map(|letter| letter.key.as_str()).collect()
}

/// Days of a step that are counted from its letter.
fn days_of<'f>(step: &'f Transition, flows: &'f Flows) -> impl Iterator<Item = &'f Deadline> {
    step.starts.iter().filter_map(|id| flows.deadline(id)).filter(|deadline| deadline.from_letter)
}

impl Desk<'_> {
    /// Days that a draft sets do not run while it lies here.
    pub(super) fn hold_days(&mut self, step: &Transition) {
        let began = self.case.moves.last().map_or(0, |moved| moved.seq);
        let waits = |letter: &Sent| letter.draft && letter.seq > began && step.letters.contains(&letter.kind);
        if self.case.letters.iter().any(waits) {
            for deadline in days_of(step, &self.office.catalogue.flows) {
                self.push(Body::Due { deadline: deadline.id.clone(), on: None });
            }
        }
    }

    /// Begins the days of the letters that were released just now, unless the case went on without them.
    pub(super) fn begin_days(&mut self) -> Result<(), Fault> {
        let flows = &self.office.catalogue.flows;
        for letter in released(&self.case, &self.events) {
            let Some(step) = step_of(&self.case, &letter, flows) else { continue };
            for deadline in days_of(step, flows) {
                let ended = |id: &str| flows.transition(id).is_some_and(|later| later.ends.contains(&deadline.id));
                if !self.case.moves.iter().any(|moved| moved.seq > letter.seq && ended(&moved.transition)) {
                    self.start(deadline)?;
                }
            }
        }
        Ok(())
    }
}

/// Letters that these events release.
fn released(case: &Case, events: &[Event]) -> Vec<Sent> {
    let keys = events.iter().filter_map(|event| deed::released_letter(&event.body));
    keys.filter_map(|key| case.letters.iter().find(|letter| letter.key == *key)).cloned().collect()
}

/// What lies sealed under a path of the outbox.
pub type Sealed<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, Fault> + 'a;

/// The letters that these events release, as they leave: written anew from the case as it stands now, under today's date and
/// with the days that begin today. A key file stays as it is; nobody here can make it again.
pub fn dated_anew(
    history: &[Event],
    events: &[Event],
    office: &Office<'_>,
    around: &Around<'_>,
    sealed: &Sealed<'_>,
) -> Result<Vec<Letter>, Fault> {
    let all = [history, events].concat();
    let Some(case) = Case::replay(&all) else { return Ok(Vec::new()) };
    let anew = |letter: Sent| match letter.kind.as_str() {
        KEY_FILE => Ok(None),
        PASSPHRASE_PAGE => page_today(&letter, history, &case, office, sealed),
        _ => written_today(&letter, history, &case, office, around),
    };
    released(&case, events).into_iter().filter_map(|letter| anew(letter).transpose()).collect()
}

/// The page of a passphrase goes to where the applicant is now.
fn page_today(letter: &Sent, history: &[Event], now: &Case, office: &Office<'_>, sealed: &Sealed<'_>) -> Result<Option<Letter>, Fault> {
    let Some(sealed) = letter.files.first().map(|path| sealed(path)).transpose()?.flatten() else { return Ok(None) };
    let Some(then) = case_before(history, letter.seq) else { return Ok(None) };
    certificates::page_anew(letter, &sealed, &then, now, office)
}

/// The case before an event.
fn case_before(history: &[Event], seq: u32) -> Option<Case> {
    Case::replay(&history.iter().take_while(|event| event.seq < seq).cloned().collect::<Vec<_>>())
}

/// Certificates as a letter told them, with what was revoked since.
fn as_they_hold(mut told: Credentials, now: &Case) -> Credentials {
    let revoked = |serial: &str| {
        let all = now.credentials.iter().flat_map(|credentials| &credentials.users);
        all.flat_map(|user| user.earlier.iter().chain(&user.certificate)).find(|facts| facts.serial == serial)?.revoked
    };
    for facts in told.users.iter_mut().flat_map(|user| user.earlier.iter_mut().chain(&mut user.certificate)) {
        facts.revoked = facts.revoked.or_else(|| revoked(&facts.serial));
    }
    told
}

fn written_today(letter: &Sent, history: &[Event], now: &Case, office: &Office<'_>, around: &Around<'_>) -> Result<Option<Letter>, Fault> {
    let before = |seq: u32| case_before(history, seq);
    let (Some(then), Some(step)) = (before(letter.seq), step_of(now, letter, &office.catalogue.flows)) else { return Ok(None) };
    let moved = then.moves.last().map_or(0, |moved| moved.seq);
    let news = step.certificates.and_then(|tell| Some(News::of(tell, &before(moved)?, office)));
    let key = letter.key.rsplit_once('/').map_or(letter.key.as_str(), |(key, _)| key);
    // Its number is that of its place among the letters; its certificates are those whose keys wait with it.
    let letters = now.letters.iter().filter(|other| other.seq < letter.seq).cloned().collect();
    let credentials = then.credentials.map(|told| as_they_hold(told, now));
    let case = Case { letters, credentials, held: false, ..now.clone() };
    let mut desk = Desk::at(case, office, around);
    desk.write(&letter.kind, letter.operation.as_deref(), key, step, news.as_ref())?;
    Ok(desk.letters.pop())
}
