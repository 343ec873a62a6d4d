//! 受付票: one slip for each file that was taken from the inbox, so that whoever dropped it sees what became of it.
//!
//! Owns its words and its name. It is written at the end of the run that took the file, as a row of the outbox like every
//! other file there, and says what is known then; it is never changed afterwards.

use crate::desk::pages::minute;
use crate::domain::date::{self, Moment};
use crate::fault::Fault;
use crate::notices::outbox::Slip;
use crate::pipeline::Office;
use crate::quarantine::on_one_line;
use crate::reading::names;
use crate::store::{Arrival, Ledger, Part, Receipt};

/// The folder of the outbox in which they lie, by day.
const FOLDER: &str = "receipts";
/// Parts of a mail or archive that are named.
const MOST_PARTS: usize = 200;
/// Receipts that the index of the outbox shows.
const LATEST: u32 = 20;

/// Writes the receipts that are missing.
pub fn write(ledger: &mut Ledger, office: &Office<'_>) -> Result<(), Fault> {
    let mut slips = Vec::new();
    for arrival in ledger.without_receipt()? {
        let parts = parts(ledger, &arrival)?;
        slips.push((arrival.n, path(&arrival), slip(&arrival, &parts, office).into_bytes()));
    }
    if slips.is_empty() { Ok(()) } else { ledger.receipts(&slips, office.now) }
}

/// The latest ones for the index, and the folder of all.
pub fn latest(ledger: &Ledger) -> Result<Vec<Slip>, Fault> {
    let slips = ledger.latest_receipts(LATEST)?.into_iter().map(|receipt| Slip {
        at: minute(receipt.received),
        result: result_in_short(&receipt),
        file: receipt.name,
        path: receipt.path,
    });
    Ok(slips.collect())
}

/// `receipts/2026-04-08/100000-3fa9c2d1-利用申込書.pdf`, without its ending.
fn path(arrival: &Arrival) -> String {
    let name = names::clean(&arrival.name, "file");
    let time = arrival.received.civil().strftime("%H%M%S").to_string();
    format!("{FOLDER}/{}/{time}-{}-{}", arrival.received.date(), &arrival.doc.short()[..8], name)
}

/// What lay in a mail or archive, also inside what lay in it.
fn parts(ledger: &Ledger, arrival: &Arrival) -> Result<Vec<Part>, Fault> {
    let mut all = Vec::new();
    let mut open = vec![arrival.doc];
    while let Some(doc) = open.pop() {
        for part in ledger.parts(doc)? {
            if all.len() == MOST_PARTS {
                return Ok(all);
            }
            open.push(part.doc);
            all.push(part);
        }
    }
    Ok(all)
}

fn slip(arrival: &Arrival, parts: &[Part], office: &Office<'_>) -> String {
    let mut text = format!(
        "受付票\n\nファイル　{}\n大きさ　　{} バイト\nSHA-256　 {}\n受付日時　{}\n\n■ 受付の結果\n",
        on_one_line(&arrival.name),
        grouped(arrival.bytes),
        arrival.doc,
        in_words(arrival.received)
    );
    if let Some(first) = arrival.first {
        text += &format!("  {} に受領済みのファイルと同一です。改めての処理は行いません。\n", in_words(first));
    }
    text += &format!("  {}\n", result(&arrival.status, arrival.kind.as_deref(), arrival.case.as_ref().map(|case| case.0.as_str()), office));
    if !parts.is_empty() {
        text += "\n■ 添付・同梱の書類\n";
        for part in parts {
            let result = result(&part.status, part.kind.as_deref(), part.case.as_ref().map(|case| case.0.as_str()), office);
            text += &format!("  {}　{result}\n", on_one_line(&part.name));
        }
    }
    text + &format!(
        "\nこの受付票は {} 現在の状況です。その後の状況は index.html をご覧ください。\n{}　{}\n",
        in_words(office.now),
        office.desk.tso,
        office.desk.section
    )
}

fn result(status: &str, kind: Option<&str>, case: Option<&str>, office: &Office<'_>) -> String {
    let title = office.catalogue.title(kind.unwrap_or("unknown"));
    match (status, case) {
        (_, Some(case)) => format!("案件 {case} の書類（{title}）として受け付けました。"),
        ("done", None) => format!("{title}として受け付けました。"),
        ("waiting", None) => format!("{title}として受け付けましたが、どの案件の書類か特定できません。担当者が確認します。"),
        ("quarantined", None) => "読み取ることができないため、隔離しました。隔離フォルダの説明書をご覧ください。".to_owned(),
        _ => "お預かりしました。読み取りはこれから行います。".to_owned(),
    }
}

fn result_in_short(receipt: &Receipt) -> String {
    let state = match (receipt.status.as_str(), &receipt.case) {
        (_, Some(case)) => format!("案件 {case}"),
        ("done", None) => "受付済".to_owned(),
        ("waiting", None) => "案件不明".to_owned(),
        ("quarantined", None) => "隔離".to_owned(),
        _ => "読み取り待ち".to_owned(),
    };
    if receipt.again { format!("受領済みと同一（{state}）") } else { state }
}

/// 2026年4月8日（水）10時00分
fn in_words(at: Moment) -> String {
    format!("{}{}", date::in_letters(at.date()), at.civil().strftime("%H時%M分"))
}

/// 1,234,567
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Catalogue};
    use crate::config::DeskSettings;
    use crate::domain::case::CaseNo;
    use crate::domain::id::DocId;

    fn arrival(name: &str) -> Arrival {
        Arrival {
            n: 1,
            doc: DocId::of(b"one"),
            name: name.to_owned(),
            bytes: 1_234_567,
            received: "2026-04-08T10:00:00+09:00".parse().unwrap(),
            first: None,
            status: "done".to_owned(),
            kind: Some("application_form".to_owned()),
            case: Some(CaseNo("TH-2026-0001".to_owned())),
        }
    }

    fn said(arrival: &Arrival, parts: &[Part]) -> String {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let desk = DeskSettings::default();
        slip(arrival, parts, &Office::new(&catalogue, &desk, "2026-04-08T10:02:00+09:00".parse().unwrap()))
    }

    #[test]
    fn a_receipt_says_what_came_and_what_became_of_it() {
        let text = said(&arrival("利用申込書.pdf"), &[]);
        let id = DocId::of(b"one").to_string();
        for words in ["利用申込書.pdf", "1,234,567 バイト", id.as_str(), "2026年4月8日（水）10時00分", "案件 TH-2026-0001 の書類"]
        {
            assert!(text.contains(words), "{words}:\n{text}");
        }
        assert!(!text.contains("同一"));
    }

    #[test]
    fn a_duplicate_names_the_first_time_and_a_mail_what_lay_in_it() {
        let again = Arrival { first: Some("2026-04-07T09:30:00+09:00".parse().unwrap()), ..arrival("a.eml") };
        let part =
            Part {
                doc: DocId::of(b"part"), name: "契約書\n■ 偽.pdf".to_owned(), status: "quarantined".to_owned(), kind: None, case: None
            };
        let text = said(&again, &[part]);
        assert!(text.contains("2026年4月7日（火）09時30分 に受領済みのファイルと同一です"), "{text}");
        assert!(text.contains("契約書 ■ 偽.pdf　読み取ることができないため"), "a name forges no line:\n{text}");
    }

    #[test]
    fn names_of_receipts_are_short_and_lead_nowhere() {
        assert_eq!(path(&arrival("../../a/b.pdf")), format!("receipts/2026-04-08/100000-{}-b.pdf", &DocId::of(b"one").short()[..8]));
        let long = path(&arrival(&"あ".repeat(100)));
        assert!(long.rsplit('/').next().unwrap().len() < 210 && long.ends_with('あ'), "{long}");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
