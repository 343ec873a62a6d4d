//! The house guards its own shape: no room imports from its own floor or above.
use std::{collections::BTreeMap, fs, path::Path};

/// From the ground up. Rooms on one line never import each other.
const FLOORS: &[&[&str]] = &[
    &["sight"],
    &["domain", "fault"],
    &["config", "tables"],
    &["files", "reading", "extraction", "validation", "casework", "notices", "drawing"],
    &["catalogue", "intake", "quarantine", "store", "issuance", "export"],
    &["pipeline", "dispatch", "report", "post", "mailbox"],
    &["worker"],
    &["desk"],
    &["watch", "web", "doctor"],
    &["cli"],
];

/// Who may import the eye: `domain` passes its shapes on, `reading` looks, `worker` gives it its recogniser.
const SEERS: &[&str] = &["sight", "domain", "reading", "worker"];

#[test]
fn every_import_goes_down() {
    let floor: BTreeMap<_, _> = FLOORS.iter().enumerate().flat_map(|(n, rooms)| rooms.iter().map(move |r| (*r, n))).collect();
    let mut wrong = Vec::new();
    walk(Path::new("src"), &mut |path| {
        let room = path.strip_prefix("src").unwrap().iter().next().unwrap().to_str().unwrap();
        let room = room.trim_end_matches(".rs");
        if ["lib", "main"].contains(&room) {
            return;
        }
        let here = *floor.get(room).unwrap_or_else(|| panic!("{room}: give it a floor in tests/shape.rs"));
        for (n, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            if !SEERS.contains(&room)
                && line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').any(|word| word.starts_with("sight::"))
            {
                wrong.push(format!("{}:{}: {room} must not import the eye: domain has its shapes", path.display(), n + 1));
            }
            if line.contains("crate::{") {
                wrong.push(format!("{}:{}: spell the path out, so that this test can read it", path.display(), n + 1));
            }
            for part in line.replace("super::", "crate::").split("crate::").skip(1) {
                let to: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if to != room && floor.get(to.as_str()).is_some_and(|f| *f >= here) {
                    wrong.push(format!("{}:{}: {room} must not import {to}", path.display(), n + 1));
                }
            }
        }
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn walk(dir: &Path, f: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, f)
        } else if path.extension().is_some_and(|e| e == "rs") {
            f(&path)
        }
    }
}
