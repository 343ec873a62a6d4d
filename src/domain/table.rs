//! How rows are written down: a few one by one, a long list from a sheet as a table that names each column once.
//!
//! Owns both forms and reads either. A cell of a table is what stood in it, and its value where that reads otherwise; a field
//! that does not fit its column is written whole. Never bounds how many there are: that is for whoever takes them from outside.

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

/// What most values of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Code,
    Integer,
    Decimal,
    Date,
}

impl Kind {
    fn of(value: &Value) -> Option<Kind> {
        Some(match value {
            Value::Text(_) => Kind::Text,
            Value::Code(_) => Kind::Code,
            Value::Integer(_) => Kind::Integer,
            Value::Decimal(_) => Kind::Decimal,
            Value::Date(_) => Kind::Date,
            Value::Codes(_) | Value::Stamp(_) | Value::Flag(_) | Value::Names(_) => return None,
        })
    }

    fn value(self, text: &str) -> Option<Value> {
        Some(match self {
            Kind::Text => Value::Text(text.to_owned()),
            Kind::Code => Value::Code(text.to_owned()),
            Kind::Integer => Value::Integer(text.parse().ok()?),
            Kind::Decimal => Value::Decimal(text.parse().ok()?),
            Kind::Date => Value::Date(text.parse().ok()?),
        })
    }
}

/// What the cells of a column have in common.
#[derive(Serialize, Deserialize)]
struct Column {
    key: Name,
    doc: DocId,
    sheet: Name,
    column: u32,
    kind: Kind,
}

impl Column {
    /// The column that a field would lie in.
    fn of(key: &Name, field: &Field) -> Option<Column> {
        let Place::Cell { doc, sheet, column, .. } = &field.place else { return None };
        Some(Column { key: key.clone(), doc: *doc, sheet: sheet.clone(), column: *column, kind: Kind::of(&field.value)? })
    }

    fn fits(&self, field: &Field) -> bool {
        let Place::Cell { doc, sheet, column, .. } = &field.place else { return false };
        *column == self.column
            && Kind::of(&field.value) == Some(self.kind)
            && field.confidence == Permille::SURE
            && *doc == self.doc
            && *sheet == self.sheet
    }

    fn field(&self, row: u32, raw: &str, value: Option<&str>, needs_review: bool) -> Option<Field> {
        let value = self.kind.value(value.unwrap_or(raw))?;
        let place = Place::Cell { doc: self.doc, sheet: self.sheet.clone(), row, column: self.column };
        Some(Field { value, raw: raw.to_owned(), place, confidence: Permille::SURE, needs_review })
    }
}

/// The columns of a long list from a sheet, each as most of its cells have it; `None` for any other list.
fn columns(records: &[Record]) -> Option<Vec<Column>> {
    /// Ways in which the cells under one key may lie before the rest is taken for strays.
    const WAYS: usize = 8;
    if records.len() < LONG || records.iter().any(|record| !record.groups.is_empty()) {
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
    seen.into_values().map(|ways| ways.into_iter().max_by_key(|(_, cells)| *cells).map(|(column, _)| column)).collect()
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

/// The row's number in its sheet, then a cell for each column.
struct Line<'a> {
    columns: &'a [Column],
    record: &'a Record,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.record.fields.values().find_map(|field| match field.place {
            Place::Cell { row, .. } => Some(row),
            _ => None,
        });
        let row = row.unwrap_or(0);
        let mut line = serializer.serialize_seq(Some(self.columns.len() + 1))?;
        line.serialize_element(&row)?;
        for column in self.columns {
            match self.record.fields.get(&column.key) {
                None => line.serialize_element(&())?,
                Some(field) if !column.fits(field) || !in_row(field, row) => line.serialize_element(field)?,
                Some(field) => match &field.value {
                    Value::Text(value) | Value::Code(value) => cell(&mut line, &field.raw, value, field.needs_review)?,
                    value => cell(&mut line, &field.raw, &value.to_string(), field.needs_review)?,
                },
            }
        }
        line.end()
    }
}

fn in_row(field: &Field, at: u32) -> bool {
    matches!(field.place, Place::Cell { row, .. } if row == at)
}

fn cell<L: SerializeSeq>(line: &mut L, raw: &str, value: &str, needs_review: bool) -> Result<(), L::Error> {
    match needs_review {
        true => line.serialize_element(&(raw, value, true)),
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
        while let Some(record) = rows.next_element_seed(Row(self.0))? {
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
        f.write_str("a number and a cell for each column")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<Record, A::Error> {
        let short = || A::Error::custom("a row is shorter than its table");
        let row = cells.next_element::<u32>()?.ok_or_else(short)?;
        let mut fields = Vec::with_capacity(self.0.len());
        for column in self.0 {
            let cell = cells.next_element_seed(Cell { column, row })?.ok_or_else(short)?;
            fields.extend(cell.map(|field| (column.key.clone(), field)));
        }
        Ok(Record { fields: fields.into_iter().collect::<Fields>(), ..Record::default() })
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
        self.field(raw, None, false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Option<Field>, A::Error> {
        let raw: String = parts.next_element()?.unwrap_or_default();
        let value: Option<String> = parts.next_element()?;
        let needs_review = parts.next_element()?.unwrap_or(false);
        self.field(&raw, value.as_deref(), needs_review)
    }

    fn visit_map<A: MapAccess<'de>>(self, field: A) -> Result<Option<Field>, A::Error> {
        Field::deserialize(MapAccessDeserializer::new(field)).map(Some)
    }
}

impl Cell<'_> {
    fn field<E: Error>(&self, raw: &str, value: Option<&str>, needs_review: bool) -> Result<Option<Field>, E> {
        let field = self.column.field(self.row, raw, value, needs_review);
        field.map(Some).ok_or_else(|| E::custom("a cell is not what its column is"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::Rows;

    fn field(row: u32, column: u32, raw: &str, value: Value) -> Field {
        let place = Place::Cell { doc: DocId::of(b"book"), sheet: "一覧".into(), row, column };
        Field { value, raw: raw.to_owned(), place, confidence: Permille::SURE, needs_review: false }
    }

    /// A list in which every sort of cell stands somewhere.
    fn list(length: u32) -> Rows {
        let row = |n: u32| {
            let mut fields = Fields::from([
                ("no", field(n, 1, &n.to_string(), Value::Integer(n.into()))),
                ("name", field(n, 2, "（株） 見本", Value::Text("(株) 見本".into()))),
                ("price", field(n, 3, "45", Value::Decimal("45.00".parse().unwrap()))),
                ("from", field(n, 4, "2026-05-01", Value::Date(jiff::civil::date(2026, 5, 1)))),
                ("point", field(n, 5, "021", Value::Code("021".into()))),
            ]);
            match n % 7 {
                1 => drop(fields.remove("name")),
                2 => fields.get_mut("point").unwrap().needs_review = true,
                3 => drop(fields.insert("point", field(n, 5, "2.1E+21", Value::Text("2.1E+21".into())))),
                4 => drop(fields.insert("no", field(n - 1, 1, "3", Value::Integer(3)))),
                5 => fields.get_mut("price").unwrap().confidence = Permille(700),
                _ => {}
            }
            Record { fields, ..Record::default() }
        };
        (1..=length).map(row).collect::<Vec<_>>().into()
    }

    #[test]
    fn a_list_comes_back_as_it_went_in_either_form() {
        for length in [0, 1, 63, 64, 500] {
            let list = list(length);
            let text = serde_json::to_string(&list).unwrap();
            assert_eq!(text.starts_with('{'), length >= 64);
            assert_eq!(serde_json::from_str::<Rows>(&text).unwrap(), list);
            // As inside of a tagged event, which is held before it is understood.
            assert_eq!(serde_json::from_value::<Rows>(serde_json::from_str(&text).unwrap()).unwrap(), list);
        }
    }

    #[test]
    fn a_long_list_takes_a_tenth_of_the_room() {
        let list = list(6_000);
        let one_by_one: usize = list.iter().map(|record| serde_json::to_string(record).unwrap().len()).sum();
        assert!(serde_json::to_string(&list).unwrap().len() * 5 < one_by_one);
    }

    #[test]
    fn a_table_that_does_not_hold_is_refused() {
        let column = |kind: &str| format!(r#"{{"key":"a","doc":"{}","sheet":"s","column":1,"kind":"{kind}"}}"#, DocId::of(b"x"));
        let parse = |text: String| serde_json::from_str::<Rows>(&text).is_ok();
        assert!(parse(format!(r#"{{"columns":[{}],"rows":[[1,"2"]]}}"#, column("integer"))));
        assert!(!parse(format!(r#"{{"columns":[{}],"rows":[[1,"zwei"]]}}"#, column("integer"))));
        assert!(!parse(format!(r#"{{"columns":[{}],"rows":[[1]]}}"#, column("text"))));
        assert!(!parse(format!(r#"{{"columns":[{}],"rows":[[1,"2","3"]]}}"#, column("text"))));
        assert!(!parse(r#"{"rows":[[1]],"columns":[]}"#.to_owned()));
    }
}
