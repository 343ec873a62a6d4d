//! A form whose print is known: what it says where nobody has written, and how that looks.
//!
//! Owns the shape and how it is written down. Never asks where a form lies on a page.

use crate::area::Area;
use crate::page::Glyph;
use crate::picture::Grey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Rows of pixels in which the ink of print is kept.
pub const ROWS: usize = 32;
/// Of one page. More than this is no form.
const MOST_CELLS: usize = 1_000;
const MOST_PRINTS: usize = 2_000;
/// Times its height that a strip is long at most.
const LONGEST: usize = 200;

/// A page of a form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Form {
    /// Pixels a millimetre of the page that it was learnt from; all places are its pixels.
    pub unit: f32,
    pub cells: Vec<Area>,
    pub prints: Vec<Print>,
}

/// Words of its print: a line, or what stands beside a box of one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Print {
    pub ink: Area,
    pub glyphs: Vec<Glyph>,
    /// Its ink, `ROWS` high, in sixteen shades.
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub strip: Grey,
}

impl Form {
    /// Whether it may be laid on a page: a file may say anything.
    pub fn is_sound(&self) -> bool {
        let is_sound = |area: &Area| area.left >= 0 && area.top >= 0 && area.left < area.right && area.top < area.bottom;
        let is_print = |print: &Print| is_sound(&print.ink) && print.strip.width > 0 && !print.glyphs.is_empty();
        self.unit.is_finite()
            && self.unit > 0.0
            && self.cells.len() <= MOST_CELLS
            && self.prints.len() <= MOST_PRINTS
            && self.cells.iter().all(is_sound)
            && self.prints.iter().all(is_print)
    }
}

impl Print {
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.char).collect()
    }
}

/// A row of hexadecimal digits for each row of pixels: 0 ink, f paper.
fn written<S: Serializer>(strip: &Grey, to: S) -> Result<S::Ok, S::Error> {
    let row = |pixels: &[u8]| pixels.iter().filter_map(|pixel| char::from_digit(u32::from(pixel / 16), 16)).collect::<String>();
    to.collect_seq(strip.pixels.chunks_exact(strip.width.max(1)).map(row))
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Grey, D::Error> {
    let rows: Vec<String> = Vec::deserialize(from)?;
    let width = rows.first().map_or(0, String::len);
    if rows.len() != ROWS || width > LONGEST * ROWS || rows.iter().any(|row| row.len() != width) {
        return Err(serde::de::Error::custom(format!("a strip is {ROWS} rows of one length")));
    }
    let shade = |digit: char| digit.to_digit(16).map(|shade| 17 * shade as u8);
    let pixels: Option<Vec<u8>> = rows.iter().flat_map(|row| row.chars().map(shade)).collect();
    pixels.map(|pixels| Grey { width, height: ROWS, pixels }).ok_or_else(|| serde::de::Error::custom("a shade is a hexadecimal digit"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Permille;

    fn form() -> Form {
        let glyph = Glyph { char: '印', start: 3, end: 20, confidence: Permille(990), others: Vec::new() };
        let strip = Grey { width: 3, height: ROWS, pixels: (0..3 * ROWS).map(|n| 17 * (n % 16) as u8).collect() };
        let ink = Area::new(3, 4, 20, 22);
        Form { unit: 8.0, cells: vec![Area::new(0, 0, 90, 40)], prints: vec![Print { ink, glyphs: vec![glyph], strip }] }
    }

    #[test]
    fn a_form_is_written_in_sixteen_shades_and_read_again() {
        let written = serde_json::to_string(&form()).unwrap();
        assert!(written.contains("\"strip\":[\"012\",\"345\""), "{written}");
        let read: Form = serde_json::from_str(&written).unwrap();
        assert_eq!(read, form());
        assert!(read.is_sound());
        for wrong in
            [written.replacen("\"012\"", "\"01\"", 1), written.replacen("\"012\"", "\"01g\"", 1), written.replacen("\"012\",", "", 1)]
        {
            assert!(serde_json::from_str::<Form>(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_form_with_measures_that_no_page_has_is_not_sound() {
        let wrong = |change: fn(&mut Form)| {
            let mut form = form();
            change(&mut form);
            !form.is_sound()
        };
        assert!(wrong(|form| form.unit = 0.0) && wrong(|form| form.unit = f32::NAN));
        assert!(wrong(|form| form.cells[0].right = 0) && wrong(|form| form.prints[0].ink.top = -1));
        assert!(wrong(|form| form.prints[0].glyphs.clear()) && wrong(|form| form.cells = vec![form.cells[0]; MOST_CELLS + 1]));
    }
}
