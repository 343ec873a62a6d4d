//! Seals' imprints: by their colour, or as a circle where there is no colour.
//!
//! Owns what of an imprint is taken off the page before reading. Text under it stays where it can be told apart.

use crate::area::Area;
use crate::page::Permille;
use crate::page::{Mark, MarkKind};
use crate::paper::blobs::{self, Blob, Mask, Run};
use crate::picture::Grey;

/// Red ink in a patch of a seal's size.
pub fn red(red: &Grey, unit: f32) -> Vec<Mark> {
    let squares = Squares::of(red, unit);
    let close = squares.patches(0, unit);
    // A thin imprint on a coarse scan falls apart: what lies near belongs to it where nothing else is found.
    if close.is_empty() { squares.patches(1, unit) } else { close }
}

/// Red pixels counted in squares of about a millimetre: strokes of one imprint grow together, neighbours stay apart.
struct Squares {
    step: usize,
    columns: usize,
    rows: usize,
    counts: Vec<usize>,
}

impl Squares {
    fn of(red: &Grey, unit: f32) -> Self {
        let step = (unit as usize).max(2);
        let (columns, rows) = (red.width.div_ceil(step), red.height.div_ceil(step));
        let mut counts = vec![0usize; columns * rows];
        for (y, line) in red.pixels.chunks_exact(red.width.max(1)).enumerate() {
            for (x, _) in line.iter().enumerate().filter(|(_, p)| **p > 100) {
                counts[y / step * columns + x / step] += 1;
            }
        }
        Squares { step, columns, rows, counts }
    }

    /// Patches of a seal's size, where squares with no more than twice `reach` empty ones between them hang together.
    fn patches(&self, reach: usize, unit: f32) -> Vec<Mark> {
        let inked = |x: usize, y: usize| self.counts[y * self.columns + x] >= 3;
        let near = |at: usize, end: usize| at.saturating_sub(reach)..(at + reach + 1).min(end);
        let grown = |n: usize| {
            let (x, y) = (n % self.columns, n / self.columns);
            near(y, self.rows).any(|y| near(x, self.columns).any(|x| inked(x, y)))
        };
        let bits = (0..self.counts.len()).map(grown).collect();
        let coarse = Mask { width: self.columns, height: self.rows, bits };
        blobs::find(&coarse).into_iter().filter_map(|blob| self.seal(&blob, reach as i32, unit)).collect()
    }

    fn seal(&self, blob: &Blob, reach: i32, unit: f32) -> Option<Mark> {
        let scale = self.step as i32;
        let Area { left, top, right, bottom } = blob.area;
        let area = Area::new((left + reach) * scale, (top + reach) * scale, (right - reach) * scale, (bottom - reach) * scale);
        let (w, h) = (area.width() as f32 / unit, area.height() as f32 / unit);
        let ink: usize =
            blob.runs.iter().flat_map(|(y, a, b)| (*a..*b).map(|x| self.counts[*y as usize * self.columns + x as usize])).sum();
        let fits = (7.0..=45.0).contains(&w) && (7.0..=45.0).contains(&h) && (0.5..=2.0).contains(&(w / h));
        let dense = ink as f32 / (area.width() * area.height()) as f32;
        (fits && dense > 0.04).then_some(Mark { area, kind: MarkKind::Seal, confidence: Permille(950) })
    }
}

/// A shape that may be an imprint or not: whoever asks for a seal is told, and warned.
pub const DOUBTFUL: Permille = Permille(500);
/// How much of a circle or of a frame must be inked for certainty, and for a doubt.
const ROUND: std::ops::Range<f32> = 0.66..0.85;
const FRAMED: std::ops::Range<f32> = 0.62..0.75;

/// What is certain about how much of a shape is inked.
fn certain(share: f32, range: &std::ops::Range<f32>, sure: Permille) -> Option<Permille> {
    if share >= range.end { Some(sure) } else { (share >= range.start).then_some(DOUBTFUL) }
}

/// Circles of a seal's size. Ruled lines cut them to arcs, so each arc is asked for its circle, and the circle for its ink.
pub fn circles(ink: &Mask, blobs: &[Blob], unit: f32) -> Vec<Mark> {
    let mut found: Vec<Mark> = Vec::new();
    for blob in blobs.iter().filter(|blob| blob.side() as f32 >= 3.5 * unit && blob.side() as f32 <= 26.0 * unit) {
        if blob.pixels as f32 > 0.5 * (blob.area.width() * blob.area.height()) as f32 {
            continue;
        }
        let Some((x, y, radius)) = fit(blob, unit) else { continue };
        if !(4.3 * unit..=12.0 * unit).contains(&radius) {
            continue;
        }
        let share = inked(ink, x, y, radius, 0.35 * unit);
        let area = Area::new((x - radius) as i32, (y - radius) as i32, (x + radius) as i32 + 1, (y + radius) as i32 + 1);
        let Some(confidence) = certain(share, &ROUND, Permille::from_ratio(share)) else { continue };
        let mark = Mark { area, kind: MarkKind::Seal, confidence };
        match found.iter_mut().find(|known| known.area.intersection(&area).is_some()) {
            Some(known) if known.confidence < confidence => *known = mark,
            Some(_) => {}
            None => found.push(mark),
        }
    }
    found
}

/// The circle through the middle of the component's runs, by least squares; strays are left out of the second try.
fn fit(blob: &Blob, unit: f32) -> Option<(f32, f32, f32)> {
    let mut points: Vec<(f64, f64)> = blob.runs.iter().map(|(y, a, b)| (f64::from(a + b) / 2.0, f64::from(*y))).collect();
    let mut circle = solve(&points)?;
    for _ in 0..3 {
        let (x, y, r) = circle;
        let near: Vec<_> = points.iter().copied().filter(|p| ((p.0 - x).hypot(p.1 - y) - r).abs() <= f64::from(0.8 * unit)).collect();
        if near.len() * 2 < blob.runs.len() || near.len() < 8 {
            return None;
        }
        points = near;
        circle = solve(&points)?;
    }
    Some((circle.0 as f32, circle.1 as f32, circle.2 as f32))
}

/// Kåsa's fit: x² + y² = 2ax + 2by + c.
fn solve(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    let n = points.len() as f64;
    if n < 8.0 {
        return None;
    }
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut uu, mut uv, mut vv, mut uz, mut vz) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in points {
        let (u, v) = (x - mx, y - my);
        let z = u * u + v * v;
        (uu, uv, vv, uz, vz) = (uu + u * u, uv + u * v, vv + v * v, uz + u * z, vz + v * z);
    }
    let det = uu * vv - uv * uv;
    if det.abs() < 1e-6 * (uu + vv) * (uu + vv) {
        return None;
    }
    let (a, b) = ((uz * vv - vz * uv) / (2.0 * det), (vz * uu - uz * uv) / (2.0 * det));
    Some((mx + a, my + b, (a * a + b * b + (uu + vv) / n).sqrt()))
}

/// The share of the circle's line that is inked.
pub fn inked(ink: &Mask, x: f32, y: f32, radius: f32, slack: f32) -> f32 {
    const STEPS: i32 = 90;
    let hit = |n: &i32| {
        let (sin, cos) = (*n as f32 * std::f32::consts::TAU / STEPS as f32).sin_cos();
        let reach = slack.ceil() as i32;
        (-reach..=reach).any(|d| {
            let r = radius + d as f32;
            ink.at((x + r * cos).round() as i32, (y + r * sin).round() as i32)
        })
    };
    (0..STEPS).filter(hit).count() as f32 / STEPS as f32
}

/// Square imprints: a frame, somewhat turned and cut by ruled lines, with characters in it.
pub fn squares(ink: &Mask, blobs: &[Blob], unit: f32) -> Vec<Mark> {
    let piece = |blob: &&Blob| (4.6..=28.0).contains(&side(&blob.area, unit)) && blob.pixels as f32 <= 6.0 * unit * blob.side() as f32;
    let pieces: Vec<&Blob> = blobs.iter().filter(piece).collect();
    let mut used = vec![false; pieces.len()];
    let mut found = Vec::new();
    for seed in 0..pieces.len() {
        if std::mem::replace(&mut used[seed], true) {
            continue;
        }
        let (mut area, mut members) = (pieces[seed].area, vec![pieces[seed]]);
        let reach = (1.2 * unit) as i32;
        loop {
            let around = Area::new(area.left - reach, area.top - reach, area.right + reach, area.bottom + reach);
            let next = (0..pieces.len()).find(|n| {
                !used[*n] && pieces[*n].area.intersection(&around).is_some() && side(&area.union(&pieces[*n].area), unit) <= 28.0
            });
            let Some(next) = next else { break };
            used[next] = true;
            area = area.union(&pieces[next].area);
            members.push(pieces[next]);
        }
        found.extend(imprint(ink, area, &members, unit));
    }
    found
}

/// The longer side in millimetres.
fn side(area: &Area, unit: f32) -> f32 {
    area.width().max(area.height()) as f32 / unit
}

/// A frame around characters, as large as an imprint.
fn imprint(ink: &Mask, area: Area, members: &[&Blob], unit: f32) -> Option<Mark> {
    let (w, h) = (area.width(), area.height());
    let inner = Area::new(area.left + w / 5, area.top + h / 5, area.right - w / 5, area.bottom - h / 5);
    let filled = ink.count(&inner) as f32 / (inner.width().max(1) * inner.height().max(1)) as f32;
    let fits = (9.0..=28.0).contains(&side(&area, unit)) && (w - h).abs() * 5 <= w.max(h) && (0.03..0.6).contains(&filled);
    let share = if fits { framed(&area, members) } else { 0.0 };
    certain(share, &FRAMED, Permille::from_ratio(share.max(0.86))).map(|confidence| Mark { area, kind: MarkKind::Seal, confidence })
}

/// Frames whose sides are broken farther than pieces of one stroke are apart: each long side is asked for the square beside it.
fn add_broken(found: &mut Vec<Mark>, ink: &Mask, blobs: &[Blob], unit: f32) {
    let thin = |blob: &&Blob| {
        let (long, short) = (blob.side(), blob.area.width().min(blob.area.height()));
        (3.5 * unit..=28.0 * unit).contains(&(long as f32)) && short * 4 <= long
    };
    let strokes: Vec<&Blob> = blobs.iter().filter(thin).collect();
    for stroke in strokes.iter().filter(|stroke| side(&stroke.area, unit) >= 8.0) {
        let (long, Area { left, top, right, bottom }) = (stroke.side(), stroke.area);
        let beside = if right - left == long {
            [Area::new(left, top, right, top + long), Area::new(left, bottom - long, right, bottom)]
        } else {
            [Area::new(left, top, left + long, bottom), Area::new(right - long, top, right, bottom)]
        };
        for square in beside {
            let room = square.grown(long * 2 / 5, long * 2 / 5);
            let inside = |blob: &&&Blob| blob.area.intersection(&room) == Some(blob.area);
            let members: Vec<&Blob> = strokes.iter().filter(inside).copied().collect();
            let area = members.iter().fold(stroke.area, |sum, blob| sum.union(&blob.area));
            if !found.iter().any(|known| known.area.intersection(&area).is_some()) {
                found.extend(imprint(ink, area, &members, unit));
            }
        }
    }
}

/// Below this a frame is not certainly an imprint: a printed box with words in it stands level, a seal hardly ever.
const LEVEL: Permille = Permille(700);

/// Square imprints whose sides would pass for ruled lines; `mask` is the page without lines longer than any imprint.
pub fn frames(mask: &Mask, unit: f32) -> Vec<Mark> {
    let mut blobs = blobs::find(mask);
    // What is left beside a line that was taken off is no side of a frame.
    blobs.retain(|blob| blob.area.width().min(blob.area.height()) as f32 >= 0.3 * unit);
    let mut found = squares(mask, &blobs, unit);
    add_broken(&mut found, mask, &blobs, unit);
    for seal in found.iter_mut().filter(|seal| !turned(mask, &seal.area)) {
        seal.confidence = seal.confidence.min(LEVEL);
    }
    found
}

/// Whether the upper edge within an area climbs or falls by more than a level page's lines do.
fn turned(mask: &Mask, area: &Area) -> bool {
    let edge = |from: i32, to: i32| {
        let mut tops: Vec<i32> = (area.left + area.width() * from / 20..area.left + area.width() * to / 20)
            .filter_map(|x| (area.top..area.bottom).find(|y| mask.at(x, *y)))
            .collect();
        tops.sort_unstable();
        tops.get(tops.len() / 2).copied().unwrap_or(area.top)
    };
    (edge(2, 6) - edge(14, 18)).abs() * 70 > area.width()
}

/// How much of a square's four sides is inked, its corners above all: a circle has none.
fn framed(area: &Area, members: &[&Blob]) -> f32 {
    let (w, h) = (area.width() as usize, area.height() as usize);
    let (mut rows, mut columns) = (vec![(w, 0); h], vec![(h, 0); w]);
    for (y, from, to) in members.iter().flat_map(|blob| &blob.runs) {
        let (y, from, to) = ((y - area.top) as usize, (from - area.left) as usize, (to - area.left) as usize);
        rows[y] = (rows[y].0.min(from), rows[y].1.max(to));
        columns[from..to].iter_mut().for_each(|column| *column = (column.0.min(y), column.1.max(y + 1)));
    }
    let share = |ends: &[(usize, usize)], long: usize| {
        let (slack, length) = (long * 3 / 20, ends.len());
        let part = |range: std::ops::Range<usize>| {
            let hit = |end: &(usize, usize)| usize::from(end.0 <= slack) + usize::from(end.1 + slack >= long);
            ends[range.clone()].iter().map(hit).sum::<usize>() as f32 / (2 * range.len().max(1)) as f32
        };
        let corners = (part(length / 16..length / 6) + part(length - length / 6..length - length / 16)) / 2.0;
        part(length / 16..length - length / 16).min(corners + 0.2)
    };
    share(&rows, w).min(share(&columns, h))
}

/// What of an imprint without colour is no text: its edge, and the characters in it that continue no line of the page.
pub fn ink(seal: &Area, round: bool, blobs: &[Blob], unit: f32) -> Vec<Run> {
    let (x, y) = seal.centre();
    let radius = seal.width().max(seal.height()) as f32 / 2.0;
    let distance = |px: i32, py: i32| {
        let (dx, dy) = ((px - x).abs() as f32, (py - y).abs() as f32);
        if round { dx.hypot(dy) } else { dx.max(dy) }
    };
    // A frame that is a little turned drifts across its edge; text does not hang together like that.
    let (broad, least) = if round { (0.6 * unit, 0.0) } else { (0.3 * radius, 4.6 * unit) };
    let mut runs = Vec::new();
    let mut inside: Vec<&Blob> = Vec::new();
    let mut text: Vec<&Blob> = Vec::new();
    for blob in blobs {
        let (bx, by) = blob.area.centre();
        let near = blob.area.intersection(&Area::new(seal.left - 2, seal.top - 2, seal.right + 2, seal.bottom + 2)).is_some();
        if near {
            let on = |x, y| (distance(x, y) - radius).abs() < broad;
            let edge = |run: &&Run| blob.side() as f32 >= least && on(run.1, run.0) && on(run.2, run.0);
            runs.extend(blob.runs.iter().filter(edge));
        }
        if distance(bx, by) < radius && blob.side() as f32 <= 1.2 * radius {
            inside.push(blob);
        } else if blob.side() as f32 <= 7.0 * unit && blob.side() as f32 >= 1.0 * unit {
            text.push(blob);
        }
    }
    inside.sort_by_key(|blob| (blob.area.left, blob.area.top));
    for blob in inside {
        let continues = text.iter().any(|known| {
            let gap = blob.area.left - known.area.right;
            let alike = 2 * known.area.height() >= blob.area.height() && known.area.height() <= 3 * blob.area.height().max(1);
            alike && (gap as f32) < 1.3 * unit && blob.area.left > known.area.left && known.area.row_overlap(&blob.area) >= 700
        });
        if continues {
            text.push(blob);
        } else {
            runs.extend(&blob.runs);
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: f32 = 8.0;

    fn draw(f: impl Fn(f32, f32) -> bool) -> Mask {
        Mask::drawn(400, 300, f)
    }

    #[test]
    fn red_ink_of_a_seals_size_is_a_seal_even_without_an_edge() {
        let width = 400_usize;
        let near = |n: usize| (n % width).abs_diff(200) < 60 && (n / width).abs_diff(150) < 60 && n.is_multiple_of(3);
        let pixels = (0..width * 300).map(|n| if near(n) { 255 } else { 0 }).collect();
        let marks = red(&Grey { width, height: 300, pixels }, UNIT);
        assert_eq!(marks.iter().map(|m| m.kind).collect::<Vec<_>>(), [MarkKind::Seal]);
    }

    #[test]
    fn a_thin_red_frame_that_lost_its_corners_is_a_seal_and_a_red_line_is_none() {
        let width = 400_usize;
        let drawn = |inked: &dyn Fn(i32, i32) -> bool| {
            let pixels = (0..width * 300).map(|n| if inked((n % width) as i32, (n / width) as i32) { 255 } else { 0 }).collect();
            red(&Grey { width, height: 300, pixels }, UNIT).len()
        };
        let side = |along: i32, across: i32| (12..108).contains(&along) && ((0..3).contains(&across) || (117..120).contains(&across));
        assert_eq!(drawn(&|x, y| side(x - 140, y - 90) || side(y - 90, x - 140)), 1);
        assert_eq!(drawn(&|x, y| (140..300).contains(&x) && (90..93).contains(&y)), 0);
    }

    #[test]
    fn a_circle_cut_by_wiped_rules_is_still_a_seal() {
        let circle = |x: f32, y: f32| ((x - 200.0).hypot(y - 150.0) - 66.0).abs() < 2.0;
        let ruled = |y: f32| (y - 130.0).abs() < 2.0 || (y - 180.0).abs() < 2.0;
        let whole = draw(|x, y| circle(x, y) || ruled(y));
        let cut = draw(|x, y| circle(x, y) && !ruled(y));
        let found = circles(&whole, &blobs::find(&cut), UNIT);
        assert_eq!(found.len(), 1);
        let area = found[0].area;
        assert!((area.left - 134).abs() < 4 && (area.bottom - 216).abs() < 4, "{area:?}");
    }

    #[test]
    fn a_turned_square_that_rules_cut_is_one_seal_and_a_circle_or_an_open_frame_is_none() {
        let turned = |x: f32, y: f32| {
            let (dx, dy) = (x - 200.0, y - 150.0);
            let (u, v) = (dx * 0.996 - dy * 0.087, dx * 0.087 + dy * 0.996);
            let d = u.abs().max(v.abs());
            (d - 66.0).abs() < 2.5 || d < 44.0 && (u.abs() < 3.0 || v.abs() < 3.0)
        };
        let cut = draw(|x, y| turned(x, y) && (y - 130.0).abs() > 2.0 && (y - 180.0).abs() > 2.0);
        let found = squares(&cut, &blobs::find(&cut), UNIT);
        assert_eq!(found.len(), 1);
        assert!((found[0].area.left - 128).abs() < 6 && (found[0].area.bottom - 222).abs() < 6, "{found:?}");
        let open = draw(|x, y| turned(x, y) && y < 190.0);
        assert!(squares(&open, &blobs::find(&open), UNIT).is_empty());
        let circle = draw(|x, y| ((x - 200.0).hypot(y - 150.0) - 66.0).abs() < 2.5 || (x - 200.0).abs() < 3.0 && (y - 150.0).abs() < 40.0);
        assert!(squares(&circle, &blobs::find(&circle), UNIT).is_empty());
    }

    #[test]
    fn a_turned_frame_is_a_seal_and_a_level_one_is_doubted() {
        let framed = |slope: f32| {
            draw(move |x, y| {
                let (dx, dy) = (x - 200.0, y - 150.0);
                let (u, v) = (dx - dy * slope, dx * slope + dy);
                let d = u.abs().max(v.abs());
                (d - 66.0).abs() < 2.5 || d < 44.0 && (u.abs() < 3.0 || v.abs() < 3.0)
            })
        };
        let sure = |slope: f32| frames(&framed(slope), UNIT).iter().map(|seal| seal.confidence >= Permille(850)).collect::<Vec<_>>();
        assert_eq!((sure(0.06), sure(0.0)), (vec![true], vec![false]));
        assert!(frames(&draw(|x, y| (x - 200.0).abs() < 60.0 && ((y - 150.0).abs() - 60.0).abs() < 2.5), UNIT).is_empty());
    }

    #[test]
    fn a_turned_frame_with_wide_breaks_is_a_seal_and_three_sides_are_none() {
        let turned = |x: f32, y: f32| {
            let (dx, dy) = (x - 200.0, y - 150.0);
            let (u, v) = (dx - dy * 0.09, dx * 0.09 + dy);
            let d = u.abs().max(v.abs());
            // The corners are pale, and a wiped rule cuts the sides.
            let pale = (u.abs() - v.abs()).abs() < 13.0 || (y - 130.0).abs() < 3.0;
            (d - 66.0).abs() < 2.5 && !pale || d < 44.0 && (u.abs() < 3.0 || v.abs() < 3.0)
        };
        let seals = |mask: Mask| frames(&mask, UNIT).iter().map(|seal| seal.confidence >= DOUBTFUL).collect::<Vec<_>>();
        assert_eq!(seals(draw(turned)), [true]);
        assert!(seals(draw(|x, y| turned(x, y) && y < 195.0)).is_empty());
    }

    #[test]
    fn half_a_circle_is_no_seal() {
        let half = draw(|x, y| ((x - 200.0).hypot(y - 150.0) - 66.0).abs() < 2.0 && y < 170.0);
        assert!(circles(&half, &blobs::find(&half), UNIT).is_empty());
    }

    #[test]
    fn text_that_runs_under_a_seal_stays_and_the_seals_own_goes() {
        let glyph =
            |left: i32, top: i32| move |x: f32, y: f32| (left..left + 24).contains(&(x as i32)) && (top..top + 24).contains(&(y as i32));
        let (before, under, own) = (glyph(100, 140), glyph(130, 140), glyph(190, 90));
        let mask = draw(|x, y| before(x, y) || under(x, y) || own(x, y));
        let gone = ink(&Area::new(124, 74, 276, 226), true, &blobs::find(&mask), UNIT);
        assert!(gone.iter().all(|(y, ..)| *y < 130), "{gone:?}");
        assert_eq!(gone.len(), 24);
    }
}
