//! Inbox and outbox: are they there, can they be used, do events come, does something lie there that should not.

use crate::config::{Config, WatchWay};
use crate::desk;
use crate::doctor::Look;
use crate::intake::filesystem::{self, Kind};
use rustix::fs::{Access, StatVfs, access};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Files that are looked at one by one; a folder with more is slow for people, too.
const MOST: usize = 10_000;
/// Free space under which a folder will soon be full.
const LITTLE: u64 = 1 << 30;

pub(super) fn examine(config: &Config) -> Vec<Look> {
    let outbox = desk::find_outbox(config).map_or_else(|fault| Look::of("outbox", &fault), |()| usable("outbox", &config.outbox, false));
    let mut looks = vec![usable("inbox", &config.inbox, true), outbox];
    looks.extend(events(config));
    looks.extend(strangers(&config.inbox));
    looks.extend(disks([&config.inbox, &config.outbox, &config.state]));
    looks
}

/// Whether files can be read and taken away there, or put.
pub(super) fn usable(about: &'static str, folder: &Path, by_staff: bool) -> Look {
    let meta = match fs::metadata(folder) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            return if access(parent, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
                Look::note(about, folder.display(), "is not there yet", "`uketsuke init` or the first run makes it")
            } else {
                Look::fault(
                    about,
                    folder.display(),
                    "is not there and cannot be made",
                    "make it and give it to the user that runs this program",
                )
            };
        }
        Err(error) => return Look::fault(about, folder.display(), error, "check the path and the rights of the folders above it"),
    };
    if !meta.is_dir() {
        return Look::fault(about, folder.display(), "is no folder", "name a folder in uketsuke.toml");
    }
    if access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let what = if by_staff { "files there cannot be read and taken away" } else { "nothing can be written there" };
        let hint = format!(
            "give user {} the rights to read and write it (now {:o}, owner {})",
            rustix::process::geteuid().as_raw(),
            meta.permissions().mode() & 0o7777,
            meta.uid()
        );
        return Look::fault(about, folder.display(), what, hint);
    }
    if meta.permissions().mode() & 0o002 != 0 && meta.permissions().mode() & 0o1000 == 0 {
        return Look::note(
            about,
            folder.display(),
            "everybody on this machine may write there",
            "`chmod o-w`: give the desk's people a group",
        );
    }
    Look::sound(about, folder.display(), "can be read and written")
}

fn events(config: &Config) -> Option<Look> {
    let inbox = &config.inbox;
    let kind = filesystem::kind(inbox).ok()?;
    Some(match (kind, config.watch.way) {
        (Kind::Local, WatchWay::Poll) => {
            Look::note("inbox", inbox.display(), "is polled though its events come", "set [watch] way = \"auto\"")
        }
        (Kind::Network(name) | Kind::Program(name), WatchWay::Events) => Look::fault(
            "inbox",
            inbox.display(),
            format!("lies on {name}, which makes no events here, and [watch] way = \"events\""),
            "set [watch] way = \"auto\"",
        ),
        (Kind::Network(name) | Kind::Program(name), _) => {
            Look::sound("inbox", inbox.display(), format!("lies on {name} and is polled every {:?}", config.watch.poll))
        }
        (Kind::Local, _) => Look::sound("inbox", inbox.display(), "lies on a disk of this machine; its events are listened to"),
    })
}

/// What lies in the inbox and will never be taken: links, pipes, files that this user cannot read.
fn strangers(inbox: &Path) -> Vec<Look> {
    let mut looks = Vec::new();
    let (mut files, mut unreadable) = (0, 0);
    for entry in walkdir::WalkDir::new(inbox).into_iter().flatten().take(MOST) {
        let kind = entry.file_type();
        if kind.is_symlink() || !(kind.is_file() || kind.is_dir()) {
            looks.push(Look::note(
                "inbox",
                entry.path().display(),
                "is a link or no plain file, and is never taken",
                "put the file itself there",
            ));
        } else if kind.is_file() {
            files += 1;
            if access(entry.path(), Access::READ_OK).is_err() {
                unreadable += 1;
                looks.push(Look::fault(
                    "inbox",
                    entry.path().display(),
                    "cannot be read",
                    "give the user that runs this program the right to read it",
                ));
            }
        }
    }
    if files >= MOST {
        looks.push(Look::note(
            "inbox",
            inbox.display(),
            format!("holds more than {MOST} files"),
            "one run takes them all, which may take long",
        ));
    } else if files > unreadable {
        looks.push(Look::sound("inbox", inbox.display(), format!("{files} files wait for the next run")));
    }
    looks
}

/// What each disk has left on which these folders lie.
fn disks(folders: [&PathBuf; 3]) -> Vec<Look> {
    let mut disks: Vec<(u64, StatVfs, String)> = Vec::new();
    for folder in folders {
        let (Ok(meta), Ok(free)) = (fs::metadata(folder), rustix::fs::statvfs(folder)) else { continue };
        match disks.iter_mut().find(|(device, ..)| *device == meta.dev()) {
            Some((.., place)) => *place = format!("{place}, {}", folder.display()),
            None => disks.push((meta.dev(), free, folder.display().to_string())),
        }
    }
    disks.iter().map(|(_, free, place)| space(place, free.f_bavail.saturating_mul(free.f_frsize), free.f_favail, free.f_files)).collect()
}

/// `inodes` of a disk, of which `files_left` are free; some file systems count none.
pub(super) fn space(place: &str, bytes_left: u64, files_left: u64, inodes: u64) -> Look {
    let mib = bytes_left >> 20;
    match (bytes_left, files_left, inodes) {
        (0..LITTLE, ..) => Look::fault(
            "disk",
            place,
            format!("{mib} MiB are free on this disk"),
            "free space, or move the folder: without it nothing can be taken",
        ),
        (_, 0..1000, 1..) => Look::fault(
            "disk",
            place,
            format!("{files_left} more files fit on this disk"),
            "remove files, or make a file system with more inodes",
        ),
        _ => Look::sound("disk", place, format!("{mib} MiB are free on this disk")),
    }
}
