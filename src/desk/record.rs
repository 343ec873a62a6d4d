//! What a person records: written to the case, which goes on at once as in a run.

use crate::casework::deed::Refusal;
use crate::casework::fold::Case;
use crate::desk::gallery::Gallery;
use crate::desk::{Desk, Report, deliver, pages, settle};
use crate::domain::case::{CaseNo, Event};
use crate::domain::date::Moment;
use crate::domain::language::Word;
use crate::domain::letter::Letter;
use crate::fault::Fault;
use crate::issuance::Certifier;
use crate::pipeline::record::{self, Answer, Deed};
use crate::pipeline::{self, Around, Office, OnFile};
use crate::store::Settled;

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// The case as `case list --json` gives it now, and the files that went out.
    Done {
        summary: String,
        letters: usize,
    },
    Known(Word),
    Refused(Refusal),
}

impl Desk<'_> {
    pub fn record(&mut self, no: &CaseNo, deed: &Deed, now: Moment) -> Result<Recorded, Fault> {
        let history = self.ledger.events(no)?;
        let Some(mut case) = Case::replay(&history) else {
            return Err(Fault::lasting(no, "there is no such case", "see `uketsuke case list`").told("お探しの案件はありません"));
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
        let released = self.released(&history, &settled, &office, &gallery)?;
        self.ledger.together(|ledger| {
            ledger.settle(&settled)?;
            ledger.write_anew(&released, now)
        })?;
        let mut report = Report::default();
        deliver(&mut self.ledger, self.config, now, &mut report)?;
        report.letters += self.publish_revoked(authority.as_ref(), now)?;
        pages::write(&mut self.ledger, &office, &self.config.outbox, &gallery)?;
        self.send_or_say(now);
        Ok(Recorded::Done { summary, letters: report.letters })
    }

    /// Drafts that leave with this deed, under its date.
    fn released(&self, history: &[Event], settled: &Settled, office: &Office<'_>, gallery: &Gallery<'_>) -> Result<Vec<Letter>, Fault> {
        let Some(case) = Case::replay(history) else { return Ok(Vec::new()) };
        let pictures = gallery.of_case(&case, &|doc| self.ledger.parent(doc).ok().flatten());
        let around = Around { known: &OnFile::default(), taken: &|_| false, pictures: &pictures };
        pipeline::dated_anew(history, &settled.events, office, &around, &|path| self.ledger.sealed(path))
    }
}
