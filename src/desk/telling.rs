//! What happened to a case, in words for its page.
//!
//! Owns which events say something to people. The words stand in `templates/_shared/words.toml`.

use crate::casework::{deed, settling};
use crate::catalogue::Voice;
use crate::desk::pages::minute;
use crate::domain::case::{Body, Event};
use crate::domain::language::Language;
use crate::notices::outbox::Step;
use std::collections::BTreeMap;

/// An event in words; what only the program needs is left out.
pub fn step(event: &Event, voice: Voice<'_>) -> Option<Step> {
    let about = |key: &str, blank: &str, value: &str| voice.tell(key, &[(blank, value)]);
    let (what, note) = match &event.body {
        Body::Opened { flow, .. } => (about("step_opened", "flow", &voice.flow(flow)), None),
        Body::Received(received) => {
            let document = voice.document(received.extract.document.as_str());
            let landed = received.landed.map(|at| voice.tell("step_landed", &[("document", &document), ("at", &minute(at))]));
            (about("step_received", "file", &received.name), Some(landed.unwrap_or(document)))
        }
        Body::Again { name, first, .. } => (about("step_again", "file", name), Some(about("step_again_note", "day", &voice.day(*first)))),
        Body::Moved { transition: id, from, to } if from == to => (voice.transition(id), None),
        Body::Moved { transition: id, to, .. } => (voice.transition(id), Some(about("step_state", "state", &voice.state(to)))),
        Body::Issued(credentials) => {
            let users = credentials.users.len().to_string();
            (about("step_issued", "code", &credentials.mms_code), Some(about("step_issued_note", "count", &users)))
        }
        Body::Certified { user_id, certificate } => {
            let blanks = [("serial", certificate.serial.as_str()), ("day", &voice.day(certificate.to))];
            (about("step_certified", "user", user_id), Some(voice.tell("step_certified_note", &blanks)))
        }
        Body::Compared { pairs } => {
            let unequal = pairs.iter().filter(|pair| !pair.is_equal()).count().to_string();
            (about("step_compared", "count", &pairs.len().to_string()), Some(about("step_compared_note", "count", &unequal)))
        }
        // Subjects are Japanese; who does not read it is told what letter it was.
        Body::Wrote { subject, notice, .. } => {
            (about("step_wrote", "subject", subject), (voice.language == Language::English).then(|| voice.letter(notice)))
        }
        Body::Drafted { .. } => (voice.word("step_drafted"), None),
        Body::Due { deadline, on: Some(day) } => (about("step_due", "deadline", &voice.deadline(deadline)), Some(voice.day(*day))),
        Body::Due { .. } => return None,
        Body::Recorded { what, set, note } => {
            let event = voice.event(what);
            let values: Vec<String> = set.iter().map(|(key, value)| about_what(key, value, set, voice)).collect();
            let about = || voice.tell("step_about", &[("event", &event), ("about", &voice.list(&values))]);
            (if values.is_empty() { event.clone() } else { about() }, note.clone())
        }
        Body::Corrected { corrections, note } => {
            let targets = corrections.iter().map(|correction| &correction.target);
            let fields: Vec<String> = targets.map(|target| voice.entry(target.set.as_ref(), &target.key)).collect();
            (about("step_corrected", "fields", &voice.list(&fields)), note.clone())
        }
        Body::Found { open, held } => {
            let codes: Vec<&str> = open.iter().map(|finding| finding.code.0.as_str()).collect();
            let codes = if codes.is_empty() { voice.word("nothing") } else { voice.list(&codes) };
            (about(if *held { "step_held" } else { "step_found" }, "codes", &codes), None)
        }
    };
    Some(Step { at: minute(event.at), by: event.by.clone(), what, note })
}

/// What a deed is about: a code or a user as it is, a letter, a document or one of its entries by what it is called.
fn about_what(key: &str, value: &str, set: &BTreeMap<String, String>, voice: Voice<'_>) -> String {
    let kind = || value.rsplit('/').next().unwrap_or(value).trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    match key {
        deed::LETTER => voice.letter(kind()),
        settling::DOCUMENT => voice.document(value),
        settling::FIELD => voice.field(set.get(settling::DOCUMENT).map_or("", String::as_str), value),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Catalogue, shipped};
    use crate::domain::case::{CaseNo, CertificateFacts, Correction, Credentials, Received, Target};
    use crate::domain::document::DocumentKind;
    use crate::domain::extract::Extract;
    use crate::domain::id::DocId;
    use jiff::civil::date;

    fn told(bodies: Vec<Body>, voice: Voice<'_>) -> Vec<String> {
        let event = |body| Event {
            case: CaseNo("TH-2026-0001".into()),
            seq: 1,
            at: "2026-04-08T10:00:00+09:00".parse().unwrap(),
            by: "x".into(),
            body,
        };
        let steps = bodies.into_iter().filter_map(|body| step(&event(body), voice));
        steps.map(|step| [Some(step.what), step.note].into_iter().flatten().collect::<Vec<_>>().join(" / ")).collect()
    }

    fn everything(catalogue: &Catalogue) -> Vec<Body> {
        let flows = &catalogue.flows;
        let day = date(2026, 4, 8);
        let target = |set: Option<&str>, key: &str| Correction {
            target: Target { doc: DocId::of(b""), set: set.map(DocumentKind::new), record: 0, row: None, key: key.into() },
            field: None,
        };
        let certificate =
            CertificateFacts { cn: "x".into(), serial: "0A".into(), from: day, to: day, sha256: String::new(), revoked: None };
        let extract = Extract {
            doc: DocId::of(b""),
            document: DocumentKind::new("application_form"),
            pages: 1,
            turned: Default::default(),
            fields: Default::default(),
            sets: Default::default(),
            remarks: Vec::new(),
        };
        let landed = "2026-04-07T16:40:00+09:00".parse().ok();
        let mut all = vec![
            Body::Received(Box::new(Received { doc: DocId::of(b""), name: "a.pdf".into(), parent: None, mailed: false, landed, extract })),
            Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None },
            Body::Again { doc: DocId::of(b""), name: "a.pdf".into(), first: day, own: true },
            Body::Issued(Credentials { mms_code: "K1A7".into(), users: Vec::new() }),
            Body::Certified { user_id: "K1A7001".into(), certificate },
            Body::Compared { pairs: Vec::new() },
            Body::Wrote {
                key: "k".into(),
                notice: "approval_notice".into(),
                operation: None,
                files: Vec::new(),
                subject: "subject".into(),
            },
            Body::Drafted { key: "k".into() },
            Body::Due { deadline: "answer".into(), on: None },
            Body::Corrected { corrections: vec![target(None, "application_date"), target(Some("user_info"), "email")], note: None },
            Body::Found { open: Vec::new(), held: true },
            Body::Found { open: Vec::new(), held: false },
        ];
        let moved = |from: &str, to: &str, id: &str| Body::Moved { transition: id.into(), from: from.into(), to: to.into() };
        all.extend(flows.transitions.iter().map(|transition| moved("S", "S", &transition.id)));
        all.extend(flows.states.iter().map(|state| moved("S", &state.id, "T02")));
        all.extend(flows.deadlines.iter().map(|deadline| Body::Due { deadline: deadline.id.clone(), on: Some(day) }));
        let released = [(deed::LETTER.to_owned(), "TH-2026-0001/T06/1/certificate_key-2".to_owned())].into();
        all.push(Body::Recorded { what: deed::LETTER_RELEASED.to_owned(), set: released, note: None });
        let set = |n: usize| [("code".to_owned(), "A-001".to_owned())].into_iter().take(n).collect();
        all.extend(flows.events.iter().enumerate().map(|(n, event)| Body::Recorded {
            what: event.id.clone(),
            set: set(n % 2),
            note: None,
        }));
        all
    }

    #[test]
    fn all_that_happens_is_told_in_both_languages() {
        let catalogue = Catalogue::load(&shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let [japanese, english] = Language::ALL.map(|language| told(everything(&catalogue), catalogue.in_language(language)));
        assert_eq!(japanese.len(), english.len());
        assert_eq!(japanese.len(), everything(&catalogue).len() - 1, "a day that no longer runs says nothing");
        let is_japanese = |text: &str| text.chars().any(|c| ('\u{3041}'..='\u{9fff}').contains(&c));
        for (ja, en) in japanese.iter().zip(&english) {
            assert!(is_japanese(ja), "{ja}");
            // Official names stand in brackets.
            let (before, _) = en.split_once('(').unwrap_or((en, ""));
            assert!(!before.is_empty() && !is_japanese(before) && !en.contains('{'), "{en}");
        }
        assert!(english.contains(&"Letter released: Key file of a client certificate".to_owned()), "{english:#?}");
        assert!(japanese.contains(&"読み取った値を訂正した: 申込日、メールアドレス".to_owned()), "{japanese:#?}");
        assert!(english.contains(&"Values put right: application date (申込日), email (メールアドレス)".to_owned()), "{english:#?}");
    }
}
