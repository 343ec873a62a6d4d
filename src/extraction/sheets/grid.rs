//! A sheet, or the part of it between two rows, by row and column.

use super::labels::{self, Key, Written};
use super::words;
use crate::domain::id::DocId;
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::domain::reading::{CellValue, Sheet, SheetCell};
use crate::domain::text;
use crate::domain::units;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Cells of merged areas that are remembered; a sheet merged beyond that is read by its first cells.
const COVERED: u64 = 200_000;

/// Longer texts below are values.
const LONGEST: usize = 30;
/// Rows from the top in which any text may turn out to be a label; below, only words of the catalogue.
pub const NEAR: u32 = 200;

type Headed = Rc<RefCell<HashMap<(u32, u32), Rc<[Key]>>>>;
type Rows<'a> = BTreeMap<u32, BTreeMap<u32, &'a SheetCell>>;

/// A cell that may be a label of any data set, with what each of them asks of it.
pub struct Word {
    pub row: u32,
    pub column: u32,
    /// Tidied.
    pub text: String,
    pub keys: Vec<Key>,
    pub is_short: bool,
    /// The keys as slips of the pen are looked for, once somebody asked.
    written: OnceCell<Vec<Written>>,
    units: OnceCell<Vec<String>>,
}

impl Word {
    fn of(row: u32, column: u32, written: &str) -> Option<Word> {
        let text = Some(text::tidy(written)).filter(|text| !text.is_empty())?;
        let (keys, is_short) = (labels::keys(&text), labels::is_short(&text));
        Some(Word { row, column, text, keys, is_short, written: OnceCell::new(), units: OnceCell::new() })
    }

    pub fn written(&self) -> &[Written] {
        self.written.get_or_init(|| self.keys.iter().map(Written::of).collect())
    }

    /// The units of measure that its brackets name.
    pub fn units(&self) -> &[String] {
        self.units.get_or_init(|| units::in_brackets(&self.text))
    }
}

#[derive(Clone)]
pub struct Grid<'a> {
    doc: DocId,
    sheet: Name,
    rows: Rc<Rows<'a>>,
    /// From a covered cell to the first one of its merged area.
    covered: Rc<BTreeMap<(u32, u32), (u32, u32)>>,
    /// From the first cell of a merged area to its last one.
    merged: Rc<BTreeMap<(u32, u32), (u32, u32)>>,
    /// Cells that may be labels; a list of a hundred thousand customers has few.
    words: Rc<Vec<Word>>,
    /// Notes such as （単位：MW） that hold for what is below, by their rows.
    noted: Rc<BTreeMap<u32, Vec<String>>>,
    /// How its numbers are shown is unknown.
    pub unformatted: bool,
    /// What cells say together with their headings, as far as somebody asked.
    headed: Headed,
    from: u32,
    to: u32,
}

impl<'a> Grid<'a> {
    /// `knows` tells whether the catalogue has a text as a label, word for word.
    pub fn new(doc: DocId, sheet: &'a Sheet, knows: impl Fn(&str) -> bool) -> Self {
        let mut rows = Rows::new();
        let mut words = Vec::new();
        let mut seen: HashMap<&str, bool> = HashMap::new();
        let near = sheet.cells.first().map_or(0, |cell| cell.row).saturating_add(NEAR);
        for cell in &sheet.cells {
            rows.entry(cell.row).or_default().insert(cell.column, cell);
            if let CellValue::Text(text) = &cell.value
                && (cell.row <= near || (text.chars().count() <= LONGEST && *seen.entry(text).or_insert_with(|| knows(text))))
            {
                words.extend(Word::of(cell.row, cell.column, text));
            }
        }
        let (mut covered, mut merged, mut left) = (BTreeMap::new(), BTreeMap::new(), COVERED);
        for area in &sheet.merged {
            let size = u64::from(area.bottom.saturating_sub(area.top) + 1) * u64::from(area.right.saturating_sub(area.left) + 1);
            let Some(rest) = left.checked_sub(size) else { break };
            left = rest;
            merged.insert((area.top, area.left), (area.bottom, area.right));
            for row in area.top..=area.bottom {
                covered.extend((area.left..=area.right).map(|column| ((row, column), (area.top, area.left))));
            }
        }
        let noted = words.iter().filter(|word| word.is_short && words::is_unit_note(&word.text));
        let noted = noted.map(|word| (word.row, units::named(&word.text))).filter(|(_, units)| !units.is_empty()).collect();
        Grid {
            doc,
            sheet: sheet.name.as_str().into(),
            rows: Rc::new(rows),
            covered: Rc::new(covered),
            merged: Rc::new(merged),
            words: Rc::new(words),
            noted: Rc::new(noted),
            unformatted: sheet.unformatted,
            headed: Headed::default(),
            from: 0,
            to: u32::MAX,
        }
    }

    /// The rows from one to another, both included.
    pub fn within(&self, from: u32, to: u32) -> Grid<'a> {
        // A heading may stand outside of the part.
        Grid { from: from.max(self.from), to: to.min(self.to), headed: Headed::default(), ..self.clone() }
    }

    /// The columns from one to another, both included.
    pub fn between(&self, from: u32, to: u32) -> Grid<'a> {
        let part = |cells: &BTreeMap<u32, &'a SheetCell>| {
            cells.range(from..=to).map(|(column, cell)| (*column, *cell)).collect::<BTreeMap<_, _>>()
        };
        let rows: Rows<'a> = self.rows().map(|(row, cells)| (row, part(cells))).filter(|(_, cells)| !cells.is_empty()).collect();
        let words = self.words().filter(|word| (from..=to).contains(&word.column));
        let words = words.filter_map(|word| Word::of(word.row, word.column, &word.text)).collect();
        Grid { rows: Rc::new(rows), words: Rc::new(words), headed: Headed::default(), ..self.clone() }
    }

    pub fn rows(&self) -> impl Iterator<Item = (u32, &BTreeMap<u32, &'a SheetCell>)> {
        self.rows.range(self.from..=self.to.max(self.from)).map(|(row, cells)| (*row, cells))
    }

    pub fn row(&self, row: u32) -> Option<&BTreeMap<u32, &'a SheetCell>> {
        if row < self.from || row > self.to { None } else { self.rows.get(&row) }
    }

    pub fn cells(&self) -> impl Iterator<Item = (u32, u32, &'a SheetCell)> {
        self.rows().flat_map(|(row, cells)| cells.iter().map(move |(column, cell)| (row, *column, *cell)))
    }

    /// The cells that may be labels.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| (self.from..=self.to).contains(&word.row))
    }

    /// The units that the nearest note above a row gives.
    pub fn noted_units(&self, row: u32) -> &[String] {
        self.noted.range(..=row).next_back().map_or(&[], |(_, units)| units)
    }

    /// What a cell says together with its headings: made once, asked by each data set.
    pub fn headed(&self, cell: (u32, u32), make: impl FnOnce() -> Vec<Key>) -> Rc<[Key]> {
        if let Some(known) = self.headed.borrow().get(&cell) {
            return known.clone();
        }
        let made: Rc<[Key]> = make().into();
        self.headed.borrow_mut().insert(cell, made.clone());
        made
    }

    /// The first row with a filled cell.
    pub fn top(&self) -> u32 {
        self.rows().next().map_or(1, |(row, _)| row)
    }

    pub fn right(&self) -> u32 {
        self.rows().filter_map(|(_, cells)| cells.last_key_value().map(|(column, _)| *column)).max().unwrap_or(0)
    }

    /// Fewer filled cells than any data set has.
    pub fn is_bare(&self) -> bool {
        self.cells().nth(3).is_none()
    }

    /// What stands in a cell, or in the merged area that it belongs to.
    pub fn at(&self, row: u32, column: u32) -> Option<&'a SheetCell> {
        let own = |row: u32, column: u32| self.row(row).and_then(|cells| cells.get(&column)).copied();
        own(row, column).or_else(|| self.covered.get(&(row, column)).and_then(|(row, column)| own(*row, *column)))
    }

    /// The last row and column of the merged area that begins in a cell; the cell itself where none does.
    pub fn extent(&self, row: u32, column: u32) -> (u32, u32) {
        self.merged.get(&(row, column)).copied().unwrap_or((row, column))
    }

    /// The text of a cell, tidied; numbers are no text.
    pub fn text(&self, row: u32, column: u32) -> Option<String> {
        match &self.at(row, column)?.value {
            CellValue::Text(text) => Some(text::tidy(text)).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    pub fn place(&self, row: u32, column: u32) -> Place {
        Place::Cell { doc: self.doc, sheet: self.sheet.clone(), row, column }
    }

    pub fn name(&self) -> &str {
        &self.sheet
    }
}
