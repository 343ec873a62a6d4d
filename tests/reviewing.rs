//! What people put right and settle in the console: what they saw is what they write on, and what they typed is not lost.

#[path = "shared/spoken.rs"]
mod spoken;

use serde_json::Value as Json;
use spoken::{Answer, CASE, Console, FORM, uketsuke};
use std::fs;

/// A scan with a value that the program would not bet on, and a finding that a person settles.
const DOUBTFUL: &str = "tests/accept/samples/forms/form-31.pdf";
const ALL: &str = "/case/TH-2026-0001/review?of=application_form";
const REVIEW: &str = "/case/TH-2026-0001/review";

/// The number of an entry on a page.
fn number_of(page: &Answer, key: &str) -> usize {
    let reference = format!("application_form.{key}");
    let found = (0..200).find(|n| page.input(&format!("ref.{n}")).is_some_and(|known| known == reference));
    found.unwrap_or_else(|| panic!("no {reference}: {}", page.body))
}

/// What the form of a page sends for an entry, with another value in it.
fn entry(page: &Answer, key: &str, value: &str) -> String {
    let n = number_of(page, key);
    let hidden =
        ["ref", "paper", "was", "doubt"].iter().filter_map(|field| Some(format!("&{field}.{n}={}", page.input(&format!("{field}.{n}"))?)));
    format!("{}&value.{n}={value}", hidden.collect::<String>())
}

fn was(page: &Answer, key: &str) -> String {
    page.input(&format!("was.{}", number_of(page, key))).unwrap()
}

/// What stands in the field, whichever way its input is written.
fn in_field(page: &Answer, key: &str) -> String {
    page.input(&format!("value.{}", number_of(page, key))).unwrap()
}

fn save(console: &Console, cookie: &str, page: &Answer, entries: &[String]) -> Answer {
    let form = format!("token={}&of=application_form{}", page.token(), entries.concat());
    console.ask("POST", REVIEW, cookie, &form)
}

fn corrections(console: &Console) -> Vec<Json> {
    let corrected = |event: &Json| event["body"]["kind"] == "corrected";
    console.history().into_iter().filter(corrected).map(|event| event["body"]["corrections"].clone()).collect()
}

fn english(cookie: &str) -> String {
    cookie.replace("\r\n", "; uketsuke_language=en\r\n")
}

fn location(answer: &Answer) -> &str {
    answer.header("location").unwrap_or_else(|| panic!("{}: {}", answer.head, answer.body))
}

#[test]
fn a_value_that_nobody_doubted_is_corrected_where_it_is_read() {
    let console = Console::open("");
    let [clerk, auditor] = ["clerk", "auditor"].map(|name| console.cookie(name));
    let page = console.ask("GET", ALL, &clerk, "");
    let (date, phone) = (was(&page, "application_date"), was(&page, "contact_phone"));
    let both = |date: &str, phone: &str| [entry(&page, "application_date", date), entry(&page, "contact_phone", phone)];
    let before = console.history().len();
    assert!(
        location(&save(&console, &clerk, &page, &both(&date, &phone))).ends_with("/review?of=application_form&said=nothing_chosen"),
        "as it was"
    );
    // One value that is none: nothing is recorded, and everything typed stands there to be mended.
    for (cookie, word) in [(clerk.clone(), "読めません"), (english(&clerk), "is no value")] {
        let refused = save(&console, &cookie, &page, &both("abc", "03-0000-1111"));
        assert!(refused.status == 422 && refused.body.contains(word), "{}: {}", refused.head, refused.body);
        assert_eq!(
            (in_field(&refused, "application_date"), in_field(&refused, "contact_phone")),
            ("abc".to_owned(), "03-0000-1111".to_owned())
        );
        assert_eq!(was(&refused, "contact_phone"), phone, "what stands is still what was read");
    }
    assert_eq!(console.ask("POST", REVIEW, &auditor, &format!("token={}", console.ask("GET", CASE, &auditor, "").token())).status, 403);
    assert_eq!(console.history().len(), before);
    assert!(location(&save(&console, &clerk, &page, &both(&date, "03-0000-1111"))).ends_with("?said=recorded"));
    let history = console.history();
    let deed = history.iter().find(|event| event["body"]["kind"] == "corrected").unwrap();
    let corrections = deed["body"]["corrections"].as_array().unwrap();
    assert_eq!((deed["by"].as_str(), corrections.len()), (Some("clerk"), 1), "what was not changed is no correction");
    assert_eq!(corrections[0]["target"]["key"], "contact_phone");
    assert_eq!(corrections[0]["field"]["raw"], "03-0000-1111");
    assert!(console.ask("GET", CASE, &clerk, "").body.contains("読み取った値を訂正した: 電話番号"), "it is told in the case's history");
}

#[test]
fn an_old_page_writes_over_no_colleague() {
    let console = Console::open("");
    let [one, other] = ["clerk", "manager"].map(|name| console.cookie(name));
    let [mine, theirs] = [&one, &other].map(|cookie| console.ask("GET", ALL, cookie, ""));
    assert_eq!(save(&console, &one, &mine, &[entry(&mine, "contact_phone", "03-0000-1111")]).status, 303);
    for (cookie, word) in
        [(other.clone(), "開いた後に変わった値があります（電話番号"), (english(&other), "has changed since this page was opened")]
    {
        let typed = [entry(&theirs, "contact_phone", "03-0000-2222"), entry(&theirs, "contact_email", "b@example.jp")];
        let refused = save(&console, &cookie, &theirs, &typed);
        assert!(refused.status == 422 && refused.body.contains(word), "{}: {}", refused.head, refused.body);
        assert_eq!(
            (in_field(&refused, "contact_phone"), was(&refused, "contact_phone")),
            ("03-0000-2222".to_owned(), "03-0000-1111".to_owned())
        );
        assert_eq!(in_field(&refused, "contact_email"), "b@example.jp");
        assert_eq!(corrections(&console).len(), 1, "nothing of it is recorded");
        if word.starts_with('開') {
            continue;
        }
        // Whoever has seen what stands there now may still know better.
        let entries = [entry(&refused, "contact_phone", "03-0000-2222"), entry(&refused, "contact_email", "b@example.jp")];
        assert!(location(&save(&console, &cookie, &refused, &entries)).ends_with("?said=recorded"));
    }
    let page = console.ask("GET", ALL, &one, "");
    assert_eq!((was(&page, "contact_phone"), was(&page, "contact_email")), ("03-0000-2222".to_owned(), "b@example.jp".to_owned()));
    // The same as stands already is nobody's loss.
    assert_eq!(save(&console, &one, &mine, &[entry(&mine, "contact_email", "b@example.jp")]).status, 303);
}

#[test]
fn an_old_page_writes_on_no_other_paper() {
    let console = Console::open("");
    let cookie = console.cookie("clerk");
    let old = console.ask("GET", ALL, &cookie, "");
    let again = [&fs::read(FORM).unwrap()[..], b"\n"].concat();
    fs::write(console.root.path().join("inbox/again.pdf"), again).unwrap();
    let run = uketsuke(console.root.path(), &["run", "-q", "--now", "2026-04-08T11:00:00+09:00"]).status().unwrap();
    assert!(matches!(run.code(), Some(0 | 2)));
    for typed in
        [entry(&old, "contact_email", "old@example.jp"), entry(&old, "contact_email", "old@example.jp").replace("&paper.", "&none.")]
    {
        let refused = save(&console, &cookie, &old, &[typed]);
        assert!(refused.status == 422 && refused.body.contains("開いた後に変わった値があります"), "{}: {}", refused.head, refused.body);
        assert_eq!(in_field(&refused, "contact_email"), "old@example.jp");
        let n = number_of(&refused, "contact_email");
        assert_ne!(refused.input(&format!("paper.{n}")), old.input(&format!("paper.{n}")), "the page shows the paper in use");
    }
    assert!(corrections(&console).is_empty());
}

#[test]
fn what_was_doubtful_is_accepted_and_settled_only_by_who_sees_it() {
    let console = Console::open_on(DOUBTFUL, "");
    let [one, other] = ["clerk", "manager"].map(|name| console.cookie(name));
    let [mine, theirs] = [&one, &other].map(|cookie| console.ask("GET", REVIEW, cookie, ""));
    assert!(mine.body.contains("要確認の理由: 形の似た別の文字かもしれない"), "{}", mine.body);
    let case = console.ask("GET", CASE, &other, "");
    let settle = |case: &Answer| {
        let seq = case.input("seq").unwrap();
        let [document, field] = ["set.document", "set.field"].map(|name| case.input(name).unwrap());
        let form = format!(
            "token={}&event=finding-settled&code=A-021&set.document={document}&set.field={field}&seq={seq}&note=%E5%8E%9F%E6%9C%AC%E3%81%A7%E7%A2%BA%E8%AA%8D",
            case.token()
        );
        console.ask("POST", &format!("{CASE}/deed"), &other, &form)
    };
    // A finding of the same code may be another paper's by now.
    assert_eq!(console.note(&one, &console.ask("GET", CASE, &one, "").token()).status, 303);
    let refused = settle(&case);
    assert!(refused.status == 422 && refused.body.contains("案件が動いています"), "{}: {}", refused.head, refused.body);
    assert!(refused.body.contains("name=\"note\" value=\"原本で確認\""), "{}", refused.body);
    assert!(location(&settle(&refused)).ends_with("?said=recorded"));
    let key = "representative_name";
    let read = was(&mine, key);
    let send = |page: &Answer, cookie: &str, entry: &str| console.ask("POST", REVIEW, cookie, &format!("token={}{entry}", page.token()));
    // Changed without a word that it was looked at: to type is to have looked.
    assert!(location(&send(&mine, &one, &entry(&mine, key, "x"))).ends_with("?said=recorded"));
    let accepted = format!("{}&ok.{}=1", entry(&theirs, key, &read), number_of(&theirs, key));
    let refused = send(&theirs, &other, &accepted);
    assert!(refused.status == 422 && refused.body.contains("開いた後に変わった値があります"), "{}: {}", refused.head, refused.body);
    assert_eq!(corrections(&console).len(), 1, "the old reading does not come back");
}
