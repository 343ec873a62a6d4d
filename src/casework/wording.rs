//! The words in what happened: what people wrote, and what was read of their papers.
//!
//! Owns which parts of an event are somebody's words. Keys, places, and how sure the program is are none.

use crate::domain::case::Body;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::value::Value;

/// Whether some words in an event fit.
pub fn says(body: &Body, fits: &dyn Fn(&str) -> bool) -> bool {
    let in_some = |text: &Option<String>| text.as_deref().is_some_and(fits);
    match body {
        Body::Opened { applicant_name, corporate_number, .. } => in_some(applicant_name) || in_some(corporate_number),
        Body::Received(received) => fits(&received.name) || in_extract(&received.extract, fits),
        Body::Again { name, .. } => fits(name),
        Body::Issued(credentials) => {
            let in_user = |user: &crate::domain::case::UserAccount| fits(&user.user_id) || fits(&user.user_name);
            fits(&credentials.mms_code) || credentials.users.iter().any(in_user)
        }
        Body::Certified { user_id, certificate } => fits(user_id) || fits(&certificate.cn) || fits(&certificate.serial),
        Body::Compared { pairs } => pairs.iter().any(|pair| fits(&pair.contract) || fits(&pair.registered)),
        Body::Wrote { files, subject, .. } => fits(subject) || files.iter().any(|file| fits(file)),
        Body::Recorded { set, note, .. } => in_some(note) || set.values().any(|value| fits(value)),
        Body::Corrected { corrections, note } => {
            in_some(note) || corrections.iter().filter_map(|correction| correction.field.as_ref()).any(|field| in_field(field, fits))
        }
        Body::Found { open, .. } => open.iter().any(|finding| fits(&finding.code.0) || fits(&finding.message)),
        Body::Moved { .. } | Body::Drafted { .. } | Body::Due { .. } => false,
    }
}

fn in_extract(extract: &Extract, fits: &dyn Fn(&str) -> bool) -> bool {
    in_record(&extract.fields, fits) || extract.sets.values().any(|rows| rows.iter().any(|row| in_record(row, fits)))
}

fn in_record(record: &Record, fits: &dyn Fn(&str) -> bool) -> bool {
    record.fields.values().any(|field| in_field(field, fits))
        || record.groups.values().any(|rows| rows.iter().any(|row| in_record(row, fits)))
}

fn in_field(field: &Field, fits: &dyn Fn(&str) -> bool) -> bool {
    // A ticked box is nobody's word.
    fits(&field.raw) || !matches!(field.value, Value::Flag(_)) && fits(&field.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::{Correction, Target};
    use crate::domain::id::{DocId, Permille};
    use crate::domain::place::{Area, Place};

    #[test]
    fn words_are_found_and_what_the_program_keeps_beside_them_is_not() {
        let doc = DocId::of(b"x");
        let place = Place::Page { doc, page: 1, area: Area { left: 1884, top: 1, right: 2, bottom: 3 } };
        let field = Field {
            value: Value::Integer(52_000),
            raw: "52,000 kW".to_owned(),
            place,
            confidence: Permille::SURE,
            doubts: crate::domain::doubt::Doubts::NONE,
        };
        let target = Target { doc, set: None, record: 0, row: None, key: "capacity".to_owned() };
        let body =
            Body::Corrected { corrections: vec![Correction { target, field: Some(field) }], note: Some("電話で\"確認\"".to_owned()) };
        let says = |words: &str| super::says(&body, &|text| text.contains(words));
        assert!(["52000", "52,000 kW", "電話で\"確認\""].into_iter().all(says));
        for kept in ["1884", "false", "confidence", "capacity", "corrected", &doc.to_string()] {
            assert!(serde_json::to_string(&body).unwrap().contains(kept) && !says(kept), "{kept}");
        }
    }
}
