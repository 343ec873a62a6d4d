//! How rows are written down: a few one by one, a long list from a sheet or an export as a table that names each column once.
//!
//! Owns both forms and reads either. A cell of a table is what stood in it, and its value where that reads otherwise; a field
//! that does not fit its column is written whole. Never bounds how many there are: that is for whoever takes them from outside.

use crate::domain::doubt::Doubts;
use crate::domain::extract::{Field, Record};
use crate::domain::fields::Fields;
use crate::domain::id::{DocId, Permille};
use crate::domain::name::Name;
use crate::domain::place::Place;
use crate::domain::value::Value;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// Shorter lists are written one by one, as people like to read them.
const LONG: usize = 64;
/// Bytes of paths that a table may unfold to: some characters of it are few bytes on their way and many in memory.
const MOST_PATHS: usize = 64 << 20;

/// What most values of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Code,
    Integer,
    Decimal,
    Date,
    Stamp,
    Flag,
}

impl Kind {
    fn of(value: &Value) -> Option<Kind> {
        Some(match value {
            Value::Text(_) => Kind::Text,
            Value::Code(_) => Kind::Code,
            Value::Integer(_) => Kind::Integer,
            Value::Decimal(_) => Kind::Decimal,
            Value::Date(_) => Kind::Date,
            Value::Stamp(_) => Kind::Stamp,
            Value::Flag(_) => Kind::Flag,
            Value::Codes(_) | Value::Names(_) => return None,
        })
    }

    fn value(self, text: &str) -> Option<Value> {
        Some(match self {
            Kind::Text => Value::Text(text.to_owned()),
            Kind::Code => Value::Code(text.to_owned()),
            Kind::Integer => Value::Integer(text.parse().ok()?),
            Kind::Decimal => Value::Decimal(text.parse().ok()?),
            Kind::Date => Value::Date(text.parse().ok()?),
            Kind::Stamp => Value::Stamp(text.parse().ok()?),
            Kind::Flag => Value::Flag(["0", "1"].iter().position(|sign| *sign == text)? == 1),
        })
    }
}

/// What the cells of a column have in common.
#[derive(Serialize, Deserialize)]
struct Column {
    key: Name,
    doc: DocId,
    #[serde(flatten)]
    line: Vertical,
    kind: Kind,
}

/// Where a column runs, but for the number of the row.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Vertical {
    Sheet {
        sheet: Name,
        column: u32,
    },
    /// Paths of a tree, before and behind the position of the record: `…/JPMR00020`, `/JP96201[1]`.
    Tree {
        before: String,
        behind: String,
    },
}

impl Vertical {
    /// The one that a place lies on.
    fn of(place: &Place) -> Option<Vertical> {
        let line = match place {
            Place::Cell { sheet, column, .. } => Vertical::Sheet { sheet: sheet.clone(), column: *column },
            Place::Node { path, .. } => {
                let (record, _) = path.rsplit_once('/')?;
                let (before, _) = record.rsplit_once('[')?;
                Vertical::Tree { before: before.to_owned(), behind: path.get(record.len()..)?.to_owned() }
            }
            _ => return None,
        };
        line.row(place).is_some().then_some(line)
    }

    /// In which row a place lies; `None` where it lies elsewhere.
    fn row(&self, place: &Place) -> Option<u32> {
        match (self, place) {
            (Vertical::Sheet { sheet, column }, Place::Cell { sheet: other, row, column: at, .. }) => {
                (column == at && sheet == other).then_some(*row)
            }
            (Vertical::Tree { before, behind }, Place::Node { path, .. }) => {
                let position = path.strip_prefix(before.as_str())?.strip_suffix(behind.as_str())?.strip_prefix('[')?.strip_suffix(']')?;
                // Written back, it has to be the same path.
                let plain = position.bytes().all(|byte| byte.is_ascii_digit()) && !position.starts_with('0');
                position.parse().ok().filter(|_| plain)
            }
            _ => None,
        }
    }

    /// Bytes that each of its cells takes for its path, which the table says once.
    fn unfolds(&self) -> usize {
        match self {
            Vertical::Sheet { .. } => 0,
            Vertical::Tree { before, behind } => before.len() + behind.len(),
        }
    }

    fn place(&self, doc: DocId, row: u32) -> Place {
        match self {
            Vertical::Sheet { sheet, column } => Place::Cell { doc, sheet: sheet.clone(), row, column: *column },
            Vertical::Tree { before, behind } => Place::Node { doc, path: [before, "[", &row.to_string(), "]", behind].concat() },
        }
    }
}

impl Column {
    /// The column that a field would lie in. Lists are of no kind: among others, they are written whole.
    fn of(key: &Name, field: &Field) -> Option<Column> {
        let line = Vertical::of(&field.place)?;
        Some(Column { key: key.clone(), doc: field.place.doc()?, line, kind: Kind::of(&field.value).unwrap_or(Kind::Text) })
    }

    fn fits(&self, field: &Field) -> bool {
        self.row(field).is_some()
    }

    /// The row of a field that lies in this column.
    fn row(&self, field: &Field) -> Option<u32> {
        let same = Kind::of(&field.value) == Some(self.kind) && field.confidence == Permille::SURE && field.place.doc() == Some(self.doc);
        if same { self.line.row(&field.place) } else { None }
    }

    fn field(&self, row: u32, raw: &str, value: Option<&str>, doubts: Doubts) -> Option<Field> {
        let value = self.kind.value(value.unwrap_or(raw))?;
        Some(Field { value, raw: raw.to_owned(), place: self.line.place(self.doc, row), confidence: Permille::SURE, doubts })
    }
}

/// The columns of a long list from a sheet or a tree, each as most of its cells have it; `None` for any other list.
fn columns(records: &[Record]) -> Option<Vec<Column>> {
    /// Ways in which the cells under one key may lie before the rest is taken for strays.
    const WAYS: usize = 8;
    if records.len() < LONG {
        return None;
    }
    let mut seen: BTreeMap<&Name, Vec<(Column, usize)>> = BTreeMap::new();
    for (key, field) in records.iter().flat_map(|record| record.fields.iter()) {
        let ways = seen.entry(key).or_default();
        let known = ways.len();
        match ways.iter_mut().find(|(column, _)| column.fits(field)) {
            Some((_, cells)) => *cells += 1,
            None if known < WAYS => ways.extend(Column::of(key, field).map(|column| (column, 1))),
            None => {}
        }
    }
    let columns = seen.into_values().map(|ways| ways.into_iter().max_by_key(|(_, cells)| *cells).map(|(column, _)| column));
    columns.collect::<Option<Vec<Column>>>().filter(|columns| unfolds(columns).saturating_mul(records.len()) <= MOST_PATHS)
}

fn unfolds(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.line.unfolds()).sum()
}

pub fn write<S: Serializer>(records: &[Record], serializer: S) -> Result<S::Ok, S::Error> {
    match columns(records) {
        Some(columns) => Table { rows: Lines { columns: &columns, records }, columns: &columns }.serialize(serializer),
        None => serializer.collect_seq(records),
    }
}

#[derive(Serialize)]
struct Table<'a> {
    columns: &'a [Column],
    rows: Lines<'a>,
}

struct Lines<'a> {
    columns: &'a [Column],
    records: &'a [Record],
}

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records.iter().map(|record| Line { columns: self.columns, record }))
    }
}

/// The row's number in its sheet or tree, then a cell for each column, then the groups of the record where it has any.
struct Line<'a> {
    columns: &'a [Column],
    record: &'a Record,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lying = |column: &Column| self.record.fields.get(&column.key).and_then(|field| column.row(field));
        let row = self.columns.iter().find_map(lying).unwrap_or(0);
        let groups = &self.record.groups;
        let mut line = serializer.serialize_seq(Some(self.columns.len() + 1 + usize::from(!groups.is_empty())))?;
        line.serialize_element(&row)?;
        for column in self.columns {
            match self.record.fields.get(&column.key) {
                None => line.serialize_element(&())?,
                Some(field) if column.row(field) != Some(row) => line.serialize_element(field)?,
                Some(field) => match &field.value {
                    Value::Text(value) | Value::Code(value) => cell(&mut line, &field.raw, value, field.doubts)?,
                    value => cell(&mut line, &field.raw, &value.to_string(), field.doubts)?,
                },
            }
        }
        if !groups.is_empty() {
            line.serialize_element(groups)?;
        }
        line.end()
    }
}

fn cell<L: SerializeSeq>(line: &mut L, raw: &str, value: &str, doubts: Doubts) -> Result<(), L::Error> {
    match doubts.any() {
        true => line.serialize_element(&(raw, value, doubts)),
        false if raw == value => line.serialize_element(raw),
        false => line.serialize_element(&(raw, value)),
    }
}

pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Record>, D::Error> {
    deserializer.deserialize_any(Either)
}

/// Records one by one, or a table.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Vec<Record>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records or a table of them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Vec<Record>, A::Error> {
        let mut records = Vec::new();
        while let Some(record) = all.next_element()? {
            records.push(record);
        }
        Ok(records)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Vec<Record>, A::Error> {
        let columns: Vec<Column> = match table.next_key::<String>()? {
            Some(key) if key == "columns" => table.next_value()?,
            _ => return Err(A::Error::custom("a table begins with its columns")),
        };
        match table.next_key::<String>()? {
            Some(key) if key == "rows" => table.next_value_seed(Body(&columns)),
            _ => Err(A::Error::custom("a table has rows")),
        }
    }
}

struct Body<'c>(&'c [Column]);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Vec<Record>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Record>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Vec<Record>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rows of a table")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<Record>, A::Error> {
        let mut records = Vec::new();
        let (row, mut paths) = (unfolds(self.0), 0usize);
        while let Some(record) = rows.next_element_seed(Row(self.0))? {
            paths = paths.saturating_add(row);
            if paths > MOST_PATHS {
                return Err(A::Error::custom("the paths of a table are too long"));
            }
            records.push(record);
        }
        Ok(records)
    }
}

struct Row<'c>(&'c [Column]);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a cell for each column, and groups")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<Record, A::Error> {
        let short = || A::Error::custom("a row is shorter than its table");
        let row = cells.next_element::<u32>()?.ok_or_else(short)?;
        let mut fields = Vec::with_capacity(self.0.len());
        for column in self.0 {
            let cell = cells.next_element_seed(Cell { column, row })?.ok_or_else(short)?;
            fields.extend(cell.map(|field| (column.key.clone(), field)));
        }
        let groups = cells.next_element()?.unwrap_or_default();
        Ok(Record { fields: fields.into_iter().collect::<Fields>(), groups })
    }
}

struct Cell<'c> {
    column: &'c Column,
    row: u32,
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = Option<Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Field>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = Option<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing, a text, a text with its value, or a field")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Field>, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, raw: &str) -> Result<Option<Field>, E> {
        self.field(raw, None, Doubts::NONE)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Option<Field>, A::Error> {
        let raw: String = parts.next_element()?.unwrap_or_default();
        let value: Option<String> = parts.next_element()?;
        let doubts = parts.next_element()?.unwrap_or_default();
        self.field(&raw, value.as_deref(), doubts)
    }

    fn visit_map<A: MapAccess<'de>>(self, field: A) -> Result<Option<Field>, A::Error> {
        Field::deserialize(MapAccessDeserializer::new(field)).map(Some)
    }
}

impl Cell<'_> {
    fn field<E: Error>(&self, raw: &str, value: Option<&str>, doubts: Doubts) -> Result<Option<Field>, E> {
        let field = self.column.field(self.row, raw, value, doubts);
        field.map(Some).ok_or_else(|| E::custom("a cell is not what its column is"))
    }
}

#[cfg(test)]
mod tests;
