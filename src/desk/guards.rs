//! What must hold before the desk opens: folders apart from each other, the outbox where it was, a ledger on a disk of this machine,
//! nobody else at work.
//!
//! Owns these refusals. Never mends what it finds.

use crate::config::Config;
use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::intake;
use crate::intake::filesystem::{self, Kind};
use crate::store::{Ledger, Lock};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The lock of who takes files from the inbox; held for as long as that goes on, also between two batches.
const RECEPTION: &str = "reception.lock";

/// Holds the reception of a state folder and makes the inbox where it is missing; `None` while another program holds it.
pub fn attend(config: &Config, mail: &[PathBuf]) -> Result<Option<Lock>, Fault> {
    files::make_folder(&config.inbox, Mode::Shared)?;
    prepare(config)?;
    apart(config, mail)?;
    if let Kind::Program(name) = filesystem::kind(&config.state)? {
        tracing::warn!(folder = %config.state.display(), "the state folder lies on {name}; a disk of this machine is safer");
    }
    let reception = Lock::take_as(&config.state, RECEPTION)?;
    // What a killed program left half-written; while another one writes, that is its own. Once a day also what one left that holds no lock.
    if let Some(mut alone) = Lock::take(&config.state)?.filter(|_| reception.is_some()) {
        let today = Moment::new(jiff::Timestamp::now()).date();
        if !alone.is_tidy(today) {
            for folder in [&config.state, &config.outbox] {
                files::sweep(folder)?;
            }
            alone.tidied(today);
        }
    }
    Ok(reception)
}

/// A share that is not mounted looks like an outbox that never was, or leaves the empty folder in which it is mounted: what is written now
/// would lie where nobody looks. An outbox is known by its mark, or by what lies in it.
pub fn find_outbox(config: &Config) -> Result<(), Fault> {
    let mark = config.outbox.join(MARK);
    if mark.exists()
        || holds_something(&config.outbox)
        || !Ledger::look(&config.state)?.is_some_and(|ledger| ledger.has_delivered().unwrap_or(false))
    {
        return Ok(());
    }
    let what = match config.outbox.exists() {
        true => "the outbox is empty and has no mark, and this desk has put letters there: it is not the one",
        false => "the outbox is gone, and this desk has put letters there",
    };
    let hint = format!(
        "mount it, or name it in uketsuke.toml; where it is to begin anew, as after `uketsuke restore` on another machine, make an empty file \
        {} by hand, with its folder: letters from before stay in the ledger (`uketsuke serve` shows them) and are not put there again",
        mark.display()
    );
    let fault = Fault::transient(config.outbox.display(), what, hint);
    Err(fault.told("送付箱のフォルダが見つからないため、記録できません。管理者にご連絡ください。"))
}

/// Anything but what systems leave in every folder.
fn holds_something(folder: &Path) -> bool {
    let is_own = |entry: &std::fs::DirEntry| entry.file_name() != "lost+found" && !intake::is_debris(&entry.file_name());
    std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_own(&entry)))
}

/// By this file an outbox is known though all letters were taken out of it.
pub const MARK: &str = ".uketsuke-outbox";
const MARKED: &str = "このフォルダは受付プログラム uketsuke の送付箱です。このファイルは削除しないでください。\n\
    This folder is the outbox of uketsuke, which knows it by this file: leave it here.\n";

fn mark_outbox(outbox: &Path) -> Result<(), Fault> {
    let mark = outbox.join(MARK);
    if mark.exists() { Ok(()) } else { files::renew(&mark, MARKED.as_bytes(), Mode::Shared) }
}

/// The desk's own folders, made where they are missing and refused where they cannot do.
pub fn prepare(config: &Config) -> Result<(), Fault> {
    find_outbox(config)?;
    files::make_folder(&config.outbox, Mode::Shared)?;
    files::make_folder(&config.state, Mode::Private)?;
    apart(config, &[])?;
    mark_outbox(&config.outbox)?;
    if let Kind::Network(name) = filesystem::kind(&config.state)? {
        return Err(on_a_share(&config.state, name));
    }
    keep_private(&config.state)
}

fn on_a_share(state: &Path, name: &str) -> Fault {
    let what = format!("the state folder lies on a network file system ({name}), where a ledger can be damaged");
    Fault::lasting(state.display(), what, "put it on a disk of this machine; inbox and outbox may lie on a share")
}

/// A folder inside another would feed the program its own output, also where a link leads there.
pub fn apart(config: &Config, mail: &[PathBuf]) -> Result<(), Fault> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let own = [("inbox", real(&config.inbox)), ("outbox", real(&config.outbox)), ("state", real(&config.state))];
    let mail: Vec<(&str, PathBuf)> = mail.iter().map(|path| ("mail source", real(path))).collect();
    let all: Vec<&(&str, PathBuf)> = own.iter().chain(&mail).collect();
    for (n, (name, folder)) in all.iter().enumerate() {
        for (m, (other, outer)) in all.iter().enumerate() {
            let both_mail = *name == "mail source" && *other == "mail source";
            if n != m && !both_mail && folder.starts_with(outer) {
                let what = if folder == outer { format!("is both {name} and {other}") } else { format!("the {name} lies in the {other}") };
                return Err(Fault::lasting(folder.display(), what, "give inbox, outbox, state and mail sources folders of their own"));
            }
        }
    }
    Ok(())
}

/// A state folder that was made by hand may be open to everybody.
fn keep_private(state: &Path) -> Result<(), Fault> {
    let fault = |error: std::io::Error| Fault::io(state, &error);
    let mut rights = state.metadata().map_err(fault)?.permissions();
    if rights.mode() & 0o077 != 0 {
        rights.set_mode(0o700);
        std::fs::set_permissions(state, rights).map_err(fault)?;
        tracing::warn!(folder = %state.display(), "the state folder was open to others and is closed now");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use std::os::unix::fs::symlink;

    fn config(root: &Path, inbox: &str, outbox: &str, state: &str) -> Config {
        let path = |name: &str| Some(root.join(name));
        let over = Overrides { inbox: path(inbox), outbox: path(outbox), state: path(state), ..Overrides::default() };
        Config::resolve(&over, &|_| None).unwrap()
    }

    #[test]
    fn folders_that_meet_through_a_link_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        std::fs::create_dir_all(root.join("inbox/inner")).unwrap();
        symlink(root.join("inbox/inner"), root.join("outbox")).unwrap();
        let fault = prepare(&config(root, "inbox", "outbox", "state")).unwrap_err();
        assert!(fault.what.contains("the outbox lies in the inbox"), "{fault}");
        symlink(root.join("inbox"), root.join("state2")).unwrap();
        let fault = prepare(&config(root, "inbox", "other", "state2")).unwrap_err();
        assert!(fault.what.contains("is both"), "{fault}");
        prepare(&config(root, "inbox", "other", "state")).unwrap();
    }

    #[test]
    fn an_outbox_is_marked_and_an_older_one_is_known_by_what_lies_in_it() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path(), "inbox", "outbox", "state");
        prepare(&config).unwrap();
        let mark = config.outbox.join(MARK);
        assert!(mark.exists());
        let mut ledger = Ledger::open(&config.state).unwrap();
        ledger.settle(&crate::store::tests::settled(1, &["a.txt"])).unwrap();
        let now = "2026-04-08T10:00:00+09:00".parse().unwrap();
        crate::dispatch::deliver(&mut ledger, &config.outbox, &config.sealing_key, now).unwrap();
        // All letters were taken out, and the mark stays.
        std::fs::remove_dir_all(config.outbox.join("TH-2026-0001")).unwrap();
        prepare(&config).unwrap();
        // A disk that is not mounted leaves its place, and perhaps what every disk has.
        std::fs::remove_file(&mark).unwrap();
        std::fs::create_dir(config.outbox.join("lost+found")).unwrap();
        std::fs::write(config.outbox.join(".DS_Store"), "").unwrap();
        let fault = prepare(&config).unwrap_err();
        assert!(fault.what.contains("empty") && fault.hint.contains(MARK), "{fault}");
        assert!(!mark.exists(), "a refusal marks nothing");
        // An outbox from before it was marked.
        std::fs::write(config.outbox.join("index.html"), "").unwrap();
        prepare(&config).unwrap();
        assert!(mark.exists());
    }

    #[test]
    fn mail_sources_lie_elsewhere() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let config = config(root, "inbox", "outbox", "state");
        drop(attend(&config, &[]).unwrap());
        for folder in ["inbox/mail", "mail/new", "mail/cur"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        assert!(apart(&config, &[root.join("inbox/mail")]).unwrap_err().what.contains("the mail source lies in the inbox"));
        assert!(attend(&config, &[root.to_owned()]).is_err());
        apart(&config, &[root.join("mail"), root.join("mail/cur")]).unwrap();
    }

    #[test]
    fn what_was_left_half_written_goes_with_the_next_start() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path(), "inbox", "outbox", "state");
        let litter = || {
            let path = config.outbox.join(".uketsuke-1-1.tmp");
            std::fs::write(&path, "half").unwrap();
            path
        };
        drop(attend(&config, &[]).unwrap());
        let left = litter();
        assert!(files::is_under_way(&left.file_name().unwrap().to_string_lossy()));
        drop(attend(&config, &[]).unwrap());
        assert!(left.exists(), "nobody was killed today");
        // Somebody is killed: what stands in the lock is as it was while it was held.
        let lock = Lock::take(&config.state).unwrap();
        let held = std::fs::read(config.state.join("lock")).unwrap();
        drop(lock);
        std::fs::write(config.state.join("lock"), held).unwrap();
        drop(attend(&config, &[]).unwrap());
        assert!(!left.exists());
        let left = litter();
        std::fs::write(config.state.join("lock"), "2026-04-08").unwrap();
        drop(attend(&config, &[]).unwrap());
        assert!(!left.exists(), "once a day in any case");
    }

    #[test]
    fn the_state_folder_is_for_the_desk_alone() {
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path(), "inbox", "outbox", "state");
        std::fs::create_dir(&config.state).unwrap();
        std::fs::set_permissions(&config.state, std::fs::Permissions::from_mode(0o755)).unwrap();
        prepare(&config).unwrap();
        assert_eq!(config.state.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let lock = attend(&config, &[]).unwrap();
        assert!(lock.is_some() && attend(&config, &[]).unwrap().is_none());
        assert!(on_a_share(&config.state, "NFS").hint.contains("a disk of this machine"));
    }
}
