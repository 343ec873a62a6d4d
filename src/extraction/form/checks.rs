//! What speaks against an entry once all are read: other entries, other pages, characters that nobody claims.
//!
//! Owns the comparing. Never changes a value, save a name's look-alikes that its reading settles.

use super::{Reader, is_choice};
use crate::domain::document::{FieldSpec, FieldType};
use crate::domain::doubt::Doubt;
use crate::domain::value::Value;
use crate::extraction::labels::Hit;
use crate::extraction::locate::Ground;
use crate::extraction::{decode, doubts, kana, lookalike, remains, typed};
use std::collections::BTreeSet;

impl Reader<'_> {
    fn doubt(&mut self, key: &str, doubt: Doubt) {
        if let Some(known) = self.fields.get_mut(key) {
            known.doubts |= doubt;
        }
    }

    /// A label that stands twice has two entries: they must say the same. The second serves where the first is blank: a heading has no entry.
    pub(super) fn again(&mut self, grounds: &mut [Ground<'_>], hits: &[&Hit]) {
        for hit in hits.iter().filter(|hit| hit.again) {
            let Some((n, field)) = hit.field.and_then(|n| self.spec.fields.get(n).map(|field| (n, field))) else { continue };
            let Some(ground) = grounds.get_mut(hit.plan).filter(|_| field.find.seal_of.is_empty()) else { continue };
            let spans = ground.entry(hit, is_choice(field));
            let Some(plan) = self.plans.get(hit.plan) else { continue };
            let Some(read) = decode::value(field, self.forms.lists, plan, &spans) else { continue };
            match self.fields.get(&field.key).map(|known| known.value.to_string()) {
                Some(known) if !known.is_empty() => {
                    if !read.doubts.any() && !same(&known, &read.value.to_string()) {
                        self.doubt(&field.key, Doubt::Contradicted);
                    }
                }
                _ if read.doubts.any() && is_choice(field) => continue,
                _ => {
                    self.keep(field, plan, read);
                    self.entries.insert(n, (hit.plan, spans.clone()));
                }
            }
            ground.take(&spans);
        }
    }

    /// An entry on another page than those before and behind it on the form may be somebody else's.
    pub(super) fn away(&mut self) {
        let pages: Vec<(usize, usize)> = self.entries.iter().map(|(n, (plan, _))| (*n, *plan)).collect();
        let lone = pages.windows(3).filter(|near| near[0].1 == near[2].1 && near[1].1 != near[0].1).map(|near| near[1].0);
        for field in lone.filter_map(|n| self.spec.fields.get(n)) {
            self.doubt(&field.key, Doubt::Misplaced);
        }
    }

    /// Days of one application lie within a year or two of each other; one far off was misread.
    pub(super) fn dates(&mut self) {
        let known: Vec<(String, i16)> = (self.spec.fields.iter())
            .filter_map(|field| match &self.fields.get(&field.key)?.value {
                Value::Date(day) => Some((field.key.clone(), day.year())),
                _ => None,
            })
            .collect();
        let apart = |year: i16| known.iter().filter(|(_, other)| (other - year).abs() > 2).count();
        let lonely: Vec<&String> = known.iter().filter(|(_, year)| apart(*year) * 2 >= known.len()).map(|(key, _)| key).collect();
        lonely.into_iter().for_each(|key| self.doubt(key, Doubt::Contradicted));
    }

    /// Entries with characters about them that nobody claims: part of them may have been left behind.
    pub(super) fn cut_short(&mut self, grounds: &[Ground<'_>]) {
        let fields = self.entries.iter().filter_map(|(n, entry)| Some((self.spec.fields.get(*n)?, entry)));
        let cut = fields.filter(|(field, (plan, spans))| {
            let ground = grounds.get(*plan).filter(|ground| ground.plan.scanned);
            !is_choice(field) && ground.is_some_and(|ground| remains::about(ground, spans, |c| typed::may_hold(field, c)))
        });
        let cut: Vec<&FieldSpec> = cut.map(|(field, _)| field).collect();
        cut.into_iter().for_each(|field| self.doubt(&field.key, Doubt::Incomplete));
    }

    /// Two entries that say the same thing must agree; where they do not, neither is trusted.
    pub(super) fn compare(&mut self) {
        let mut confirmed: BTreeSet<&str> = BTreeSet::new();
        for field in &self.spec.fields {
            let Some(name) = &field.find.kana_of else { continue };
            let kana = self.fields.get(&field.key).map(|kana| kana.value.to_string()).unwrap_or_default();
            if !kana.is_empty() {
                confirmed.insert(name);
            }
            if let Some(known) = self.fields.get_mut(name)
                && let Some(read) = lookalike::by_reading(&known.value.to_string(), &kana)
            {
                known.value = Value::Text(read);
            }
            if let Some(known) = self.fields.get_mut(name)
                && let Some(whole) =
                    kana::completed(&known.value.to_string(), &kana).or_else(|| kana::of_its_kind(&known.value.to_string(), &kana))
            {
                known.value = Value::Text(whole);
                known.doubts |= Doubt::Mended;
            }
            let pair = self.fields.get(name).zip(self.fields.get(&field.key));
            if pair.is_some_and(|(name, kana)| doubts::contradict(&name.value.to_string(), &kana.value.to_string())) {
                for key in [name, &field.key] {
                    self.doubt(key, Doubt::Contradicted);
                }
            }
        }
        for field in self.spec.fields.iter().filter(|field| !confirmed.contains(field.key.as_str())) {
            if let Some(known) = self.fields.get_mut(&field.key) {
                known.doubts |= Doubt::LookAlike.when(doubts::wavers(field, &known.value.to_string()));
            }
        }
    }

    /// Texts that run on into the entry behind them.
    pub(super) fn overruns(&mut self) {
        let labels = self.spec.fields.iter().flat_map(|field| std::iter::once(&field.label).chain(&field.variants));
        let labels: Vec<Vec<char>> = labels.map(|label| doubts::unspaced(label)).collect();
        for field in self.spec.fields.iter().filter(|field| field.kind == FieldType::String) {
            if let Some(known) = self.fields.get_mut(&field.key) {
                known.doubts |= Doubt::Misplaced.when(doubts::overruns(&known.value.to_string(), &labels));
            }
        }
    }

    /// Pages of two applicants: another sound number stands on a page than the one that was read.
    pub(super) fn mixed(&mut self) {
        for field in self.spec.fields.iter().filter(|field| field.find.check_digit) {
            let Some(known) = self.fields.get_mut(&field.key) else { continue };
            let read = known.value.to_string();
            let rows = self.plans.iter().flat_map(|plan| (0..plan.rows.len()).map(|row| plan.text(plan.whole_row(row))));
            let several = rows.flat_map(|row| doubts::sound_numbers(&row)).any(|other| other != read);
            known.doubts |= Doubt::Contradicted.when(several);
        }
    }
}

/// Whether two readings of one text come to the same, though a name may be followed by more.
fn same(first: &str, second: &str) -> bool {
    let (first, second) = (lookalike::text_key(first), lookalike::text_key(second));
    let starts = |long: &[char], short: &[char]| long.starts_with(short);
    starts(&first, &second) || starts(&second, &first)
}
