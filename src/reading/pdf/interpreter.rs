//! The content stream: graphics state, text state, form XObjects.
//!
//! Owns the meaning of operators. Never groups characters into lines.

use crate::reading::pdf::drawn::{Drawn, Ground, Letter, Placed};
use crate::reading::pdf::file::{File, as_dictionary, bounds, number};
use crate::reading::pdf::font::Font;
use crate::reading::pdf::geometry::{Bounds, Matrix, Point};
use crate::reading::pdf::paint::{self, Paint};
use crate::reading::pdf::path::{Covered, Path};
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Object, ObjectId};
use std::collections::HashMap;
use std::rc::Rc;

/// Operators of one page, those of its form XObjects counted each time.
const MOST_OPERATORS: usize = 2_000_000;
const MOST_LETTERS: usize = 200_000;
const MOST_GROUNDS: usize = 100_000;
const MOST_STATES: usize = 256;
const MOST_FORMS_DEEP: usize = 16;

/// Fonts of a document, loaded once.
#[derive(Default)]
pub struct Fonts(HashMap<ObjectId, Rc<Font>>);

impl Fonts {
    fn get(&mut self, file: &File, object: &Object) -> Option<Rc<Font>> {
        let id = object.as_reference().ok();
        if let Some(known) = id.and_then(|id| self.0.get(&id)) {
            return Some(known.clone());
        }
        let font = Rc::new(Font::load(file, as_dictionary(file.resolve(object))?));
        if let Some(id) = id {
            self.0.insert(id, font.clone());
        }
        Some(font)
    }
}

#[derive(Clone)]
struct State {
    matrix: Matrix,
    paint: Paint,
    font: Option<Rc<Font>>,
    size: f64,
    character_gap: f64,
    word_gap: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    mode: i64,
}

impl State {
    fn new(matrix: Matrix) -> Self {
        State {
            matrix,
            paint: Paint::BLACK,
            font: None,
            size: 0.0,
            character_gap: 0.0,
            word_gap: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
        }
    }
}

pub struct Interpreter<'a> {
    file: &'a File,
    fonts: &'a mut Fonts,
    pub drawn: Drawn,
    operators: usize,
}

impl<'a> Interpreter<'a> {
    pub fn new(file: &'a File, fonts: &'a mut Fonts) -> Self {
        Interpreter { file, fonts, drawn: Drawn::default(), operators: 0 }
    }

    /// Draws a content stream under a map to the page.
    pub fn draw(&mut self, content: &[u8], resources: &Dictionary, matrix: Matrix, depth: usize) {
        self.draw_with(content, resources, State::new(matrix), depth);
    }

    fn draw_with(&mut self, content: &[u8], resources: &Dictionary, state: State, depth: usize) {
        let mut run = Run {
            resources,
            state,
            saved: Vec::new(),
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            path: Path::default(),
            here: Point::default(),
            clips: false,
            hidden: Vec::new(),
            depth,
        };
        for operation in Content::decode_iter(content) {
            // A stream that ends in noise keeps what came before it.
            let Ok(operation) = operation else { break };
            self.operators += 1;
            if self.operators > MOST_OPERATORS || self.drawn.letters.len() > MOST_LETTERS {
                self.drawn.cut = true;
                break;
            }
            self.step(&mut run, &operation);
        }
    }

    fn step(&mut self, run: &mut Run<'_>, operation: &Operation) {
        let operands = &operation.operands;
        let numbers: Vec<f64> = operands.iter().filter_map(number).collect();
        let matrix = || <[f64; 6]>::try_from(numbers.as_slice()).ok().map(Matrix::new);
        let text = |n: usize| operands.get(n).and_then(|object| object.as_str().ok()).unwrap_or_default();
        match operation.operator.as_str() {
            "q" if run.saved.len() < MOST_STATES => run.saved.push(run.state.clone()),
            "Q" => {
                if let Some(state) = run.saved.pop() {
                    run.state = state;
                }
            }
            "cm" => {
                if let Some(matrix) = matrix() {
                    run.state.matrix = matrix.then(&run.state.matrix);
                }
            }
            "gs" => self.graphics_state(run, operands),
            "g" | "rg" | "k" => run.state.paint.fill.device(&numbers),
            "G" | "RG" | "K" => run.state.paint.stroke.device(&numbers),
            "cs" => run.state.paint.fill.space(self.file, run.resources, operands),
            "CS" => run.state.paint.stroke.space(self.file, run.resources, operands),
            "sc" | "scn" => run.state.paint.fill.set(&numbers, operands),
            "SC" | "SCN" => run.state.paint.stroke.set(&numbers, operands),
            "w" => run.state.paint.line_width(first(&numbers)),
            "BT" => {
                run.text = Matrix::IDENTITY;
                run.line = Matrix::IDENTITY;
            }
            "Tf" => {
                if let Some(font) = operands.first().and_then(|object| object.as_name().ok())
                    && let Some(fonts) = self.file.dictionary(run.resources, b"Font")
                    && let Ok(object) = fonts.get(font)
                {
                    run.state.font = self.fonts.get(self.file, object);
                }
                run.state.size = numbers.last().copied().unwrap_or(run.state.size);
            }
            "Tc" => run.state.character_gap = first(&numbers),
            "Tw" => run.state.word_gap = first(&numbers),
            "Tz" => run.state.stretch = first(&numbers) / 100.0,
            "TL" => run.state.leading = first(&numbers),
            "Ts" => run.state.rise = first(&numbers),
            "Tr" => run.state.mode = first(&numbers) as i64,
            "Td" => run.newline(&numbers),
            "TD" => {
                run.state.leading = -numbers.get(1).copied().unwrap_or(0.0);
                run.newline(&numbers);
            }
            "Tm" => {
                if let Some(matrix) = matrix() {
                    run.line = matrix;
                    run.text = matrix;
                }
            }
            "T*" => run.newline(&[0.0, -run.state.leading]),
            "Tj" => self.show(run, text(0)),
            "'" => {
                run.newline(&[0.0, -run.state.leading]);
                self.show(run, text(0));
            }
            "\"" => {
                run.state.word_gap = first(&numbers);
                run.state.character_gap = numbers.get(1).copied().unwrap_or(0.0);
                run.newline(&[0.0, -run.state.leading]);
                self.show(run, text(2));
            }
            "TJ" => {
                for part in operands.first().and_then(|object| object.as_array().ok()).into_iter().flatten() {
                    match part {
                        Object::String(bytes, _) => self.show(run, bytes),
                        other => run.kern(number(other).unwrap_or(0.0)),
                    }
                }
            }
            "Do" => self.external(run, operands),
            "BI" => self.place(run, None, operands.first().and_then(as_dictionary)),
            "BDC" => {
                let off = operands.first().and_then(|tag| tag.as_name().ok()) == Some(b"OC")
                    && operands
                        .get(1)
                        .and_then(|name| name.as_name().ok())
                        .and_then(|name| self.file.dictionary(run.resources, b"Properties")?.get(name).ok())
                        .is_some_and(|layer| self.file.hidden(layer));
                run.hidden.push(off);
            }
            "BMC" => run.hidden.push(false),
            "EMC" => {
                run.hidden.pop();
            }
            operator => self.path(run, operator, &numbers),
        }
    }

    fn path(&mut self, run: &mut Run<'_>, operator: &str, numbers: &[f64]) {
        let at = |n: usize| Some(Point::new(*numbers.get(n)?, *numbers.get(n + 1)?));
        match operator {
            "m" | "l" => {
                if let Some(point) = at(0) {
                    run.here = run.state.matrix.apply(point);
                    if operator == "m" { run.path.begin(run.here) } else { run.path.line(run.here) }
                }
            }
            "c" | "v" | "y" => {
                if let Some(point) = at(numbers.len().saturating_sub(2)) {
                    run.here = run.state.matrix.apply(point);
                    run.path.curve(run.here);
                }
            }
            "re" => {
                if let Ok(rectangle) = numbers.try_into() {
                    run.path.rectangle(rectangle, &run.state.matrix);
                }
            }
            "h" => run.path.close(),
            "S" => self.paint(run, true, false),
            "s" => {
                run.path.close();
                self.paint(run, true, false);
            }
            "f" | "F" | "f*" => self.paint(run, false, true),
            "B" | "B*" => self.paint(run, true, true),
            "b" | "b*" => {
                run.path.close();
                self.paint(run, true, true);
            }
            "n" => self.paint(run, false, false),
            "W" | "W*" => run.clips = true,
            "sh" => {
                self.drawn.painted += 1;
                self.ground(run, Paint::shaded);
            }
            _ => {}
        }
    }

    /// Paints the path; a clip holds for what comes after it.
    fn paint(&mut self, run: &mut Run<'_>, stroke: bool, fill: bool) {
        let clips = std::mem::take(&mut run.clips);
        let wide = run.state.paint.half_of_a_wide_line(&run.state.matrix).filter(|_| stroke);
        let parts = if clips || fill || wide.is_some() { run.path.covered() } else { Vec::new() };
        for part in parts.iter().filter(|part| !part.is_speck()) {
            if fill {
                self.ground(run, |paint, after| paint.filled(part.clone(), after));
            }
            if let Some(half) = wide {
                self.ground(run, |paint, after| paint.stroked(part, after, half));
            }
        }
        if run.is_hidden() || !(stroke || fill) {
            run.path.clear();
        } else {
            let paint = &run.state.paint;
            run.path.paint(&mut self.drawn, stroke.then_some(paint.stroke.colour), fill.then_some(paint.fill.colour));
        }
        if clips {
            run.state.paint.cut(&parts);
        }
    }

    /// Notes what lies under the letters to come, and on those that are there.
    fn ground(&mut self, run: &Run<'_>, made: impl FnOnce(&Paint, usize) -> Ground) {
        if !run.is_hidden() && self.drawn.grounds.len() < MOST_GROUNDS {
            self.drawn.grounds.push(made(&run.state.paint, self.drawn.letters.len()));
        }
    }

    fn graphics_state(&mut self, run: &mut Run<'_>, operands: &[Object]) {
        let file = self.file;
        let state = || {
            let name = operands.first()?.as_name().ok()?;
            file.dictionary(file.dictionary(run.resources, b"ExtGState")?, name)
        };
        let Some(state) = state() else { return };
        run.state.paint.take(file, state);
        if let [font, size] = file.array(state, b"Font") {
            run.state.font = self.fonts.get(file, font);
            run.state.size = number(file.resolve(size)).unwrap_or(run.state.size);
        }
    }

    fn show(&mut self, run: &mut Run<'_>, bytes: &[u8]) {
        let Some(font) = run.state.font.clone() else { return };
        let state = &run.state;
        for shown in font.show(bytes) {
            let width = shown.width * font.scale;
            let gap = state.character_gap + if shown.space { state.word_gap } else { 0.0 };
            let glyph =
                Matrix::new([state.size * state.stretch, 0.0, 0.0, state.size, 0.0, state.rise]).then(&run.text).then(&state.matrix);
            let (hang, move_down) = font.vertical_metrics();
            // The origin of a vertical glyph is its top middle wherever the metrics hang it.
            let top = if font.vertical { glyph.apply(Point::new(0.0, 0.88 - hang / 1000.0)) } else { glyph.apply(Point::default()) };
            let mut letter = Letter {
                text: shown.text,
                origin: top,
                along: glyph.turn(Point::new(1.0, 0.0)),
                up: glyph.turn(Point::new(0.0, 1.0)),
                advance: if font.vertical { -move_down / 1000.0 } else { width },
                vertical: font.vertical,
                visible: true,
                pale: false,
            };
            (letter.visible, letter.pale) = state.paint.letter(state.mode, letter.bounds().centre());
            let sound = letter.origin.x.is_finite() && letter.origin.y.is_finite() && letter.em().is_finite();
            if sound && letter.em() > 5.0 && !run.is_hidden() {
                self.drawn.letters.push(letter);
            }
            let (x, y) = if font.vertical {
                (0.0, move_down / 1000.0 * state.size + gap)
            } else {
                ((width * state.size + gap) * state.stretch, 0.0)
            };
            run.text = Matrix::shift(x, y).then(&run.text);
        }
        if run.state.mode > 3 {
            run.state.paint.cut_by_letters();
        }
    }

    fn external(&mut self, run: &mut Run<'_>, operands: &[Object]) {
        let file = self.file;
        let Some(objects) = file.dictionary(run.resources, b"XObject") else { return };
        let Some(object) = operands.first().and_then(|name| name.as_name().ok()).and_then(|name| objects.get(name).ok()) else { return };
        let Ok(stream) = file.resolve(object).as_stream() else { return };
        if run.is_hidden() || stream.dict.get(b"OC").is_ok_and(|layer| file.hidden(layer)) {
            return;
        }
        match file.name(&stream.dict, b"Subtype") {
            Some(b"Image") => self.place(run, object.as_reference().ok(), Some(&stream.dict)),
            Some(b"Form") => self.form(object, run.resources, run.state.clone(), run.depth + 1),
            _ => {}
        }
    }

    /// Draws a form XObject; its resources are its own, or those of the page in old files.
    fn form(&mut self, object: &Object, resources: &Dictionary, mut state: State, depth: usize) {
        let file = self.file;
        let Ok(stream) = file.resolve(object).as_stream() else { return };
        if depth > MOST_FORMS_DEEP.min(file.limits().depth) {
            return;
        }
        let Ok(content) = file.unpack_once(object) else {
            self.drawn.cut = true;
            return;
        };
        if let Some(matrix) = file.numbers::<6>(&stream.dict, b"Matrix") {
            state.matrix = Matrix::new(matrix).then(&state.matrix);
        }
        state.paint.in_a_group();
        if let Some(rectangle) = file.rectangle(&stream.dict, b"BBox") {
            state.paint.cut_to(bounds(rectangle), &state.matrix);
        }
        let own = file.dictionary(&stream.dict, b"Resources").unwrap_or(resources);
        self.draw_with(&content, own, state, depth);
    }

    /// Draws the appearance of an annotation under a map of its own.
    pub fn appearance(&mut self, object: &Object, resources: &Dictionary, matrix: Matrix) {
        let file = self.file;
        let Ok(stream) = file.resolve(object).as_stream() else { return };
        if let Ok(content) = file.unpack_once(object) {
            let mut state = State::new(matrix);
            if let Some(rectangle) = file.rectangle(&stream.dict, b"BBox") {
                state.paint.cut_to(bounds(rectangle), &matrix);
            }
            self.draw_with(&content, file.dictionary(&stream.dict, b"Resources").unwrap_or(resources), state, 1);
        }
    }

    fn place(&mut self, run: &Run<'_>, id: Option<ObjectId>, picture: Option<&Dictionary>) {
        let Some(picture) = picture.filter(|_| !run.is_hidden()) else { return };
        let side = |long: &[u8], short: &[u8]| self.file.number(picture, long).or_else(|| self.file.number(picture, short)).unwrap_or(0.0);
        let sheet = Covered::rectangle(Bounds { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 }, &run.state.matrix);
        let solid = paint::is_solid(self.file, picture);
        self.ground(run, |paint, after| paint.picture(sheet, after, solid));
        self.drawn.pictures.push(Placed { id, matrix: run.state.matrix, width: side(b"Width", b"W"), height: side(b"Height", b"H") });
    }
}

/// One content stream being drawn.
struct Run<'r> {
    resources: &'r Dictionary,
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    path: Path,
    here: Point,
    /// The path cuts away what lies outside, once it is painted.
    clips: bool,
    /// Marked content, innermost last; true where a layer is off.
    hidden: Vec<bool>,
    depth: usize,
}

impl Run<'_> {
    fn newline(&mut self, numbers: &[f64]) {
        if let [x, y] = *numbers {
            self.line = Matrix::shift(x, y).then(&self.line);
            self.text = self.line;
        }
    }

    fn kern(&mut self, thousandths: f64) {
        let by = -thousandths / 1000.0 * self.state.size;
        let vertical = self.state.font.as_ref().is_some_and(|font| font.vertical);
        let shift = if vertical { Matrix::shift(0.0, by) } else { Matrix::shift(by * self.state.stretch, 0.0) };
        self.text = shift.then(&self.text);
    }

    fn is_hidden(&self) -> bool {
        self.hidden.contains(&true)
    }
}

fn first(numbers: &[f64]) -> f64 {
    numbers.first().copied().unwrap_or(0.0)
}
