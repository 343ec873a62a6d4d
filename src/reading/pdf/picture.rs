//! The picture of a page that has no text of its own, for the recogniser.
//!
//! Owns the choice between the scanner's own picture and a rendering. Never reads a character.

use crate::domain::picture::Picture;
use crate::reading::pdf::drawn::{Drawn, Placed};
use crate::reading::pdf::file::{File, Trouble, UNITS_PER_POINT, as_dictionary};
use crate::reading::pdf::geometry::{Bounds, Point};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::FontQuery;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::DynamicImage;
use lopdf::{Dictionary, Object};
use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const POINTS_PER_INCH: f64 = 72.0;
/// Finer pictures cost time and read no better; coarser ones lose strokes.
const DPI: std::ops::RangeInclusive<f64> = 150.0..=300.0;

/// Renders pages of one file, which it parses on the first need.
pub struct Renderer<'a> {
    bytes: &'a [u8],
    pdf: OnceCell<Option<Pdf>>,
    /// Stands in for Japanese fonts that the file does not hold.
    typeface: Option<&'static [u8]>,
}

impl<'a> Renderer<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Renderer { bytes, pdf: OnceCell::new(), typeface: None }
    }

    /// For people who look: every character shows, in a font of another cut where need be.
    pub fn with(bytes: &'a [u8], typeface: &'static [u8]) -> Self {
        Renderer { bytes, pdf: OnceCell::new(), typeface: Some(typeface) }
    }

    /// The page as it is shown.
    pub fn shown(&self, file: &File, index: usize, drawn: &Drawn) -> Option<Picture> {
        const DPI: f64 = 200.0;
        let most = file.limits().pixels as f64;
        let bounded = drawn.pictures.iter().all(|picture| picture.width * picture.height <= most) && self.bounded(file, drawn).is_ok();
        if bounded { self.render(index, DPI, most) } else { None }
    }

    /// The picture of page `index`, whose drawing is known, and where on the page it lies.
    pub fn picture(&self, file: &File, index: usize, size: Point, drawn: &Drawn) -> Result<(Picture, Bounds), Trouble> {
        let most = file.limits().pixels as f64;
        if drawn.pictures.iter().any(|picture| picture.width * picture.height > most) {
            return Err(Trouble::TooMuch);
        }
        let scan = covering(drawn, size);
        if let Some(scan) = scan
            && drawn.painted == 0
            && drawn.pictures.len() == 1
            && drawn.letters.iter().all(|letter| !letter.visible)
            // What was painted on the scan is no part of its own picture.
            && drawn.grounds.last().is_none_or(|ground| ground.picture)
            && let Some(picture) = jpeg(file, scan, size)
        {
            return Ok((picture, scan.bounds()));
        }
        self.bounded(file, drawn)?;
        let own = scan.map(|scan| scan.width / (scan.bounds().width() / UNITS_PER_POINT) * POINTS_PER_INCH);
        let dpi = own.filter(|dpi| dpi.is_finite()).unwrap_or(*DPI.end()).clamp(*DPI.start(), *DPI.end());
        let sheet = Bounds { left: 0.0, top: 0.0, right: size.x, bottom: size.y };
        self.render(index, dpi, most).map(|picture| (picture, sheet)).ok_or(Trouble::Damaged)
    }

    /// Unpacks what the page shows once within the bounds, because the renderer knows none.
    fn bounded(&self, file: &File, drawn: &Drawn) -> Result<(), Trouble> {
        for id in drawn.pictures.iter().filter_map(|picture| picture.id) {
            let object = Object::Reference(id);
            if let Ok(stream) = file.resolve(&object).as_stream()
                && stream.filters().is_ok_and(|filters| filters.iter().all(|name| !is_picture_filter(name)))
                && file.unpack(stream) == Err(Trouble::TooMuch)
            {
                return Err(Trouble::TooMuch);
            }
        }
        Ok(())
    }

    fn interpreter(&self) -> InterpreterSettings {
        let mut settings = InterpreterSettings::default();
        if let Some(typeface) = self.typeface {
            let standard = settings.font_resolver.clone();
            settings.font_resolver = Arc::new(move |query| match query {
                FontQuery::Fallback(font) if font.character_collection.is_some() => Some((Arc::new(typeface), 0)),
                _ => standard(query),
            });
        }
        settings
    }

    fn render(&self, index: usize, dpi: f64, most: f64) -> Option<Picture> {
        let pdf = self.pdf.get_or_init(|| quietly(|| Pdf::new(self.bytes.to_vec()).ok())).as_ref()?;
        quietly(|| {
            let page = pdf.pages().get(index)?;
            let (width, height) = page.render_dimensions();
            let (width, height) = (f64::from(width), f64::from(height));
            let fit = (most / (width * height)).sqrt().min(f64::from(u16::MAX) / width.max(height));
            let scale = (dpi / POINTS_PER_INCH).min(fit);
            if !scale.is_finite() || width * scale < 8.0 || height * scale < 8.0 {
                return None;
            }
            let settings = PixmapSettings { x_scale: scale as f32, y_scale: scale as f32, bg_color: WHITE };
            let drawn = hayro::render(page, &RenderCache::new(), &self.interpreter(), &RenderSettings::default(), &settings);
            let (width, height) = (usize::from(drawn.width()), usize::from(drawn.height()));
            let pixels = drawn.data();
            let grey = pixels.iter().all(|pixel| pixel.r == pixel.g && pixel.g == pixel.b);
            Some(Picture {
                width,
                height,
                channels: if grey { 1 } else { 3 },
                pixels: if grey {
                    pixels.iter().map(|pixel| pixel.r).collect()
                } else {
                    let mut colours = vec![0; 3 * pixels.len()];
                    colours.chunks_exact_mut(3).zip(pixels).for_each(|(colour, p)| colour.copy_from_slice(&[p.r, p.g, p.b]));
                    colours
                },
                dpi: Some((scale * POINTS_PER_INCH).round() as u32),
            })
        })
    }
}

/// A panic in the renderer is a page that cannot be rendered.
fn quietly<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok().flatten()
}

/// The picture that covers most of the page.
pub fn covering(drawn: &Drawn, size: Point) -> Option<&Placed> {
    const MOST_OF_IT: f64 = 0.6;
    let page = Bounds { left: 0.0, top: 0.0, right: size.x, bottom: size.y };
    drawn.pictures.iter().find(|picture| picture.bounds().shared(&page) > MOST_OF_IT * size.x * size.y)
}

fn is_picture_filter(name: &[u8]) -> bool {
    matches!(name, b"DCTDecode" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode")
}

/// The scanner's own JPEG, where it fills the page and needs no colour conversion.
fn jpeg(file: &File, scan: &Placed, size: Point) -> Option<Picture> {
    let object = Object::Reference(scan.id?);
    let stream = file.resolve(&object).as_stream().ok()?;
    let bounds = scan.bounds();
    let fills = bounds.left.abs() < 0.03 * size.x
        && bounds.top.abs() < 0.03 * size.y
        && (bounds.right - size.x).abs() < 0.03 * size.x
        && (bounds.bottom - size.y).abs() < 0.03 * size.y;
    let plain = !["Mask", "SMask", "Decode", "DecodeParms"].iter().any(|key| stream.dict.has(key.as_bytes()));
    let [filter] = stream.filters().ok()?.as_slice().try_into().ok()?;
    if !fills || !plain || filter != b"DCTDecode" || !matches!(components(file, &stream.dict), Some(1 | 3)) {
        return None;
    }
    let turns = turns(scan)?;
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(&stream.content), image::ImageFormat::Jpeg);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(4 * file.limits().pixels as u64);
    reader.limits(limits);
    let decoded = quietly(|| reader.decode().ok())?;
    if decoded.width() as usize * decoded.height() as usize > file.limits().pixels {
        return None;
    }
    let turned = match turns {
        0 => decoded,
        1 => decoded.rotate90(),
        2 => decoded.rotate180(),
        _ => decoded.rotate270(),
    };
    let (width, height) = (turned.width() as usize, turned.height() as usize);
    let (channels, pixels) = match turned {
        DynamicImage::ImageLuma8(grey) => (1, grey.into_raw()),
        colour => (3, colour.into_rgb8().into_raw()),
    };
    let inches = size.x / UNITS_PER_POINT / POINTS_PER_INCH;
    Some(Picture { width, height, channels, pixels, dpi: Some((width as f64 / inches).round() as u32) })
}

/// Components of the colour space, where it is a plain one.
fn components(file: &File, picture: &Dictionary) -> Option<i64> {
    match file.get(picture, b"ColorSpace") {
        Object::Name(name) => match name.as_slice() {
            b"DeviceGray" | b"G" => Some(1),
            b"DeviceRGB" | b"RGB" => Some(3),
            _ => None,
        },
        Object::Array(space) => match (space.first().and_then(|name| file.resolve(name).as_name().ok()), space.get(1)) {
            (Some(b"ICCBased"), Some(profile)) => file.get(as_dictionary(file.resolve(profile))?, b"N").as_i64().ok(),
            (Some(b"CalGray"), _) => Some(1),
            (Some(b"CalRGB"), _) => Some(3),
            _ => None,
        },
        _ => None,
    }
}

/// Clockwise quarter turns of a picture on its page; `None` where it is mirrored or askew.
fn turns(picture: &Placed) -> Option<u8> {
    let matrix = &picture.matrix;
    let size = matrix.a.abs() + matrix.b.abs();
    let side = |value: f64| if value.abs() < 0.01 * size { 0 } else { value.signum() as i8 };
    match (side(matrix.a), side(matrix.b), side(matrix.c), side(matrix.d)) {
        (1, 0, 0, -1) => Some(0),
        (0, 1, 1, 0) => Some(1),
        (-1, 0, 0, 1) => Some(2),
        (0, -1, -1, 0) => Some(3),
        _ => None,
    }
}
