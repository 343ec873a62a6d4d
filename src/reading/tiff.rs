//! TIFF with its pages: from scanners, and as faxes are kept.
//!
//! Owns the directory of pages, colours and resolutions. Fax strips of Group 3 are decoded in `fax`. Never looks at what a picture shows.

use crate::domain::picture::Picture;
use crate::reading::fax;
use crate::reading::format::{Format, Limits, Outcome, Source, Tools};
use crate::reading::image::{outcome, unreadable};
use rayon::prelude::*;
use sight::paper;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

pub const TIFF: Format = Format { name: "tiff", sniff: is_tiff, read };

/// PhotometricInterpretation of a page whose colours stand in a table.
const PALETTE: u16 = 3;
/// PhotometricInterpretation of a grey page.
const GREY: u16 = 1;

fn is_tiff(bytes: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic))
}

fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    let Some(file) = File::of(source.bytes, tools.limits) else { return unreadable(source) };
    let Some(mut decoder) = file.decoder() else { return unreadable(source) };
    let (mut pictures, mut broken, mut total) = (Vec::new(), false, 0usize);
    loop {
        match file.page(&mut decoder) {
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
    let pages =
        pictures.par_iter().enumerate().map(|(n, picture)| paper::page(picture, n as u32 + 1, tools.ocr, tools.limits.pixels)).collect();
    outcome(pages, broken, source)
}

/// The picture of one page of a TIFF; pages that cannot be decoded are not counted, as when it was read.
pub fn page_at(bytes: &[u8], index: usize, limits: Limits) -> Option<Picture> {
    let file = File::of(bytes, limits)?;
    let mut decoder = file.decoder()?;
    let mut sound = 0;
    for _ in 0..limits.pages {
        if let Some(picture) = file.page(&mut decoder) {
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

type Pages<'a> = Decoder<Cursor<&'a [u8]>>;

/// The bytes of a file, and which of its pages have their colours in a table.
struct File<'a> {
    bytes: Cow<'a, [u8]>,
    limits: Limits,
    /// Where the directories of those pages lie.
    coloured: BTreeSet<u64>,
}

impl<'a> File<'a> {
    /// The decoder refuses colours out of a table: such pages are told to it as grey ones, and coloured afterwards.
    fn of(bytes: &'a [u8], limits: Limits) -> Option<Self> {
        let mut file = File { bytes: Cow::Borrowed(bytes), limits, coloured: BTreeSet::new() };
        let mut coloured = BTreeSet::new();
        let mut decoder = file.decoder()?;
        for _ in 0..limits.pages {
            if decoder.find_tag_unsigned(Tag::PhotometricInterpretation).ok().flatten() == Some(PALETTE) {
                coloured.extend(decoder.ifd_pointer().map(|pointer| pointer.0));
            }
            if !decoder.more_images() || decoder.next_image().is_err() {
                break;
            }
        }
        for directory in &coloured {
            told_as_grey(file.bytes.to_mut(), *directory as usize)?;
        }
        file.coloured = coloured;
        Some(file)
    }

    fn decoder(&self) -> Option<Pages<'_>> {
        let mut bounds = tiff::decoder::Limits::default();
        bounds.decoding_buffer_size = self.limits.pixels.saturating_mul(4);
        bounds.intermediate_buffer_size = self.limits.pixels.saturating_mul(4);
        Decoder::new(Cursor::new(&*self.bytes)).ok().map(|decoder| decoder.with_limits(bounds))
    }

    /// The page at which the decoder stands.
    fn page(&self, decoder: &mut Pages<'_>) -> Option<Picture> {
        let most = self.limits.pixels;
        let (width, height) = decoder.dimensions().ok()?;
        let (width, height) = (width as usize, height as usize);
        if width == 0 || height == 0 || width.checked_mul(height)? > most {
            return None;
        }
        let dpi = resolution(decoder, Tag::XResolution);
        let down = resolution(decoder, Tag::YResolution);
        let coloured = decoder.ifd_pointer().is_some_and(|pointer| self.coloured.contains(&pointer.0));
        let (channels, pixels) = match fax::pixels(decoder, &self.bytes, width, height) {
            Some(pixels) => (1, pixels),
            None if coloured => (3, by_table(decoder, width, height)?),
            None => plain(decoder, width, height)?,
        };
        let picture = (pixels.len() == width * height * channels).then_some(Picture { width, height, channels, pixels, dpi })?;
        Some(squared(picture, dpi, down, most))
    }
}

/// Writes into the directory at an offset that its page is grey. `None` where there is no such directory.
fn told_as_grey(bytes: &mut [u8], directory: usize) -> Option<()> {
    let big_endian = bytes.starts_with(b"MM");
    let large = matches!(bytes.get(2..4)?, [0x2b, 0] | [0, 0x2b]);
    let short = |at: &[u8]| if big_endian { u16::from_be_bytes([at[0], at[1]]) } else { u16::from_le_bytes([at[0], at[1]]) };
    // Counts and entries of the large kind of file are wider.
    let (first, entry, value) = if large { (8, 20, 12) } else { (2, 12, 8) };
    let count = bytes.get(directory..directory.checked_add(first)?)?;
    let count = usize::from(short(if large && big_endian { &count[6..] } else { count }));
    for n in 0..count {
        let at = directory.checked_add(first + n * entry)?;
        let fields = bytes.get_mut(at..at.checked_add(entry)?)?;
        if short(fields) == Tag::PhotometricInterpretation.to_u16() {
            let grey = if big_endian { GREY.to_be_bytes() } else { GREY.to_le_bytes() };
            fields[value..value + 2].copy_from_slice(&grey);
            return Some(());
        }
    }
    None
}

/// Channels and pixels of a page whose samples are the colours themselves.
fn plain(decoder: &mut Pages<'_>, width: usize, height: usize) -> Option<(usize, Vec<u8>)> {
    let colour = decoder.colortype().ok()?;
    let raw = match decoder.read_image().ok()? {
        DecodingResult::U8(raw) => raw,
        // Scanners for pictures give sixteen bits; print needs eight.
        DecodingResult::U16(raw) => raw.into_iter().map(|value| (value >> 8) as u8).collect(),
        _ => return None,
    };
    Some(match colour {
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            (1, unpacked(&raw, width, height, bits)?.into_iter().map(|value| (u32::from(value) * 255 / ((1 << bits) - 1)) as u8).collect())
        }
        ColorType::Gray(8 | 16) => (1, raw),
        ColorType::RGB(8 | 16) => (3, raw),
        ColorType::RGBA(8) => (3, raw.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect()),
        ColorType::YCbCr(8) => (3, raw),
        ColorType::GrayA(8) => (1, raw.chunks_exact(2).map(|p| p[0]).collect()),
        ColorType::CMYK(8) => (3, raw.chunks_exact(4).flat_map(rgb).collect()),
        _ => return None,
    })
}

/// Red, green and blue of a page whose samples are rows of its table of colours.
fn by_table(decoder: &mut Pages<'_>, width: usize, height: usize) -> Option<Vec<u8>> {
    let ColorType::Gray(bits @ (1 | 2 | 4 | 8)) = decoder.colortype().ok()? else { return None };
    let table = decoder.get_tag_u16_vec(Tag::ColorMap).ok()?;
    let size = 1usize << bits;
    // All reds, all greens, all blues, in sixteen bits.
    if table.len() != 3 * size {
        return None;
    }
    let DecodingResult::U8(raw) = decoder.read_image().ok()? else { return None };
    let samples = unpacked(&raw, width, height, bits)?;
    Some(samples.into_iter().flat_map(|n| [0, size, 2 * size].map(|from| (table[from + usize::from(n)] >> 8) as u8)).collect())
}

/// A fax in standard resolution has half as many rows as columns an inch: its rows are doubled.
fn squared(mut picture: Picture, across: Option<u32>, down: Option<u32>, most: usize) -> Picture {
    let (Some(across), Some(down)) = (across, down) else { return picture };
    let height = picture.height as u64 * u64::from(across) / u64::from(down.max(1));
    let flat = across.saturating_mul(2) >= down.saturating_mul(3) && across <= down.saturating_mul(4);
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

/// Samples of up to eight bits, one after another in bytes, rows filled up to whole bytes.
fn unpacked(raw: &[u8], width: usize, height: usize, bits: u8) -> Option<Vec<u8>> {
    if bits == 8 {
        return Some(raw.to_vec());
    }
    let bits = usize::from(bits);
    let stride = (width * bits).div_ceil(8);
    let mut samples = Vec::with_capacity(width * height);
    for row in raw.get(..stride * height)?.chunks_exact(stride) {
        samples.extend((0..width).map(|x| row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)));
    }
    Some(samples)
}

fn resolution(decoder: &mut Pages<'_>, side: Tag) -> Option<u32> {
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
        page_at(bytes, 0, Limits::default()).map(|picture| (picture.channels, picture.pixels))
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

    fn grey(samples: &[u8], table: &[u16]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file).unwrap();
        let mut image = encoder.new_image::<colortype::Gray8>(samples.len() as u32, 1).unwrap();
        image.encoder().write_tag(Tag::ColorMap, table).unwrap();
        image.write_data(samples).unwrap();
        let mut bytes = file.into_inner();
        // PhotometricInterpretation becomes 3: a palette.
        let tag = bytes.windows(4).position(|window| window == [0x06, 0x01, 3, 0]).unwrap();
        bytes[tag + 8] = 3;
        bytes
    }

    #[test]
    fn colours_are_taken_out_of_their_table_and_a_broken_table_is_refused() {
        let mut table = vec![0u16; 3 * 256];
        (table[7], table[256 + 7], table[512 + 9]) = (0xFFFF, 0x8000, 0x4000);
        assert_eq!(page(&grey(&[7, 9, 0], &table)), Some((3, vec![255, 128, 0, 0, 0, 64, 0, 0, 0])));
        assert_eq!(page(&grey(&[7, 9, 0], &table[..100])), None);
    }

    #[test]
    fn a_strip_kept_in_group_3_is_the_strip() {
        let strip = crate::reading::image::single_at(include_bytes!("../../tests/data/strip.png"), 0, Limits::default()).unwrap();
        let one = include_bytes!("../../tests/data/group3-1d.tif");
        let two = include_bytes!("../../tests/data/group3-2d.tif");
        assert_eq!(page(one), Some((1, strip.pixels.clone())));
        assert_eq!(page(two), Some((1, strip.pixels.clone())));
        // A line lost on the way leaves the rest of the page.
        let mut torn = two.to_vec();
        let middle = torn.len() / 3;
        torn[middle..middle + 3].fill(0xff);
        assert!(page(&torn).is_some_and(|(_, pixels)| pixels.len() == strip.pixels.len()));
    }

    #[test]
    fn a_scan_in_few_colours_keeps_them() {
        let (channels, pixels) = page(include_bytes!("../../tests/data/palette.tif")).unwrap();
        let strip = crate::reading::image::single_at(include_bytes!("../../tests/data/strip.png"), 0, Limits::default()).unwrap();
        assert_eq!(channels, 3);
        let ink = |n: usize| if n % 400 < 200 { [200, 30, 40] } else { [20, 20, 20] };
        let expected = strip.pixels.iter().enumerate().flat_map(|(n, p)| if *p == 255 { [255; 3] } else { ink(n) });
        assert!(expected.eq(pixels));
    }

    #[test]
    fn small_samples_are_unpacked_row_by_row() {
        assert_eq!(unpacked(&[0b1011_0000, 0b0100_0000], 3, 2, 1), Some(vec![1, 0, 1, 0, 1, 0]));
        assert_eq!(unpacked(&[0x1f, 0x20, 0x34, 0x50], 3, 2, 4), Some(vec![1, 15, 2, 3, 4, 5]));
        assert_eq!(unpacked(&[0], 3, 2, 4), None);
    }
}
