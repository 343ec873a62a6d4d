//! The OLE container around xls and encrypted workbooks: just its directory and whole streams, within the file's own length.

pub const MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// Sector numbers from here on are signs, not sectors.
const SIGNS: u32 = 0xFFFF_FFFA;

struct Entry {
    name: String,
    start: u32,
    length: usize,
}

pub struct Container<'a> {
    bytes: &'a [u8],
    shift: u32,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    entries: Vec<Entry>,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word))
}

impl<'a> Container<'a> {
    /// `None` where the header, the tables or the directory are broken.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = u32::from(u16_at(bytes, 30)?);
        if !bytes.starts_with(MAGIC) || !(shift == 9 || shift == 12) {
            return None;
        }
        let mut container = Container { bytes, shift, fat: Vec::new(), mini_fat: Vec::new(), mini: Vec::new(), entries: Vec::new() };
        let mut tables: Vec<u32> = words(bytes.get(76..512)?).collect();
        let mut next = u32_at(bytes, 68)?;
        let mut steps = bytes.len() >> shift;
        while next < SIGNS {
            let mut more: Vec<u32> = words(container.sector(next)?).collect();
            next = more.pop()?;
            tables.extend(more);
            steps = steps.checked_sub(1)?;
        }
        for table in tables.into_iter().filter(|table| *table < SIGNS) {
            let words: Vec<u32> = words(container.sector(table)?).collect();
            container.fat.extend(words);
            // A file has no more sectors than bytes; tables named twice are a loop.
            if container.fat.len() > bytes.len() {
                return None;
            }
        }
        let directory = container.chain(u32_at(bytes, 48)?, usize::MAX)?;
        for entry in directory.as_chunks::<128>().0 {
            let length = usize::from(u16_at(entry, 64)?).saturating_sub(2).min(62);
            let name: Vec<u16> = entry.get(..length)?.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            if entry.get(66).is_some_and(|kind| *kind != 0) {
                let name = String::from_utf16_lossy(&name);
                container.entries.push(Entry { name, start: u32_at(entry, 116)?, length: u32_at(entry, 120)? as usize });
            }
        }
        let root = container.entries.first()?;
        let (start, length) = (root.start, root.length);
        if start < SIGNS && length > 0 {
            container.mini = container.chain(start, length)?;
            container.mini_fat = words(&container.chain(u32_at(bytes, 60)?, usize::MAX).unwrap_or_default()).collect();
        }
        Some(container)
    }

    /// Whether a stream or storage of this name lies anywhere inside.
    pub fn holds(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// A stream, whole; `None` where its chain is broken or longer than the file.
    pub fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))?;
        if entry.length > self.bytes.len() {
            return None;
        }
        if entry.length >= 4096 {
            return self.chain(entry.start, entry.length);
        }
        let mut stream = Vec::new();
        let mut next = entry.start;
        while next < SIGNS && stream.len() < entry.length {
            let at = next as usize * 64;
            stream.extend_from_slice(self.mini.get(at..at + 64)?);
            next = *self.mini_fat.get(next as usize)?;
        }
        stream.truncate(entry.length);
        Some(stream)
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let size = 1usize << self.shift;
        let at = (number as usize).checked_add(1)?.checked_mul(size)?;
        self.bytes.get(at..).map(|rest| &rest[..rest.len().min(size)]).filter(|sector| !sector.is_empty())
    }

    fn chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut chain = Vec::new();
        let mut next = start;
        while next < SIGNS && chain.len() < length {
            chain.extend_from_slice(self.sector(next)?);
            // Longer than the file: the chain bites its tail.
            if chain.len() > self.bytes.len() {
                return None;
            }
            next = *self.fat.get(next as usize)?;
        }
        chain.truncate(length);
        Some(chain)
    }
}

/// Cells in the rectangles around the filled cells of each sheet of a BIFF stream: what the parser will allocate.
pub fn spread(stream: &[u8]) -> usize {
    let mut total = 0usize;
    let mut corners: Option<(u16, u16, u16, u16)> = None;
    let mut at = 0;
    while let (Some(kind), Some(length)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
        match kind {
            0x0006 | 0x00BD | 0x00BE | 0x00D6 | 0x00FD | 0x0203 | 0x0204 | 0x0205 | 0x027E => {
                if let (Some(row), Some(column)) = (u16_at(stream, at + 4), u16_at(stream, at + 6)) {
                    // A record of several cells ends with its last column.
                    let last = if kind == 0x00BD { u16_at(stream, at + 2 + usize::from(length)).unwrap_or(column) } else { column };
                    let (top, left, bottom, right) = corners.unwrap_or((row, column, row, column));
                    corners = Some((top.min(row), left.min(column), bottom.max(row), right.max(column).max(last)));
                }
            }
            0x000A => {
                if let Some((top, left, bottom, right)) = corners.take() {
                    total = total.saturating_add((usize::from(bottom - top) + 1) * (usize::from(right - left) + 1));
                }
            }
            _ => {}
        }
        at += 4 + usize::from(length);
    }
    total
}
