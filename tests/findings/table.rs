//! The table of all codes: where each is found, and which plant shows it. Made from the catalogue, the rules and the sources.

use crate::desk::CATALOGUE;
use crate::{comparison, credentials, doubts, history, late, plants};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Codes that nothing finds yet, and why.
const NOT_FOUND: &[(&str, &str)] = &[];

/// Sources that name codes without finding them.
const MENTIONS: &[&str] = &[
    "src/notices",
    "src/quarantine.rs",
    "src/casework/facts.rs",
    "src/casework/fold.rs",
    "src/casework/idle.rs",
    "src/casework/property.rs",
    "src/validation/scene.rs",
    "src/domain/finding.rs",
    "src/desk/settle.rs",
    "src/catalogue.rs",
];

/// Everything that finds a code: checks of the rules, readers, the history of cases, deadlines.
fn finders() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in CATALOGUE.rules.all() {
        let check = match serde_json::to_value(&rule.check).unwrap() {
            serde_json::Value::String(name) => name,
            other => other.as_object().unwrap().keys().next().unwrap().clone(),
        };
        let file = rule.file.trim_start_matches("mms-usage/");
        found.entry(rule.code.clone()).or_default().insert(format!("`{file}` {check}"));
    }
    for entry in walkdir::WalkDir::new("src").sort_by_file_name().into_iter().map(|entry| entry.unwrap()) {
        let path = entry.path().to_string_lossy().into_owned();
        let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
        if !path.ends_with(".rs") || is_test || MENTIONS.iter().any(|mention| path.starts_with(mention)) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let own = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(&text);
        for code in CATALOGUE.defects.keys().filter(|code| own.contains(&format!("\"{code}\""))) {
            found.entry(code.clone()).or_default().insert(format!("`{path}`"));
        }
    }
    for deadline in &CATALOGUE.flows.deadlines {
        for code in deadline.warning.iter().chain(&deadline.overdue) {
            found.entry(code.clone()).or_default().insert(format!("`flows/steps.toml` {}", deadline.id));
        }
    }
    found
}

/// The tests that plant a code.
fn planters() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut planted: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (file, plants) in plants::by_file() {
        for plant in plants {
            planted.entry(plant.code).or_default().insert(format!("`plants/{file}.rs`"));
        }
    }
    for (file, codes) in [
        ("history", history::CODES),
        ("doubts", doubts::CODES),
        ("comparison", comparison::CODES),
        ("credentials", credentials::CODES),
        ("late", late::CODES),
    ] {
        for code in codes {
            planted.entry(code).or_default().insert(format!("`{file}.rs`"));
        }
    }
    planted
}

fn table() -> String {
    let (finders, planters) = (finders(), planters());
    let listed = |set: Option<&BTreeSet<String>>| set.map(|set| set.iter().cloned().collect::<Vec<_>>().join("<br>")).unwrap_or_default();
    let found = CATALOGUE.defects.keys().filter(|code| planters.contains_key(code.as_str())).count();
    let mut text = format!(
        "# Findings\n\nAll codes of the defect catalogue, made by `UPDATE_GOLDEN=1 cargo test --test findings`; a test fails when this no longer fits.\n\
         Rules stand in `templates/mms-usage/rules/`, plants in `tests/findings/`. A plant is a submission made as bytes (PDF, xlsx, XML, CSV, mail)\n\
         with one mistake; its test asserts code, severity, place and the whole sentence, and that the same submission without it shows nothing.\n\
         Codes and severities are assumptions of this desk [A]; A-024, B-018, C-007, D-023, E-019, F-009, G-011, H-014, M-011 to M-013, X-008 to X-011 and P-008 to P-013 stand beside the 141 of the domain.\n\n{found} of {} codes are found.\n\n\
         | code | severity | document | what is wrong | found by | planted by |\n|---|---|---|---|---|---|\n",
        CATALOGUE.defects.len()
    );
    for (code, defect) in &CATALOGUE.defects {
        let severity = format!("{:?}", defect.severity).to_lowercase();
        let reason = NOT_FOUND.iter().find(|(known, _)| known == code).map(|(_, reason)| format!("not found: {reason}"));
        let by = reason.unwrap_or_else(|| listed(finders.get(code)));
        let plant = listed(planters.get(code.as_str()));
        text += &format!("| {code} | {severity} | {} | {} | {by} | {plant} |\n", defect.document, defect.what.replace('|', "\\|"));
    }
    text
}

#[test]
fn every_code_is_found_and_planted_or_has_a_reason() {
    let (finders, planters) = (finders(), planters());
    // The domain's 141, and twenty-one of this desk's own.
    assert_eq!(CATALOGUE.defects.len(), 162);
    for code in CATALOGUE.defects.keys() {
        let excused = NOT_FOUND.iter().any(|(known, _)| known == code);
        assert_eq!(planters.contains_key(code.as_str()), !excused, "{code} needs a plant, or a reason why there is none");
        assert!(excused || finders.contains_key(code), "{code} is planted, and nothing names it");
    }
}

#[test]
fn the_table_in_the_docs_is_up_to_date() {
    let path = Path::new("docs/findings.md");
    let made = table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let differs = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    assert!(made == kept, "docs/findings.md is not up to date, first at {differs:?}; run UPDATE_GOLDEN=1 cargo test --test findings");
}
