//! What a person did or decided, as events of the case.
//!
//! Owns the limits of what may be typed. Never decides what follows from it.

use crate::casework::deed::{self, Refusal};
use crate::casework::facts::View;
use crate::casework::fold::{self, Case};
use crate::casework::settling::{self, About};
use crate::casework::{correction, overtaken};
use crate::domain::case::{Body, Correction, Event};
use crate::domain::document::FieldSpec;
use crate::domain::doubt::Doubts;
use crate::domain::extract::Field;
use crate::domain::id::Permille;
use crate::domain::language::Word;
use crate::domain::place::Place;
use crate::domain::value::Value;
use crate::extraction::typed;
use crate::fault::Fault;
use crate::pipeline::seen::{self, Seen};
use crate::pipeline::{Office, PROGRAM, drafts};
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a name, of a value, and of a note.
const LONGEST_NAME: usize = 60;
const LONGEST_VALUE: usize = 500;
const LONGEST_NOTE: usize = 2_000;
/// The day that is said of a contract which is concluded.
const CONTRACT_DATE: &str = "contract_date";
/// The operation sheet, filled in; and why a finding about it is settled by itself.
const SHEET: &str = "operation_result";
const RESULT_RECORDED: &str = "MMS操作の結果が記録されたため";
/// Values that are put right at a time.
const MOST_VALUES: usize = 50;

/// What a person wants recorded, as it was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deed {
    pub what: String,
    /// The finding that is settled.
    pub code: Option<String>,
    /// Field and value.
    pub set: Vec<(String, String)>,
    pub by: String,
    pub note: Option<String>,
    /// What it was done upon.
    pub seen: Seen,
}

/// What comes of a wish to record something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The events to write, in the name of the person.
    Record(Vec<Body>),
    /// The same is recorded already and in force.
    Known(Word),
    Refused(Refusal),
}

/// The events that record a deed; a fault where it was typed wrongly.
pub fn record(case: &Case, deed: &Deed, office: &Office<'_>) -> Result<Answer, Fault> {
    check_words(deed)?;
    let unknown = || {
        let what = format!("belongs to the unknown flow {}", case.flow);
        Fault::lasting(&case.no, what, "restore the flow in templates/mms-usage/flows")
    };
    seen(case, office, |view| answer(case, deed, view, office)).unwrap_or_else(|| Err(unknown()))
}

/// A case as the facts see it today; `None` where its flow is gone.
fn seen<T>(case: &Case, office: &Office<'_>, ask: impl FnOnce(&View<'_>) -> T) -> Option<T> {
    let flow = office.catalogue.flows.flows.get(&case.flow)?;
    Some(ask(&View {
        case,
        flow,
        flows: &office.catalogue.flows,
        today: office.now.date(),
        days_left: &|day| office.days_left(day),
        credentials_at_hand: office.issues_locally(),
        certificates_came: false,
        certifies_locally: office.certifies_locally(),
    }))
}

fn answer(case: &Case, deed: &Deed, view: &View<'_>, office: &Office<'_>) -> Result<Answer, Fault> {
    let code = deed.code.as_deref();
    let user = deed.set.iter().find(|(field, _)| field == deed::USER).map(|(_, user)| user.trim());
    let letter = deed.set.iter().find(|(field, _)| field == deed::LETTER).map(|(_, key)| key.trim());
    let about = code.or(user).or(letter);
    let day = concluded_on(deed.set.iter().find(|(field, _)| field == CONTRACT_DATE).map(|(_, day)| day.as_str()), deed, office)?;
    let is_same_day = |known: &&fold::Deed| {
        let recorded = known.set.get(CONTRACT_DATE).map(String::as_str);
        day.is_none() || concluded_on(recorded, deed, office).is_ok_and(|recorded| recorded == day)
    };
    if let Some(known) = deed::in_force(&deed.what, about, view).filter(is_same_day) {
        return Ok(Answer::Known(Word::new(
            format!("{}が{}に記録", known.by, known.at.civil().strftime("%Y-%m-%d %H:%M")),
            format!("recorded by {} at {}", known.by, known.at),
        )));
    }
    if let Err(refusal) = deed::allow(&deed.what, about, view) {
        return Ok(Answer::Refused(refusal));
    }
    if let Some(key) = letter.filter(|key| drafts::is_bound(case, key, office)) {
        let reasons = vec![Word::new(
            "これを案内する通知と一緒に扱われます。通知のほうを操作してください",
            format!("{key} goes with the notice that announces it: release or drop that one"),
        )];
        return Ok(Answer::Refused(Refusal { reasons, possible: deed::possible(view) }));
    }
    if let Some(why) = seen::passed(case, deed, office) {
        return Ok(Answer::Refused(Refusal { reasons: vec![why], possible: deed::possible(view) }));
    }
    let note = deed.note.clone();
    let recorded = |set| Body::Recorded { what: deed.what.clone(), set, note: note.clone() };
    match deed.what.as_str() {
        deed::CORRECTED => {
            let corrections = corrections(case, deed, &deed.set, office)?;
            if corrections.iter().all(|correction| stands_already(case, correction)) {
                return Ok(Answer::Known(Word::new("同じ値がすでに入っています", "these values stand already")));
            }
            Ok(Answer::Record(vec![Body::Corrected { corrections, note }]))
        }
        deed::CONCLUDED => {
            // The paper in hand says what a reader could not see: its date and both signatures.
            let mut set = deed.set.clone();
            let mut bodies = vec![recorded(set.iter().cloned().collect())];
            if case.paper("contract").is_some() {
                set.extend(["signature_a", "signature_b"].map(|key| (key.to_owned(), "1".to_owned())));
                let set: Vec<(String, String)> = set.into_iter().map(|(key, value)| (format!("contract.{key}"), value)).collect();
                bodies.insert(0, Body::Corrected { corrections: corrections(case, deed, &set, office)?, note: None });
            }
            Ok(Answer::Record(bodies))
        }
        deed::RENEWED | deed::REVOKED => {
            Ok(Answer::Record(vec![recorded(user.map(|user| (deed::USER.to_owned(), user.to_owned())).into_iter().collect())]))
        }
        deed::LETTER_RELEASED | deed::LETTER_DROPPED => {
            let along = letter.map(|key| drafts::along_with(case, key, office)).unwrap_or_default();
            let keys = letter.into_iter().chain(along);
            // A key that was revoked while it waited does not leave with its notice.
            let becomes = |key: &str| if overtaken::is_revoked(case, key) { deed::LETTER_DROPPED } else { &deed.what }.to_owned();
            let body = |key: &str| {
                let (what, set) = (becomes(key), [(deed::LETTER.to_owned(), key.to_owned())].into());
                Body::Recorded { what, set, note: note.clone() }
            };
            Ok(Answer::Record(keys.map(body).collect()))
        }
        deed::APPROVED | deed::REJECTED => {
            let bodies = [recorded(BTreeMap::new())].into_iter().chain(sheets_settled(case));
            Ok(Answer::Record(bodies.collect()))
        }
        deed::SETTLED => Ok(match settled(case, deed) {
            Ok(set) => Answer::Record(vec![recorded(set)]),
            Err(why) => Answer::Refused(Refusal { reasons: vec![why], possible: deed::possible(view) }),
        }),
        _ => Ok(Answer::Record(vec![recorded(BTreeMap::new())])),
    }
}

/// What is open about a sheet that came back falls with the result that a person records.
fn sheets_settled(case: &Case) -> impl Iterator<Item = Body> {
    let codes: BTreeSet<&str> =
        case.open.iter().filter(|finding| finding.document == SHEET).map(|finding| finding.code.0.as_str()).collect();
    let set =
        |code: &str| [(settling::CODE, code), (settling::DOCUMENT, SHEET)].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let settles = |code: &str| Body::Recorded { what: deed::SETTLED.to_owned(), set: set(code), note: Some(RESULT_RECORDED.to_owned()) };
    codes.into_iter().map(settles).collect::<Vec<_>>().into_iter()
}

/// What a deed says of the finding that it settles: where several entries show its code, the one that is meant must be named.
fn settled(case: &Case, deed: &Deed) -> Result<BTreeMap<String, String>, Word> {
    let mut set: BTreeMap<String, String> = deed.set.iter().map(|(key, value)| (key.clone(), value.trim().to_owned())).collect();
    let code = deed.code.clone().unwrap_or_default();
    set.insert(settling::CODE.to_owned(), code.clone());
    let meant: Vec<About<'_>> = case.open.iter().map(About::finding).filter(|about| settling::means(&set, about)).collect();
    // Who names a field has looked at all of its rows.
    let names_field = set.contains_key(settling::FIELD);
    let entries: BTreeSet<String> = meant.iter().map(|about| if names_field { about.entry() } else { about.row_entry() }).collect();
    let Some(first) = meant.first() else {
        return Err(Word::new(
            format!("{code} は、指定された項目については未解消の指摘ではありません"),
            format!("{code} is not open about that entry"),
        ));
    };
    if entries.len() > 1 {
        let entries = entries.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Word::new(
            format!(
                "{code} は複数の箇所に付いています（{entries}）。--set document=…、--set field=…、--set row=…、--set paper=… で、確認した箇所を指定してください"
            ),
            format!(
                "{code} is open about several entries ({entries}): name the one that was looked at with --set document=…, --set field=…, --set row=… and --set paper=…"
            ),
        ));
    }
    set.insert(settling::DOCUMENT.to_owned(), first.document.to_owned());
    set.extend(first.field.map(|field| (settling::FIELD.to_owned(), field.to_owned())));
    if let ([_], Some(row)) = (meant.as_slice(), first.row) {
        set.insert(settling::ROW.to_owned(), row.to_string());
    }
    Ok(set)
}

/// What may be recorded of this case now; a finding is settled by its code.
pub fn possible(case: &Case, office: &Office<'_>) -> Vec<String> {
    seen(case, office, deed::possible).unwrap_or_default()
}

/// Why a draft of this case may no longer leave; `None` where it may.
pub fn overtaken(case: &Case, key: &str, office: &Office<'_>) -> Option<Word> {
    let letter = case.letters.iter().find(|letter| letter.key == key && letter.draft)?;
    seen(case, office, |view| overtaken::why(letter, view)).flatten()
}

/// Why what a person once recorded would not be possible for this case; `None` where it would.
pub fn against(case: &Case, events: &[Event], office: &Office<'_>) -> Option<Refusal> {
    let refusal = |view: &View<'_>| {
        events.iter().find_map(|event| {
            let refused = match &event.body {
                // It followed from the deed before it.
                Body::Recorded { what, .. } if what == deed::SETTLED && event.seq > events[0].seq => Ok(()),
                Body::Recorded { what, set, .. } => deed::allow(
                    what,
                    set.get("code").or_else(|| set.get(deed::USER)).or_else(|| set.get(deed::LETTER)).map(String::as_str),
                    view,
                ),
                Body::Corrected { .. } if events.len() == 1 => deed::allow(deed::CORRECTED, None, view),
                _ => Ok(()),
            };
            refused.err()
        })
    };
    seen(case, office, refusal).flatten()
}

/// What was typed, before the case is looked at.
fn check_words(deed: &Deed) -> Result<(), Fault> {
    let wrong = |place: &str, what: String, hint: &str| Err(Fault::lasting(place, what, hint));
    if !deed::NAMES.contains(&deed.what.as_str()) {
        return wrong("EVENT", format!("there is no event {:?}", deed.what), &format!("use one of {}", deed::NAMES.join(", ")));
    }
    let is_plain = |text: &str, longest: usize| text.chars().count() <= longest && !text.chars().any(char::is_control);
    if deed.by.trim().is_empty() || deed.by == PROGRAM || !is_plain(&deed.by, LONGEST_NAME) {
        return wrong("--by", format!("{:?} is no member of staff", deed.by), &format!("give a name of at most {LONGEST_NAME} characters"));
    }
    let note = deed.note.as_deref().unwrap_or_default();
    if note.chars().count() > LONGEST_NOTE || note.chars().any(|c| c.is_control() && c != '\n') {
        return wrong("--note", "is too long, or holds control characters".to_owned(), &format!("write at most {LONGEST_NOTE} characters"))
            .map_err(|fault| fault.told(format!("備考は{LONGEST_NOTE}字までです。制御文字は使えません")));
    }
    if deed.what == deed::NOTE && note.trim().is_empty() {
        return wrong("--note", "is missing".to_owned(), "say what is to be noted")
            .map_err(|fault| fault.told("メモの内容を入力してください"));
    }
    match (&deed.code, deed.what == deed::SETTLED) {
        (None, true) => return wrong("CODE", "is missing".to_owned(), "name the finding, such as `finding-settled A-021`"),
        (Some(code), false) => return wrong("CODE", format!("{code:?} says nothing for {}", deed.what), "leave it out"),
        _ => {}
    }
    let takes = match deed.what.as_str() {
        deed::CORRECTED => MOST_VALUES,
        deed::SETTLED => settling::ENTRY.len(),
        deed::CONCLUDED | deed::RENEWED | deed::REVOKED | deed::LETTER_RELEASED | deed::LETTER_DROPPED => 1,
        _ => 0,
    };
    if deed.set.len() > takes || deed.what == deed::CORRECTED && deed.set.is_empty() {
        return wrong(
            "--set",
            format!("{} values for {}", deed.set.len(), deed.what),
            &format!("{} takes {takes} at most, corrected at least one", deed.what),
        );
    }
    if let Some((field, _)) = deed.set.iter().find(|(field, value)| !is_plain(field, LONGEST_VALUE) || !is_plain(value, LONGEST_VALUE)) {
        return wrong("--set", format!("{} is too long, or holds control characters", field.escape_debug()), "type it again")
            .map_err(|fault| fault.told(format!("値は{LONGEST_VALUE}字までです。制御文字は使えません（{}）", field.escape_debug())));
    }
    if let Some((field, _)) = deed.set.iter().find(|(field, _)| deed.what == deed::SETTLED && !settling::ENTRY.contains(&field.as_str())) {
        let what = format!("{field:?} says nothing for {}", deed.what);
        return wrong("--set", what, "only document=application_form, field=contact_email, row=3 or paper=3fa9c2d1");
    }
    let only = match deed.what.as_str() {
        deed::CONCLUDED => Some((CONTRACT_DATE, "contract_date=YYYY-MM-DD")),
        deed::RENEWED | deed::REVOKED => Some((deed::USER, "user_id=K123001")),
        deed::LETTER_RELEASED | deed::LETTER_DROPPED => Some((deed::LETTER, "letter=KEY")),
        _ => None,
    };
    let Some((takes, such)) = only else { return Ok(()) };
    match deed.set.iter().find(|(field, _)| field != takes) {
        Some((field, _)) => wrong("--set", format!("{field:?} says nothing for {}", deed.what), &format!("only {such}")),
        None if deed.set.is_empty() && takes != CONTRACT_DATE => wrong("--set", "is missing".to_owned(), &format!("name it: {such}")),
        None => Ok(()),
    }
}

fn corrections(case: &Case, deed: &Deed, set: &[(String, String)], office: &Office<'_>) -> Result<Vec<Correction>, Fault> {
    set.iter().map(|(reference, raw)| correction(case, deed, reference, raw, office)).collect()
}

fn correction(case: &Case, deed: &Deed, reference: &str, raw: &str, office: &Office<'_>) -> Result<Correction, Fault> {
    let (target, spec) = correction::locate(case, &office.catalogue.documents, reference).map_err(|why| {
        Fault::lasting("--set", why, "see `uketsuke case explain` for the entries of a case")
            .told("その項目は、この案件のいまの書類にはありません")
    })?;
    let field = typed_value(spec, reference, raw, office)?.map(|value| Field {
        value,
        raw: raw.to_owned(),
        place: Place::Typed { by: deed.by.clone() },
        confidence: Permille::SURE,
        doubts: Doubts::NONE,
    });
    Ok(Correction { target, field })
}

/// What was typed into an entry; `None` for a blank.
fn typed_value(spec: &FieldSpec, reference: &str, raw: &str, office: &Office<'_>) -> Result<Option<Value>, Fault> {
    match typed::value(spec, &office.catalogue.lists, raw) {
        Some(value) if !typed::fits(spec, &value) => Err(Fault::lasting(
            "--set",
            format!("{raw:?} is no value for {} ({reference})", spec.label),
            "write it as it stands on the form, or nothing for a blank entry",
        )
        .told(format!("「{raw}」は「{}」の値として読めません。様式のとおりに入力してください（空欄は空のまま）", spec.label))),
        value => Ok(value),
    }
}

/// The day on which a contract was concluded, as a person says it; it may be said before a copy of the contract comes.
fn concluded_on(raw: Option<&str>, deed: &Deed, office: &Office<'_>) -> Result<Option<Value>, Fault> {
    let contract = office.catalogue.documents.iter().find(|spec| spec.id.as_str() == "contract");
    match contract.and_then(|spec| spec.field(CONTRACT_DATE)).zip(raw).filter(|_| deed.what == deed::CONCLUDED) {
        Some((spec, raw)) => typed_value(spec, CONTRACT_DATE, raw, office),
        None => Ok(None),
    }
}

fn stands_already(case: &Case, correction: &Correction) -> bool {
    match (correction::standing(case, &correction.target), &correction.field) {
        (Some(stands), Some(typed)) => stands.value == typed.value && !stands.needs_review(),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::history;
    use crate::catalogue::{self, Catalogue};
    use crate::config::DeskSettings;
    use crate::domain::case::CaseNo;
    use crate::domain::finding::Remark;

    /// A case after these events.
    fn case(bodies: &[Body], office: &Office<'_>) -> Case {
        let no = CaseNo("TH-2026-0001".into());
        let event = |(seq, body): (u32, &Body)| Event { case: no.clone(), seq, at: office.now, by: "花子".into(), body: body.clone() };
        Case::replay(&(1..).zip(bodies).map(event).collect::<Vec<_>>()).unwrap()
    }

    fn to(state: &str) -> Body {
        Body::Moved { transition: "T17".into(), from: String::new(), to: state.into() }
    }

    fn deed(what: &str, set: &[(&str, &str)]) -> Deed {
        let set = set.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
        Deed { what: what.into(), set, by: "花子".into(), ..Deed::default() }
    }

    #[test]
    fn of_several_findings_with_one_code_only_the_one_that_was_looked_at_is_settled() {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        let settings = DeskSettings::default();
        let office = Office::new(&catalogue, &settings, "2026-04-20T10:00:00+09:00".parse().unwrap());
        let remark = |key: &str| Remark::new("A-021").field(key);
        let found = |keys: &[&str]| {
            let open = keys.iter().map(|key| catalogue.finding(&remark(key), "application_form")).collect();
            Body::Found { open, held: true }
        };
        let opened = Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None };
        let mut events = vec![opened, to("S10_APPLICATION_RECEIVED"), found(&["applicant_name", "contact_email"])];
        let settle = |events: &[Body], set: &[(&str, &str)]| {
            record(&case(events, &office), &Deed { code: Some("A-021".into()), ..deed(deed::SETTLED, set) }, &office).unwrap()
        };
        let Answer::Refused(refusal) = settle(&events, &[]) else { panic!("which one?") };
        let why = refusal.why(crate::domain::language::Language::English);
        assert!(why.contains("application_form.applicant_name, application_form.contact_email"), "{why}");
        assert!(matches!(settle(&events, &[("field", "postal_code")]), Answer::Refused(_)));
        let Answer::Record(bodies) = settle(&events, &[("field", "applicant_name")]) else { panic!("recorded") };
        events.extend(bodies);
        let is_settled = |events: &[Body], key: &str| history::settled(&case(events, &office), "application_form", &remark(key));
        assert!(is_settled(&events, "applicant_name") && !is_settled(&events, "contact_email"));
        // The only one that is left needs no name; what the same code says of another entry later is not settled with it.
        events.push(found(&["contact_email"]));
        let Answer::Record(bodies) = settle(&events, &[]) else { panic!("recorded") };
        events.extend(bodies);
        assert!(is_settled(&events, "contact_email") && !is_settled(&events, "contact_name"));
        // Two mails with one code are told apart by the paper.
        let mail = |bytes: &[u8]| Remark::new("M-013").at(Place::Whole { doc: crate::domain::id::DocId::of(bytes) });
        let open = [mail(b"one"), mail(b"two")].map(|remark| catalogue.finding(&remark, "inbound_mail"));
        events.push(Body::Found { open: open.to_vec(), held: false });
        let settle_mail = |set: &[(&str, &str)]| {
            record(&case(&events, &office), &Deed { code: Some("M-013".into()), ..deed(deed::SETTLED, set) }, &office).unwrap()
        };
        assert!(matches!(settle_mail(&[]), Answer::Refused(_)));
        let one = settling::named(crate::domain::id::DocId::of(b"one"));
        let Answer::Record(bodies) = settle_mail(&[("paper", &one)]) else { panic!("recorded") };
        events.extend(bodies);
        let is_read = |bytes: &[u8]| history::settled(&case(&events, &office), "inbound_mail", &mail(bytes));
        assert!(is_read(b"one") && !is_read(b"two"));
        // What was recorded before entries were named settles all that bear the code.
        let set = [("code".to_owned(), "A-021".to_owned())].into();
        events.push(Body::Recorded { what: deed::SETTLED.into(), set, note: None });
        assert!(is_settled(&events, "contact_name"));
    }

    #[test]
    fn a_result_that_is_recorded_settles_the_sheet_that_could_not_be_read() {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        let settings = DeskSettings::default();
        let office = Office::new(&catalogue, &settings, "2026-04-20T10:00:00+09:00".parse().unwrap());
        let opened = Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None };
        let doc = crate::domain::id::DocId::of(b"export");
        let value = |value: Value| Field {
            raw: value.to_string(),
            value,
            place: Place::Whole { doc },
            confidence: Permille::SURE,
            doubts: Doubts::NONE,
        };
        let fields = [("registration_no", Value::Code("2026042001".into())), ("registration_revision", Value::Integer(1))];
        let fields = fields.map(|(key, found)| (key.to_owned(), value(found)));
        let record = crate::domain::extract::Record { fields: fields.into_iter().collect::<BTreeMap<_, _>>().into(), ..Default::default() };
        let document = crate::domain::document::DocumentKind::new("mms_export");
        let extract = crate::domain::extract::Extract {
            doc,
            document,
            pages: 0,
            turned: Default::default(),
            fields: record,
            sets: Default::default(),
            remarks: Vec::new(),
        };
        let received = crate::domain::case::Received { doc, name: "x.xml".into(), parent: None, mailed: false, landed: None, extract };
        let (key, notice) = ("TH-2026-0001/T13-order/2026042001-1/mms_operation".into(), "mms_operation".into());
        let ordered = Body::Wrote { key, notice, operation: Some("REJECT".into()), files: Vec::new(), subject: String::new() };
        let remark = || Remark::new("X-010");
        let open = vec![catalogue.finding(&remark(), SHEET), catalogue.finding(&Remark::new("X-007"), "mms_export")];
        let mut events = vec![opened, Body::Received(Box::new(received)), to("S60_CHECKING"), ordered, Body::Found { open, held: true }];
        let Answer::Record(bodies) = super::record(&case(&events, &office), &deed(deed::REJECTED, &[]), &office).unwrap() else {
            panic!("recorded")
        };
        assert_eq!(bodies.len(), 2, "{bodies:?}");
        events.extend(bodies);
        let now = case(&events, &office);
        assert!(history::settled(&now, SHEET, &remark()) && !history::settled(&now, "mms_export", &Remark::new("X-007")));
        let reason = now.last_deed(deed::SETTLED).unwrap();
        assert_eq!((reason.note.as_deref(), reason.by.as_str()), (Some(RESULT_RECORDED), "花子"));
    }

    #[test]
    fn the_day_of_a_contract_is_a_day_and_may_be_put_right() {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        let settings = DeskSettings::default();
        let office = Office::new(&catalogue, &settings, "2026-04-20T10:00:00+09:00".parse().unwrap());
        let opened = Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None };
        let mut events = vec![opened, to("S80_AWAITING_CONTRACT")];
        let concluded =
            |events: &[Body], day: &str| record(&case(events, &office), &deed(deed::CONCLUDED, &[("contract_date", day)]), &office);
        assert!(concluded(&events, "ほげ").unwrap_err().what.contains("no value for"));
        let Answer::Record(bodies) = concluded(&events, "2026-04-01").unwrap() else { panic!("recorded") };
        events.extend(bodies);
        events.push(to("S81_CONTRACT_COMPARING"));
        assert!(matches!(concluded(&events, "令和8年4月1日").unwrap(), Answer::Known(_)), "the same day in other words");
        assert!(matches!(concluded(&events, "2026-04-02").unwrap(), Answer::Record(_)));
    }
}
