//! Pictures that arrive as files of one page: JPEG, PNG. What becomes of pictures that were decoded.
//!
//! Owns decoding within the limits. Never looks at what a picture shows.

use crate::domain::finding::Remark;
use crate::domain::picture::Picture;
use crate::domain::reading::{Content, Page, PageSource};
use crate::reading::format::{Format, Limits, Outcome, Source, Tools};
use ::image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use sight::paper;
use std::io::Cursor;

pub const JPEG: Format = Format { name: "jpeg", sniff: |bytes| bytes.starts_with(&[0xff, 0xd8, 0xff]), read: read_single };
pub const PNG: Format = Format { name: "png", sniff: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"), read: read_single };

fn read_single(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    match single(source.bytes, tools.limits.pixels) {
        Some(picture) => outcome(vec![paper::page(&picture, 1, tools.ocr, tools.limits.pixels)], false, source),
        None => unreadable(source),
    }
}

pub fn unreadable(source: &Source<'_>) -> Outcome {
    Outcome::unreadable(Remark::new("M-001").word("file", source.name))
}

/// A document of pages; one on which nothing could be read at all says so.
pub fn outcome(pages: Vec<Page>, cut: bool, source: &Source<'_>) -> Outcome {
    let mut outcome = Outcome::of(Content::Paper { pages, enclosed: Vec::new() });
    if let Content::Paper { pages, .. } = &outcome.content {
        let silent = pages.iter().all(|page| page.lines.is_empty() || page.source == PageSource::Blank);
        if silent || cut {
            outcome.remarks.push(Remark::new("M-001").word("file", source.name));
        }
    }
    outcome
}

/// Decodes a JPEG or PNG whose header promises no more than `most` pixels.
fn single(bytes: &[u8], most: usize) -> Option<Picture> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let format = reader.format().filter(|f| matches!(f, ImageFormat::Jpeg | ImageFormat::Png))?;
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if width as usize * height as usize > most {
        return None;
    }
    let turn = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    if let Some(turn) = turn {
        image.apply_orientation(turn);
    }
    let dpi = if format == ImageFormat::Jpeg { jfif_dpi(bytes) } else { png_dpi(bytes) };
    Some(picture(image, dpi))
}

fn picture(image: DynamicImage, dpi: Option<u32>) -> Picture {
    let (width, height) = (image.width() as usize, image.height() as usize);
    // What shines through is paper.
    let image = if image.color().has_alpha() {
        let mut flat = image.into_rgba8();
        for pixel in flat.pixels_mut() {
            let alpha = u32::from(pixel.0[3]);
            for value in &mut pixel.0[..3] {
                *value = ((u32::from(*value) * alpha + 255 * (255 - alpha)) / 255) as u8;
            }
        }
        DynamicImage::ImageRgba8(flat)
    } else {
        image
    };
    if image.color().has_color() {
        Picture { width, height, channels: 3, pixels: image.into_rgb8().into_raw(), dpi }
    } else {
        Picture { width, height, channels: 1, pixels: image.into_luma8().into_raw(), dpi }
    }
}

fn jfif_dpi(bytes: &[u8]) -> Option<u32> {
    let head = bytes.get(..18).filter(|head| &head[6..10] == b"JFIF")?;
    let density = u32::from(u16::from_be_bytes([head[14], head[15]]));
    match head[13] {
        1 => Some(density),
        2 => Some(density * 254 / 100),
        _ => None,
    }
}

fn png_dpi(bytes: &[u8]) -> Option<u32> {
    let at = bytes.get(..bytes.len().min(4096))?.windows(4).position(|tag| tag == b"pHYs")?;
    let metre: [u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
    (bytes.get(at + 12) == Some(&1)).then(|| u32::from_be_bytes(metre) / 100 * 254 / 100)
}

/// Pixels that the shorter and the longer side of a page have at least: A4 at 60 dots an inch.
const PAGE: (u32, u32) = (480, 700);

/// Whether a picture is large enough for a page, by what its head says.
pub fn may_be_page(bytes: &[u8]) -> bool {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    size.is_some_and(|(width, height)| width.min(height) >= PAGE.0 && width.max(height) >= PAGE.1)
}

/// The picture of a JPEG or PNG, which is its first page and its only one.
pub fn single_at(bytes: &[u8], index: usize, limits: Limits) -> Option<Picture> {
    (index == 0).then(|| single(bytes, limits.pixels)).flatten()
}
