//! Zip archives: their members, within bounds.
//!
//! Owns names, sizes and passwords of members. Never writes a file: names are labels, not paths.
//! Declared sizes are believed only when they are too large.

use crate::domain::finding::Remark;
use crate::domain::place::Place;
use crate::domain::reading::{Content, Part};
use crate::domain::secret::Secret;
use crate::reading::format::{Limits, Outcome, Source, Tools};
use crate::reading::{charset, executable, names};
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

/// No honest document packs better than this once it is large.
const BEST_RATIO: u64 = 200;
const LARGE: u64 = 64 << 20;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Workbooks and documents are zip archives too; they belong to other readers.
pub fn sniff(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"PK\x05\x06") {
        return false;
    }
    let Ok(archive) = Archive::new(Cursor::new(bytes)) else { return true };
    let holds = |name: &[u8]| archive.file_names_raw().any(|member| member == name);
    let is_office = holds(b"[Content_Types].xml") || holds(b"mimetype") && holds(b"content.xml");
    !is_office
}

pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    open_with(source, &tools.limits, &[])
}

/// Reads an archive of which some members may open with one of the passwords.
pub fn open_with(source: &Source<'_>, limits: &Limits, passwords: &[Secret]) -> Outcome {
    let refused = |code: &str| Outcome::unreadable(Remark::new(code).word("file", source.name).at(Place::Whole { doc: source.doc }));
    let Ok(mut archive) = Archive::new(Cursor::new(source.bytes)) else { return refused("M-001") };
    let Some(members) = members(&mut archive) else { return refused("M-001") };
    let declared: u64 = members.iter().map(|member| member.size).fold(0, u64::saturating_add);
    let packed = u64::try_from(source.bytes.len()).unwrap_or(u64::MAX).max(1);
    let too_large = usize::try_from(declared).map_or(true, |total| total > limits.unpacked);
    if too_large || members.len() > limits.parts {
        return refused("M-007");
    }
    // Two members out of one place, or two of one name: made to deceive.
    let crooked = archive.has_duplicate_names() || archive.has_overlapping_entries().unwrap_or(true);
    if crooked || declared > LARGE && declared / packed > BEST_RATIO {
        return refused("M-001");
    }
    let mut found = Found::default();
    for member in &members {
        found.take(&mut archive, member, limits, passwords);
    }
    if !found.locked.is_empty() {
        found.remarks.insert(0, Remark::new("M-002").word("file", source.name));
    }
    let remarks = found.remarks.into_iter().map(|remark| remark.at(Place::Whole { doc: source.doc })).collect();
    Outcome { content: Content::Archive { parts: found.parts, locked: found.locked }, remarks }
}

/// What the directory says about a member that is a document.
struct Member {
    index: usize,
    name: String,
    size: u64,
    encrypted: bool,
    /// A link, not a file.
    link: bool,
}

/// The members that are documents; `None` where the directory is damaged.
fn members(archive: &mut Archive<'_>) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).ok()?;
        let name = charset::archive_name(entry.name_raw());
        if entry.is_dir() || name.ends_with(['/', '\\']) || names::is_debris(&name) {
            continue;
        }
        members.push(Member {
            index,
            name: names::clean(&name, &format!("添付{}", members.len() + 1)),
            size: entry.size(),
            encrypted: entry.encrypted(),
            link: entry.is_symlink(),
        });
    }
    Some(members)
}

#[derive(Default)]
struct Found {
    parts: Vec<Part>,
    locked: Vec<String>,
    remarks: Vec<Remark>,
    unpacked: usize,
    /// The password that opened the last member.
    opened: Option<Secret>,
}

enum Unpacked {
    Bytes(Vec<u8>),
    Locked,
    Damaged,
    TooLarge,
}

impl Found {
    fn take(&mut self, archive: &mut Archive<'_>, member: &Member, limits: &Limits, passwords: &[Secret]) {
        let room = limits.unpacked.saturating_sub(self.unpacked);
        let unpacked = match member {
            Member { link: true, .. } => Unpacked::Damaged,
            Member { encrypted: false, index, .. } => unpack(archive, *index, None, room),
            Member { index, .. } => self.unlock(archive, *index, passwords, room),
        };
        let remark = |code: &str| Remark::new(code).word("file", &member.name);
        match unpacked {
            Unpacked::Locked => self.locked.push(member.name.clone()),
            Unpacked::Damaged => self.remarks.push(remark("M-001")),
            Unpacked::TooLarge => self.remarks.push(remark("M-007")),
            Unpacked::Bytes(bytes) => {
                self.unpacked += bytes.len();
                if executable::is_only_named_so(&member.name, &bytes) {
                    self.remarks.push(remark("M-005"));
                }
                self.parts.push(Part { name: member.name.clone(), bytes });
            }
        }
    }

    fn unlock(&mut self, archive: &mut Archive<'_>, index: usize, passwords: &[Secret], room: usize) -> Unpacked {
        let first = self.opened.clone();
        for secret in first.iter().chain(passwords) {
            if let Unpacked::Bytes(bytes) = unpack(archive, index, Some(secret), room) {
                self.opened = Some(secret.clone());
                return Unpacked::Bytes(bytes);
            }
        }
        Unpacked::Locked
    }
}

/// A wrong password for the old cipher may pass its check and show as damage later.
fn unpack(archive: &mut Archive<'_>, index: usize, password: Option<&Secret>, room: usize) -> Unpacked {
    let options = ZipReadOptions::new().password(password.map(|secret| secret.expose().as_bytes()));
    let entry = match archive.by_index_with_options(index, options) {
        Ok(entry) => entry,
        Err(ZipError::InvalidPassword) => return Unpacked::Locked,
        Err(_) => return Unpacked::Damaged,
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    match entry.take(most).read_to_end(&mut bytes) {
        Ok(length) if length > room => Unpacked::TooLarge,
        Ok(_) => Unpacked::Bytes(bytes),
        Err(_) => Unpacked::Damaged,
    }
}

#[cfg(test)]
mod tests;
