//! Every code of the defect catalogue, planted into papers as applicants send them: bytes are made, read and checked.
//!
//! Each plant asserts code, severity, place and the whole sentence; the same submission without it shows nothing at all.
//! `docs/findings.md` is made from the catalogue, the rules, the sources and these plants:
//! `UPDATE_GOLDEN=1 cargo test --test findings`.

mod comparison;
mod credentials;
mod desk;
mod doubts;
mod history;
mod late;
mod make;
mod plants;
mod table;

use desk::{At, CATALOGUE, Submission, check, healthy};
use std::collections::BTreeSet;

/// One mistake and what must be said about it.
pub struct Plant {
    pub code: &'static str,
    pub submission: Submission,
    /// What fills the blanks of the sentence.
    pub says: &'static [(&'static str, &'static str)],
    pub at: At,
    /// What the same mistake rightly shows besides.
    pub also: &'static [&'static str],
}

#[test]
fn submissions_without_a_defect_show_nothing() {
    for flow in ["I_PRIME", "II_GEN", "II_DR"] {
        for submission in [healthy(flow), healthy(flow).registered()] {
            let outcome = check(&submission);
            assert_eq!(outcome.findings, [], "{flow}");
            assert!(
                outcome.digests.iter().all(|digest| digest.findings.is_empty()),
                "{flow}: {:?}",
                outcome.digests.iter().map(|digest| &digest.findings).collect::<Vec<_>>()
            );
        }
    }
}

/// Two units with prices and one mistake in each: the same sentences, each with the unit that it is about.
#[test]
fn of_several_records_a_finding_says_which_one_it_is_about() {
    let mut submission = healthy("II_GEN");
    let mut second = submission.data["resource"][0].clone();
    second["resource_code"] = "R1329".into();
    second["resource_name"] = "見本電力火力発電所２号機".into();
    let mut price = submission.data["unit_price"][0].clone();
    price["resource_code"] = "R1329".into();
    price["bands"][1]["band_lower_kw"] = 8600.into();
    let mut later = submission.data["unit_price"][0].clone();
    later["operation_pattern_no"] = 2.into();
    later["bands"][1]["band_lower_kw"] = 8600.into();
    let mut equipment = submission.contract.as_ref().unwrap()["equipment"][0].clone();
    equipment["equipment_name"] = "見本電力火力発電所２号機".into();
    submission.contract.as_mut().unwrap()["equipment"].as_array_mut().unwrap().push(equipment);
    for (set, record) in [("resource", second), ("unit_price", price), ("unit_price", later)] {
        submission.data[set].as_array_mut().unwrap().push(record);
    }
    for unit in submission.data["resource"].as_array_mut().unwrap() {
        unit.as_object_mut().unwrap().remove("bg_code");
    }
    for submission in [submission.clone(), submission.registered()] {
        let outcome = check(&submission);
        let told = |code: &str| -> BTreeSet<&str> {
            outcome.findings.iter().filter(|finding| finding.code.0 == code).filter_map(|finding| finding.record.as_deref()).collect()
        };
        assert_eq!(told("D-001"), ["電源等コード R1328", "電源等コード R1329"].into());
        assert_eq!(told("E-001"), ["電源等コード R1328、運転パターン番号 2", "電源等コード R1329、運転パターン番号 1"].into());
    }
    assert!(check(&healthy("II_GEN").set("/resource/0/bg_code", serde_json::Value::Null)).findings.iter().all(|one| one.record.is_none()));
}

fn sentence(plant: &Plant) -> String {
    plant.says.iter().fold(CATALOGUE.defects[plant.code].sentence.clone(), |text, (name, word)| text.replace(&format!("{{{name}}}"), word))
}

#[test]
fn every_plant_is_found_named_and_placed() {
    let mut wrong = Vec::new();
    for (n, plant) in plants::all().iter().enumerate() {
        let outcome = check(&plant.submission);
        let wanted = sentence(plant);
        let mut say = |what: String| wrong.push(format!("{} (plant {n}): {what}", plant.code));
        if wanted.contains('{') {
            say(format!("a blank is open: {wanted}"));
        }
        let codes: BTreeSet<&str> = outcome.findings.iter().map(|finding| finding.code.0.as_str()).collect();
        let allowed: BTreeSet<&str> = plant.also.iter().copied().chain([plant.code]).collect();
        if codes != allowed {
            say(format!("found {codes:?}, wanted {allowed:?}: {:#?}", outcome.findings));
            continue;
        }
        let own: Vec<_> = outcome.findings.iter().filter(|finding| finding.code.0 == plant.code).collect();
        if own.iter().any(|finding| finding.severity != CATALOGUE.defects[plant.code].severity) {
            say("has another severity".to_owned());
        }
        if !own.iter().any(|finding| finding.message == wanted) {
            say(format!("wanted {wanted}, says {:?}", own.iter().map(|finding| &finding.message).collect::<Vec<_>>()));
        }
        if !own.iter().any(|finding| finding.message == wanted && outcome.is_at(finding, plant.at)) {
            say(format!("wanted {:?}, is at {:?}", plant.at, own.iter().map(|finding| &finding.place).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
