//! What a letter is told about its case: the data that the notices' templates name.
//!
//! The shape is described in `templates/mms-usage/notices/README.md`.

use crate::casework::compare;
use crate::casework::facts;
use crate::casework::fold::{Case, Sent};
use crate::domain::case::CertificateFacts;
use crate::domain::date::{self, Moment};
use crate::domain::finding::{Finding, Severity};
use crate::pipeline::Office;
use crate::pipeline::figures::{self, Figure};
use serde_json::{Value as Json, json};

/// What a letter of one kind asks the applicant for, in the order of its items; what stays in the house is left out.
pub fn asked<'c>(kind: &str, case: &'c Case) -> Vec<&'c Finding> {
    let open = |wanted: fn(&Finding) -> bool| case.open.iter().filter(|finding| wanted(finding)).collect();
    let asked: Vec<&Finding> = match kind {
        "deficiency_notice" => open(|finding| facts::asks(finding) && facts::concerns_application(finding)),
        "additional_request" => open(facts::hinders_approval),
        "deadline_reminder" => facts::still_asked(case),
        _ => Vec::new(),
    };
    asked.into_iter().filter(|finding| !finding.internal).collect()
}

/// The data of a letter of one kind. `figures` are the pictures that go with it.
pub fn data(kind: &str, operation: Option<&str>, case: &Case, office: &Office<'_>, figures: &[Figure]) -> Json {
    let desk = office.desk;
    let mut data = json!({
        "case_no": case.no.0,
        "tso": {
            "name": desk.tso, "department": desk.department, "desk_name": desk.section, "phone": desk.phone, "hours": desk.hours,
            "email": desk.email, "address": desk.address, "seal_omitted": false,
        },
        "recipient": recipient(case),
        "received_on": date::in_letters(applied_on(kind, case)),
        "remarks": remarks(case, office),
    });
    let Some(object) = data.as_object_mut() else { return data };
    let mut set = |name: &str, value: Json| drop(object.insert(name.to_owned(), value));
    if let Some(due) = case.deadlines.get("answer") {
        set("due_on", date::in_letters(*due).into());
    }
    if let Some(credentials) = &case.credentials {
        set("mms_code", credentials.mms_code.clone().into());
    }
    set("flow", flow(case, office));
    registration(case, &mut set);
    if !figures.is_empty() {
        set("figures", true.into());
    }
    let items = || Json::Array(asked(kind, case).iter().map(|finding| item(finding, office, figures)).collect());
    match kind {
        "receipt_ack" => set("files", files(case, office)),
        "deficiency_notice" => {
            set("items", items());
            set("submit_by", "補正後の書類は、郵送または本メールへの返信にてお送りください。".into());
        }
        "additional_request" => {
            set("items", items());
            set("mms_rejected_on", date::in_letters(case.last_move(&["T13", "T20"]).map_or(office.now, |moved| moved.at).date()).into());
        }
        "deadline_reminder" => {
            let due = case.deadlines.get("answer").copied();
            set("items", items());
            let request = request(case);
            set("requested_on", date::in_letters(request.map_or(office.now, |letter| letter.left).date()).into());
            set("application", request.is_some_and(|letter| letter.kind == "deficiency_notice").into());
            set("days_left", due.map_or(0, |due| office.days_left(due).max(0)).into());
            set("overdue", due.is_some_and(|due| office.now.date() > due).into());
            set("for_desk", false.into());
        }
        "certificate_passphrase" => set("issued_on", date::in_letters(office.now.date()).into()),
        "approval_notice" => {
            set("notice_no", case.no.0.replacen('-', "承", 1).into());
            set("issued_on", date::in_letters(office.now.date()).into());
            set("users", users(case));
        }
        "mms_operation" => operation_sheet(operation.unwrap_or_default(), case, office, &mut set),
        _ => {}
    }
    data
}

fn is_registration(finding: &Finding) -> bool {
    facts::concerns_registration(finding) || facts::concerns_contract(finding)
}

/// The last letter that asks the applicant for something.
fn request(case: &Case) -> Option<&Sent> {
    let asks = |letter: &&Sent| matches!(letter.kind.as_str(), "deficiency_notice" | "additional_request") && !letter.dropped;
    case.letters.iter().rev().find(asks)
}

/// The day on which the application came: an approval is of the first one, all else speaks of the form in use.
fn applied_on(kind: &str, case: &Case) -> jiff::civil::Date {
    let mut forms = case.newest().filter(|paper| paper.received.extract.document.as_str() == "application_form");
    let form = if kind == "approval_notice" { forms.last() } else { forms.next() };
    form.map_or(case.opened, |paper| paper.at).date()
}

fn recipient(case: &Case) -> Json {
    let text = |key: &str| case.form(key).map(ToString::to_string);
    json!({
        "company": company(case), "department": text("contact_department"), "name": text("contact_name"),
        "title": text("representative_title"), "representative": text("representative_name"),
    })
}

/// The applicant's name, from the form or else from 事業者概要データ.
pub fn company(case: &Case) -> Option<String> {
    case.form("applicant_name").map(ToString::to_string).or_else(|| {
        case.workbook_set("operator_profile").and_then(|(_, records)| records.first()).and_then(|record| record.text("operator_name"))
    })
}

/// The desk as the sender of a letter.
pub fn sender(office: &Office<'_>) -> String {
    format!("{} <{}>", office.desk.tso, office.desk.email)
}

fn flow(case: &Case, office: &Office<'_>) -> Json {
    let Some(flow) = office.catalogue.flows.flows.get(&case.flow) else {
        return json!({ "title": case.flow, "data_sets": [], "notes": [] });
    };
    let sets: Vec<Json> = flow
        .registered
        .iter()
        .map(|set| {
            let note = (set == "unit_price").then(|| if flow.id == "I_PRIME" { "V1単価" } else { "V1～V4単価" });
            match note {
                Some(note) => json!({ "label": office.catalogue.title(set), "note": note }),
                None => json!({ "label": office.catalogue.title(set) }),
            }
        })
        .collect();
    let mut notes = vec!["登録データを追加提出する場合は、当社がMMSで否認処理を実施した後に再登録が可能となります。"];
    if flow.contract_files.is_some() {
        notes.push("契約締結済みの場合は契約書のPDFを、未締結の場合は契約申込時の契約申込書および添付書類をご提出ください。");
    }
    json!({ "title": flow.title, "data_sets": sets, "notes": notes })
}

fn registration(case: &Case, set: &mut dyn FnMut(&str, Json)) {
    let Some(export) = case.export() else { return };
    let fields = &export.received.extract.fields;
    set("registration_no", fields.text("registration_no").into());
    set("registration_revision", fields.text("registration_revision").and_then(|text| text.parse::<i64>().ok()).into());
}

fn files(case: &Case, office: &Office<'_>) -> Json {
    // The applicant's own words may be such as a letter never says.
    let may_be_said =
        |name: &str| office.catalogue.notices().is_ok_and(|notices| notices.may_show("receipt_ack", "name", &format!("「{name}」")));
    case.newest()
        .map(|paper| {
            let extract = &paper.received.extract;
            let name = Some(&paper.received.name).filter(|name| may_be_said(name));
            let label = if extract.sets.is_empty() {
                office.catalogue.title(extract.document.as_str())
            } else {
                extract.sets.keys().map(|kind| office.catalogue.title(kind.as_str())).collect::<Vec<_>>().join("・")
            };
            if extract.pages > 0 {
                json!({ "label": label, "name": name, "pages": extract.pages })
            } else {
                json!({ "label": label, "name": name })
            }
        })
        .collect()
}

fn users(case: &Case) -> Json {
    case.credentials
        .iter()
        .flat_map(|credentials| &credentials.users)
        .map(|user| match (&user.certificate, user.cert_required) {
            (Some(CertificateFacts { revoked: Some(on), .. }), _) => {
                (user, Json::Null, Some(format!("失効済（{}）", date::in_letters(*on))))
            }
            (Some(facts), _) => (user, certificate(facts), None),
            (None, true) => match certificate_request(case).as_deref() {
                Some(OWN_CERTIFICATE) => (user, Json::Null, Some("既存の証明書を利用".to_owned())),
                Some(NO_CERTIFICATE) => (user, Json::Null, Some(NOT_ASKED_FOR.to_owned())),
                _ => (user, Json::Null, None),
            },
            (None, false) => (user, Json::Null, Some(NOT_ASKED_FOR.to_owned())),
        })
        .map(|(user, certificate, note)| {
            let mut told = json!({ "user_id": user.user_id, "name": user.user_name });
            if !certificate.is_null() {
                told["certificate"] = certificate;
            }
            if let Some(note) = note {
                told["certificate_note"] = note.into();
            }
            told
        })
        .collect()
}

/// What a letter says of a certificate.
pub fn certificate(facts: &CertificateFacts) -> Json {
    json!({ "cn": facts.cn, "serial": facts.serial, "from": date::in_letters(facts.from), "to": date::in_letters(facts.to) })
}

/// The form asks for no new certificate: クライアント証明書の発行 is 既存証明書を利用 or 不要.
pub fn uses_own_certificate(case: &Case) -> bool {
    matches!(certificate_request(case).as_deref(), Some(NO_CERTIFICATE | OWN_CERTIFICATE))
}

fn certificate_request(case: &Case) -> Option<String> {
    case.form("certificate_request").map(ToString::to_string)
}

/// クライアント証明書の発行: 不要, and 既存証明書を利用.
const NO_CERTIFICATE: &str = "0";
const OWN_CERTIFICATE: &str = "2";
const NOT_ASKED_FOR: &str = "対象外（申込みなし）";

/// Letters that tell what is slight.
const TELLING: &[&str] = &["receipt_ack", "deficiency_notice", "approval_notice", "additional_request", "registration_confirmed"];

/// What the applicant may want to know though nothing is asked for, and was not told yet.
fn remarks(case: &Case, office: &Office<'_>) -> Json {
    let has_left = |letter: &&Sent| !letter.draft && !letter.dropped && TELLING.contains(&letter.kind.as_str());
    let is_told = |finding: &Finding| case.letters.iter().filter(has_left).any(|letter| letter.told.contains(finding));
    let slight = |finding: &&Finding| finding.severity == Severity::Warn && !finding.internal && !is_told(finding);
    case.open.iter().filter(slight).map(|finding| item(finding, office, &[])).collect()
}

fn item(finding: &Finding, office: &Office<'_>, figures: &[Figure]) -> Json {
    let mut item = json!({ "document": office.catalogue.title(&finding.document), "sentence": finding.message });
    if let Some(object) = item.as_object_mut() {
        if let Some(label) = &finding.label {
            object.insert("label".into(), label.clone().into());
        }
        let place = finding.place.as_ref().and_then(|place| office.catalogue.japanese().place(place));
        let whereabouts: Vec<String> = place.into_iter().chain(finding.record.clone()).collect();
        if !whereabouts.is_empty() {
            object.insert("place".into(), whereabouts.join("、").into());
        }
        if let Some(figure) = figures::name(figures, finding.place.as_ref()) {
            object.insert("figure".into(), figure.into());
        }
    }
    item
}

fn operation_sheet(operation: &str, case: &Case, office: &Office<'_>, set: &mut dyn FnMut(&str, Json)) {
    let reasons: Vec<&Finding> = case.open.iter().filter(|finding| facts::asks(finding) && is_registration(finding)).collect();
    let compared = compare::pairs(case, &office.desk.tso);
    let matched = if compared.is_empty() { "" } else { bit(!compared.iter().any(|pair| compare::is_open(pair, case))) };
    let looked_at: Vec<Json> = case
        .deeds
        .iter()
        .filter(|deed| compared.iter().any(|pair| compare::settled_by(pair, case).is_some_and(|other| other.seq == deed.seq)))
        .map(|deed| json!({ "by": deed.by, "at": in_words_at(deed.at), "note": deed.note }))
        .collect();
    let pairs: Vec<Json> = compared
        .into_iter()
        .map(|pair| {
            let settled = compare::settled_by(&pair, case).is_some();
            json!({ "label": pair.label, "contract": pair.contract, "contract_page": pair.page().map(|page| page.to_string()),
                "mms": pair.registered, "equal": pair.is_equal(), "settled": settled, "verdict": pair.verdict.word() })
        })
        .collect();
    let resources: Vec<Json> = case
        .export()
        .and_then(|export| export.received.extract.sets.iter().find(|(kind, _)| kind.as_str() == "resource"))
        .map(|(_, records)| {
            records.iter().map(|record| json!({ "code": record.text("resource_code"), "name": record.text("resource_name") })).collect()
        })
        .unwrap_or_default();
    let codes: Vec<String> = reasons.iter().map(|finding| finding.code.to_string()).collect();
    set("operation", operation.into());
    set("operation_label", if operation == "APPROVE" { "承認" } else { "否認" }.into());
    set("resources", resources.into());
    set("reasons", reasons.iter().map(|finding| reason(finding, office)).collect());
    set("reason_codes", codes.join(";").into());
    set("contract_match", matched.into());
    set("pairs", pairs.into());
    set("looked_at", looked_at.into());
    set("issued_at", in_words_at(office.now).into());
    set("issued_at_iso", office.now.to_string().into());
    set("issued_by", crate::pipeline::PROGRAM.into());
}

fn in_words_at(at: Moment) -> String {
    let clock = at.civil();
    format!("{}{:02}時{:02}分", date::in_letters(clock.date()), clock.hour(), clock.minute())
}

/// An item with its code, for the desk.
fn reason(finding: &Finding, office: &Office<'_>) -> Json {
    let mut reason = item(finding, office, &[]);
    reason["code"] = finding.code.0.clone().into();
    if let Some(record) = &finding.record {
        reason["record"] = record.clone().into();
    }
    reason
}

fn bit(flag: bool) -> &'static str {
    if flag { "1" } else { "0" }
}
