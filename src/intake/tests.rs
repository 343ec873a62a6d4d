use super::*;

fn at(second: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(second)
}

fn file(path: &str, size: u64, modified: u64) -> Found {
    Found { path: path.into(), size, modified: at(modified) }
}

fn tracker() -> Tracker {
    Tracker::new(Duration::from_secs(5), Duration::from_secs(60))
}

#[test]
fn a_file_settles_when_it_stands_still() {
    let mut tracker = tracker();
    let whole = |_: &Path| true;
    assert!(tracker.settled(&[file("a", 1, 100)], at(100), &whole).is_empty());
    assert!(tracker.settled(&[file("a", 2, 103)], at(103), &whole).is_empty(), "it grows");
    assert!(tracker.settled(&[file("a", 2, 103)], at(107), &whole).is_empty(), "not long enough");
    assert_eq!(tracker.settled(&[file("a", 2, 103)], at(108), &whole).len(), 1);
    assert_eq!(tracker.settled(&[file("a", 2, 103)], at(109), &whole).len(), 1, "until it is taken");
    assert!(tracker.settled(&[file("a", 2, 110)], at(110), &whole).is_empty(), "written anew");
}

#[test]
fn a_quiet_file_without_its_end_waits_but_not_for_ever() {
    let mut tracker = tracker();
    let cut = |_: &Path| false;
    tracker.settled(&[file("a", 1, 100)], at(100), &cut);
    assert!(tracker.settled(&[file("a", 1, 100)], at(159), &cut).is_empty());
    assert_eq!(tracker.settled(&[file("a", 1, 100)], at(160), &cut).len(), 1);
}

#[test]
fn a_clock_set_back_and_a_file_that_came_back() {
    let mut tracker = tracker();
    let whole = |_: &Path| true;
    tracker.settled(&[file("a", 1, 100)], at(100), &whole);
    assert!(tracker.settled(&[file("a", 1, 100)], at(50), &whole).is_empty());
    assert_eq!(tracker.settled(&[file("a", 1, 100)], at(55), &whole).len(), 1);
    tracker.settled(&[], at(56), &whole);
    assert!(tracker.settled(&[file("a", 1, 100)], at(57), &whole).is_empty(), "known no more");
}

#[test]
fn ends_of_files() {
    assert!(!has_its_end(b"", b""));
    assert!(!has_its_end(b"%PDF-1.7 ...", b"... endobj"));
    assert!(has_its_end(b"%PDF-1.7 ...", b"startxref\n9\n%%EOF\n"));
    assert!(!has_its_end(b"PK\x03\x04...", b"..."));
    assert!(has_its_end(b"PK\x03\x04...", b"PK\x05\x06\0\0"));
    assert!(has_its_end(b"text", b"text"));
}

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
        clear(inbox.path(), arrival).unwrap();
        clear(inbox.path(), arrival).unwrap();
    }
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
