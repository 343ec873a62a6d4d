//! What a person records: written to the case, which goes on at once as in a run.

use crate::casework::deed::Refusal;
use crate::casework::fold::Case;
use crate::desk::gallery::Gallery;
use crate::desk::{Desk, Report, deliver, pages, settle};
use crate::domain::case::{CaseNo, Event};
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::issuance::Certifier;
use crate::pipeline::Office;
use crate::pipeline::record::{self, Answer, Deed};

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// The case as `case list --json` gives it now, and the files that went out.
    Done {
        summary: String,
        letters: usize,
    },
    Known(String),
    Refused(Refusal),
}

impl Desk<'_> {
    pub fn record(&mut self, no: &CaseNo, deed: &Deed, now: Moment) -> Result<Recorded, Fault> {
        let Some(mut case) = Case::replay(&self.ledger.events(no)?) else {
            return Err(Fault::lasting(no, "there is no such case", "see `uketsuke case list`"));
        };
        let authority = self.authority(now)?;
        let certifier = authority.as_ref().map(|authority| authority as &dyn Certifier);
        let office = Office::new(self.catalogue, &self.config.desk, now).with_certifier(certifier);
        let bodies = match record::record(&case, deed, &office)? {
            Answer::Record(bodies) => bodies,
            Answer::Known(how) => return Ok(Recorded::Known(how)),
            Answer::Refused(refusal) => return Ok(Recorded::Refused(refusal)),
        };
        let mut events = Vec::new();
        for body in bodies {
            let event = Event { case: no.clone(), seq: case.seq + 1, at: now, by: deed.by.clone(), body };
            case.apply(&event);
            events.push(event);
        }
        let gallery = Gallery::new(&self.originals, &self.readers);
        let settled = settle::carry(&self.ledger, &office, &gallery, case, events)?;
        let summary = settled.case.as_ref().map(|row| row.summary.clone()).unwrap_or_default();
        self.ledger.settle(&settled)?;
        let mut report = Report::default();
        deliver(&mut self.ledger, self.config, now, &mut report)?;
        report.letters += self.publish_revoked(authority.as_ref(), now)?;
        pages::write(&mut self.ledger, &office, &self.config.outbox, &gallery)?;
        self.send_or_say(now);
        Ok(Recorded::Done { summary, letters: report.letters })
    }
}
