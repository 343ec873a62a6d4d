//! How a known form lies on a page: found by its cells, which no entry changes.
//!
//! Owns the map from the form to the page. Never looks at ink.

use crate::area::Area;
use std::cmp::Reverse;

/// Pairs of cells by which a form is laid on trial at most: those first that few others are like.
const TRIALS: usize = 120;
/// Millimetres by which a cell may be off, and how many times as many before the form lies well.
const OFF: f32 = 1.2;
const FAR: f32 = 2.5;
/// So many cells are met at least, and so many tenths of those of the form.
const FEWEST: usize = 8;
const TENTHS: usize = 6;

/// Where a form lies: for each axis a stretch and a shift.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lay {
    across: (f32, f32),
    down: (f32, f32),
}

impl Lay {
    /// Left, top, right and bottom on the page of an area of the form.
    pub fn area(&self, area: &Area) -> [f32; 4] {
        let x = |x: i32| self.across.0 * x as f32 + self.across.1;
        let y = |y: i32| self.down.0 * y as f32 + self.down.1;
        [x(area.left), y(area.top), x(area.right), y(area.bottom)]
    }

    /// An area of the form from one of the page.
    pub fn back(&self, area: &Area) -> Area {
        let back = |at: i32, (stretch, shift): (f32, f32)| ((at as f32 - shift) / stretch).round() as i32;
        let (across, down) = (self.across, self.down);
        Area::new(back(area.left, across), back(area.top, down), back(area.right, across), back(area.bottom, down))
    }
}

/// How cells of a form lie on a page whose `cells`, from top to bottom, they meet, if most do. Units are pixels a millimetre.
pub fn fitted(form: &[Area], own_unit: f32, cells: &[Area], unit: f32) -> Option<Lay> {
    let ratio = unit / own_unit;
    let like = |own: i32, there: i32, slack: f32| (there as f32 / (own.max(1) as f32 * ratio) - 1.0).abs() <= slack;
    // A narrow cell tells the size of a form too roughly.
    let widest = form.iter().map(Area::width).max().unwrap_or(0);
    let twins = |own: &'_ Area| -> Vec<&Area> {
        cells.iter().filter(|cell| like(own.width(), cell.width(), 0.06) && like(own.height(), cell.height(), 0.15)).collect()
    };
    let mut trials: Vec<(&Area, Vec<&Area>)> = form.iter().filter(|own| 3 * own.width() >= widest).map(|own| (own, twins(own))).collect();
    trials.sort_by_key(|(own, there)| (there.len(), Reverse(own.width()), **own));
    let mut best: Option<(Lay, usize)> = None;
    for (own, there) in trials.into_iter().flat_map(|(own, there)| there.into_iter().map(move |there| (own, there))).take(TRIALS) {
        let scale = there.width() as f32 / own.width() as f32;
        let shift = |own: i32, there: i32| (scale, there as f32 - scale * own as f32);
        let mut lay = Lay { across: shift(own.left, there.left), down: shift(own.top, there.top) };
        let mut met = 0;
        // Far from the cell that it was laid by, a form is off by what that cell's sides were.
        for off in [FAR * OFF, OFF, OFF] {
            (lay, met) = settled(form, cells, lay, off * unit);
        }
        if best.is_none_or(|(_, most)| met > most) {
            best = Some((lay, met));
        }
    }
    best.filter(|(_, met)| *met >= FEWEST && 10 * met >= TENTHS * form.len()).map(|(lay, _)| lay)
}

/// The lay by which the cells that are met are off by least, and how many they are.
fn settled(form: &[Area], cells: &[Area], lay: Lay, near: f32) -> (Lay, usize) {
    let (mut across, mut down) = (Vec::new(), Vec::new());
    for own in form {
        let want = lay.area(own);
        let off = |cell: &Area| {
            let sides = [cell.left, cell.top, cell.right, cell.bottom];
            sides.iter().zip(want).map(|(side, want)| (*side as f32 - want).abs()).fold(0.0, f32::max)
        };
        let from = cells.partition_point(|cell| (cell.top as f32) < want[1] - near);
        let level = cells[from..].iter().take_while(|cell| cell.top as f32 <= want[1] + near);
        let nearest = level.map(|cell| (off(cell), cell)).filter(|(off, _)| *off <= near).min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, there)) = nearest {
            across.extend([(own.left, there.left), (own.right, there.right)]);
            down.extend([(own.top, there.top), (own.bottom, there.bottom)]);
        }
    }
    let met = across.len() / 2;
    match (line(&across), line(&down)) {
        (Some(across), Some(down)) => (Lay { across, down }, met),
        _ => (lay, met),
    }
}

/// Slope and height of the straight line from which points are off by least.
fn line(points: &[(i32, i32)]) -> Option<(f32, f32)> {
    let mean = |of: fn(&(i32, i32)) -> i32| points.iter().map(|point| f64::from(of(point))).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let from_x = |point: &(i32, i32)| f64::from(point.0) - x;
    let spread: f64 = points.iter().map(|point| from_x(point).powi(2)).sum();
    let slope = points.iter().map(|point| from_x(point) * (f64::from(point.1) - y)).sum::<f64>() / spread;
    (spread > 0.0).then_some((slope as f32, (y - slope * x) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of ten rows of two columns, each row a little higher than the one before.
    fn table() -> Vec<Area> {
        let mut cells = Vec::new();
        let mut top = 100;
        for row in 0..10 {
            let bottom = top + 60 + 5 * row;
            cells.extend([Area::new(150, top, 500, bottom), Area::new(500, top, 1500, bottom)]);
            top = bottom;
        }
        cells
    }

    fn moved(cells: &[Area], stretch: f32, (x, y): (i32, i32)) -> Vec<Area> {
        let at = |place: i32, shift: i32| (place as f32 * stretch).round() as i32 + shift;
        cells.iter().map(|cell| Area::new(at(cell.left, x), at(cell.top, y), at(cell.right, x), at(cell.bottom, y))).collect()
    }

    #[test]
    fn a_form_is_found_at_another_size_and_place_and_with_cells_that_are_lost() {
        let mut cells = moved(&table(), 0.74, (13, -21));
        cells.remove(7);
        cells.swap_remove(2);
        cells.sort_by_key(|cell| cell.top);
        let lay = fitted(&table(), 8.0, &cells, 6.0).expect("it lies there");
        let there = lay.area(&Area::new(500, 100, 1500, 160));
        assert!(there.iter().zip([383.0, 53.0, 1123.0, 97.0]).all(|(is, want)| (is - want).abs() <= 1.5), "{there:?}");
        assert_eq!(lay.back(&Area::new(383, 53, 1123, 97)), Area::new(500, 100, 1500, 160));
    }

    #[test]
    fn another_table_is_not_taken_for_the_form() {
        let other: Vec<Area> = (0..10)
            .flat_map(|row| [Area::new(150, 100 + 80 * row, 620, 180 + 80 * row), Area::new(620, 100 + 80 * row, 1500, 180 + 80 * row)])
            .collect();
        assert_eq!(fitted(&table(), 8.0, &other, 8.0), None);
        assert_eq!(fitted(&table()[..6], 8.0, &table()[..6], 8.0), None, "too few cells to tell");
        assert_eq!(fitted(&[], 8.0, &[], 8.0), None);
    }
}
