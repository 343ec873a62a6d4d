//! Which part of a sheet is which data set: by its titles, or, where a sheet's name says nothing, by its labels.
//!
//! Owns the cuts between data sets on one sheet. Never reads a value.

use super::grid::Grid;
use super::labels::{self, Vocabulary};
use crate::domain::document::DocumentSpec;
use crate::domain::text;
use std::collections::{BTreeMap, BTreeSet};

/// Letters that a title may have beside the name: a number of the form, 登録票, 一覧.
const BESIDE: usize = 10;
/// A block under no title belongs to another data set only where it names this many of its fields.
const ENOUGH: usize = 3;

/// A data set with the words by which its sheet is known.
pub struct Kind<'a> {
    pub spec: &'a DocumentSpec,
    /// Each with the number of its letters.
    names: Vec<(String, usize)>,
    pub vocabulary: Vocabulary,
}

impl<'a> Kind<'a> {
    pub fn new(spec: &'a DocumentSpec) -> Self {
        let names = std::iter::once(&spec.title).chain(&spec.sheet_names).chain(&spec.titles).map(|name| name_key(name));
        let names = names
            .map(|name| {
                let length = name.chars().count();
                (name, length)
            })
            .collect();
        Kind { spec, names, vocabulary: Vocabulary::new(spec, |_| true) }
    }

    /// Length of the longest name of this kind that a sheet's name is or holds.
    pub fn named(&self, key: &str) -> usize {
        self.longest(key, usize::MAX)
    }

    /// The same for a title: it holds little else.
    pub fn titled(&self, key: &str) -> usize {
        self.longest(key, BESIDE)
    }

    /// The text is a name of this kind and nothing more.
    fn is_called(&self, key: &str) -> bool {
        self.names.iter().any(|(name, _)| name == key)
    }

    fn longest(&self, key: &str, beside: usize) -> usize {
        let length = key.chars().count();
        let fits = |(name, own): &&(String, usize)| {
            name == key || (3..=length).contains(own) && length - own <= beside && key.contains(name.as_str())
        };
        self.names.iter().filter(fits).map(|(_, own)| *own).max().unwrap_or(0)
    }
}

/// A sheet's name or title without numbering, brackets and copies: `①事業者概要`, `【調整単価データ】`, `調整単価データ(2)`.
pub fn name_key(name: &str) -> String {
    let open: String = name.chars().map(|c| if matches!(c, '【' | '】' | '[' | ']' | '［' | '］') { ' ' } else { c }).collect();
    let key = text::label_key(&open);
    let bare = key.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '#'));
    // 様式14 is known by its number.
    if bare.chars().count() < 3 { key } else { bare.to_owned() }
}

/// The sheet cut where another data set begins.
pub fn cut<'a>(whole: &Grid<'a>, kinds: &[Kind<'_>]) -> Vec<Grid<'a>> {
    let named = kinds.iter().any(|kind| kind.named(&name_key(whole.name())) > 0);
    let titles = titles(whole, kinds);
    let mut starts: BTreeSet<u32> = titles.keys().copied().collect();
    if !named {
        starts.extend(unannounced(whole, kinds, &titles));
    }
    if starts.len() < 2 {
        return vec![whole.clone()];
    }
    let ends: Vec<u32> = starts.iter().skip(1).map(|row| row - 1).chain([u32::MAX]).collect();
    starts.iter().zip(ends).enumerate().map(|(n, (top, bottom))| whole.within(if n == 0 { 0 } else { *top }, bottom)).collect()
}

/// Rows that hold hardly more than the name of a data set, each with its kind.
fn titles(whole: &Grid<'_>, kinds: &[Kind<'_>]) -> BTreeMap<u32, usize> {
    let title = |row: u32, column: u32| {
        let key = name_key(&whole.text(row, column)?);
        let (kind, size) = kinds.iter().map(|kind| kind.titled(&key)).enumerate().max_by_key(|(_, size)| *size)?;
        (size > 0).then_some(kind)
    };
    whole
        .rows()
        .filter(|(_, cells)| cells.len() <= 2)
        .filter_map(|(row, cells)| {
            let (column, _) = cells.first_key_value()?;
            let text = whole.text(row, *column)?;
            // A label is no title, even where it reads like one and its value is blank: only a bare name that stands alone is both.
            let bare = cells.len() == 1 && kinds.iter().any(|kind| kind.is_called(&name_key(&text)));
            let is_label = labels::is_known(&text, kinds.iter().map(|kind| &kind.vocabulary));
            title(row, *column).filter(|_| bare || !is_label).map(|kind| (row, kind))
        })
        .collect()
}

/// Rows at which, below a blank one, the labels of another data set begin without any title.
fn unannounced(whole: &Grid<'_>, kinds: &[Kind<'_>], titles: &BTreeMap<u32, usize>) -> BTreeSet<u32> {
    let mut blocks: Vec<u32> = Vec::new();
    let mut before = None;
    for (row, _) in whole.rows() {
        if before.is_none_or(|before| row > before + 1) || titles.contains_key(&row) {
            blocks.push(row);
        }
        before = Some(row);
    }
    let mut told: BTreeMap<u32, Vec<BTreeSet<usize>>> = BTreeMap::new();
    for word in whole.words() {
        let Some(block) = blocks.partition_point(|start| *start <= word.row).checked_sub(1).map(|at| blocks[at]) else { continue };
        let fields = told.entry(block).or_insert_with(|| vec![BTreeSet::new(); kinds.len()]);
        for (kind, fields) in kinds.iter().zip(fields) {
            fields.extend(kind.vocabulary.fields(&word.keys));
        }
    }
    let (mut starts, mut current): (BTreeSet<u32>, Option<usize>) = Default::default();
    for block in blocks {
        if let Some(kind) = titles.get(&block) {
            current = Some(*kind);
            continue;
        }
        let Some(fields) = told.get(&block) else { continue };
        let count = |kind: usize| fields[kind].len();
        let Some(best) = (0..kinds.len()).rev().max_by_key(|kind| count(*kind)) else { continue };
        let own = current.map_or(0, count);
        if current != Some(best) && count(best) >= ENOUGH && count(best) * 2 >= own * 3 {
            starts.insert(block);
            current = Some(best);
        }
    }
    starts
}
