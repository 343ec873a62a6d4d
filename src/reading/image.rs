//! Pictures that arrive as files: TIFF with its pages, JPEG, PNG.
//!
//! Owns decoding within the limits. Never looks at what a picture shows.

use crate::domain::finding::Remark;
use crate::domain::picture::Picture;
use crate::domain::reading::{Content, Page, PageSource};
use crate::reading::format::{Format, Limits, Outcome, Source, Tools};
use crate::reading::paper;
use ::image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use rayon::prelude::*;
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

pub const TIFF: Format = Format { name: "tiff", sniff: is_tiff, read: read_tiff };
pub const JPEG: Format = Format { name: "jpeg", sniff: |bytes| bytes.starts_with(&[0xff, 0xd8, 0xff]), read: read_single };
pub const PNG: Format = Format { name: "png", sniff: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"), read: read_single };

fn is_tiff(bytes: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic))
}

fn read_single(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    match single(source.bytes, tools.limits.pixels) {
        Some(picture) => outcome(vec![paper::page(&picture, 1, tools)], false, source),
        None => unreadable(source),
    }
}

fn unreadable(source: &Source<'_>) -> Outcome {
    Outcome::unreadable(Remark::new("M-001").word("file", source.name))
}

/// A document of pages; one on which nothing could be read at all says so.
fn outcome(pages: Vec<Page>, cut: bool, source: &Source<'_>) -> Outcome {
    let mut outcome = Outcome::of(Content::Paper { pages });
    if let Content::Paper { pages } = &outcome.content {
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

/// The picture of a JPEG or PNG, which is its first page and its only one.
pub fn single_at(bytes: &[u8], index: usize, limits: Limits) -> Option<Picture> {
    (index == 0).then(|| single(bytes, limits.pixels)).flatten()
}

/// The picture of one page of a TIFF; pages that cannot be decoded are not counted, as when it was read.
pub fn tiff_at(bytes: &[u8], index: usize, limits: Limits) -> Option<Picture> {
    let mut decoder = open_tiff(bytes, limits)?;
    let mut sound = 0;
    for _ in 0..limits.pages {
        if let Some(picture) = tiff_page(&mut decoder, limits.pixels) {
            if sound == index {
                return Some(picture);
            }
            sound += 1;
        }
        if !decoder.more_images() || decoder.next_image().is_err() {
            return None;
        }
    }
    None
}

fn open_tiff(bytes: &[u8], limits: Limits) -> Option<Decoder<Cursor<&[u8]>>> {
    let mut bounds = tiff::decoder::Limits::default();
    bounds.decoding_buffer_size = limits.pixels.saturating_mul(4);
    bounds.intermediate_buffer_size = limits.pixels.saturating_mul(4);
    Decoder::new(Cursor::new(bytes)).ok().map(|decoder| decoder.with_limits(bounds))
}

fn read_tiff(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let Some(mut decoder) = open_tiff(source.bytes, tools.limits) else { return unreadable(source) };
    let (mut pictures, mut broken, mut total) = (Vec::new(), false, 0usize);
    loop {
        match tiff_page(&mut decoder, tools.limits.pixels) {
            Some(picture) => {
                total = total.saturating_add(picture.pixels.len());
                pictures.push(picture);
            }
            None => broken = true,
        }
        if !decoder.more_images() {
            break;
        }
        if pictures.len() >= tools.limits.pages || total > tools.limits.unpacked || decoder.next_image().is_err() {
            broken = true;
            break;
        }
    }
    if pictures.is_empty() {
        return unreadable(source);
    }
    let pages = pictures.par_iter().enumerate().map(|(n, picture)| paper::page(picture, n as u32 + 1, tools)).collect();
    outcome(pages, broken, source)
}

fn tiff_page(decoder: &mut Decoder<Cursor<&[u8]>>, most: usize) -> Option<Picture> {
    let (width, height) = decoder.dimensions().ok()?;
    let (width, height) = (width as usize, height as usize);
    if width.checked_mul(height)? > most {
        return None;
    }
    let colour = decoder.colortype().ok()?;
    let dpi = resolution(decoder, Tag::XResolution);
    let raw = match decoder.read_image().ok()? {
        DecodingResult::U8(raw) => raw,
        // Scanners for pictures give sixteen bits; print needs eight.
        DecodingResult::U16(raw) => raw.into_iter().map(|value| (value >> 8) as u8).collect(),
        _ => return None,
    };
    let count = width * height;
    let (channels, pixels) = match colour {
        ColorType::Gray(1) => (1, bits(&raw, width, height)?),
        ColorType::Gray(8 | 16) => (1, raw),
        ColorType::RGB(8 | 16) => (3, raw),
        ColorType::RGBA(8) => (3, raw.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect()),
        ColorType::YCbCr(8) => (3, raw),
        ColorType::GrayA(8) => (1, raw.chunks_exact(2).map(|p| p[0]).collect()),
        ColorType::CMYK(8) => (3, raw.chunks_exact(4).flat_map(rgb).collect()),
        _ => return None,
    };
    let picture = (pixels.len() == count * channels).then_some(Picture { width, height, channels, pixels, dpi })?;
    let down = resolution(decoder, Tag::YResolution);
    Some(squared(picture, dpi, down, most))
}

/// A fax in standard resolution has half as many rows as columns an inch: its rows are doubled.
fn squared(mut picture: Picture, across: Option<u32>, down: Option<u32>, most: usize) -> Picture {
    let (Some(across), Some(down)) = (across, down) else { return picture };
    let height = picture.height as u64 * u64::from(across) / u64::from(down.max(1));
    let flat = across * 2 >= down * 3 && across <= down.saturating_mul(4);
    if !flat || picture.width as u64 * height > most as u64 {
        return picture;
    }
    let (row, rows) = (picture.width * picture.channels, picture.height);
    let from = |y: u64| (y * u64::from(down) / u64::from(across.max(1))) as usize;
    picture.pixels = (0..height).flat_map(|y| picture.pixels.iter().skip(from(y).min(rows - 1) * row).take(row)).copied().collect();
    picture.height = height as usize;
    picture
}

fn rgb(cmyk: &[u8]) -> [u8; 3] {
    let light = 255 - u32::from(cmyk[3]);
    [0, 1, 2].map(|n| ((255 - u32::from(cmyk[n])) * light / 255) as u8)
}

/// One bit a pixel, rows filled up to whole bytes, 1 white.
fn bits(raw: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let stride = width.div_ceil(8);
    let mut pixels = Vec::with_capacity(width * height);
    for row in raw.get(..stride * height)?.chunks_exact(stride) {
        pixels.extend((0..width).map(|x| if row[x / 8] & (0x80 >> (x % 8)) == 0 { 0 } else { 255 }));
    }
    Some(pixels)
}

fn resolution(decoder: &mut Decoder<Cursor<&[u8]>>, side: Tag) -> Option<u32> {
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    let value = match decoder.find_tag(side).ok()?? {
        tiff::decoder::ifd::Value::Rational(a, b) => a.checked_div(b)?,
        _ => return None,
    };
    match unit {
        2 => Some(value),
        3 => value.checked_mul(254).map(|v| v / 100),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiff::encoder::{TiffEncoder, colortype};

    fn page(bytes: &[u8]) -> Option<(usize, Vec<u8>)> {
        tiff_page(&mut Decoder::new(Cursor::new(bytes)).unwrap(), 1000).map(|picture| (picture.channels, picture.pixels))
    }

    #[test]
    fn sixteen_bits_are_read_as_eight() {
        let mut grey = Cursor::new(Vec::new());
        TiffEncoder::new(&mut grey).unwrap().write_image::<colortype::Gray16>(2, 1, &[0, 0xFF00]).unwrap();
        assert_eq!(page(&grey.into_inner()), Some((1, vec![0, 255])));
        let mut colour = Cursor::new(Vec::new());
        TiffEncoder::new(&mut colour).unwrap().write_image::<colortype::RGB16>(1, 1, &[0xFFFF, 0x8000, 0]).unwrap();
        assert_eq!(page(&colour.into_inner()), Some((3, vec![255, 128, 0])));
    }

    #[test]
    fn colours_out_of_a_table_are_refused_not_guessed() {
        let mut grey = Cursor::new(Vec::new());
        TiffEncoder::new(&mut grey).unwrap().write_image::<colortype::Gray8>(2, 1, &[0, 1]).unwrap();
        let mut bytes = grey.into_inner();
        assert!(page(&bytes).is_some());
        // PhotometricInterpretation becomes 3: a palette.
        let tag = bytes.windows(4).position(|window| window == [0x06, 0x01, 3, 0]).unwrap();
        bytes[tag + 8] = 3;
        assert_eq!(page(&bytes), None);
    }
}
