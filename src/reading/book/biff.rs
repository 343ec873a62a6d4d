//! The records of an xls: how much its parser would make room for, and how it is kept from that.

use crate::reading::ole::u16_at;

/// Cells in the rectangles around the filled cells of each sheet of a BIFF stream: what the parser will allocate.
pub fn spread(stream: &[u8]) -> usize {
    let mut total = 0usize;
    let mut corners: Option<(u16, u16, u16, u16)> = None;
    for (kind, at, length) in records(stream) {
        match kind {
            0x0006 | 0x00BD | 0x00BE | 0x00D6 | 0x00FD | 0x0203 | 0x0204 | 0x0205 | 0x027E => {
                if let (Some(row), Some(column)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
                    // A record of several cells ends with its last column.
                    let last = if kind == 0x00BD { u16_at(stream, (at + length).saturating_sub(2)).unwrap_or(column) } else { column };
                    let (top, left, bottom, right) = corners.unwrap_or((row, column, row, column));
                    corners = Some((top.min(row), left.min(column), bottom.max(row), right.max(column).max(last)));
                }
            }
            0x000A => {
                if let Some((top, left, bottom, right)) = corners.take() {
                    total = total.saturating_add((usize::from(bottom - top) + 1) * (usize::from(right - left) + 1));
                }
            }
            _ => {}
        }
    }
    total
}

/// The records of a BIFF stream: their kind, where what they say begins, and how long it is.
fn records(stream: &[u8]) -> impl Iterator<Item = (u16, usize, usize)> + '_ {
    let mut next = 0;
    std::iter::from_fn(move || {
        let (kind, length) = (u16_at(stream, next)?, usize::from(u16_at(stream, next + 2)?));
        let at = next + 4;
        next = at + length;
        Some((kind, at, length))
    })
}

/// Makes all sheets of a BIFF stream claim nothing about their size: the parser asks for as much room as they claim, and finds the cells
/// without it.
pub fn unclaim(stream: &mut [u8]) {
    const DIMENSIONS: u16 = 0x0200;
    let claims: Vec<_> = records(stream).filter(|(kind, ..)| *kind == DIMENSIONS).map(|(_, at, length)| at..at + length).collect();
    for claim in claims {
        stream.get_mut(claim).unwrap_or_default().fill(0);
    }
}
