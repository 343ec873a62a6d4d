//! The records of an xls: how much its parser would make room for, and how it is kept from that.
//!
//! Owns the walk of the records as the parser takes it: from where the list at the stream's head says that a sheet begins, up to that sheet's
//! end. Never reads a value.

use crate::reading::ole::{u16_at, u32_at};
use std::collections::BTreeSet;

const END: u16 = 0x000A;
const SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const SUBSTREAM: u16 = 0x0809;

/// Sheets that overlap may claim something anew once another's claim is gone; no honest file takes more than one round.
const ROUNDS: usize = 8;

/// Cells in the rectangles around the filled cells of each sheet of a BIFF stream: what the parser will allocate.
pub fn spread(stream: &[u8]) -> usize {
    sheets(stream).into_iter().fold(0, |total, start| total.saturating_add(filled(stream, start)))
}

/// Cells in the rectangle around the filled cells of the sheet that begins at `start`.
fn filled(stream: &[u8], start: usize) -> usize {
    let mut corners: Option<(u16, u16, u16, u16)> = None;
    for (kind, at, length) in sheet(stream, start) {
        if matches!(kind, 0x0006 | 0x00BD | 0x00BE | 0x00D6 | 0x00FD | 0x0203 | 0x0204 | 0x0205 | 0x027E)
            && let (Some(row), Some(column)) = (u16_at(stream, at), u16_at(stream, at + 2))
        {
            // A record of several cells ends with its last column.
            let last = if kind == 0x00BD { u16_at(stream, (at + length).saturating_sub(2)).unwrap_or(column) } else { column };
            let (top, left, bottom, right) = corners.unwrap_or((row, column, row, column));
            corners = Some((top.min(row), left.min(column), bottom.max(row), right.max(column).max(last)));
        }
    }
    corners.map_or(0, |(top, left, bottom, right)| (usize::from(bottom - top) + 1) * (usize::from(right - left) + 1))
}

/// Makes all sheets of a BIFF stream claim nothing about their size: the parser asks for as much room as they claim, and finds the cells
/// without it. Whether that was done: sheets may lie across each other so that it has no end.
pub fn unclaim(stream: &mut [u8]) -> bool {
    for _ in 0..ROUNDS {
        let claims: Vec<_> = (sheets(stream).into_iter())
            .flat_map(|start| sheet(stream, start))
            .filter(|(kind, ..)| *kind == DIMENSIONS)
            .map(|(_, at, length)| at..stream.len().min(at + length))
            .filter(|claim| stream.get(claim.clone()).is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0)))
            .collect();
        if claims.is_empty() {
            return true;
        }
        for claim in claims {
            stream.get_mut(claim).unwrap_or_default().fill(0);
        }
    }
    false
}

/// Where sheets begin.
fn sheets(stream: &[u8]) -> BTreeSet<usize> {
    let head = records(stream, 0).take_while(|(kind, ..)| *kind != END);
    head.filter(|(kind, ..)| *kind == SHEET).filter_map(|(_, at, _)| u32_at(stream, at)).map(|start| start as usize).collect()
}

/// The records of one sheet, with those of the charts that lie in it.
fn sheet(stream: &[u8], start: usize) -> impl Iterator<Item = (u16, usize, usize)> + '_ {
    let mut depth = 0usize;
    records(stream, start).take_while(move |(kind, ..)| {
        match *kind {
            SUBSTREAM => depth += 1,
            END if depth <= 1 => return false,
            END => depth -= 1,
            _ => {}
        }
        true
    })
}

/// Records one behind the other: their kind, where what they say begins, and how long it is.
fn records(stream: &[u8], start: usize) -> impl Iterator<Item = (u16, usize, usize)> + '_ {
    let mut next = start;
    std::iter::from_fn(move || {
        let (kind, length) = (u16_at(stream, next)?, usize::from(u16_at(stream, next + 2)?));
        let at = next + 4;
        next = at + length;
        Some((kind, at, length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    }

    fn at(row: u16, column: u16) -> Vec<u8> {
        [row.to_le_bytes(), column.to_le_bytes()].concat()
    }

    /// A stream whose list names sheets at these distances behind its head.
    fn book(starts: &[usize], rest: &[u8]) -> Vec<u8> {
        let head = 8 * starts.len() + 4;
        let listed = starts.iter().flat_map(|start| record(SHEET, &((head + start) as u32).to_le_bytes()));
        listed.chain(record(END, &[])).chain(rest.iter().copied()).collect()
    }

    #[test]
    fn sheets_are_weighed_from_where_the_list_says_that_they_begin() {
        let cells = [record(0x0203, &at(2, 1)), record(0x0203, &at(4, 3)), record(END, &[])].concat();
        assert_eq!(spread(&book(&[0], &cells)), 9);
        // A chart in a sheet ends before the sheet does.
        let chart = [record(SUBSTREAM, &[]), record(SUBSTREAM, &[]), record(END, &[])].concat();
        assert_eq!(spread(&book(&[0], &[chart, cells.clone()].concat())), 9);
        // What lies before a sheet hides nothing of it, as a record that it is within would.
        let hidden = record(0x1234, &cells);
        assert_eq!((spread(&book(&[0], &hidden)), spread(&book(&[4], &hidden))), (0, 9));
    }

    #[test]
    fn a_claim_that_only_the_parser_would_see_is_taken_back() {
        let claim = record(DIMENSIONS, &[0xFF; 14]);
        let hidden = record(0x1234, &claim);
        let mut stream = book(&[4], &hidden);
        assert!(stream.contains(&0xFF) && unclaim(&mut stream));
        assert!(!stream.contains(&0xFF));
        let mut elsewhere = book(&[0], &hidden);
        assert!(unclaim(&mut elsewhere) && elsewhere.contains(&0xFF), "no sheet begins there");
    }
}
