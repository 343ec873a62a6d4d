//! The recogniser behind the port: PP-OCRv6 small, run in-process.
//!
//! Owns the weights and what they expect. Never asks where on a page a strip comes from.

mod charset;
mod ctc;
mod detect;
mod engine;

use crate::area::Area;
use crate::picture::Grey;
use crate::port::{Ocr, Strip};
use crate::scale;
use ctc::Classes;
use engine::Engine;
pub use engine::Runtime;

static DETECTOR: &[u8] = include_bytes!("../../../models/PP-OCRv6_det_small.onnx");
static READER: &[u8] = include_bytes!("../../../models/PP-OCRv6_rec_small.onnx");
/// Height of the reader's input.
const HEIGHT: usize = 48;
/// A strip longer than this many times its height is no line of a page.
const LONGEST: usize = 100;

/// Weights that do not load. They are built into the program: only building it anew from a whole checkout helps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    pub file: &'static str,
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl std::error::Error for Broken {}

/// Detector and reader, loaded once and shared by all threads.
pub struct Recogniser {
    detector: Engine,
    reader: Engine,
    classes: Classes,
}

impl Recogniser {
    /// Computed by the program itself.
    pub fn load() -> Result<Self, Broken> {
        Self::with(Runtime::BuiltIn)
    }

    /// Computed by that runtime.
    pub fn with(runtime: Runtime) -> Result<Self, Broken> {
        let detector = Engine::load(runtime, "PP-OCRv6_det_small.onnx", DETECTOR)?;
        let reader = Engine::load(runtime, "PP-OCRv6_rec_small.onnx", READER)?;
        let Some(list) = reader.metadata("character") else {
            return Err(Broken { file: "PP-OCRv6_rec_small.onnx", what: "no list of characters".to_owned() });
        };
        let classes = Classes::parse(list.trim_end_matches('\n'));
        Ok(Recogniser { detector, reader, classes })
    }
}

impl Ocr for Recogniser {
    fn find(&self, page: &Grey) -> Vec<Area> {
        if page.width == 0 || page.height == 0 {
            return Vec::new();
        }
        let (input, values) = detect::Input::of(page);
        match self.detector.run(input.height, input.width, values) {
            Some(map) => detect::boxes(&map.values, &input, (page.width, page.height)),
            None => Vec::new(),
        }
    }

    fn read(&self, line: &Grey) -> Strip {
        if line.width == 0 || line.height == 0 || line.width > LONGEST * line.height {
            return Strip::default();
        }
        let width = (line.width * HEIGHT).div_ceil(line.height).max(HEIGHT / 3);
        let values = scale::sampled(line, width, HEIGHT);
        match self.reader.run(HEIGHT, width, values) {
            Some(answer) if answer.shape.len() == 3 && answer.shape[2] == self.classes.count() => {
                self.classes.decode(answer.values, answer.shape[1], line.width as f32, line.height as f32)
            }
            _ => Strip::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_weights_are_those_of_the_read_me() {
        let read_me = include_str!("../../../models/README.md");
        for (name, bytes) in [("PP-OCRv6_det_small.onnx", DETECTOR), ("PP-OCRv6_rec_small.onnx", READER)] {
            let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let row = read_me.lines().find(|line| line.contains(name) && line.contains('|')).expect(name);
            assert!(row.contains(&hash), "{name}: {hash} is not in: {row}");
        }
    }

    #[test]
    fn the_reader_knows_no_character_that_the_program_cannot_read() {
        let reader = Engine::load(Runtime::BuiltIn, "reader", READER).expect("weights");
        let list = reader.metadata("character").expect("characters");
        let characters: Vec<char> = list.lines().flat_map(str::chars).collect();
        assert!(characters.len() > 7_000, "{}", characters.len());
        let foreign = |c: &char| charset::weight(*c) == 0.0 && charset::home(*c).is_none() && *c != '|';
        assert_eq!(characters.iter().copied().filter(foreign).collect::<String>(), "", "drop them in models/prepare");
        "東京電力髙ヴ①Ⅱ㈱☑〒０A~".chars().for_each(|c| assert!(characters.contains(&c), "{c} is read no longer"));
    }

    #[test]
    fn odd_strips_yield_nothing_and_hurt_nobody() {
        let ocr = Recogniser::load().expect("weights");
        for (width, height) in [(0, 0), (1, 1), (3, 200), (4000, 2)] {
            let grey = Grey { width, height, pixels: vec![255; width * height] };
            assert!(ocr.read(&grey).glyphs.is_empty(), "{width} by {height}");
            assert!(ocr.find(&grey).is_empty(), "{width} by {height}");
        }
    }
}
