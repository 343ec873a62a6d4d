use super::*;

fn names(listing: &Listing, inbox: &Path) -> Vec<String> {
    listing.files.iter().map(|found| found.path.strip_prefix(inbox).unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn debris_links_and_pipes_are_not_listed() {
    let inbox = tempfile::tempdir().unwrap();
    let put = |name: &str| {
        let path = inbox.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    };
    for name in [
        "~$a.xlsx",
        ".~lock.a.ods#",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "._a.pdf",
        "a.pdf.part",
        "a.TMP",
        "a.crdownload",
        ".hidden",
        ".folder/a.pdf",
        "b.pdf",
        "郵便/4月/a.pdf",
    ] {
        put(name);
    }
    std::os::unix::fs::symlink(inbox.path().join("b.pdf"), inbox.path().join("link.pdf")).unwrap();
    std::os::unix::fs::symlink("/etc", inbox.path().join("etc")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, inbox.path().join("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let listing = listing(inbox.path()).unwrap();
    assert_eq!(names(&listing, inbox.path()), ["b.pdf", "郵便/4月/a.pdf"]);
    let mut refused: Vec<String> = listing.refused.iter().map(|fault| fault.place.rsplit('/').next().unwrap().to_owned()).collect();
    refused.sort();
    assert_eq!(refused, ["etc", "link.pdf", "pipe"]);
}

#[test]
fn the_inbox_itself_may_be_a_link() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("share")).unwrap();
    fs::write(root.path().join("share/a.txt"), b"x").unwrap();
    let inbox = root.path().join("inbox");
    std::os::unix::fs::symlink(root.path().join("share"), &inbox).unwrap();
    let listing = listing(&inbox).unwrap();
    assert_eq!((names(&listing, &inbox), listing.refused, listing.folders), (vec!["a.txt".to_owned()], Vec::new(), vec![inbox]));
}

#[test]
fn what_a_disk_does_not_give_is_the_file_s_own_fault() {
    let error = |errno: rustix::io::Errno| unreadable(Path::new("a.pdf"), &errno.into()).sort;
    assert_eq!(error(rustix::io::Errno::IO), crate::fault::Sort::Lasting);
    for passing in [rustix::io::Errno::ACCESS, rustix::io::Errno::BUSY, rustix::io::Errno::STALE] {
        assert_eq!(error(passing), crate::fault::Sort::Transient);
    }
}

#[test]
fn a_giant_is_not_read() {
    let inbox = tempfile::tempdir().unwrap();
    File::create(inbox.path().join("a.iso")).unwrap().set_len(LARGEST + 1).unwrap();
    let found = listing(inbox.path()).unwrap().files;
    assert!(take(&found[0]).unwrap_err().what.contains("larger"));
}

#[test]
fn a_missing_inbox_is_a_fault() {
    assert!(listing(Path::new("/no/such/inbox")).unwrap_err().hint.contains("--inbox"));
}

#[test]
fn files_go_only_when_they_are_the_ones_that_were_read() {
    let inbox = tempfile::tempdir().unwrap();
    let folder = inbox.path().join("a/b");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("one.txt"), b"one").unwrap();
    fs::write(inbox.path().join("a/two.txt"), b"two").unwrap();
    let found = listing(inbox.path()).unwrap().files;
    let arrivals: Vec<Arrival> = found.iter().map(|found| take(found).unwrap().unwrap()).collect();
    assert_eq!(
        arrivals.iter().map(|arrival| (arrival.name.as_str(), arrival.bytes.as_slice())).collect::<Vec<_>>(),
        [("one.txt", b"one".as_slice()), ("two.txt", b"two")]
    );
    // Somebody saves a new version after the old one was read.
    fs::write(inbox.path().join("a/two.txt"), b"two, corrected").unwrap();
    for arrival in &arrivals {
        clear(&arrival.found).unwrap();
        clear(&arrival.found).unwrap();
    }
    folders_of(inbox.path(), &found).iter().for_each(|folder| tidy(inbox.path(), folder));
    assert_eq!(names(&listing(inbox.path()).unwrap(), inbox.path()), ["a/two.txt"]);
    assert!(!folder.exists(), "an empty folder goes");
    assert!(take(&found[0]).unwrap().is_none() && take(&found[1]).unwrap().is_none());
}

#[test]
fn a_run_waits_a_moment_for_a_file_that_is_being_written() {
    let inbox = tempfile::tempdir().unwrap();
    let path = inbox.path().join("scan.pdf");
    fs::write(&path, b"%PDF-1.7 first half").unwrap();
    let late = path.clone();
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        fs::write(late, b"%PDF-1.7 first half, second half %%EOF").unwrap();
    });
    let listing = collect(inbox.path()).unwrap();
    writer.join().unwrap();
    assert_eq!(listing.files[0].size, 38);
}

#[test]
fn a_folder_that_is_to_stay_stays() {
    let inbox = tempfile::tempdir().unwrap();
    let put = |name: &str| {
        let path = inbox.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    };
    ["FAX/.keep", "FAX/April/a.txt", "dropped/deep/b.txt"].iter().for_each(|name| put(name));
    let files = listing(inbox.path()).unwrap().files;
    let folders = folders_of(inbox.path(), &files);
    files.iter().for_each(|found| clear(found).unwrap());
    folders.iter().for_each(|folder| tidy(inbox.path(), folder));
    let left: Vec<PathBuf> = listing(inbox.path()).unwrap().folders;
    assert_eq!(left, [inbox.path().to_owned(), inbox.path().join("FAX")]);
    tidy(inbox.path(), Path::new("/"));
    tidy(inbox.path(), inbox.path());
    assert!(inbox.path().exists());
}

#[test]
fn a_file_is_told_from_a_copy_of_the_same_size_and_time() {
    let inbox = tempfile::tempdir().unwrap();
    let path = inbox.path().join("a.txt");
    let list = || listing(inbox.path()).unwrap().files.remove(0);
    fs::write(&path, b"one").unwrap();
    let first = list();
    assert_eq!(first.mark(), list().mark(), "as long as it lies there");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    fs::remove_file(&path).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    fs::write(&path, b"one").unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let second = list();
    assert_eq!((first.size, first.modified), (second.size, second.modified));
    assert_ne!(first, second);
    assert_eq!(take(&first), Ok(None), "the first one is gone");
}

#[test]
fn names_of_old_machines_are_shown_in_japanese() {
    use std::os::unix::ffi::OsStrExt;
    assert_eq!(shown(OsStr::from_bytes(b"\x90\x5c\x8d\x9e\x8f\x91.pdf")), "申込書.pdf");
    assert_eq!(shown(OsStr::new("申込書.pdf")), "申込書.pdf");
    assert!(shown(OsStr::from_bytes(b"\xff\xff.pdf")).ends_with(".pdf"));
}

#[test]
fn what_took_the_place_of_a_file_is_not_followed() {
    let inbox = tempfile::tempdir().unwrap();
    let path = inbox.path().join("a.txt");
    fs::write(&path, b"one").unwrap();
    let found = listing(inbox.path()).unwrap().files.remove(0);
    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(take(&found), Ok(None), "a pipe is not waited for");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
    assert!(!matches!(take(&found), Ok(Some(_))));
    assert_eq!(end_of(&path), End::Missing);
}

#[test]
fn the_beginning_of_a_file_that_is_gone_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.host");
    std::fs::write(&path, b"From: a").unwrap();
    let found = mails(folder.path()).unwrap().remove(0);
    assert_eq!(begins(&found, 4).unwrap().as_deref(), Some(&b"From"[..]));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(begins(&found, 4).unwrap(), None);
}
