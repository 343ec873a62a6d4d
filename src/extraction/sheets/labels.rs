//! Labels on a sheet: which cells name a field, however it is worded.

use super::grid::{Grid, NEAR, Word};
use crate::domain::document::{DocumentSpec, FieldSpec};
use crate::domain::text;
use crate::domain::units;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Longer texts are sentences, not labels.
const LONGEST: usize = 48;

/// A text that may be a label, by its length and as no name of a file.
pub fn is_short(text: &str) -> bool {
    text.chars().count() <= LONGEST && !is_file(text)
}
/// Columns and rows over which a heading of a group may reach.
const REACH: u32 = 12;

/// How sure it is that a cell names a field; the lower, the surer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    Label,
    Variant,
    /// Without what stands in brackets behind it, or the numbering before it.
    Trimmed,
    TrimmedVariant,
    /// A letter or two differ.
    Near,
    /// The label is the end of a longer one.
    Ending,
}

/// A cell that names a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub row: u32,
    pub column: u32,
    pub bottom: u32,
    pub right: u32,
    /// Index of the field in the specification.
    pub field: usize,
    pub rank: Rank,
    /// The units that its heading and the cells beside it give, known or not.
    pub units: Vec<String>,
    /// The units that a note above gives for the whole table.
    pub noted: Vec<String>,
}

/// The words for a choice of the fields of a data set.
pub struct Vocabulary {
    /// In the order of their hashes: every cell of a sheet asks every data set for a word.
    words: Vec<Entry>,
    /// The words in their order, as what is written is held against them.
    spelt: Vec<Spelt>,
}

struct Entry {
    hash: u64,
    word: Arc<str>,
    fields: Vec<(usize, Rank)>,
}

struct Spelt {
    word: Arc<str>,
    letters: Vec<char>,
    /// [`text::signs`] of the letters.
    signs: u64,
    latin: String,
    field: usize,
}

impl Vocabulary {
    pub fn new(spec: &DocumentSpec, choose: impl Fn(&FieldSpec) -> bool) -> Self {
        let mut words: BTreeMap<Arc<str>, Vec<(usize, Rank)>> = BTreeMap::new();
        for (n, field) in spec.fields.iter().enumerate().filter(|(_, field)| choose(field)) {
            let all = std::iter::once((&field.label, Rank::Label)).chain(field.variants.iter().map(|word| (word, Rank::Variant)));
            for (word, rank) in all {
                let entry = words.entry(text::word_key(word)).or_default();
                if entry.iter().all(|(known, _)| *known != n) {
                    entry.push((n, rank));
                }
            }
        }
        let spell = |(word, fields): (&Arc<str>, &Vec<(usize, Rank)>)| {
            let (field, _) = fields.first()?;
            let letters: Vec<char> = word.chars().collect();
            Some(Spelt { word: word.clone(), signs: text::signs(&letters), letters, latin: latin(word), field: *field })
        };
        let spelt = words.iter().filter_map(spell).collect();
        let mut words: Vec<Entry> = words.into_iter().map(|(word, fields)| Entry { hash: hash(&word), word, fields }).collect();
        words.sort_by_key(|entry| entry.hash);
        Vocabulary { words, spelt }
    }

    /// The fields that a text names outright.
    pub fn fields(&self, keys: &[Key]) -> Vec<usize> {
        let hit = keys.iter().map(|key| self.exact(key)).find(|fields| !fields.is_empty());
        hit.map_or_else(Vec::new, |fields| fields.iter().map(|(field, _)| *field).collect())
    }

    fn exact(&self, key: &Key) -> &[(usize, Rank)] {
        let from = self.words.partition_point(|entry| entry.hash < key.hash);
        let same = self.words.iter().skip(from).take_while(|entry| entry.hash == key.hash);
        same.filter(|entry| *entry.word == *key.text).map(|entry| entry.fields.as_slice()).next().unwrap_or(&[])
    }

    /// The one field whose word differs by a slip of the pen, or whose word ends this one.
    fn near(&self, written: &Written) -> Option<(usize, Rank)> {
        let Written { text, letters, signs: among, latin: own } = written;
        let length = letters.len();
        let limit = if length >= 9 { 2 } else { 1 };
        let mut best: Option<(usize, usize)> = None;
        let mut ending: Option<(usize, usize)> = None;
        for Spelt { word, letters: known, signs, latin, field } in &self.spelt {
            let size = known.len();
            let foreign = (signs & !among).count_ones() as usize;
            // Letters and digits tell V1 from V2 and LFC from EDC: they never slip.
            if length >= 5 && size >= 4 && length.abs_diff(size) <= limit && foreign <= limit && latin == own {
                let edits = text::distance_of(known, letters, limit);
                if edits <= limit {
                    match best {
                        Some((edited, other)) if edited == edits && other != *field => return None,
                        Some((edited, _)) if edited <= edits => {}
                        _ => best = Some((edits, *field)),
                    }
                }
            }
            if size >= 4 && foreign == 0 && text.ends_with(&**word) && ending.is_none_or(|(longest, _)| size > longest) {
                ending = Some((size, *field));
            }
        }
        best.map(|(_, field)| (field, Rank::Near)).or(ending.map(|(_, field)| (field, Rank::Ending)))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Whether a text names a field of one of these, with or without numbering and brackets.
pub fn is_known<'v>(text: &str, mut vocabularies: impl Iterator<Item = &'v Vocabulary>) -> bool {
    let keys = keys(text);
    vocabularies.any(|vocabulary| keys.iter().any(|key| !vocabulary.exact(key).is_empty()))
}

/// 契約書.pdf is a value, though it reads like the label 契約書PDF.
fn is_file(text: &str) -> bool {
    text.rsplit_once('.')
        .is_some_and(|(_, ending)| (3..=4).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn latin(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// A form of a text in which it may be a label.
pub struct Key {
    text: String,
    hash: u64,
    /// Whether something was taken off.
    trimmed: bool,
}

impl Key {
    fn of(text: String, trimmed: bool) -> Key {
        Key { hash: hash(&text), text, trimmed }
    }
}

/// A key as words are held against it that it may be a slip of.
pub struct Written {
    text: String,
    letters: Vec<char>,
    /// [`text::signs`] of the letters.
    signs: u64,
    latin: String,
}

impl Written {
    pub fn of(key: &Key) -> Written {
        let letters: Vec<char> = key.text.chars().collect();
        Written { signs: text::signs(&letters), letters, latin: latin(&key.text), text: key.text.clone() }
    }
}

/// As it stands, without trailing brackets, without numbering.
pub fn keys(text: &str) -> Vec<Key> {
    let mut folded = text::compare_key(text);
    let mut keys = vec![(text::label_of(&folded), false)];
    loop {
        let trimmed =
            folded.trim_end_matches(|c: char| matches!(c, '*' | '※' | ':') || c.is_ascii_digit() && folded.contains('※')).to_owned();
        let cut = match trimmed.chars().next_back() {
            Some(')') => trimmed.rfind('('),
            Some(']') => trimmed.rfind('['),
            Some('】') => trimmed.rfind('【'),
            _ => None,
        };
        match cut {
            Some(at) if at > 0 => folded = trimmed[..at].to_owned(),
            _ if trimmed != folded => folded = trimmed,
            _ => break,
        }
        keys.push((text::label_key(&folded), true));
    }
    // 利用開始日 / Start date: the translation behind a label is no part of it.
    if let Some(own) = untranslated(&keys[0].0) {
        keys.push((own.to_owned(), true));
    }
    for n in 0..keys.len() {
        let bare = keys[n].0.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '~' | ')'));
        if bare.len() < keys[n].0.len() && bare.chars().count() >= 2 {
            keys.push((bare.to_owned(), true));
        }
    }
    keys.into_iter().filter(|(key, _)| !key.is_empty()).map(|(key, trimmed)| Key::of(key, trimmed)).collect()
}

/// A label in front of so many Latin letters or more; an abbreviation such as PDF belongs to it.
fn untranslated(key: &str) -> Option<&str> {
    const SHORTEST: usize = 4;
    let end = key.char_indices().rev().find(|(_, c)| !c.is_ascii()).map(|(at, c)| at + c.len_utf8())?;
    let (own, behind) = key.split_at(end);
    (behind.bytes().filter(u8::is_ascii_alphabetic).count() >= SHORTEST).then_some(own)
}

/// All cells that name a field of the vocabulary, in order of rows and columns.
pub fn find(grid: &Grid<'_>, vocabulary: &Vocabulary) -> Vec<Label> {
    let label = |word: &Word, (field, rank): (usize, Rank)| {
        let (row, column) = (word.row, word.column);
        let (bottom, right) = grid.extent(row, column);
        Label { row, column, bottom, right, field, rank, units: word.units().to_vec(), noted: grid.noted_units(row).to_vec() }
    };
    let mut found = Vec::new();
    let mut unnamed = Vec::new();
    for word in grid.words().filter(|word| word.is_short) {
        let (hits, headed) = named(grid, word, vocabulary);
        if hits.is_empty() {
            unnamed.push(word);
        }
        let from = found.len();
        found.extend(hits.into_iter().map(|hit| label(word, hit)));
        if headed && word.units().is_empty() {
            let over = heads(grid, word).flat_map(|head| units::in_brackets(&head)).collect::<Vec<_>>();
            found[from..].iter_mut().for_each(|label| label.units.clone_from(&over));
        }
    }
    // A near miss counts only where nothing names the field outright and other labels stand in line with it.
    let sure: BTreeSet<usize> = found.iter().map(|label| label.field).collect();
    let (rows, columns) = lines(&found);
    let near_until = grid.top().saturating_add(NEAR);
    let in_line = unnamed.into_iter().filter(|word| rows.contains(&word.row) || columns.contains(&word.column));
    for word in in_line.take_while(|word| word.row <= near_until) {
        let near = word.written().iter().find_map(|written| vocabulary.near(written));
        found.extend(near.filter(|(field, _)| !sure.contains(field)).map(|near| label(word, near)));
    }
    found.sort_by_key(|label| (label.row, label.column, label.rank));
    state_units(grid, &mut found);
    found
}

/// Adds the units that stand in cells of their own: below a heading, or in the row of a label before the next one.
fn state_units(grid: &Grid<'_>, found: &mut [Label]) {
    let stated = |row: u32, column: u32| grid.text(row, column).filter(|text| text.chars().count() <= LONGEST && units::is_unit(text));
    let cells: BTreeSet<(u32, u32)> = found.iter().map(|label| (label.row, label.column)).collect();
    for label in found {
        let next = cells.range((label.row, label.right + 1)..=(label.row, u32::MAX)).next().map_or(u32::MAX, |(_, column)| *column);
        let row = grid.row(label.row).into_iter().flat_map(|row| row.range(label.right + 1..next.max(label.right + 1)));
        let beside = row.filter_map(|(column, _)| stated(label.row, *column));
        let below = grid.row(label.bottom + 1).and_then(|row| row.get(&label.column)).and_then(|_| stated(label.bottom + 1, label.column));
        label.units.extend(beside.chain(below));
    }
}

/// Rows and columns with at least two labels.
fn lines(found: &[Label]) -> (BTreeSet<u32>, BTreeSet<u32>) {
    let (mut rows, mut columns): (BTreeMap<u32, usize>, BTreeMap<u32, usize>) = Default::default();
    for label in found {
        *rows.entry(label.row).or_default() += 1;
        *columns.entry(label.column).or_default() += 1;
    }
    let often = |counts: BTreeMap<u32, usize>| counts.into_iter().filter(|(_, count)| *count >= 2).map(|(line, _)| line).collect();
    (often(rows), often(columns))
}

/// The fields that a word names; whether it takes the heading of its group for that.
fn named(grid: &Grid<'_>, word: &Word, vocabulary: &Vocabulary) -> (Vec<(usize, Rank)>, bool) {
    let (row, column) = (word.row, word.column);
    let mut hits: Vec<(usize, Rank)> = Vec::new();
    for key in &word.keys {
        if hits.is_empty() {
            hits.extend(vocabulary.exact(key).iter().map(|(field, rank)| match (key.trimmed, rank) {
                (true, Rank::Label) => (*field, Rank::Trimmed),
                (true, _) => (*field, Rank::TrimmedVariant),
                (false, rank) => (*field, *rank),
            }));
        }
    }
    if hits.iter().any(|(_, rank)| *rank == Rank::Label) {
        return (hits, false);
    }
    // 支払先 over 住所, 変化速度 over LFC: the heading of the group completes the label.
    let headed = grid.headed((row, column), || headed(grid, word));
    let both = headed.iter().map(|key| vocabulary.exact(key)).find(|both| !both.is_empty());
    both.map_or((hits, false), |both| (both.to_vec(), true))
}

/// What a cell says together with the heading above it or beside it, either first.
fn headed(grid: &Grid<'_>, word: &Word) -> Vec<Key> {
    let text = &word.text;
    let keys = heads(grid, word).flat_map(|over| [format!("{over}{text}"), format!("{text}{over}")]);
    keys.map(|key| Key::of(text::label_key(&key), false)).collect()
}

fn heads(grid: &Grid<'_>, word: &Word) -> impl Iterator<Item = String> {
    [above(grid, word.row, word.column), beside(grid, word.row, word.column)].into_iter().flatten()
}

fn above(grid: &Grid<'_>, row: u32, column: u32) -> Option<String> {
    let (at, _) = grid.row(row.checked_sub(1)?)?.range(..=column).next_back()?;
    let (_, right) = grid.extent(row - 1, *at);
    (column <= right || (right == *at && column - at <= REACH)).then(|| grid.text(row - 1, *at)).flatten()
}

fn beside(grid: &Grid<'_>, row: u32, column: u32) -> Option<String> {
    let left = column.checked_sub(1)?;
    let first = row.saturating_sub(REACH).max(grid.top());
    (first..=row).rev().find_map(|row| grid.row(row).and_then(|cells| cells.get(&left)).and_then(|_| grid.text(row, left)))
}

/// How many fields the sheet names outright.
pub fn fields_found(grid: &Grid<'_>, vocabulary: &Vocabulary) -> usize {
    let fields: BTreeSet<usize> =
        find(grid, vocabulary).into_iter().filter(|label| label.rank <= Rank::Near).map(|label| label.field).collect();
    fields.len()
}
