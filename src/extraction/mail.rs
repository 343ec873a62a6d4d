//! What a mail says about itself: who, when, which case.
//!
//! Owns the fields of `inbound_mail` and the passwords that a body names. Never opens an attachment; a password never
//! enters an extract.

use crate::domain::document::DocumentKind;
use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::reading::Mail;
use crate::domain::secret::{self, Secret};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::{Forms, typed};
use regex::Regex;
use std::sync::LazyLock;

const KIND: &str = "inbound_mail";

/// Lines of a body in which a case number is looked for.
const MOST_LINES: usize = 2_000;

static CASE_NO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^A-Za-z0-9-])([A-Z]{2}-\d{4}-\d{4})(?:$|[^A-Za-z0-9-])").ok());

pub fn extract(doc: DocId, mail: &Mail, forms: &Forms<'_>) -> Extract {
    let header = |name: &str| Place::Header { doc, name: name.to_owned() };
    let subject = mail.subject.as_deref().map(hidden);
    let mut fields = Record::default();
    let mut put = |key: &str, raw: Option<&str>, place: Place, doubts: Doubts| {
        let Some(raw) = raw else { return };
        let value = match forms.spec(KIND).and_then(|spec| spec.field(key)) {
            Some(spec) => typed::value(spec, forms.lists, raw),
            None => Some(Value::Text(text::tidy(raw))),
        };
        if let Some(value) = value {
            let confidence = if doubts.any() { Permille(700) } else { Permille::SURE };
            fields.fields.insert(key.to_owned(), Field { value, raw: raw.to_owned(), place, confidence, doubts });
        }
    };
    put("message_id", mail.message_id.as_deref(), header("Message-ID"), Doubts::NONE);
    put("answers", (!mail.answers.is_empty()).then(|| mail.answers.join("\n")).as_deref(), header("In-Reply-To"), Doubts::NONE);
    put("from_address", mail.from_address.as_deref(), header("From"), Doubts::NONE);
    put("subject", subject.as_deref(), header("Subject"), Doubts::NONE);
    put("received_at", mail.date.as_deref(), header("Date"), Doubts::NONE);
    match case_no(mail) {
        Some(Named { number, at: At::Subject, doubts }) => put("case_no", Some(&number), header("Subject"), doubts),
        Some(Named { number, at: At::Body, doubts }) => put("case_no", Some(&number), Place::Whole { doc }, doubts),
        None => {}
    }
    if mail.automatic {
        let place = Place::Whole { doc };
        let field = Field { value: Value::Flag(true), raw: String::new(), place, confidence: Permille::SURE, doubts: Doubts::NONE };
        fields.fields.insert("automatic".to_owned(), field);
    }
    Extract {
        doc,
        document: DocumentKind::new(KIND),
        pages: 0,
        turned: Default::default(),
        fields,
        sets: Default::default(),
        remarks: Vec::new(),
    }
}

/// Words of the subject and the body that may open an archive of the same sender.
pub fn passwords(mail: &Mail) -> Vec<Secret> {
    // A subject that speaks of a password is followed by a body that may hold nothing else.
    secret::candidates(&format!("{}\n{}", mail.subject.as_deref().unwrap_or_default(), mail.body))
}

/// A subject is kept and shown; a password in it is not.
fn hidden(subject: &str) -> String {
    secret::masked(subject)
}

enum At {
    Subject,
    Body,
}

struct Named {
    number: String,
    at: At,
    /// Contradicted where there are several, ambiguous where its label is missing.
    doubts: Doubts,
}

/// The 受付番号: in the subject, behind its label in the body, or the only one there.
fn case_no(mail: &Mail) -> Option<Named> {
    let subject = numbers(mail.subject.as_deref().unwrap_or_default());
    if let [number, rest @ ..] = subject.as_slice() {
        return Some(Named { number: number.clone(), at: At::Subject, doubts: Doubt::Contradicted.when(!rest.is_empty()) });
    }
    let lines: Vec<&str> = mail.body.lines().take(MOST_LINES).collect();
    let labelled = |line: &&&str| ["受付番号", "整理番号", "受付No"].iter().any(|label| line.contains(label));
    let mut found: Vec<String> = lines.iter().filter(labelled).flat_map(|line| numbers(line)).collect();
    let is_labelled = !found.is_empty();
    if !is_labelled {
        found = lines.iter().flat_map(|line| numbers(line)).collect();
    }
    found.sort();
    found.dedup();
    // Contracts and tickets are numbered in the same manner: without its label a number is a guess.
    let number = found.first()?.clone();
    let doubts = Doubt::Contradicted.when(found.len() > 1) | Doubt::Ambiguous.when(!is_labelled);
    Some(Named { number, at: At::Body, doubts })
}

/// Every case number of a line, each once.
fn numbers(line: &str) -> Vec<String> {
    let plain: String =
        text::tidy(line).chars().map(|c| if matches!(c, '‐' | '‑' | '–' | '—' | '―' | '−' | 'ー') { '-' } else { c }).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(hit) = CASE_NO.as_ref().and_then(|pattern| pattern.captures_at(&plain, at)).and_then(|all| all.get(1)) {
        // The sign behind one number may be the sign before the next.
        at = hit.end();
        if !found.iter().any(|number| number == hit.as_str()) {
            found.push(hit.as_str().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::typed::Lists;

    fn field(mail: &Mail, key: &str) -> Option<(String, Place, bool)> {
        let lists = Lists::new();
        let extract = extract(DocId::of(b""), mail, &Forms { documents: &[], lists: &lists });
        extract.fields.fields.get(key).map(|field| (field.value.to_string(), field.place.clone(), field.needs_review()))
    }

    fn mail(subject: &str, body: &str) -> Mail {
        Mail { subject: Some(subject.to_owned()), body: body.to_owned(), ..Mail::default() }
    }

    #[test]
    fn the_case_number_is_in_the_subject_or_labelled_in_the_body() {
        let doc = DocId::of(b"");
        let subject = Place::Header { doc, name: "Subject".to_owned() };
        let found = |subject: &str, body: &str| field(&mail(subject, body), "case_no");
        assert_eq!(found("Re: [TH-2026-0012] 追加データ", "XX-2020-0001"), Some(("TH-2026-0012".into(), subject.clone(), false)));
        assert_eq!(found("ＴＨ−２０２６−００１２", ""), Some(("TH-2026-0012".into(), subject, false)));
        let body = |review| Some(("TH-2026-0012".to_owned(), Place::Whole { doc }, review));
        assert_eq!(found("追加", "契約 AA-2026-0001\n受付番号：TH-2026-0012"), body(false));
        assert_eq!(found("追加", "先日の TH-2026-0012 です"), body(true));
        for none in ["TH-2026-00123", "ATH-2026-0012", "TH-2026-816", "th-2026-0012", "TH-2026-0012-1"] {
            assert_eq!(found(none, none), None, "{none}");
        }
    }

    #[test]
    fn two_numbers_are_nobodys() {
        assert!(field(&mail("TH-2026-0012 TH-2026-0013", ""), "case_no").is_some_and(|(_, _, review)| review));
    }

    #[test]
    fn passwords_stay_out_of_the_extract() {
        let mail = mail("パスワード: Abc-1234", "ご連絡");
        assert_eq!(passwords(&mail), [Secret::new("Abc-1234")]);
        let (subject, _, _) = field(&mail, "subject").unwrap();
        assert!(!subject.contains("Abc"), "{subject}");
    }
}
