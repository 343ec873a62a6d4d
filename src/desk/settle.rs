//! Settling a batch: which document goes to which case, one after another, in an order that no thread can change.

use crate::casework::certificates;
use crate::casework::fold::Case;
use crate::casework::matching::{self, Index, KeyKind, Keys, Match};
use crate::desk::gallery::Gallery;
use crate::desk::items::{self, Item};
use crate::desk::known::Known;
use crate::desk::wake::Look;
use crate::desk::{echoes, groups, on_file, verdicts};
use crate::domain::case::{Body, CaseNo, Event, Received};
use crate::domain::extract::Extract;
use crate::domain::finding::Finding;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::pipeline::{self, Around, Digest, Office};
use crate::store::{Ledger, Pending, Settled, Status};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Cases that this batch touches, with the events that are not yet written.
struct Table<'a> {
    ledger: &'a Ledger,
    office: &'a Office<'a>,
    index: Index,
    known: BTreeMap<CaseNo, Known>,
    open: BTreeMap<CaseNo, (Case, Vec<Event>)>,
    made: u32,
}

/// What a settlement came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    pub letters: usize,
    pub cases: BTreeSet<CaseNo>,
    pub waiting: usize,
    pub quarantined: Vec<SetAside>,
    /// What could not be written; its documents are still pending.
    pub faults: Vec<Fault>,
}

impl Outcome {
    fn add(&mut self, more: Outcome) {
        self.letters += more.letters;
        self.cases.extend(more.cases);
        self.waiting += more.waiting;
        self.quarantined.extend(more.quarantined);
    }
}

/// A document for the quarantine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    pub doc: DocId,
    pub name: String,
    pub findings: Vec<Finding>,
    /// The arrival that it lay in, by its id and name; and its own bytes, where they were held.
    pub inside: Option<(DocId, String)>,
    pub bytes: Option<Vec<u8>>,
}

impl SetAside {
    fn of(item: &Item) -> Self {
        let Digest { doc, name, findings, unreadable, .. } = item.digest.clone();
        SetAside { doc, name, findings, inside: item.inside.clone(), bytes: unreadable }
    }
}

/// Documents that are never handed in a second time with the same bytes: an application that was withdrawn is no new one, and a mail
/// or an archive is nothing without what lies in it. A file of credentials is of the cases that it names.
const ONCE: &[&str] = &["application_form", "inbound_mail", "archive", "unknown", matching::CREDENTIALS];

/// Data sets about the company, whatever the contract.
const COMPANY: &[&str] = &["operator_profile", "user_info"];

/// Settles digested documents and bytes that came again, then every case whose day may have come. `aside` keeps an unreadable
/// document where people find it; it is called before the ledger says that it was.
pub fn settle(
    ledger: &mut Ledger,
    office: &Office<'_>,
    batch: Vec<(Pending, u64, Digest)>,
    look: &Look,
    gallery: &Gallery<'_>,
    aside: &dyn Fn(&SetAside) -> Result<(), Fault>,
) -> Result<Outcome, Fault> {
    let (mut items, bonds) = items::flatten(batch);
    items::recognise(&mut items, ledger)?;
    echoes::recognise(&mut items, ledger, office)?;
    items.extend(items::dropped_again(ledger, office)?);
    let mut keys: Keys = items.iter().flat_map(|item| matching::all_keys(&item.digest.extract, &item.digest.name)).collect();
    // Of what came again, it matters whether the case that has it is at its end.
    keys.extend(items.iter().flat_map(|item| &item.cases).map(|case| (KeyKind::CaseNo, case.0.clone())));
    let rows = ledger.cases_known_by(&keys)?;
    let mut table = Table { ledger, office, index: Index::default(), known: BTreeMap::new(), open: BTreeMap::new(), made: 0 };
    for row in &rows {
        table.known.insert(row.no.clone(), Known::of(row, table.ledger, office)?);
    }
    rows.iter().for_each(|row| table.index.add(&row.no, row.keys.clone()));
    table.assign(&mut items)?;
    // Matching goes by what a paper says; a case gets them in the order in which they were sent.
    let mut in_order: Vec<&Item> = items.iter().collect();
    in_order.sort_by_key(|item| (item.received, item.sent));
    in_order.into_iter().try_for_each(|item| table.receive(item))?;
    let ends_by = certificates::near_until(&office.catalogue.flows, office.now.date());
    for no in ledger.dated(look.cases_after, ends_by)? {
        table.load(&no)?;
    }
    let mut open = std::mem::take(&mut table.open);
    let mut outcome = Outcome::default();
    for group in groups::of(&items, &bonds, open.keys()) {
        // What belongs together is written together: killed in between, no part of it is left over.
        let written = ledger.together(|ledger| {
            let mut written = Outcome::default();
            for no in &group.cases {
                let Some((case, events)) = open.remove(no) else { continue };
                let parent = |doc: DocId| items.iter().find(|item| item.digest.doc == doc).and_then(|item| item.parent);
                let mut settled = go_on(ledger, office, gallery, case, events, &parent)?;
                let own = || group.items.iter().map(|n| &items[*n]).filter(|item| item.cases.contains(no));
                settled.verdicts = own().filter(|item| item.again.is_none()).map(|item| verdicts::found(item, &items, office)).collect();
                settled.told = own().filter(|item| item.again.is_some()).filter_map(|item| item.drop).collect();
                settled.anew = own().filter(|item| item.again.is_none()).filter_map(|item| item.drop).collect();
                if settled.events.is_empty() && settled.verdicts.is_empty() {
                    continue;
                }
                written.letters += settled.letters.len();
                ledger.settle(&settled)?;
                written.cases.insert(no.clone());
            }
            let strays = group.items.iter().map(|n| &items[*n]).filter(|item| item.cases.is_empty());
            for (item, verdict) in strays.map(|item| (item, verdicts::stray(item, &items, office))).collect::<Vec<_>>() {
                match verdict.status {
                    Status::Quarantined => {
                        let document = SetAside::of(item);
                        aside(&document)?;
                        written.quarantined.push(document);
                    }
                    Status::Waiting => written.waiting += 1,
                    Status::Done => {}
                }
                ledger.settle(&Settled { verdicts: vec![verdict], ..Settled::default() })?;
            }
            Ok(written)
        });
        match written {
            Ok(written) => outcome.add(written),
            // Its documents stay pending; the others need not wait for them.
            Err(fault) => outcome.faults.push(fault),
        }
    }
    Ok(outcome)
}

/// Carries one case on after a person recorded something.
pub fn carry(ledger: &Ledger, office: &Office<'_>, gallery: &Gallery<'_>, case: Case, events: Vec<Event>) -> Result<Settled, Fault> {
    go_on(ledger, office, gallery, case, events, &|_| None)
}

/// Lays beside a case what the ledger and the originals know, and lets it go on. `parent` names what a new document lay in.
fn go_on(
    ledger: &Ledger,
    office: &Office<'_>,
    gallery: &Gallery<'_>,
    case: Case,
    events: Vec<Event>,
    parent: &dyn Fn(DocId) -> Option<DocId>,
) -> Result<Settled, Fault> {
    let known = on_file::of(ledger, &case)?;
    let no = case.no.clone();
    let own = known.account.as_ref().map(|account| account.mms_code.clone());
    // What cannot be looked up is not given out.
    let is_others = |code: &str| ledger.known_by(KeyKind::MmsCode, code).map_or(true, |known| known.iter().any(|other| *other != no));
    let taken = |code: &str| own.as_deref() != Some(code) && is_others(code);
    let pictures = gallery.of_case(&case, &|doc| parent(doc).or_else(|| ledger.parent(doc).ok().flatten()));
    let around = Around { known: &known, taken: &taken, pictures: &pictures };
    pipeline::decide(case, events, office, &around)
}

/// The cases of the mail or archive that a part lay in, or of what lay in it, when all of them agree.
fn cases_of_neighbours(n: usize, items: &[Item]) -> BTreeSet<CaseNo> {
    if items[n].alone {
        return BTreeSet::new();
    }
    let own = items[n].digest.doc;
    let around: Vec<DocId> = items[n].parent.into_iter().chain(items[n].also_in.iter().copied()).collect();
    let is_near = |other: &&Item| {
        other.parent == Some(own) || around.contains(&other.digest.doc) || other.parent.is_some_and(|parent| around.contains(&parent))
    };
    let near: BTreeSet<&BTreeSet<CaseNo>> =
        items.iter().filter(is_near).map(|other| &other.cases).filter(|cases| !cases.is_empty()).collect();
    if near.len() == 1 { near.into_iter().next().cloned().unwrap_or_default() } else { BTreeSet::new() }
}

impl Table<'_> {
    /// Goes round until a round finds no further case: each match may teach the index a new key.
    fn assign(&mut self, items: &mut [Item]) -> Result<(), Fault> {
        loop {
            let mut progress = false;
            for n in 0..items.len() {
                if items[n].again.is_some() {
                    progress |= self.lead_on(n, items)?;
                    continue;
                }
                let is_settled = items[n].reopened && items[n].parent.is_none();
                if is_settled || !items[n].cases.is_empty() {
                    continue;
                }
                let found = match items[n].digest.extract.document.as_str() {
                    "application_form" => self.cases_for_form(&items[n])?,
                    matching::CREDENTIALS => self.cases_of_rows(&mut items[n]),
                    "unknown" | "archive" => cases_of_neighbours(n, items),
                    _ => self.cases_by_keys(n, items),
                };
                self.learn(&found, &items[n]);
                progress |= !found.is_empty();
                items[n].cases = found;
            }
            if !progress {
                self.spread_mails(items);
                return Ok(());
            }
        }
    }

    /// What a document says its cases are known by from here on.
    fn learn(&mut self, cases: &BTreeSet<CaseNo>, item: &Item) {
        for case in cases {
            let keys = matching::keys(&item.digest.extract, &item.digest.name);
            self.index.add(case, keys.into_iter().filter(|(kind, _)| *kind != KeyKind::Attachment).collect());
            let promised = matching::promised(&self.portion(case, cases, &item.digest.extract));
            self.index.add(case, promised);
        }
    }

    /// Bytes that came before are told to the open case that has them. An open case that lacks them gets them: who applies anew
    /// need not change a paper for it. Where nothing open fits, the case that had them is told, as it lies.
    fn lead_on(&mut self, n: usize, items: &mut [Item]) -> Result<bool, Fault> {
        let extract = &items[n].digest.extract;
        if ONCE.contains(&extract.document.as_str()) {
            return Ok(false);
        }
        let keys = matching::keys(extract, &items[n].digest.name);
        let is_open = |no: &CaseNo| self.known.get(no).is_some_and(|known| !known.closed);
        let found: BTreeSet<CaseNo> = match self.narrowed(self.index.find(&keys, &is_open), extract) {
            Match::One(case) => [case].into(),
            Match::Several(cases) if self.is_for_all(&cases, &keys, extract) => cases.into_iter().collect(),
            _ => return Ok(false),
        };
        let had = &items[n].cases;
        let is_with_open_one = had.iter().any(is_open);
        if found == *had || is_with_open_one && !found.is_superset(had) {
            return Ok(false);
        }
        let mut lacking = BTreeSet::new();
        for case in found.difference(had) {
            let comes_now = |other: &Item| other.digest.doc == extract.doc && other.again.is_none() && other.cases.contains(case);
            if !items.iter().any(comes_now) && !self.holds(case, extract.doc)? {
                lacking.insert(case.clone());
            }
        }
        if !lacking.is_empty() {
            self.learn(&lacking, &items[n]);
            (items[n].again, items[n].cases) = (None, lacking);
        } else if is_with_open_one {
            return Ok(false);
        } else {
            items[n].cases = found.into_iter().take(1).collect();
        }
        Ok(true)
    }

    /// A case that was there before this batch has received this document.
    fn holds(&self, no: &CaseNo, doc: DocId) -> Result<bool, Fault> {
        let is_it = |event: &Event| matches!(&event.body, Body::Received(received) if received.doc == doc);
        Ok(self.ledger.events(no)?.iter().any(is_it))
    }

    fn cases_by_keys(&self, n: usize, items: &mut [Item]) -> BTreeSet<CaseNo> {
        let extract = &items[n].digest.extract;
        let keys = matching::keys(extract, &items[n].digest.name);
        match self.narrowed(self.index.find(&keys, &|_| true), extract) {
            Match::One(case) => [case].into(),
            Match::Several(cases) if self.is_for_all(&cases, &keys, extract) => cases.into_iter().collect(),
            Match::Several(cases) => {
                let list: Vec<String> = cases.iter().map(CaseNo::to_string).collect();
                items[n].doubt = Some(format!("{} のいずれの案件の書類か特定できません。", list.join("、")));
                self.led_by_neighbours(n, items, &keys)
            }
            Match::Nobody => self.led_by_neighbours(n, items, &keys),
        }
    }

    /// What says nothing of its own goes with what it came with. A paper of another company does not, and an export of MMS says whose it is.
    fn led_by_neighbours(&self, n: usize, items: &[Item], keys: &Keys) -> BTreeSet<CaseNo> {
        let near = cases_of_neighbours(n, items);
        let is_anothers =
            items[n].digest.extract.document.as_str() == "mms_export" || near.iter().any(|case| self.index.excludes(case, keys));
        if is_anothers { BTreeSet::new() } else { near }
    }

    /// A mail with papers of several cases is of all of them, once each paper has its own.
    fn spread_mails(&mut self, items: &mut [Item]) {
        for n in 0..items.len() {
            if items[n].digest.extract.document.as_str() != "inbound_mail" || !items[n].cases.is_empty() {
                continue;
            }
            let own = items[n].digest.doc;
            let parts = || items.iter().filter(|other| other.parent == Some(own) || other.also_in.contains(&own));
            if parts().count() > 0 && parts().all(|part| !part.cases.is_empty()) {
                let all: BTreeSet<CaseNo> = parts().flat_map(|part| part.cases.iter().cloned()).collect();
                items[n].cases = all;
            }
        }
    }

    /// The cases of all rows of a file of credentials: it counts whole, or waits for a person.
    fn cases_of_rows(&self, item: &mut Item) -> BTreeSet<CaseNo> {
        let mut all = BTreeSet::new();
        for (n, row) in item.digest.extract.fields.group("rows").iter().enumerate() {
            let keys = matching::keys_of(row);
            match self.index.find(&keys, &|no| self.known.get(no).is_some_and(|known| !known.closed || known.registered)) {
                Match::One(case) => drop(all.insert(case)),
                Match::Several(cases) if self.index.name_one_company(&cases, &keys) => all.extend(cases),
                _ => {
                    let row = matching::row_of(row).unwrap_or(n as u32 + 1);
                    item.doubt = Some(format!(
                        "発行情報の{row}行目の案件を特定できません。受付番号または法人番号を確認し、修正した一式を再度投入してください。"
                    ));
                    return BTreeSet::new();
                }
            }
        }
        all
    }

    /// Among several cases of one applicant: those that are under way, and those whose contract the paper is about.
    fn narrowed(&self, found: Match, extract: &Extract) -> Match {
        let Match::Several(mut cases) = found else { return found };
        let flows = pipeline::flows_of(extract);
        let fits = |no: &CaseNo| self.known.get(no).is_some_and(|known| flows.contains(&known.flow));
        let open = |no: &CaseNo| self.known.get(no).is_some_and(|known| !known.closed);
        for wanted in [&open as &dyn Fn(&CaseNo) -> bool, &fits] {
            if cases.iter().any(wanted) {
                cases.retain(wanted);
            }
        }
        self.without_granted(&mut cases, extract);
        if let [one] = cases.as_slice() { Match::One(one.clone()) } else { Match::Several(cases) }
    }

    /// Among cases under one contract: what was granted gets only what shows its own registration, once another application is under way.
    fn without_granted(&self, cases: &mut Vec<CaseNo>, extract: &Extract) {
        let known = |no: &CaseNo| self.known.get(no);
        let flows: BTreeSet<&str> = cases.iter().filter_map(known).map(|known| known.flow.as_str()).collect();
        let is_shown = |no: &CaseNo| known(no).and_then(|known| known.granted.as_ref()).is_some_and(|granted| granted.is_shown_by(extract));
        let is_under_way = |no: &CaseNo| known(no).is_some_and(|known| known.granted.is_none());
        let wanted = [&is_shown as &dyn Fn(&CaseNo) -> bool, &is_under_way].into_iter().find(|wanted| cases.iter().any(wanted));
        if let Some(wanted) = wanted.filter(|_| flows.len() == 1) {
            cases.retain(wanted);
        }
    }

    /// One applicant's cases, one for each contract, and a paper that is about the company or about all of these contracts.
    fn is_for_all(&self, cases: &[CaseNo], keys: &Keys, extract: &Extract) -> bool {
        let flows: BTreeSet<&str> = cases.iter().filter_map(|no| self.known.get(no)).map(|known| known.flow.as_str()).collect();
        let about = pipeline::flows_of(extract);
        let company = !extract.sets.is_empty() && extract.sets.keys().all(|set| COMPANY.contains(&set.as_str()));
        flows.len() == cases.len()
            // A workbook of resources says whose it is by their codes alone.
            && (self.index.name_one_company(cases, keys) || self.index.are_of_one_company(cases))
            && (company || flows.iter().all(|flow| about.iter().any(|one| one == flow)))
    }

    /// The open case that a form belongs to, or a new one; one for each contract that it asks for.
    fn cases_for_form(&mut self, item: &Item) -> Result<BTreeSet<CaseNo>, Fault> {
        let flows = pipeline::flows_of(&item.digest.extract);
        if flows.is_empty() {
            // Until the applicant says which contract it is, the case goes the way that all flows share.
            let flow = self.office.catalogue.flows.flows.keys().next().cloned().unwrap_or_default();
            return Ok([self.case_for_form(item, &flow, false)?].into());
        }
        flows.iter().map(|flow| self.case_for_form(item, flow, true)).collect()
    }

    fn case_for_form(&mut self, item: &Item, flow: &str, certain: bool) -> Result<CaseNo, Fault> {
        let extract = &item.digest.extract;
        let keys = matching::keys(extract, &item.digest.name);
        let known = &self.known;
        let same = |no: &CaseNo| known.get(no).filter(|known| known.flow == flow || !certain);
        let name = extract.fields.fields.get("applicant_name").filter(|name| !name.needs_review());
        // Who shares a telephone or a mail address with another company is no more than its neighbour, or its agent.
        let is_stranger = |no: &CaseNo| name.is_some() && self.index.is_under_another_name(no, &keys);
        let anew = matches!(extract.fields.text("application_kind").as_deref(), None | Some("1"));
        // Of what was granted, a later application for a change is no paper.
        let is_over = |known: &Known| known.closed || !anew && known.granted.as_ref().is_some_and(|granted| granted.is_before(extract));
        if let Match::One(case) = self.index.find(&keys, &|no| same(no).is_some_and(|known| !is_over(known)) && !is_stranger(no)) {
            return Ok(case);
        }
        // Who uses MMS under this contract and applies as if for the first time: a person decides. What was given up may be applied
        // for again; the new case takes over the account that is there.
        let company: Keys = keys.iter().filter(|(kind, _)| kind.identifies()).cloned().collect();
        if anew && let Match::One(case) = self.index.find(&company, &|no| same(no).is_some_and(|known| known.registered && !known.given_up))
        {
            return Ok(case);
        }
        self.open_case(item, flow)
    }

    fn open_case(&mut self, item: &Item, flow: &str) -> Result<CaseNo, Fault> {
        let year = self.office.now.date().year();
        let base = self.ledger.next_case_no(&self.office.desk.prefix, year)?;
        let no = pipeline::later_case_no(&base, self.made);
        self.made += 1;
        let mut case = Case::begin(no.clone(), self.office.now);
        let fields = &item.digest.extract.fields;
        let body = Body::Opened {
            flow: flow.to_owned(),
            applicant_name: fields.text("applicant_name"),
            corporate_number: fields.text("corporate_number"),
        };
        let event = Event { case: no.clone(), seq: 1, at: self.office.now, by: pipeline::PROGRAM.to_owned(), body };
        case.apply(&event);
        self.known.insert(no.clone(), Known::opened(flow));
        self.open.insert(no.clone(), (case, vec![event]));
        Ok(no)
    }

    fn receive(&mut self, item: &Item) -> Result<(), Fault> {
        // Its cases have it; what was opened in it comes by itself.
        if item.reopened && item.parent.is_none() {
            return Ok(());
        }
        item.cases.iter().try_for_each(|case| self.receive_in(case, item))
    }

    fn receive_in(&mut self, case: &CaseNo, item: &Item) -> Result<(), Fault> {
        if let Some(first) = item.again {
            let (doc, name, own) = (item.digest.doc, item.digest.name.clone(), !item.mailed);
            return self.push(case, Body::Again { doc, name, first: first.date(), own });
        }
        let extract = self.portion(case, &item.cases, &item.digest.extract).into_owned();
        let received = Received {
            doc: item.digest.doc,
            name: item.digest.name.clone(),
            parent: item.parent,
            mailed: item.mailed,
            landed: item.landed,
            extract,
        };
        self.push(case, Body::Received(Box::new(received)))
    }

    /// Of what is about two contracts each of its cases gets its own.
    fn portion<'e>(&self, case: &CaseNo, cases: &BTreeSet<CaseNo>, extract: &'e Extract) -> Cow<'e, Extract> {
        match self.known.get(case).filter(|_| cases.len() > 1) {
            Some(known) => pipeline::portion(extract, &known.flow),
            None => Cow::Borrowed(extract),
        }
    }

    fn load(&mut self, no: &CaseNo) -> Result<(), Fault> {
        if !self.open.contains_key(no)
            && let Some(case) = Case::replay(&self.ledger.events(no)?)
        {
            self.open.insert(no.clone(), (case, Vec::new()));
        }
        Ok(())
    }

    fn push(&mut self, no: &CaseNo, body: Body) -> Result<(), Fault> {
        self.load(no)?;
        if let Some((case, events)) = self.open.get_mut(no) {
            let event = Event { case: no.clone(), seq: case.seq + 1, at: self.office.now, by: pipeline::PROGRAM.to_owned(), body };
            case.apply(&event);
            events.push(event);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
