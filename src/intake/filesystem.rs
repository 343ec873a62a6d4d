//! What sort of file system a folder lies on: whether its events can be trusted, and whether a ledger may lie there.
//!
//! Owns the list of file systems. Never writes.

use crate::fault::Fault;
use std::path::Path;

/// Where a folder lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// On a disk of this machine.
    Local,
    /// On another machine: its changes make no event here, and its locks are not to be trusted.
    Network(&'static str),
    /// Behind a program: it may lead anywhere.
    Program(&'static str),
}

/// The numbers that `statfs` gives (see `statfs(2)` and `linux/magic.h`).
const KINDS: &[(u32, Kind)] = &[
    (0x6969, Kind::Network("NFS")),
    (0x517b, Kind::Network("SMB")),
    (0xff53_4d42, Kind::Network("CIFS")),
    (0xfe53_4d42, Kind::Network("SMB2")),
    (0x0102_1997, Kind::Network("9p")),
    (0x5346_414f, Kind::Network("AFS")),
    (0x6b41_4653, Kind::Network("AFS")),
    (0x00c3_6400, Kind::Network("Ceph")),
    (0x7375_7245, Kind::Network("Coda")),
    (0x564c, Kind::Network("NCP")),
    (0x0bd0_0bd0, Kind::Network("Lustre")),
    (0x4750_4653, Kind::Network("GPFS")),
    (0x7461_636f, Kind::Network("OCFS2")),
    (0x0116_1970, Kind::Network("GFS2")),
    (0x786f_4256, Kind::Network("vboxsf")),
    (0xbacb_acbc, Kind::Network("vmhgfs")),
    (0x7c7c_6673, Kind::Network("prl_fs")),
    (0x6573_5546, Kind::Program("FUSE")),
];

/// The kind of file system that a folder lies on.
pub fn kind(folder: &Path) -> Result<Kind, Fault> {
    let found = rustix::fs::statfs(folder).map_err(|errno| Fault::io(folder, &errno.into()))?;
    // The width of the number differs between machines; the numbers have 32 bits.
    Ok(of(found.f_type as u32))
}

fn of(number: u32) -> Kind {
    KINDS.iter().find(|(known, _)| *known == number).map_or(Kind::Local, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_from_disks() {
        assert_eq!(of(0xff53_4d42), Kind::Network("CIFS"));
        assert_eq!(of(0x6573_5546), Kind::Program("FUSE"));
        for (name, number) in
            [("ext4", 0xef53), ("xfs", 0x5846_5342), ("btrfs", 0x9123_683e), ("tmpfs", 0x0102_1994), ("overlay", 0x794c_7630)]
        {
            assert_eq!(of(number), Kind::Local, "{name}");
        }
        assert_eq!(kind(Path::new("/proc")), Ok(Kind::Local));
        assert!(kind(Path::new("/no/such/folder")).is_err());
    }
}
