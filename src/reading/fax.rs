//! Fax compression of Group 3, one- and two-dimensional, as machines keep it in TIFF.
//!
//! Owns the way from strips to pixels. Group 4 is the TIFF decoder's own; nothing here knows a page.

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use std::borrow::Cow;
use std::io::{Read, Seek};
use tiff::decoder::Decoder;
use tiff::tags::Tag;

/// Values of the tag Compression: modified Huffman without line ends, and Group 3.
const HUFFMAN: u16 = 2;
const GROUP_3: u16 = 3;
/// Bits of the tag T4Options.
const TWO_DIMENSIONAL: u32 = 1;
const ALIGNED: u32 = 4;
/// FillOrder: the first pixel in a byte's lowest bit.
const LOWEST_FIRST: u16 = 2;
/// PhotometricInterpretation of a fax: 0 is white.
const BLACK_IS_ONE: u16 = 0;

/// The pixels of a page in Group 3, 0 black, 255 white; rows that were lost on the line are white.
/// `None` where the page is in another compression, or its strips are not where the file says.
pub fn pixels<R: Read + Seek>(decoder: &mut Decoder<R>, bytes: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let tag = |decoder: &mut Decoder<R>, tag| decoder.find_tag_unsigned::<u16>(tag).ok().flatten();
    let method = tag(decoder, Tag::Compression).filter(|method| matches!(*method, HUFFMAN | GROUP_3))?;
    let options = decoder.find_tag_unsigned::<u32>(Tag::Unknown(292)).ok().flatten().unwrap_or(0);
    let reversed = tag(decoder, Tag::FillOrder) == Some(LOWEST_FIRST);
    let black_is_one = tag(decoder, Tag::PhotometricInterpretation).unwrap_or(BLACK_IS_ONE) == BLACK_IS_ONE;
    let offsets = decoder.get_tag_u64_vec(Tag::StripOffsets).ok()?;
    let lengths = decoder.get_tag_u64_vec(Tag::StripByteCounts).ok()?;
    let a_strip = decoder.find_tag_unsigned::<u32>(Tag::RowsPerStrip).ok().flatten().map_or(height, |rows| rows as usize).clamp(1, height);
    let (ink, paper) = if black_is_one { (0, 255) } else { (255, 0) };
    let mut sink = Rows { pixels: Vec::with_capacity(width * height), width, most: width * height, ink, paper };
    for (n, (offset, length)) in offsets.iter().zip(&lengths).enumerate() {
        let from = usize::try_from(*offset).ok()?;
        let strip = bytes.get(from..from.checked_add(usize::try_from(*length).ok()?)?)?;
        let strip = if reversed { Cow::Owned(strip.iter().map(|byte| byte.reverse_bits()).collect()) } else { Cow::Borrowed(strip) };
        let rows = a_strip.min(height.saturating_sub(n * a_strip));
        if rows == 0 {
            break;
        }
        let settings = DecodeSettings {
            columns: width as u32,
            rows: rows as u32,
            end_of_block: method == GROUP_3,
            end_of_line: method == GROUP_3,
            rows_are_byte_aligned: method == HUFFMAN || options & ALIGNED != 0,
            encoding: if method == GROUP_3 && options & TWO_DIMENSIONAL != 0 { EncodingMode::Group3_2D } else { EncodingMode::Group3_1D },
            strict: false,
        };
        // What was decoded before an error stands; a telephone line is never quite clean.
        let _damaged = hayro_ccitt::decode(&strip, &mut sink, &mut DecoderContext::new(settings)).is_err();
        sink.pixels.resize(((n * a_strip + rows) * width).min(sink.most), 255);
    }
    sink.pixels.resize(width * height, 255);
    Some(sink.pixels)
}

struct Rows {
    pixels: Vec<u8>,
    width: usize,
    most: usize,
    ink: u8,
    paper: u8,
}

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        if self.pixels.len() + self.width > self.most {
            return;
        }
        let from = self.pixels.len();
        self.pixels.resize(from + self.width, self.paper);
        for run in changes.chunks(2) {
            let end = run.get(1).map_or(self.width, |end| *end as usize);
            self.pixels[from + run[0] as usize..from + end].fill(self.ink);
        }
    }
}
