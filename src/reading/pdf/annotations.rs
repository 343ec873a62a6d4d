//! What lies on top of a page: filled form fields, typed comments, stamps, lines through words.
//!
//! Owns which annotations are seen and where. Never asks what they say.

use crate::reading::pdf::drawn::{Drawn, Letter, Stroke};
use crate::reading::pdf::file::{File, Leaf, as_dictionary, bounds, number};
use crate::reading::pdf::geometry::{Bounds, Matrix, Point};
use crate::reading::pdf::interpreter::Interpreter;
use lopdf::{Dictionary, Object};

pub const MOST_ANNOTATIONS: usize = 5_000;
const MOST_PARENTS: usize = 16;
const MOST_QUADS: usize = 500;
const HIDDEN: i64 = 1 << 1 | 1 << 5;

/// Draws the annotations of a page into the interpreter's product.
pub fn draw(interpreter: &mut Interpreter<'_>, file: &File, leaf: &Leaf, page: &Matrix) {
    let empty = Dictionary::new();
    let resources = file.form().and_then(|form| file.dictionary(form, b"DR")).unwrap_or(&empty);
    for object in file.array(&leaf.dictionary, b"Annots").iter().take(MOST_ANNOTATIONS) {
        let Some(annotation) = as_dictionary(file.resolve(object)) else { continue };
        let kind = file.name(annotation, b"Subtype").unwrap_or_default();
        let flags = file.get(annotation, b"F").as_i64().unwrap_or(0);
        if flags & HIDDEN == 0 && kind == b"StrikeOut" {
            strike(&mut interpreter.drawn, file, annotation, page);
        }
        if flags & HIDDEN != 0 || !matches!(kind, b"Widget" | b"FreeText" | b"Stamp" | b"Square" | b"Circle" | b"Line" | b"Ink") {
            continue;
        }
        let Some(rectangle) = file.rectangle(annotation, b"Rect") else { continue };
        let before = interpreter.drawn.letters.len();
        if let Some(appearance) = appearance(file, annotation)
            && let Some(matrix) = fitted(file, appearance, bounds(rectangle))
        {
            interpreter.appearance(appearance, resources, matrix.then(page));
        }
        if interpreter.drawn.letters.len() == before
            && let Some(text) = value(file, annotation)
        {
            write(&mut interpreter.drawn, &text, bounds(rectangle), font_size(file, annotation), page);
        }
    }
}

/// The lines of a struck passage: one through the middle of each quadrilateral of its words.
fn strike(drawn: &mut Drawn, file: &File, annotation: &Dictionary, page: &Matrix) {
    let numbers: Vec<f64> =
        file.array(annotation, b"QuadPoints").iter().take(MOST_QUADS * 8).filter_map(|object| number(file.resolve(object))).collect();
    let strikes = numbers.as_chunks::<8>().0.iter().map(|quad| through(quad, page)).filter(|stroke| {
        let ends = [stroke.from.x, stroke.from.y, stroke.to.x, stroke.to.y];
        ends.iter().all(|end| end.is_finite())
    });
    drawn.strikes.extend(strikes);
}

/// Through the middle of a word: writers give its corners row by row, the standard gives them in a circle.
fn through([ax, ay, bx, by, cx, cy, dx, dy]: &[f64; 8], page: &Matrix) -> Stroke {
    let corner = |x: &f64, y: &f64| page.apply(Point::new(*x, *y));
    let middle = |one: Point, other: Point| one.plus(other.plus(one, -1.0), 0.5);
    let (a, b, c, d) = (corner(ax, ay), corner(bx, by), corner(cx, cy), corner(dx, dy));
    let rows = Stroke { from: middle(a, c), to: middle(b, d) };
    let length = rows.to.plus(rows.from, -1.0).length();
    if length > 1.0 { rows } else { Stroke { from: middle(a, d), to: middle(b, c) } }
}

/// The normal appearance in its present state.
fn appearance<'a>(file: &'a File, annotation: &'a Dictionary) -> Option<&'a Object> {
    let normal = file.dictionary(annotation, b"AP")?.get(b"N").ok()?;
    match file.resolve(normal) {
        Object::Stream(_) => Some(normal),
        Object::Dictionary(states) => states.get(file.name(annotation, b"AS")?).ok(),
        _ => None,
    }
}

/// The map that fits the appearance's box into the annotation's rectangle.
fn fitted(file: &File, appearance: &Object, target: Bounds) -> Option<Matrix> {
    let dictionary = as_dictionary(file.resolve(appearance))?;
    let own = file.numbers::<6>(dictionary, b"Matrix").map_or(Matrix::IDENTITY, Matrix::new);
    let drawn = bounds(file.rectangle(dictionary, b"BBox")?).mapped(&own);
    if drawn.width() <= 0.0 || drawn.height() <= 0.0 {
        return None;
    }
    let (wide, high) = (target.width() / drawn.width(), target.height() / drawn.height());
    let fit = Matrix::new([wide, 0.0, 0.0, high, target.left - drawn.left * wide, target.top - drawn.top * high]);
    Some(own.then(&fit))
}

/// Looks a key up in a field and in the fields that it is part of.
fn inherited<'a>(file: &'a File, field: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let mut field = field;
    for _ in 0..MOST_PARENTS {
        if field.has(key) {
            return Some(file.get(field, key));
        }
        field = file.dictionary(field, b"Parent")?;
    }
    None
}

/// What a field holds or a comment says, where nothing draws it.
fn value(file: &File, annotation: &Dictionary) -> Option<String> {
    let object = match file.name(annotation, b"Subtype") {
        Some(b"FreeText") => file.get(annotation, b"Contents"),
        Some(b"Widget") => match inherited(file, annotation, b"FT")?.as_name().ok()? {
            b"Tx" | b"Ch" => inherited(file, annotation, b"V")?,
            _ => return None,
        },
        _ => return None,
    };
    let text = lopdf::decode_text_string(object).ok()?;
    Some(text).filter(|text| !text.trim().is_empty())
}

/// The size that the default appearance names; `None` for "as fits".
fn font_size(file: &File, annotation: &Dictionary) -> Option<f64> {
    let default = inherited(file, annotation, b"DA")?.as_str().ok()?;
    let words: Vec<Object> = lopdf::content::Content::decode_iter(default).flatten().find(|operation| operation.operator == "Tf")?.operands;
    words.last().and_then(number).filter(|size| *size > 1.0)
}

/// Sets the text of a field into its rectangle as a viewer would.
fn write(drawn: &mut Drawn, text: &str, rectangle: Bounds, size: Option<f64>, page: &Matrix) {
    const MOST: usize = 10_000;
    let lines: Vec<&str> = text.lines().collect();
    let room = rectangle.height() / lines.len().max(1) as f64;
    let size = size.unwrap_or_else(|| (room * 0.7).clamp(4.0, 12.0));
    let width = |c: char| if c.is_ascii() || matches!(c, '\u{FF61}'..='\u{FF9F}') { 0.5 } else { 1.0 };
    let (along, up) = (page.turn(Point::new(size, 0.0)), page.turn(Point::new(0.0, size)));
    // One line sits in the middle of its field, several begin at the top.
    let top = if lines.len() == 1 { rectangle.centre().y + size * 0.62 } else { rectangle.bottom };
    for (n, line) in lines.iter().enumerate() {
        let baseline = Point::new(rectangle.left + 2.0, top - size * (1.2 * n as f64 + 1.0));
        let mut origin = page.apply(baseline);
        for c in line.chars().take(MOST) {
            let letter = Letter { text: c.to_string(), origin, along, up, advance: width(c), vertical: false, visible: true, pale: false };
            drawn.letters.push(letter);
            origin = origin.plus(along, width(c));
        }
    }
}
