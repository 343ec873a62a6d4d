//! One case's story: what is open now, which steps follow, which letters go out.

use crate::casework::certificates as held;
use crate::casework::facts::View;
use crate::casework::flow::{Deadline, Transition};
use crate::casework::fold::{Case, Paper};
use crate::casework::{compare, deed, flow, history, idle, matching, step};
use crate::domain::case::{Body, CaseNo, Credentials, Event};
use crate::domain::date::{self, Moment};
use crate::domain::finding::{Finding, Severity};
use crate::domain::letter::Letter;
use crate::fault::{Fault, Sort};
use crate::issuance;
use crate::notices::{Meta, mail};
use crate::pipeline::{Around, Office, PROGRAM, certificates, drafts, figures, findings, imported, letters, summary};
use crate::store::{CaseRow, Settled};

/// What is recorded when a step could not be taken.
const REFUSED: &str = "letter-refused";

/// Thanks for what came: left out where no address could be read or they may not be written, and while a person must look first.
const COURTESY: &str = "receipt_ack";

/// More steps than any flow has: reaching it is a fault of the flow, not of the case.
const MOST_STEPS: usize = 64;

/// Carries a case as far as it goes now. `events` are those that are not yet written.
pub fn decide(case: Case, events: Vec<Event>, office: &Office<'_>, around: &Around<'_>) -> Result<Settled, Fault> {
    let mut desk = Desk { events, ..Desk::at(case, office, around) };
    desk.follow_the_form();
    desk.begin_days()?;
    let papers = findings::of_papers(&desk.case, office, around.known);
    for _ in 0..MOST_STEPS {
        desk.follow_the_certificates();
        desk.note_findings(&papers);
        let Some((transition, key)) = desk.next() else {
            return Ok(desk.settled());
        };
        let before = (desk.case.clone(), desk.events.len(), desk.letters.len());
        match desk.take(&transition, &key) {
            Ok(()) => {}
            // A letter that may not or cannot be written stops this case alone, and waits for a person.
            Err(fault) if fault.sort == Sort::Lasting => {
                desk.case = before.0;
                desk.events.truncate(before.1);
                desk.letters.truncate(before.2);
                desk.refuse(&transition, &fault);
                return Ok(desk.settled());
            }
            Err(fault) => return Err(fault),
        }
    }
    Err(Fault::lasting(&desk.case.no, "the flow goes round in circles", "check templates/mms-usage/flows/steps.toml"))
}

pub(super) struct Desk<'a> {
    pub(super) case: Case,
    pub(super) events: Vec<Event>,
    pub(super) letters: Vec<Letter>,
    pub(super) office: &'a Office<'a>,
    around: &'a Around<'a>,
}

impl<'a> Desk<'a> {
    /// A case on the table, with nothing written yet.
    pub(super) fn at(case: Case, office: &'a Office<'a>, around: &'a Around<'a>) -> Self {
        Desk { case, events: Vec::new(), letters: Vec::new(), office, around }
    }
}

impl Desk<'_> {
    pub(super) fn push(&mut self, body: Body) {
        let event = Event { case: self.case.no.clone(), seq: self.case.seq + 1, at: self.office.now, by: PROGRAM.to_owned(), body };
        self.case.apply(&event);
        self.events.push(event);
    }

    /// A form that says for the first time, or otherwise, which contract it is about leads the case another way.
    fn follow_the_form(&mut self) {
        let Some(form) = self.case.paper("application_form").map(|paper| &paper.received.extract) else { return };
        let flows = findings::flows_of(form);
        if self.case.is_applying() && !flows.is_empty() && !flows.contains(&self.case.flow) {
            let (applicant_name, corporate_number) = (form.fields.text("applicant_name"), form.fields.text("corporate_number"));
            self.push(Body::Opened { flow: flows[0].clone(), applicant_name, corporate_number });
        }
    }

    /// The day on which the next certificate ends runs like any other date.
    fn follow_the_certificates(&mut self) {
        let on = held::next_end(&self.case, &self.office.catalogue.flows, self.office.now.date());
        if self.case.deadlines.get(held::DEADLINE) != on.as_ref() {
            self.push(Body::Due { deadline: held::DEADLINE.to_owned(), on });
        }
    }

    /// What is open changes with papers, days and steps.
    fn note_findings(&mut self, papers: &[Finding]) {
        let office = self.office;
        let mut open: Vec<Finding> = papers.to_vec();
        let flows = &office.catalogue.flows;
        let sight = history::Sight {
            flows,
            today: office.now.date(),
            days_left: &|day| office.days_left(day),
            cited: &|finding| findings::cited(finding, office),
            account: self.around.known.account.as_ref().map(|account| account.mms_code.as_str()),
        };
        let remarks = history::remarks(&self.case, papers, &sight);
        open.extend(remarks.iter().map(|(document, remark)| office.catalogue.finding(remark, document)));
        let imported = imported::credentials(&self.case, office, self.around.taken).and_then(Result::err).unwrap_or_default();
        let unproven = compare::unproven(&self.case, &office.desk.tso, &open);
        let remarks = imported.into_iter().chain(unproven).filter(|remark| !history::settled(&self.case, "case", remark));
        open.extend(remarks.map(|remark| office.catalogue.finding(&remark, "case")).collect::<Vec<_>>());
        open.retain(|finding| !self.was_told(finding));
        open.sort();
        open.dedup();
        let flow = flows.flows.get(&self.case.flow);
        let idle = flow.is_some_and(|flow| idle::holds(&open, &self.case, flow));
        let held = self.hold(&open, papers) || idle || self.was_refused();
        if open != self.case.open || held != self.case.held {
            self.push(Body::Found { open, held });
        }
    }

    /// At its end nothing waits for what was wrong with the papers of a case; what comes then is told of by itself.
    fn hold(&self, open: &[Finding], papers: &[Finding]) -> bool {
        let has_ended = self.office.catalogue.flows.state(&self.case.state).is_some_and(|state| state.last);
        match has_ended {
            true => findings::hold(&open.iter().filter(|finding| !papers.contains(finding)).cloned().collect::<Vec<_>>()),
            false => findings::hold(open),
        }
    }

    /// A damaged attachment is asked for once; the answer is a new file, not a mended one. What staff must look at, no letter answers.
    fn was_told(&self, finding: &Finding) -> bool {
        let is_of_a_file = finding.severity != Severity::Staff && finding.code.0.starts_with("M-");
        let Some(doc) = finding.place.as_ref().and_then(|place| place.doc()).filter(|_| is_of_a_file) else {
            return false;
        };
        let came = self.case.papers.iter().rev().find(|paper| paper.received.doc == doc).map_or(0, |paper| paper.seq);
        self.case
            .letters
            .iter()
            .any(|letter| letter.seq > came && matches!(letter.kind.as_str(), "deficiency_notice" | "additional_request"))
    }

    /// Notes that a step could not be taken, for the person who looks.
    fn refuse(&mut self, transition: &Transition, fault: &Fault) {
        tracing::warn!(case = %self.case.no, transition = transition.id, %fault, "held for staff");
        let set = [("transition".to_owned(), transition.id.clone())].into();
        self.push(Body::Recorded { what: REFUSED.to_owned(), set, note: Some(fault.to_string()) });
        self.push(Body::Found { open: self.case.open.clone(), held: true });
    }

    /// A step was refused, and since then no paper came that could mend it, and no person put it right.
    fn was_refused(&self) -> bool {
        let newest = self.case.papers.last().map_or(0, |paper| paper.seq);
        let mended = [deed::RELEASED, deed::CORRECTED].iter().filter_map(|what| self.case.last_deed(what)).map(|deed| deed.seq).max();
        self.case.last_deed(REFUSED).is_some_and(|deed| deed.seq > newest.max(mended.unwrap_or(0)))
    }

    fn next(&self) -> Option<(Transition, String)> {
        let office = self.office;
        let flow = office.catalogue.flows.flows.get(&self.case.flow)?;
        let view = View {
            case: &self.case,
            flow,
            flows: &office.catalogue.flows,
            today: office.now.date(),
            days_left: &|day| office.days_left(day),
            credentials_at_hand: office.issues_locally() || self.credentials_from_mms().is_some(),
            certificates_came: !imported::renewed(&self.case, office).is_empty(),
            certifies_locally: office.certifies_locally(),
        };
        step::next(&view).map(|step| (step.transition.clone(), step.key))
    }

    /// Credentials that MMS made and that are right.
    fn credentials_from_mms(&self) -> Option<Credentials> {
        imported::credentials(&self.case, self.office, self.around.taken)?.ok()
    }

    fn take(&mut self, transition: &Transition, key: &str) -> Result<(), Fault> {
        let from = self.case.state.clone();
        let news = transition.certificates.map(|tell| certificates::News::of(tell, &self.case, self.office));
        let to = if transition.to == flow::SAME { from.clone() } else { transition.to.clone() };
        self.push(Body::Moved { transition: transition.id.clone(), from, to });
        for deadline in transition.ends.iter().filter(|deadline| self.case.deadlines.contains_key(*deadline)).cloned().collect::<Vec<_>>() {
            self.push(Body::Due { deadline, on: None });
        }
        for id in &transition.starts {
            let Some(deadline) = self.office.catalogue.flows.deadline(id) else { continue };
            self.start(deadline)?;
        }
        if transition.issues && self.case.credentials.is_none() {
            self.issue(key)?;
        }
        if let Some(news) = &news {
            for (body, letters) in certificates::renew(news, &self.case, self.office, key)? {
                self.push(body);
                letters.into_iter().for_each(|letter| self.post(letter, Some(drafts::CERTIFICATE)));
            }
        }
        for kind in &transition.letters {
            self.write(kind, None, key, transition, news.as_ref())?;
        }
        if let Some(operation) = &transition.orders {
            let pairs = compare::pairs(&self.case, &self.office.desk.tso);
            if !pairs.is_empty() {
                self.push(Body::Compared { pairs });
            }
            self.write("mms_operation", Some(operation), key, transition, None)?;
        }
        self.hold_days(transition);
        Ok(())
    }

    /// A deadline begins to run: with the letter that sets it, or with the receipt of what brought the step about.
    pub(super) fn start(&mut self, deadline: &Deadline) -> Result<(), Fault> {
        let on = match deadline.calendar_days {
            Some(days) => self.office.after(days)?,
            None if deadline.from_letter => self.office.due_after(self.office.now, deadline.business_days)?,
            None => self.office.due_after(self.occasion(deadline), deadline.business_days)?,
        };
        self.push(Body::Due { deadline: deadline.id.clone(), on: Some(on) });
        Ok(())
    }

    /// When the paper came that this run took and that starts a deadline; where it took none, the newest paper. Without any it is the
    /// run that moves the case.
    fn occasion(&self, deadline: &Deadline) -> Moment {
        let now = self.office.now;
        let taken = || self.case.newest().filter(|paper| paper.taken == now);
        let starts = |paper: &&Paper| deadline.from_paper.as_deref() == Some(paper.received.extract.document.as_str());
        let newest = || taken().map(|paper| paper.at).max();
        taken().filter(starts).map(|paper| paper.at).max().or_else(newest).unwrap_or(now)
    }

    /// MMSコード, user IDs and certificates: as the log knows them, from MMS, or made here.
    fn issue(&mut self, key: &str) -> Result<(), Fault> {
        let known = self.office.issued.and_then(|issued| issued.credentials.get(&self.case.no)).cloned();
        let made = |desk: &Self| match desk.office.issues_locally() {
            true => issuance::issue(&desk.case.no, &findings::users(&desk.case), desk.around.known.account.as_ref(), desk.around.taken),
            false => desk.credentials_from_mms(),
        };
        let mut credentials = known
            .or_else(|| made(self))
            .ok_or_else(|| Fault::lasting(&self.case.no, "no MMSコード is free", "look for cases that hold codes and never use them"))?;
        let handed_over = certificates::make(&mut credentials, &self.case, self.office, key)?;
        self.push(Body::Issued(credentials));
        handed_over.into_iter().for_each(|letter| self.post(letter, Some(drafts::APPROVAL)));
        Ok(())
    }

    pub(super) fn write(
        &mut self,
        kind: &str,
        operation: Option<&str>,
        key: &str,
        transition: &Transition,
        news: Option<&certificates::News>,
    ) -> Result<(), Fault> {
        let internal = operation.is_some() || transition.for_desk.is_some();
        let to = if internal { None } else { self.case.address() };
        if kind == COURTESY && (to.is_none() || self.case.held) {
            return Ok(());
        }
        let number = 1 + self.case.letters.iter().filter(|letter| letter.kind == kind).count() as u32;
        let asked = letters::asked(kind, &self.case);
        let figures = figures::of(kind, &asked, &self.case, self.office, self.around.pictures);
        let mut data = letters::data(kind, operation, &self.case, self.office, &figures);
        let meta = Meta {
            key: format!("{key}/{kind}"),
            number,
            at: self.office.now,
            from: letters::sender(self.office),
            to,
            cc: None,
            operation: operation.map(ToOwned::to_owned),
            basis: self.office.catalogue.basis.clone(),
            figures: figures.into_iter().map(|figure| figure.png).collect(),
        };
        if let Some(deadline) = &transition.for_desk {
            self.address_to_desk(deadline, &mut data);
        }
        if let Some(news) = news {
            news.tell(&self.case, self.office, &mut data);
        }
        match self.office.catalogue.notices()?.write(kind, &data, &meta) {
            Err(fault) if kind == COURTESY && fault.sort == Sort::Lasting => self.leave_out(transition, &fault),
            letter => self.post(letter?, None),
        }
        Ok(())
    }

    /// Notes that thanks could not be written. The application is there all the same.
    fn leave_out(&mut self, transition: &Transition, fault: &Fault) {
        tracing::warn!(case = %self.case.no, transition = transition.id, %fault, "left out");
        let set = [("transition".to_owned(), transition.id.clone())].into();
        self.push(Body::Recorded { what: deed::LEFT_OUT.to_owned(), set, note: Some(fault.to_string()) });
    }

    /// Notes that a letter was written, and puts it with those that leave. `announced_by` is the kind of notice that it goes with.
    fn post(&mut self, letter: Letter, announced_by: Option<&str>) {
        let files = letter.files.iter().map(|file| format!("{}/{}", self.case.no, file.name)).collect();
        self.push(Body::Wrote {
            key: letter.key.clone(),
            notice: letter.kind.clone(),
            operation: letter.operation.clone(),
            files,
            subject: letter.subject.clone(),
        });
        if drafts::waits(&letter.kind, announced_by, self.office) {
            self.push(Body::Drafted { key: letter.key.clone() });
        }
        self.letters.push(letter);
    }

    /// Turns a reminder to the applicant into one for the desk, about one of its own deadlines.
    fn address_to_desk(&self, id: &str, data: &mut serde_json::Value) {
        let (Some(deadline), Some(due)) = (self.office.catalogue.flows.deadline(id), self.case.deadlines.get(id)) else { return };
        data["for_desk"] = true.into();
        data["deadline"] = deadline.name.clone().into();
        data["due_on"] = date::in_letters(*due).into();
        data["days_left"] = self.office.days_left(*due).max(0).into();
        data["items"] = serde_json::json!([{
            "document": self.office.catalogue.title("case"), "label": deadline.name, "sentence": deadline.desk_note,
        }]);
    }

    fn settled(self) -> Settled {
        let Desk { case, events, letters, office, .. } = self;
        let no: CaseNo = case.no.clone();
        let closed = office.catalogue.flows.state(&case.state).is_some_and(|state| state.last);
        let row = CaseRow {
            no: no.clone(),
            flow: case.flow.clone(),
            state: case.state.clone(),
            closed,
            dated: !case.deadlines.is_empty(),
            summary: summary::of(&case).to_string(),
            keys: keys(&case, office),
            points: findings::supply_points(&case),
        };
        Settled {
            events,
            letters: letters.into_iter().map(|letter| (no.clone(), office.now, letter)).collect(),
            case: Some(row),
            ..Settled::default()
        }
    }
}

/// What a case is known by; an answer to one of its letters names that letter.
fn keys(case: &Case, office: &Office<'_>) -> matching::Keys {
    let mut keys = matching::case_keys(case);
    let domain = office.desk.email.rsplit('@').next().unwrap_or_default();
    keys.extend(case.letters.iter().map(|letter| (matching::KeyKind::Thread, mail::message_id(&letter.key, domain))));
    keys
}

#[cfg(test)]
mod tests;
