//! Printed forms: which form it is, which pages it has, what its entries say.
//!
//! Owns the order of the search. The catalogue says what to look for; nothing here knows a form by name.

mod blanks;
mod checks;

use super::Forms;
use crate::domain::document::{DocumentSpec, FieldSpec, FieldType};
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::pattern::compiled;
use crate::domain::place::{Area, Place};
use crate::domain::reading::Page;
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::corrections;
use crate::extraction::decode::{self, Decoded};
use crate::extraction::doubts;
use crate::extraction::glosses;
use crate::extraction::labels::{self, Hit};
use crate::extraction::layout::{Plan, Span, WORD_GAP};
use crate::extraction::locate::Ground;
use crate::extraction::lookalike;
use crate::extraction::marks;
use crate::extraction::remains;
use crate::extraction::typed;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// Labels that must be found before a form is known without its title.
const ENOUGH_LABELS: usize = 5;

/// The parts of one entry stand no further apart than this, in thousandths of an em.
const WIDE_GAP: i32 = 12_000;

/// The key of the entry that says which page of how many this is.
const PAGE_MARKER: &str = "page_marker";

/// What is said of a page that is not there: all its entries are blank.
pub const PAGE_MISSING: &str = "A-002";

/// Reads a form; `None` where the pages are no form of the catalogue.
pub fn extract(doc: DocId, pages: &[Page], forms: &Forms<'_>) -> Option<Extract> {
    let plans: Vec<Plan> = glosses::removed(pages).iter().map(Plan::new).collect();
    let (spec, hits) = recognise(&plans, forms)?;
    let mut reader = Reader {
        doc,
        spec,
        forms,
        open: BTreeSet::new(),
        plans: &plans,
        fields: BTreeMap::new(),
        entries: BTreeMap::new(),
        remarks: Vec::new(),
    };
    reader.read(&hits);
    Some(Extract {
        doc,
        document: spec.id.clone(),
        pages: pages.len() as u32,
        turned: Default::default(),
        fields: Record { fields: reader.fields.into(), groups: BTreeMap::new() },
        sets: BTreeMap::new(),
        remarks: reader.remarks,
    })
}

/// The form whose title stands on a page, or else the one whose labels do.
fn recognise<'a>(plans: &[Plan], forms: &Forms<'a>) -> Option<(&'a DocumentSpec, Vec<Hit>)> {
    let rows = row_keys(plans);
    let mut best: Option<(usize, usize, &DocumentSpec, Vec<Hit>)> = None;
    for spec in forms.documents.iter().filter(|spec| spec.layout == "form") {
        let titled = spec.titles.iter().filter(|title| has_title(&rows, title)).map(|title| title.chars().count()).max();
        let hits = labels::find(plans, spec);
        let named = fields_named(&hits);
        let known = titled.is_some() || named >= ENOUGH_LABELS && !spec.others.iter().any(|title| ends_a_title(&rows, title));
        if known && best.as_ref().is_none_or(|(title, labels, ..)| (titled.unwrap_or(0), named) > (*title, *labels)) {
            best = Some((titled.unwrap_or(0), named, spec, hits));
        }
    }
    best.map(|(_, _, spec, hits)| (spec, hits))
}

/// How many labels name a field of the form.
fn fields_named(hits: &[Hit]) -> usize {
    hits.iter().filter(|hit| hit.field.is_some()).count()
}

/// Rows above a title: an edition, a date, whom it is for.
const HEAD: usize = 8;

/// Whether one of these titles stands at the head of a page.
pub(super) fn is_headed(plan: &Plan, titles: &[String]) -> bool {
    let rows = row_keys([plan]);
    titles.iter().any(|title| has_title(rows.get(..HEAD).unwrap_or(&rows), title))
}

/// The page on which a form begins: its title at the head, entries of it below.
pub fn begins(pages: &[Page], forms: &Forms<'_>) -> Option<usize> {
    let plans: Vec<Plan> = glosses::removed(pages).iter().map(Plan::new).collect();
    plans.iter().position(|plan| {
        let rows = row_keys([plan]);
        let head = rows.get(..HEAD).unwrap_or(&rows);
        let mut titled =
            forms.documents.iter().filter(|spec| spec.layout == "form" && spec.titles.iter().any(|title| has_title(head, title)));
        titled.any(|spec| fields_named(&labels::find(std::slice::from_ref(plan), spec)) >= ENOUGH_LABELS)
    })
}

/// The rows of pages as titles are looked for in them.
fn row_keys<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Vec<Vec<char>> {
    let rows = plans.into_iter().flat_map(|plan| (0..plan.rows.len()).map(|row| plan.text(plan.whole_row(row))));
    rows.map(|row| lookalike::text_key(&row)).collect()
}

/// Whether a row holds a title, however it is spaced, with a few characters misread.
fn has_title(rows: &[Vec<char>], title: &str) -> bool {
    let key = lookalike::word_key(title);
    let slips = key.len() / 6;
    no_sentences(rows, &key)
        .flat_map(|read| read.windows(key.len().min(read.len()).max(1)))
        .any(|part| text::distance_of(part, &key, slips) <= slips)
}

/// Whether a row is a title that ends so.
fn ends_a_title(rows: &[Vec<char>], title: &str) -> bool {
    let key = lookalike::word_key(title);
    no_sentences(rows, &key).any(|read| read.ends_with(&key))
}

/// A sentence that names a paper is no title.
fn no_sentences<'r>(rows: &'r [Vec<char>], title: &[char]) -> impl Iterator<Item = &'r Vec<char>> {
    let most = title.len() * 2 + 6;
    rows.iter().filter(move |read| read.len() <= most)
}

struct Reader<'a> {
    doc: DocId,
    spec: &'a DocumentSpec,
    forms: &'a Forms<'a>,
    /// Fields whose options were all seen and none chosen.
    open: BTreeSet<usize>,
    plans: &'a [Plan],
    fields: BTreeMap<String, Field>,
    /// Where each entry behind a label was found, by field: the plan and its spans.
    entries: BTreeMap<usize, (usize, Vec<Span>)>,
    remarks: Vec<Remark>,
}

/// Whether an entry is a choice among words.
fn is_choice(field: &FieldSpec) -> bool {
    matches!(field.kind, FieldType::Enum | FieldType::EnumList | FieldType::Bool)
}

/// Text found by its own shape: the value, and the value with the print that leads up to it.
#[derive(Clone, Copy)]
struct Shape {
    value: Span,
    whole: Span,
}

impl Shape {
    fn covers(&self, spans: &[Span]) -> bool {
        spans.iter().all(|span| span.row == self.whole.row && span.from >= self.whole.from && span.to <= self.whole.to)
    }
}

impl Reader<'_> {
    fn read(&mut self, hits: &[Hit]) {
        let proofs = self.proofs();
        // A sign that is part of an entry's shape (〒) is no label beside it.
        let hits: Vec<&Hit> =
            hits.iter().filter(|hit| !proofs.values().any(|(plan, found)| *plan == hit.plan && found.covers(&hit.spans))).collect();
        let mut grounds: Vec<Ground<'_>> = self
            .plans
            .iter()
            .enumerate()
            .map(|(n, plan)| Ground::new(plan, hits.iter().filter(|hit| hit.plan == n).copied().collect()))
            .collect();
        for (n, field) in self.spec.fields.iter().enumerate() {
            if !field.find.seal_of.is_empty() {
                continue;
            }
            let Some(hit) = hits.iter().find(|hit| hit.names(n)) else { continue };
            let Some(ground) = grounds.get_mut(hit.plan) else { continue };
            ground.claimed = proofs
                .iter()
                .filter(|(other, (plan, _))| **other != n && *plan == hit.plan)
                .flat_map(|(_, (_, found))| (found.whole.from..found.whole.to).map(|n| (found.whole.row, n)))
                .collect();
            let contested = ground.is_contested(hit);
            let Some(plan) = self.plans.get(hit.plan) else { continue };
            let mut spans = ground.entry(hit, is_choice(field));
            let mut decoded = decode::value(field, self.forms.lists, plan, &spans);
            if decoded.as_ref().is_some_and(|decoded| decode::is_part(field, &decoded.value)) {
                // Print between the parts of an entry (　）　－　, @) may keep them far apart.
                let wider = ground.entry_within(hit, WIDE_GAP);
                let whole = decode::value(field, self.forms.lists, plan, &wider).filter(|whole| !decode::is_part(field, &whole.value));
                if whole.is_some() {
                    (spans, decoded) = (wider, whole);
                }
            }
            ground.take(&spans);
            match decoded {
                Some(mut decoded) => {
                    decoded.doubts |= Doubt::Unbounded.when(plan.scanned && contested);
                    self.keep(field, plan, decoded);
                    self.entries.insert(n, (hit.plan, spans));
                }
                None if marks::choose(plan, &spans, typed::codes(field, self.forms.lists), false).is_some() => {
                    self.open.insert(n);
                }
                None => {}
            }
        }
        for (n, (plan, found)) in proofs {
            if let Some(ground) = grounds.get_mut(plan) {
                ground.take(&[found.whole]);
            }
            let (Some(field), Some(plan)) = (self.spec.fields.get(n), self.plans.get(plan)) else { continue };
            let lacking = self.fields.get(&field.key).is_none_or(|known| known.needs_review());
            if lacking && let Some(decoded) = decode::value(field, self.forms.lists, plan, &[found.value]) {
                self.keep(field, plan, decoded);
            }
        }
        self.orphans(&mut grounds);
        self.strangers(&mut grounds, &hits);
        self.leftovers(&grounds);
        self.unlabelled(&grounds, &hits);
        self.seals(&grounds, &hits);
        self.again(&mut grounds, &hits);
        self.compare();
        self.dates();
        self.away();
        self.overruns();
        self.cut_short(&grounds);
        self.mixed();
        self.pages();
        self.remarks.extend(corrections::remarks(self.doc, self.plans));
        self.blanks(&grounds, &hits);
    }

    fn keep(&mut self, field: &FieldSpec, plan: &Plan, decoded: Decoded) {
        let place = Place::Page { doc: self.doc, page: plan.page, area: decoded.area };
        if decoded.several {
            self.remarks.push(Remark::new("A-023").field(&field.key).word("value", decoded.raw.clone()).at(place.clone()));
        }
        let hidden = field.find.seal_of.is_empty() && marks::sealed(plan, &decoded.area);
        let held = decoded.clear && !plan.is_frayed(&decoded.area);
        let spoilt = plan.spoilt && !held && (plan.speckled || !decoded.firm);
        let covered = hidden || corrections::touch(plan, &decoded.area);
        let has_reading = self.spec.fields.iter().any(|other| other.find.kana_of.as_ref() == Some(&field.key));
        let frail = plan.scanned && doubts::frail(field, decoded.confidence.0, plan.coloured, has_reading);
        let doubts = decoded.doubts | Doubt::Faint.when(frail) | Doubt::PoorScan.when(spoilt) | Doubt::Covered.when(covered);
        let field_value = Field { value: decoded.value, raw: decoded.raw, place, confidence: decoded.confidence, doubts };
        self.fields.insert(field.key.clone(), field_value);
    }

    /// Entries whose shape is proof enough, wherever they stand: 〒060-5079, 2026年4月版, 1/2.
    fn proofs(&self) -> BTreeMap<usize, (usize, Shape)> {
        let mut found = BTreeMap::new();
        for (n, field) in self.spec.fields.iter().enumerate().filter(|(_, field)| field.find.proof) {
            let Some(shape) = field.find.shape.as_deref().and_then(compiled) else { continue };
            for (p, plan) in self.plans.iter().enumerate() {
                let rows = (0..plan.rows.len()).map(|row| plan.whole_row(row));
                let pieces = rows.flat_map(|row| std::iter::once(row).chain(plan.segments(row, 2 * WORD_GAP)));
                if let Some(shape) = pieces.into_iter().find_map(|span| shaped(plan, span, &shape)) {
                    found.insert(n, (p, shape));
                    break;
                }
            }
        }
        found
    }

    /// Options whose label nobody could read: a cell or row that offers the words of one field alone.
    fn orphans(&mut self, grounds: &mut [Ground<'_>]) {
        for (n, field) in self.spec.fields.iter().enumerate() {
            let codes = typed::codes(field, self.forms.lists);
            if !matches!(field.kind, FieldType::Enum | FieldType::EnumList) || self.fields.contains_key(&field.key) || codes.len() < 2 {
                continue;
            }
            for ground in grounds.iter_mut().filter(|ground| !ground.hits.iter().any(|hit| hit.field == Some(n))) {
                let plan = ground.plan;
                let cells = plan.rows_of.iter().map(|rows| rows.iter().map(|row| plan.whole_row(*row)).collect::<Vec<_>>());
                let free = (0..plan.rows.len()).filter(|row| plan.rows.get(*row).is_some_and(|row| row.cell.is_none()));
                let open =
                    |spans: &Vec<Span>| spans.iter().all(|span| (span.from..span.to).all(|n| !ground.taken.contains(&(span.row, n))));
                let found = cells
                    .chain(free.map(|row| vec![plan.whole_row(row)]))
                    .filter(open)
                    .find(|spans| marks::offered(plan, spans, codes) * 2 > codes.len().max(2));
                let Some(spans) = found else { continue };
                ground.take(&spans);
                if let Some(decoded) = decode::value(field, self.forms.lists, plan, &spans) {
                    self.keep(field, plan, decoded);
                    break;
                }
            }
        }
    }

    /// What stands behind or below a label that is no field of ours belongs to nobody (受付 / 2026.4.8).
    fn strangers(&self, grounds: &mut [Ground<'_>], hits: &[&Hit]) {
        for hit in hits.iter().filter(|hit| hit.field.is_none()) {
            let Some(ground) = grounds.get_mut(hit.plan) else { continue };
            let near = Area { bottom: hit.area.bottom + 4 * ground.plan.em, left: hit.area.left - 4 * ground.plan.em, ..hit.area };
            let near = Area { right: near.right + 4 * ground.plan.em, ..near };
            let stamped: Vec<(usize, usize)> = (ground.plan.rows.iter().enumerate())
                .flat_map(|(n, row)| row.inks.iter().enumerate().map(move |(m, ink)| (n, m, ink.area.centre())))
                .filter(|(_, _, centre)| near.contains(*centre))
                .map(|(n, m, _)| (n, m))
                .collect();
            ground.taken.extend(stamped);
        }
    }

    /// Entries without a label: text that nobody claims and that has the shape of a field still open.
    fn leftovers(&mut self, grounds: &[Ground<'_>]) {
        for field in self.spec.fields.iter().filter(|field| !field.find.proof) {
            if self.fields.contains_key(&field.key) {
                continue;
            }
            let Some(shape) = field.find.shape.as_deref().and_then(compiled) else { continue };
            let mut found: Vec<(bool, &Plan, Decoded)> = Vec::new();
            for ground in grounds {
                // A small frame with something in it is a stamp; a form without labels has no frames.
                let rows = (0..ground.plan.rows.len())
                    .filter(|row| ground.plan.rows.get(*row).is_some_and(|row| row.cell.is_none() || field.kind != FieldType::Date));
                for row in rows {
                    let whole = ground.plan.whole_row(row);
                    let pieces = std::iter::once(whole)
                        .chain(ground.plan.segments(whole, 5 * WORD_GAP))
                        .chain(ground.plan.segments(whole, 2 * WORD_GAP));
                    let open = |span: &Span| (span.from..span.to).all(|n| !ground.taken.contains(&(span.row, n)));
                    let shaped = pieces.filter(open).find_map(|span| shaped(ground.plan, span, &shape));
                    if let Some(decoded) = shaped.and_then(|found| decode::value(field, self.forms.lists, ground.plan, &[found.value])) {
                        found.push((!self.same_hand(field, &decoded.raw), ground.plan, decoded));
                    }
                }
            }
            if let Some(first) = found.iter().map(|(other, ..)| *other).min()
                && let Some((_, plan, decoded)) = found.into_iter().find(|(other, ..)| *other == first)
            {
                self.keep(field, plan, decoded);
            }
        }
    }

    /// Codes whose label nobody could read: a piece that nobody claims and that is such a code, for somebody to look at.
    fn unlabelled(&mut self, grounds: &[Ground<'_>], hits: &[&Hit]) {
        for (n, field) in self.spec.fields.iter().enumerate() {
            let known = self.fields.contains_key(&field.key) || hits.iter().any(|hit| hit.field == Some(n));
            if known || field.kind != FieldType::Code || field.find.shape.is_some() {
                continue;
            }
            let Some(pattern) = field.pattern.as_deref().and_then(compiled) else { continue };
            let found = grounds.iter().filter(|ground| ground.plan.scanned).find_map(|ground| {
                let plan = ground.plan;
                let pieces = (0..plan.rows.len()).flat_map(|row| plan.segments(plan.whole_row(row), 2 * WORD_GAP));
                let open = |span: &Span| (span.from..span.to).all(|n| !ground.taken.contains(&(span.row, n)));
                let span = pieces.filter(open).find(|span| pattern.is_match(&text::tidy(&plan.text(*span)).replace(' ', "")))?;
                decode::value(field, self.forms.lists, plan, &[span]).map(|decoded| (plan, decoded))
            });
            if let Some((plan, decoded)) = found {
                self.keep(field, plan, Decoded { doubts: decoded.doubts | Doubt::Misplaced, ..decoded });
            }
        }
    }

    /// Whether a value is written in the way of the others of its type: one writer writes all dates alike.
    fn same_hand(&self, field: &FieldSpec, raw: &str) -> bool {
        let manner = |raw: &str| raw.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace()).collect::<String>();
        let others = self.spec.fields.iter().filter(|other| other.kind == field.kind && other.key != field.key);
        let mut known = others.filter_map(|other| self.fields.get(&other.key)).peekable();
        field.kind != FieldType::Date || known.peek().is_none() || known.any(|other| manner(&other.raw) == manner(raw))
    }

    /// Seals stand where their label is, or beside the names that they confirm.
    fn seals(&mut self, grounds: &[Ground<'_>], hits: &[&Hit]) {
        for (n, field) in self.spec.fields.iter().enumerate().filter(|(_, field)| !field.find.seal_of.is_empty()) {
            let mut rooms: Vec<(usize, Area)> = Vec::new();
            let mut stated = false;
            for hit in hits {
                let named = hit.field.and_then(|n| self.spec.fields.get(n)).is_some_and(|other| field.find.seal_of.contains(&other.key));
                let Some(ground) = grounds.get(hit.plan).filter(|_| named || hit.field == Some(n)) else { continue };
                rooms.push((hit.plan, ground.room(hit)));
                let entry: String = ground.entry(hit, false).iter().map(|span| ground.plan.text(*span)).collect();
                stated |= entry.replace(' ', "").contains("電子署名");
                stated |= self.fields.get(&field.key).is_some_and(|known| known.raw.contains("電子署名"));
            }
            let Some((first, area)) = rooms.first().copied() else { continue };
            let seal = rooms.iter().find_map(|(n, room)| {
                let plan = self.plans.get(*n)?;
                marks::seal_near(plan, room).map(|mark| (plan, mark.area, mark.confidence))
            });
            let Some(plan) = self.plans.get(first) else { continue };
            let imprinted = || rooms.iter().any(|(n, room)| grounds.get(*n).is_some_and(|ground| remains::imprinted(ground, room)));
            let (plan, area, confidence, present) = match seal {
                Some((plan, area, confidence)) => (plan, area, confidence, true),
                None => (plan, area, Permille(900), stated),
            };
            let raw = if stated {
                "電子署名"
            } else if present {
                "印影"
            } else {
                ""
            };
            let decoded = Decoded {
                value: if field.kind == FieldType::Bool { Value::Flag(present) } else { Value::Text(raw.to_owned()) },
                raw: raw.to_owned(),
                area,
                confidence,
                // Without colour a faint imprint is easily overlooked: that there is none must be seen by a person.
                doubts: Doubt::Faint.when(confidence.0 < decode::BET)
                    | Doubt::Unseen.when(!present && plan.scanned && (!plan.coloured || imprinted())),
                several: false,
                firm: false,
                clear: false,
            };
            self.keep(field, plan, decoded);
        }
    }

    /// All pages must be there: those that the markers count, and as many as the form has.
    fn pages(&mut self) {
        let shape = self.spec.field(PAGE_MARKER).and_then(|field| compiled(field.find.shape.as_deref()?));
        let written: Vec<&Plan> = self.plans.iter().filter(|plan| !plan.rows.is_empty()).collect();
        let markers: Vec<(u32, u32)> = written.iter().filter_map(|plan| shape.as_ref().and_then(|shape| marker(plan, shape))).collect();
        let mut seen: BTreeSet<u32> = markers.iter().map(|(number, _)| *number).collect();
        let mut unmarked = written.len() - markers.len();
        let said = |of: u32| markers.iter().filter(|(_, other)| *other == of).count();
        // A speck behind 1/2 makes it 1/20: the count that most pages say, and of two the lower.
        let of = markers.iter().map(|(_, of)| *of).max_by_key(|of| (said(*of), std::cmp::Reverse(*of)));
        let total = self.spec.pages.unwrap_or(1).max(of.unwrap_or(1).min(20));
        if seen.is_empty() && written.len() < total as usize {
            // Without markers the title tells the first page.
            let rows = row_keys(written.iter().copied());
            let first = self.spec.titles.iter().any(|title| has_title(&rows, title));
            seen.extend(if first { 1..=written.len() as u32 } else { total - written.len() as u32 + 1..=total });
            unmarked = 0;
        }
        let mut missing: Vec<u32> = (1..=total).filter(|number| !seen.contains(number)).collect();
        missing.truncate(missing.len().saturating_sub(unmarked));
        for number in missing {
            self.remarks.push(Remark::new(PAGE_MISSING).word("page", number.to_string()).at(Place::Whole { doc: self.doc }));
        }
    }
}

fn marker(plan: &Plan, shape: &Regex) -> Option<(u32, u32)> {
    let rows = (0..plan.rows.len()).map(|row| plan.whole_row(row));
    let found = rows.flat_map(|row| std::iter::once(row).chain(plan.segments(row, 2 * WORD_GAP))).find_map(|span| {
        let part = shaped(plan, span, shape)?.value;
        let text = text::tidy(&plan.text(part)).replace(' ', "");
        let (number, of) = text.split_once('/')?;
        Some((number.parse().ok()?, of.parse().ok()?))
    })?;
    (1..=found.1).contains(&found.0).then_some(found)
}

/// The part of a span that has a shape: its first group, or all of the match.
fn shaped(plan: &Plan, span: Span, shape: &Regex) -> Option<Shape> {
    let mut plain = String::new();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (n, ink) in plan.inks(span).iter().enumerate() {
        let char = text::tidy(&ink.char.to_string());
        starts.push((plain.len(), span.from + n));
        plain.push_str(if char.is_empty() { " " } else { &char });
    }
    let found = shape.captures(&plain)?;
    let part = found.get(1).or_else(|| found.get(0))?;
    let inside = |range: std::ops::Range<usize>| {
        let all: Vec<usize> = starts.iter().filter(|(at, _)| range.contains(at)).map(|(_, n)| *n).collect();
        Some(Span { row: span.row, from: *all.first()?, to: all.last()? + 1 })
    };
    // What leads up to the value (〒) belongs to it as print.
    let lead = inside(found.get(0)?.start()..part.end())?;
    Some(Shape { value: inside(part.range())?, whole: lead })
}
