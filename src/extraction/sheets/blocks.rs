//! Sheets with a header and tables below it, once or several times, and the same laid out as one flat table.

use super::grid::Grid;
use super::labels::{self, Label, Rank, Vocabulary};
use super::records::{self, Axis, Scribe};
use crate::domain::extract::Record;
use crate::domain::fields::{Fields, Rows};
use std::collections::{BTreeMap, BTreeSet};

/// The records of a sheet: one a block.
pub fn read(grid: &Grid<'_>, scribe: &mut Scribe<'_>) -> Vec<Record> {
    let header = Vocabulary::new(scribe.spec, |field| field.group.is_none());
    let groups: BTreeSet<String> = scribe.spec.fields.iter().filter_map(|field| field.group.clone()).collect();
    let tables: BTreeMap<String, Vocabulary> = groups
        .into_iter()
        .map(|group| {
            let vocabulary = Vocabulary::new(scribe.spec, |field| field.group.as_deref() == Some(&group));
            (group, vocabulary)
        })
        .collect();
    let parts = blocks(grid, &header);
    if let Some(records) = flat_parts(&parts, &header, &tables, scribe) {
        return records;
    }
    let mut records: Vec<Record> = Vec::new();
    let mut shared: Option<Record> = None;
    for part in parts {
        let mut record = block(&part, &header, &tables, scribe);
        // What stands once above several blocks holds for all of them.
        if let Some(shared) = &shared {
            for (key, field) in shared.fields.iter() {
                if !record.fields.contains_key(key) {
                    record.fields.insert(key.clone(), field.clone());
                }
            }
        } else {
            shared = Some(Record { fields: record.fields.clone(), groups: BTreeMap::new() });
        }
        if !record.fields.is_empty() || record.groups.values().any(|rows| !rows.is_empty()) {
            records.push(record);
        }
    }
    records
}

/// The sheet cut where its header begins anew.
fn blocks<'a>(grid: &Grid<'a>, header: &Vocabulary) -> Vec<Grid<'a>> {
    let mut rows: BTreeMap<(usize, u32), Vec<u32>> = BTreeMap::new();
    for label in labels::find(grid, header).into_iter().filter(|label| label.rank <= Rank::TrimmedVariant) {
        rows.entry((label.field, label.column)).or_default().push(label.row);
    }
    let Some(starts) = rows.into_values().rev().max_by_key(|rows| (rows.len(), std::cmp::Reverse(rows.first().copied()))) else {
        return vec![grid.clone()];
    };
    let ends: Vec<u32> = starts.iter().skip(1).map(|row| row - 1).chain([u32::MAX]).collect();
    starts.iter().zip(ends).enumerate().map(|(n, (start, end))| grid.within(if n == 0 { 0 } else { *start }, end)).collect()
}

fn block(grid: &Grid<'_>, header: &Vocabulary, tables: &BTreeMap<String, Vocabulary>, scribe: &mut Scribe<'_>) -> Record {
    let mut record = Record::default();
    let found: BTreeMap<&String, Axis> = tables
        .iter()
        .filter_map(|(group, vocabulary)| {
            let labels = labels::find(grid, vocabulary);
            let axis = records::axis(&labels, grid)?;
            let enough = match &axis {
                Axis::Across(labels, _) | Axis::Down(labels) => labels.len() >= 2,
            };
            enough.then_some((group, axis))
        })
        .collect();
    let headings: BTreeSet<(u32, u32)> = found
        .values()
        .flat_map(|axis| match axis {
            Axis::Across(labels, _) | Axis::Down(labels) => labels.iter().map(|label| (label.row, label.column)),
        })
        .collect();
    let first_table = headings.iter().map(|(row, _)| *row).min().unwrap_or(u32::MAX);
    for (group, axis) in &found {
        let rows = match axis {
            Axis::Across(labels, from) => {
                // A table ends where the next one begins.
                let next = headings.iter().map(|(row, _)| *row).filter(|row| *row >= *from).min().map_or(u32::MAX, |row| row - 1);
                records::rows(&grid.within(0, next), labels, *from, scribe)
            }
            Axis::Down(labels) => records::columns(grid, labels, scribe),
        };
        record.groups.insert((*group).clone(), rows.into());
    }
    // The header stands above its tables, rarely below; a heading of a table is none of its labels.
    let above = grid.within(0, first_table.saturating_sub(1));
    let mut head = labels::find(&above, header);
    head.retain(|label| !headings.contains(&(label.row, label.column)));
    match records::axis(&head, &above) {
        Some(Axis::Down(labels)) => record.fields = records::pairs(&above, &labels, scribe).fields,
        Some(Axis::Across(labels, from)) => {
            record.fields = if is_answered(grid, &labels) {
                records::pairs(&above, &labels, scribe).fields
            } else {
                records::rows(&above, &labels, from, scribe).into_iter().next().unwrap_or_default().fields
            };
        }
        None => {}
    }
    record
}

/// A flat table, and below it more of them: its headings once more, or another group whose rows name what they belong to.
fn flat_parts(
    parts: &[Grid<'_>],
    header: &Vocabulary,
    tables: &BTreeMap<String, Vocabulary>,
    scribe: &mut Scribe<'_>,
) -> Option<Vec<Record>> {
    let (first, rest) = parts.split_first()?;
    let mut records = flat(first, header, tables, 2, scribe).or_else(|| flat(first, header, tables, 1, scribe))?;
    for part in rest {
        for more in flat(part, header, tables, 1, scribe)? {
            let belongs = |record: &Record| more.fields.iter().all(|(key, field)| record.value(key) == Some(&field.value));
            if !records.iter().any(belongs) {
                records.push(more);
                continue;
            }
            for record in records.iter_mut().filter(|record| belongs(record)) {
                for (group, rows) in &more.groups {
                    record.groups.entry(group.clone()).or_default().extend(rows.iter().cloned());
                }
            }
        }
    }
    Some(records)
}

/// One table in which each row repeats the header, at least so many labels of it: a row a band or a customer.
fn flat(
    grid: &Grid<'_>,
    header: &Vocabulary,
    tables: &BTreeMap<String, Vocabulary>,
    least: usize,
    scribe: &mut Scribe<'_>,
) -> Option<Vec<Record>> {
    let mut head = labels::find(grid, header);
    // 供出可能量 is the header's where the row names the customer's own in other words.
    let owned: BTreeSet<(u32, u32)> =
        head.iter().filter(|label| matches!(label.rank, Rank::Label | Rank::Trimmed)).map(|label| (label.row, label.column)).collect();
    let members: BTreeMap<&String, Vec<Vec<Label>>> = tables
        .iter()
        .filter_map(|(group, vocabulary)| {
            let all = labels::find(grid, vocabulary);
            let elsewhere =
                |label: &Label| all.iter().any(|other| other.field == label.field && !owned.contains(&(other.row, other.column)));
            let own: Vec<Label> = all
                .iter()
                .filter(|label| {
                    matches!(label.rank, Rank::Label | Rank::Trimmed) || !owned.contains(&(label.row, label.column)) || !elsewhere(label)
                })
                .cloned()
                .collect();
            match records::axis(&own, grid)? {
                Axis::Across(labels, _) => Some((group, sets(&own, labels))),
                Axis::Down(_) => None,
            }
        })
        .collect();
    let member_cells: BTreeSet<(u32, u32)> = members.values().flatten().flatten().map(|label| (label.row, label.column)).collect();
    head.retain(|label| !member_cells.contains(&(label.row, label.column)));
    let (head, from) = match records::axis(&head, grid)? {
        Axis::Across(head, from) => (head, from),
        Axis::Down(head) => match head.as_slice() {
            [only] if least == 1 => (vec![only.clone()], only.bottom + 1),
            _ => return None,
        },
    };
    if is_answered(grid, &head) {
        return None;
    }
    let row = head.iter().map(|label| label.row).max()?;
    // One label alone heads a table only where it stands in line with the others.
    let apart = if least == 1 { 0 } else { 1 };
    let in_line = |labels: Vec<Label>| labels.into_iter().filter(|label| label.row.abs_diff(row) <= apart).collect::<Vec<_>>();
    let members: BTreeMap<&String, Vec<Vec<Label>>> = members
        .into_iter()
        .map(|(group, sets)| (group, sets.into_iter().map(in_line).filter(|labels| labels.len() >= 2).collect::<Vec<_>>()))
        .filter(|(_, sets)| !sets.is_empty())
        .collect();
    if members.is_empty() || head.len() < least {
        return None;
    }
    let mut collected: Vec<Record> = Vec::new();
    let keys: BTreeSet<&str> =
        head.iter().filter_map(|label| scribe.spec.fields.get(label.field)).map(|field| field.key.as_str()).collect();
    let spec = scribe.spec;
    let mut lines: BTreeMap<u32, Vec<Record>> = BTreeMap::new();
    for n in 0..members.values().map(Vec::len).max().unwrap_or(0) {
        let own = members.values().filter_map(|sets| sets.get(n)).flatten().cloned();
        let all: Vec<Label> = head.iter().cloned().chain(own).collect();
        for (row, line) in records::numbered_rows(grid, &all, from, scribe) {
            lines.entry(row).or_default().push(line);
        }
    }
    for line in lines.into_values().flatten() {
        let (own, rest): (Vec<_>, Vec<_>) = line.fields.into_iter().partition(|(key, _)| keys.contains(key.as_str()));
        // A title of what comes next names nothing that the table is about, and a blank band is none.
        if rest.is_empty() && (own.len() == 1 || !collected.is_empty() && members.values().any(|sets| sets.len() > 1)) {
            continue;
        }
        let same = |record: &Record| own.iter().all(|(key, field)| record.value(key) == Some(&field.value));
        // A blank header means: as in the row above.
        let at = if own.is_empty() { collected.len().checked_sub(1) } else { collected.iter().position(same) };
        let record = match at.and_then(|at| collected.get_mut(at)) {
            Some(record) => record,
            None => {
                collected.push(Record {
                    fields: own.into_iter().collect(),
                    groups: tables.keys().map(|group| (group.clone(), Rows::default())).collect(),
                });
                collected.last_mut()?
            }
        };
        for group in members.keys() {
            let fields: Fields = rest
                .iter()
                .filter(|(key, _)| spec.field(key).is_some_and(|field| field.group.as_ref() == Some(group)))
                .map(|(key, field)| (key.clone(), field.clone()))
                .collect();
            if !fields.is_empty() {
                record.groups.entry((*group).clone()).or_default().extend([Record { fields, groups: BTreeMap::new() }]);
            }
        }
    }
    Some(collected)
}

/// Whether labels in a row have their values beside them, not below: 電源等コード | R0001 | 開始日 | 2026/5/1.
fn is_answered(grid: &Grid<'_>, labels: &[Label]) -> bool {
    let is_label = |row: u32, column: u32| labels.iter().any(|label| label.row == row && label.column == column);
    let beside = |label: &&Label| {
        grid.at(label.row, label.right + 1).is_some_and(|cell| cell.column > label.right) && !is_label(label.row, label.right + 1)
    };
    labels.len() >= 2 && labels.iter().filter(beside).count() == labels.len()
}

/// The labels of a group, as often as they stand side by side in one row: band after band to the right.
fn sets(found: &[Label], chosen: Vec<Label>) -> Vec<Vec<Label>> {
    let same = |label: &Label| {
        let alike = |other: &&Label| other.field == label.field && other.row == label.row && other.rank == label.rank;
        found.iter().filter(alike).cloned().collect::<Vec<Label>>()
    };
    let repeated: Vec<Vec<Label>> = chosen.iter().map(same).collect();
    let most = repeated.iter().map(Vec::len).max().unwrap_or(0);
    let often = repeated.iter().filter(|labels| labels.len() == most);
    if most < 2 || often.clone().count() < 2 {
        return vec![chosen];
    }
    (0..most).map(|n| often.clone().filter_map(|labels| labels.get(n)).cloned().collect()).collect()
}
