//! Whether a file has its end: a PDF its trailer, a zip archive its directory, a picture its last byte.
//!
//! Owns what the end of a format looks like. Never judges a content: a file without its end may still be coming.

use crate::intake::open_plain;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes at the beginning of a file that say what it is.
const HEAD: u64 = 1024;
/// Bytes at the end of a file in which its directory or trailer begins.
const TAIL: u64 = 70 << 10;
/// Pages of a TIFF that are followed.
const MOST_PAGES: usize = 4096;
/// Tags of a TIFF's page that are looked at.
const MOST_TAGS: u64 = 512;

/// What the end of a file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The format shows its end, and it is there.
    There,
    /// The format shows no end, or more may follow it: text, mails, pictures of many pages.
    Unknown,
    /// The end is missing, or the file cannot be opened now.
    Missing,
}

/// Looks at both ends of a file. One that cannot be opened now has no end.
pub fn end_of(path: &Path) -> End {
    open_plain(path).and_then(|mut file| end(&mut file)).unwrap_or(End::Missing)
}

fn end(file: &mut (impl Read + Seek)) -> std::io::Result<End> {
    let size = file.seek(SeekFrom::End(0))?;
    let head = piece(file, 0, HEAD)?;
    let tail = piece(file, size.saturating_sub(TAIL), TAIL)?;
    let near_end = |bytes: usize| tail.get(tail.len().saturating_sub(bytes)..).unwrap_or_default();
    let known = |there: bool| if there { End::There } else { End::Missing };
    Ok(if head.is_empty() {
        End::Missing
    } else if head.starts_with(b"PK\x03\x04") {
        known(zip_directory(file, size, &tail)?)
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        known(holds(near_end(4096), b"IEND\xaeB`\x82"))
    } else if head.starts_with(b"\xff\xd8\xff") {
        known(holds(near_end(4096), b"\xff\xd9"))
    } else if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") {
        if tiff_pages(file, size, head[0] == b'I')? { End::Unknown } else { End::Missing }
    } else if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // Such files are made of sectors of 512 bytes.
        known(size >= 1536 && size % 512 == 0)
    } else if holds(&head, b"%PDF-") {
        // After those with a mark of their own: an archive may begin with a PDF that is not packed.
        known(holds(near_end(4096), b"%%EOF") && linear_length(&head).is_none_or(|length| size >= length))
    } else if let Some(root) = xml_root(&head) {
        known(closes(&tail, root))
    } else if ends_in_zeros(&tail) {
        // Room that was made for a copy and is not yet filled.
        End::Missing
    } else {
        End::Unknown
    })
}

fn piece(file: &mut (impl Read + Seek), from: u64, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The name of the outermost element of an XML document that begins with its declaration.
fn xml_root(head: &[u8]) -> Option<&[u8]> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let at = head.windows(2).position(|two| two[0] == b'<' && !matches!(two[1], b'?' | b'!'))?;
    let rest = &head[at + 1..];
    let length = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))?;
    Some(&rest[..length])
}

/// The last tag ends the outermost element.
fn closes(tail: &[u8], root: &[u8]) -> bool {
    let tail = tail.trim_ascii_end();
    let Some(tag) = tail.iter().rposition(|byte| *byte == b'<').and_then(|at| tail.get(at + 1..)) else { return false };
    let named = |tag: &[u8]| tag.strip_prefix(root).is_some_and(|rest| !rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric()));
    match tag.strip_suffix(b">") {
        Some(tag) => tag.strip_prefix(b"/").is_some_and(named) || tag.ends_with(b"/") && named(tag),
        None => false,
    }
}

fn ends_in_zeros(tail: &[u8]) -> bool {
    tail.len() >= 512 && tail[tail.len() - 512..].iter().all(|byte| *byte == 0)
}

/// A PDF that is made for the web says how long it is, and has a first trailer near its beginning.
fn linear_length(head: &[u8]) -> Option<u64> {
    let at = head.windows(11).position(|window| window == b"/Linearized")?;
    let words = head.get(at..)?.split(|byte| *byte == b'>').next()?;
    let length = words.windows(3).position(|window| window == b"/L ").map(|at| &words[at + 3..])?;
    let digits: String = length.iter().map(|byte| char::from(*byte)).skip_while(|c| *c == ' ').take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The directory of the archive itself: one of an archive stored inside it counts from another place.
fn zip_directory(file: &mut (impl Read + Seek), size: u64, tail: &[u8]) -> std::io::Result<bool> {
    let Some(at) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else { return Ok(false) };
    let Some(record) = tail.get(at..at + 22) else { return Ok(false) };
    let (count, length, from) = (number(&record[10..12], true), number(&record[12..16], true), number(&record[16..20], true));
    if from == u64::from(u32::MAX) || length == u64::from(u32::MAX) {
        return Ok(true);
    }
    let ends = size - tail.len() as u64 + at as u64;
    Ok(from + length <= ends && (count == 0 || piece(file, from, 4)? == b"PK\x01\x02"))
}

/// Every page's directory and its strips or tiles lie inside the file.
fn tiff_pages(file: &mut (impl Read + Seek), size: u64, little: bool) -> std::io::Result<bool> {
    const STRIPS: [u64; 2] = [273, 324];
    const LENGTHS: [u64; 2] = [279, 325];
    let mut at = number(&piece(file, 4, 4)?, little);
    for page in 0..MOST_PAGES {
        if at == 0 {
            return Ok(page > 0);
        }
        let count = piece(file, at, 2)?;
        let tags = number(&count, little);
        let entries = piece(file, at + 2, tags.min(MOST_TAGS) * 12)?;
        let next = piece(file, at + 2 + tags * 12, 4)?;
        if count.len() < 2 || next.len() < 4 {
            return Ok(false);
        }
        let last = |file: &mut _, wanted: [u64; 2]| -> std::io::Result<Option<u64>> {
            let entry = entries.chunks_exact(12).find(|entry| wanted.contains(&number(&entry[..2], little)));
            entry.map(|entry| last_value(file, entry, little)).transpose()
        };
        if let (Some(strip), Some(length)) = (last(file, STRIPS)?, last(file, LENGTHS)?)
            && strip.saturating_add(length) > size
        {
            return Ok(false);
        }
        at = number(&next, little);
    }
    Ok(true)
}

/// The last number of a tag's list.
fn last_value(file: &mut (impl Read + Seek), entry: &[u8], little: bool) -> std::io::Result<u64> {
    let width: u64 = if number(&entry[2..4], little) == 3 { 2 } else { 4 };
    let count = number(&entry[4..8], little).max(1);
    if count * width <= 4 {
        let from = 8 + ((count - 1) * width) as usize;
        return Ok(number(&entry[from..from + width as usize], little));
    }
    let list = number(&entry[8..12], little);
    let bytes = piece(file, list + (count - 1) * width, width)?;
    // A list that is not there yet points beyond every file.
    Ok(if bytes.len() as u64 == width { number(&bytes, little) } else { u64::MAX })
}

fn number(bytes: &[u8], little: bool) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    if little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;

    fn of(bytes: &[u8]) -> End {
        end(&mut Cursor::new(bytes)).unwrap()
    }

    /// Whole, and missing its end wherever it is cut in `from..`.
    fn is_whole_only_to_the_end(bytes: &[u8], whole: End, from: usize) {
        assert_eq!(of(bytes), whole);
        for cut in (from..bytes.len()).step_by(bytes.len() / 40 + 1) {
            assert_eq!(of(&bytes[..cut]), End::Missing, "cut at {cut} of {}", bytes.len());
        }
    }

    #[test]
    fn a_pdf_has_its_trailer() {
        is_whole_only_to_the_end(b"%PDF-1.7 ... startxref\n9\n%%EOF", End::There, 5);
        let linear = b"%PDF-1.7\n1 0 obj\n<< /Linearized 1 /L 120 /H [ 1 2 ] >>\nendobj\nstartxref\n0\n%%EOF\n";
        assert_eq!(of(linear), End::Missing, "its first trailer is not its last");
        assert_eq!(of(&[linear.as_slice(), &[b' '; 60], b"%%EOF\n"].concat()), End::There);
    }

    fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn an_archive_has_its_own_directory() {
        let inner = zipped("a.txt", b"hello");
        is_whole_only_to_the_end(&zipped("inner.zip", &inner), End::There, 4);
        assert_eq!(of(&zipped("inner.zip", &inner)[..39 + inner.len()]), End::Missing, "cut behind the inner one's directory");
        is_whole_only_to_the_end(&zipped("a.pdf", b"%PDF-1.7 ... startxref\n9\n%%EOF"), End::There, 4);
    }

    #[test]
    fn a_picture_has_its_last_byte() {
        let mut bytes = Cursor::new(Vec::new());
        image::GrayImage::new(40, 40).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        is_whole_only_to_the_end(bytes.get_ref(), End::There, 8);
        let mut bytes = Cursor::new(Vec::new());
        image::GrayImage::new(40, 40).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        is_whole_only_to_the_end(bytes.get_ref(), End::There, 3);
    }

    #[test]
    fn more_pages_may_follow_in_a_tiff() {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
        for _ in 0..3 {
            encoder.write_image::<tiff::encoder::colortype::Gray8>(64, 64, &[7; 64 * 64]).unwrap();
        }
        is_whole_only_to_the_end(bytes.get_ref(), End::Unknown, 4);
    }

    #[test]
    fn an_export_has_its_last_tag_and_a_workbook_its_sectors() {
        is_whole_only_to_the_end(b"<?xml version=\"1.0\"?>\n<!-- x --><a><b>1</b><ab></ab></a >", End::There, 36);
        assert_eq!(of(b"\xef\xbb\xbf<?xml version=\"1.0\"?><a b='1'/>\n\n"), End::There);
        let book = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[1; 2040]].concat();
        assert_eq!((of(&book), of(&book[..2000])), (End::There, End::Missing));
    }

    #[test]
    fn text_shows_no_end_and_nothing_is_not_whole() {
        assert_eq!(of(b""), End::Missing);
        assert_eq!(of(b"From: a@example.jp\n\nhello"), End::Unknown);
        let reserved = [b"From: a@example.jp\n\nhello".as_slice(), &[0; 4096]].concat();
        assert_eq!(of(&reserved), End::Missing, "room that is not yet filled");
    }

    #[test]
    fn what_lies_about_its_size_ends_the_look() {
        for bytes in [b"II*\0\xff\xff\xff\xff".as_slice(), b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\0\0\0\0", b"PK\x03\x04PK\x05\x06"] {
            assert_eq!(of(bytes), End::Missing);
        }
        // A page that names itself as the next one.
        assert_eq!(of(b"II*\0\x08\0\0\0\0\0\x08\0\0\0"), End::Unknown);
    }

    #[test]
    fn a_file_that_cannot_be_opened_has_no_end() {
        assert_eq!(end_of(Path::new("/no/such/file")), End::Missing);
    }
}
