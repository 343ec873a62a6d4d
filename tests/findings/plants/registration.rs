//! Chapter X: what is registered in MMS, as far as one export shows it.

use super::plant;
use crate::Plant;
use crate::desk::{At, EXPORT, Submission, healthy};
use serde_json::{Value as Json, json};

fn export(pointer: &str, value: Json) -> Submission {
    healthy("I_PRIME").registered().set(pointer, value)
}

pub fn plants() -> Vec<Plant> {
    let broken = Submission {
        more: vec![("MMSREG_2.xml".to_owned(), b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><SBD-MSG><JPMGRP>".to_vec())],
        ..healthy("I_PRIME").registered()
    };
    let outside = Submission {
        more: vec![(
            "MMSREG_2.xml".to_owned(),
            b"<?xml version=\"1.0\"?><!DOCTYPE SBD-MSG [<!ENTITY x SYSTEM \"file:///etc/hosts\">]><SBD-MSG>&x;</SBD-MSG>".to_vec(),
        )],
        ..healthy("I_PRIME").registered()
    };
    let strange = Submission {
        spoil: Some((EXPORT, |bytes| {
            String::from_utf8(bytes).unwrap().replacen("<JPM00010>", "<JP99999>1</JP99999><JPM00010>", 1).into_bytes()
        })),
        ..healthy("I_PRIME").registered()
    };
    vec![
        plant("X-001", broken, &[], At::Whole("MMSREG_2.xml"), &[]),
        plant("X-001", outside, &[], At::Whole("MMSREG_2.xml"), &[]),
        plant("X-001", export("/header/registration_status", Json::Null), &[], At::Whole(EXPORT), &[]),
        plant("X-001", export("/header/registration_status", json!("7")), &[], At::Node("JP96005[1]"), &[]),
        plant("X-002", strange, &[], At::Node("JPTRM[1]/JP99999[1]"), &[]),
        plant("X-002", export("/header/info_kind", json!("M999")), &[], At::Node("JP00002[1]"), &[]),
        plant("X-003", export("/export/unit_price", Json::Null), &[("value", "調整単価データ")], At::Whole(EXPORT), &[]),
        plant(
            "X-005",
            export("/export/unit_price/0/bands/0/v1_price", json!("10.77")),
            &[("field", "V1単価"), ("value", "10.77"), ("expected", "10.76")],
            At::Node("JPM00031[1]/JPMR00031[1]/JP96307[1]"),
            &[],
        ),
        plant(
            "X-005",
            export("/export/resource/0/grid_code", Json::Null),
            &[("field", "系統コード"), ("value", "未登録"), ("expected", "G3167")],
            At::Whole(EXPORT),
            &["D-001"],
        ),
    ]
}
