//! A whole page with frames on it and words beside it.

use crate::domain::picture::View;
use crate::domain::place::Area;
use crate::drawing::Colour;
use crate::drawing::canvas::Canvas;
use crate::drawing::crop;
use crate::drawing::pen::Pen;

/// How sure the desk is of what it notes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tone {
    /// A value that nobody doubts.
    Sure,
    /// A value that a person should look at.
    Doubtful,
    /// A defect.
    Finding,
}

impl Tone {
    pub fn colour(self) -> Colour {
        match self {
            Tone::Sure => [0, 105, 60],
            Tone::Doubtful => [205, 95, 0],
            Tone::Finding => [200, 0, 30],
        }
    }
}

/// Words about a place on the page, or about the page as such.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// In the units of places.
    pub area: Option<Area>,
    pub tone: Tone,
    /// Doubts and defects are numbered through.
    pub number: Option<usize>,
    pub words: String,
}

/// A page is drawn no larger than this.
const LONGEST: usize = 2500;
/// Lines that one note may take.
const LINES: usize = 4;

/// The page upright, a frame around every place, and beside it the notes at the height of what they are about.
pub fn annotated(view: &View, quarters: u8, notes: &[Note], pen: &Pen<'_>) -> Canvas {
    let (sheet, frame) = crop::upright(view, quarters);
    let before = sheet.width;
    let mut sheet = sheet.within(LONGEST, LONGEST);
    let ratio = sheet.width as f64 / before as f64;
    let frame = frame.then(&crate::domain::place::Frame::stretched((1.0, 1.0), (ratio, ratio)));
    let long = sheet.width.max(sheet.height);
    let thick = (long / 900).max(1) as i32;
    let (width, height) = (sheet.width, sheet.height);
    let mut notes: Vec<(&Note, Option<Area>)> = notes.iter().map(|note| (note, note.area.map(|area| frame.area(&area)))).collect();
    // The gravest are drawn last, and lie on top.
    notes.sort_by_key(|(note, _)| note.tone);
    notes.iter().filter_map(|(note, area)| Some((note, (*area)?))).for_each(|(note, area)| {
        sheet.frame(&area.grown(thick, thick), note.tone.colour(), thick);
    });
    notes.sort_by_key(|(note, area)| (area.map_or((i32::MAX, 0), |area| (area.centre().1, area.left)), note.tone, note.number));
    let panel = (width / 2).max(500);
    let layout = Layout::of(&notes, pen, panel, height);
    let mut canvas = Canvas::blank(width + panel, height.max(layout.height), [255; 3]);
    canvas.paste(&sheet, 0, 0);
    canvas.fill(&Area::new(width as i32, 0, width as i32 + 1, canvas.height as i32), [160; 3]);
    let mut badges: Vec<Area> = Vec::new();
    for ((note, area), (top, lines)) in notes.iter().zip(&layout.notes) {
        let colour = note.tone.colour();
        let left = width as i32 + layout.indent;
        for (n, line) in lines.iter().enumerate() {
            pen.write(&mut canvas, line, (left, top + n as i32 * layout.pitch), layout.size, colour);
        }
        if let Some(area) = area {
            let elbow = (width as i32 + layout.indent / 3, top + layout.pitch / 2);
            canvas.line((area.right + 2 * thick, area.centre().1), elbow, colour);
            canvas.line(elbow, (left - 3, elbow.1), colour);
            if let Some(number) = note.number {
                badge(&mut canvas, pen, area, number, layout.size, colour, &mut badges);
            }
        }
    }
    canvas
}

/// The number of a doubt at the upper left corner of its frame, left of those that stand there already.
fn badge(canvas: &mut Canvas, pen: &Pen<'_>, area: &Area, number: usize, size: f32, colour: Colour, others: &mut Vec<Area>) {
    let words = number.to_string();
    let (width, height) = ((pen.width(&words, size) + size * 0.4) as i32, (size * 1.1) as i32);
    let (left, top) = ((area.left - width).max(0), (area.top - height / 2).max(0));
    let mut place = Area::new(left, top, left + width, top + height);
    while let Some(other) = others.iter().find(|other| other.intersection(&place).is_some()) {
        if other.left <= width {
            break;
        }
        place = Area::new(other.left - 1 - width, top, other.left - 1, top + height);
    }
    canvas.fill(&place, colour);
    pen.write(canvas, &words, (place.left + (size * 0.2) as i32, top + (size * 0.05) as i32), size, [255; 3]);
    others.push(place);
}

/// Where each note stands beside the page.
struct Layout {
    size: f32,
    /// From one line to the next.
    pitch: i32,
    indent: i32,
    notes: Vec<(i32, Vec<String>)>,
    height: usize,
}

impl Layout {
    /// In the largest size at which all notes fit, or in the smallest that can be read and then longer than the page.
    fn of(notes: &[(&Note, Option<Area>)], pen: &Pen<'_>, panel: usize, height: usize) -> Self {
        let largest = (height as f32 / 70.0).clamp(14.0, 34.0);
        let sizes = (0..8).map(|n| (largest * 0.92f32.powi(n)).max(13.0));
        let mut last = None;
        for size in sizes {
            let layout = Layout::at(size, notes, pen, panel, height);
            if layout.height <= height {
                return layout;
            }
            last = Some(layout);
        }
        last.unwrap_or_else(|| Layout::at(13.0, notes, pen, panel, height))
    }

    fn at(size: f32, notes: &[(&Note, Option<Area>)], pen: &Pen<'_>, panel: usize, height: usize) -> Self {
        let (pitch, indent) = ((size * 1.25) as i32, (size * 2.2) as i32);
        let width = panel as f32 - indent as f32 - size;
        let words = |note: &Note| match note.number {
            Some(number) => format!("[{number}] {}", note.words),
            None => note.words.clone(),
        };
        let lines: Vec<Vec<String>> = notes.iter().map(|(note, _)| pen.lines(&words(note), size, width, LINES)).collect();
        // From below: what follows needs so much room, so nothing may stand lower than that.
        let mut floor = height as i32;
        let mut latest = vec![0; notes.len()];
        for (n, lines) in lines.iter().enumerate().rev() {
            floor -= lines.len() as i32 * pitch + pitch / 4;
            latest[n] = floor;
        }
        let mut next = 0;
        let mut placed = Vec::new();
        for ((lines, (_, area)), latest) in lines.into_iter().zip(notes).zip(latest) {
            let wanted = area.map_or(next, |area| area.centre().1 - pitch / 2);
            let top = wanted.min(latest).max(next);
            next = top + lines.len() as i32 * pitch + pitch / 4;
            placed.push((top, lines));
        }
        Layout { size, pitch, indent, notes: placed, height: next.max(0) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::picture::Picture;

    static GOTHIC: &[u8] = include_bytes!("../../templates/_shared/fonts/ipaexg.ttf");

    fn view() -> View {
        let picture = Picture { width: 600, height: 800, channels: 1, pixels: vec![255; 480_000], dpi: None };
        View { picture, width: 6000, height: 8000 }
    }

    fn note(area: Option<Area>, tone: Tone, number: Option<usize>) -> Note {
        Note { area, tone, number, words: "法人番号　4246006111918".into() }
    }

    #[test]
    fn a_frame_lies_around_its_place_whichever_way_up_the_page_is() {
        let pen = Pen::new(GOTHIC).unwrap();
        let area = Area::new(1000, 2000, 3000, 2400);
        for (quarters, framed) in
            [(0, Area::new(100, 200, 300, 240)), (1, Area::new(560, 100, 600, 300)), (2, Area::new(300, 560, 500, 600))]
        {
            let drawn = annotated(&view(), quarters, &[note(Some(area), Tone::Finding, None)], &pen);
            let width = if quarters == 1 { 800 } else { 600 };
            let red = |x: usize, y: usize| x < width && drawn.at(x, y) == Some(Tone::Finding.colour());
            let points: Vec<(i32, i32)> = (0..drawn.height)
                .flat_map(|y| (0..width).map(move |x| (x, y)))
                .filter(|(x, y)| red(*x, *y))
                .map(|(x, y)| (x as i32, y as i32))
                .collect();
            let (xs, ys) = (points.iter().map(|p| p.0), points.iter().map(|p| p.1));
            let around = Area::new(xs.clone().min().unwrap(), ys.clone().min().unwrap(), xs.max().unwrap() + 1, ys.max().unwrap() + 1);
            assert_eq!(around, framed.grown(2, 2), "{quarters}");
        }
    }

    #[test]
    fn notes_stand_beside_their_places_and_never_on_one_another() {
        let pen = Pen::new(GOTHIC).unwrap();
        let at = |top: i32| Some(Area::new(100, top, 200, top + 20));
        let notes = [
            note(at(10), Tone::Sure, None),
            note(at(12), Tone::Doubtful, Some(1)),
            note(at(700), Tone::Sure, None),
            note(None, Tone::Finding, Some(2)),
        ];
        let pairs: Vec<(&Note, Option<Area>)> = notes.iter().map(|note| (note, note.area)).collect();
        let layout = Layout::of(&pairs, &pen, 500, 800);
        let tops: Vec<i32> = layout.notes.iter().map(|(top, _)| *top).collect();
        assert!(tops.windows(2).all(|pair| pair[1] >= pair[0] + layout.pitch), "{tops:?}");
        assert!((690..720).contains(&tops[2]), "{tops:?}");
        let many: Vec<(&Note, Option<Area>)> = std::iter::repeat_n((&notes[0], notes[0].area), 90).collect();
        let layout = Layout::of(&many, &pen, 500, 800);
        assert!(layout.height > 800 && layout.notes.iter().all(|(top, _)| *top >= 0));
    }
}
