//! The OLE container around xls, encrypted workbooks, objects of Office and mails that Outlook has saved: just its directory and whole
//! streams, within the file's own length, and a container of its own for a stream that was looked at.

use std::collections::BTreeSet;

pub const MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// Sector numbers from here on are signs, not sectors.
const SIGNS: u32 = 0xFFFF_FFFA;

/// The number of the outermost storage.
pub const ROOT: usize = 0;

/// A stream or a storage; entries are named by their number in the directory.
struct Entry {
    name: String,
    is_used: bool,
    /// Its neighbours in the tree of its storage, and the top of the tree of its own.
    left: u32,
    right: u32,
    child: u32,
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

pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
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
            let word = |at: usize| u32_at(entry, at);
            container.entries.push(Entry {
                name: String::from_utf16_lossy(&name),
                is_used: entry.get(66).is_some_and(|kind| *kind != 0),
                left: word(68)?,
                right: word(72)?,
                child: word(76)?,
                start: word(116)?,
                length: word(120)? as usize,
            });
        }
        let root = container.entries.first()?;
        let (start, length) = (root.start, root.length);
        if start < SIGNS && length > 0 {
            container.mini = container.chain(start, length)?;
            container.mini_fat = words(&container.chain(u32_at(bytes, 60)?, usize::MAX).unwrap_or_default()).collect();
        }
        Some(container)
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.is_used && entry.name.eq_ignore_ascii_case(name))
    }

    /// Whether a stream or storage of this name lies anywhere inside.
    pub fn holds(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Names and numbers of what lies directly in a storage.
    pub fn members(&self, storage: usize) -> Vec<(&str, usize)> {
        let mut members = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next: Vec<u32> = self.entries.get(storage).map(|entry| entry.child).into_iter().collect();
        while let Some(number) = next.pop() {
            let Some(entry) = self.entries.get(number as usize).filter(|entry| entry.is_used) else { continue };
            if seen.insert(number) {
                members.push((entry.name.as_str(), number as usize));
                next.extend([entry.left, entry.right]);
            }
        }
        members
    }

    /// The stream of that name wherever it lies, whole; `None` where its chain is broken or longer than the file.
    pub fn stream(&self, name: &str) -> Option<Vec<u8>> {
        self.whole(self.find(name)?)
    }

    /// The stream of that number, whole.
    pub fn stream_of(&self, number: usize) -> Option<Vec<u8>> {
        self.whole(self.entries.get(number)?)
    }

    /// Bytes that a stream claims.
    pub fn length(&self, number: usize) -> usize {
        self.entries.get(number).map_or(0, |entry| entry.length)
    }

    fn whole(&self, entry: &Entry) -> Option<Vec<u8>> {
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

const SECTOR: usize = 4096;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const SECTOR_OF_TABLE: u32 = 0xFFFF_FFFD;
const NOTHING: u32 = 0xFFFF_FFFF;

/// A container that holds this stream and nothing else, with zeros behind a short one. Its tables name nothing that is not there.
pub fn wrapped(name: &str, stream: &[u8]) -> Vec<u8> {
    // Shorter ones would have to lie among the small sectors.
    let length = stream.len().max(SECTOR);
    let of_stream = length.div_ceil(SECTOR);
    // The stream, its tables, the directory.
    let of_tables = (1..).find(|tables| tables * (SECTOR / 4) > of_stream + tables).unwrap_or_default();
    let directory = (of_stream + of_tables) as u32;

    let mut bytes = vec![0; SECTOR];
    bytes[..8].copy_from_slice(MAGIC);
    for (at, short) in [(24, 0x3E_u16), (26, 4), (28, 0xFFFE), (30, 12), (32, 6)] {
        bytes[at..at + 2].copy_from_slice(&short.to_le_bytes());
    }
    let tables = (0..of_tables).map(|n| (76 + 4 * n, (of_stream + n) as u32));
    bytes[76..512].fill(0xFF);
    let heads = [(40, 1), (44, of_tables as u32), (48, directory), (56, 4096), (60, END_OF_CHAIN), (68, END_OF_CHAIN)];
    for (at, word) in heads.into_iter().chain(tables) {
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }

    bytes.extend_from_slice(stream);
    bytes.resize(SECTOR * (1 + of_stream), 0);
    let chain = (1..of_stream as u32).chain([END_OF_CHAIN]);
    let chains = chain.chain(std::iter::repeat_n(SECTOR_OF_TABLE, of_tables)).chain([END_OF_CHAIN]);
    bytes.extend(chains.flat_map(u32::to_le_bytes));
    bytes.resize(SECTOR * (1 + of_stream + of_tables), 0xFF);

    // The root's chain is the directory's, for its length is none and it must begin somewhere.
    bytes.extend(entry("Root Entry", 5, 1, directory, 0));
    bytes.extend(entry(name, 2, NOTHING, 0, length as u32));
    bytes.resize(SECTOR * (2 + of_stream + of_tables), 0);
    bytes
}

fn entry(name: &str, kind: u8, child: u32, start: u32, length: u32) -> [u8; 128] {
    let mut entry = [0; 128];
    for (at, unit) in name.encode_utf16().enumerate() {
        entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
    }
    entry[64] = 2 * (name.len() as u8 + 1);
    entry[66] = kind;
    entry[67] = 1;
    for (at, word) in [(68, NOTHING), (72, NOTHING), (76, child), (116, start), (120, length)] {
        entry[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    entry
}
