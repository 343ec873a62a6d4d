//! Every letter whole, from the sample of its kind, against a file that a person has looked at.
//!
//! `UPDATE_GOLDEN=1 cargo test --test notices` writes the files anew; look at the difference before it is committed.

use std::path::Path;
use std::sync::LazyLock;
use uketsuke::catalogue;
use uketsuke::domain::Files;
use uketsuke::domain::language::Dictionary;
use uketsuke::notices::Book;
use uketsuke::notices::notice::sample_meta;

static BOOK: LazyLock<Book> = LazyLock::new(|| Book::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:#?}")));

static WORDS: LazyLock<Dictionary> = LazyLock::new(|| toml::from_str(include_str!("../templates/_shared/words.toml")).unwrap());

fn golden(name: &str, found: &[u8]) {
    let path = Path::new("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all("tests/golden").unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let wanted = std::fs::read(&path).unwrap_or_else(|_| panic!("{}: make it with UPDATE_GOLDEN=1", path.display()));
    assert!(wanted == found, "{} differs:\n{}", path.display(), String::from_utf8_lossy(found));
}

/// The words of a mail, as its recipient sees them.
fn words(mail: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default().parse(mail).unwrap();
    let body = mail.body_text(0).unwrap().replace("\r\n", "\n");
    format!("{}\n\n{body}", mail.subject().unwrap())
}

#[test]
fn every_sample_gives_the_letter_that_was_looked_at() {
    let kinds: Vec<String> = BOOK.kinds().map(ToOwned::to_owned).collect();
    assert_eq!(kinds.len(), 9);
    for kind in &kinds {
        for (file, sample) in BOOK.samples(kind).unwrap() {
            let letter = BOOK.write(kind, sample, &sample_meta(sample)).unwrap_or_else(|fault| panic!("{kind}/{file}: {fault}"));
            let variant = file.trim_start_matches("sample").trim_end_matches(".json");
            let has_pages = letter.files.iter().any(|file| file.name.ends_with(".pdf"));
            for written in &letter.files {
                let name = format!("{kind}{variant}");
                match written.name.rsplit('.').next().unwrap() {
                    "eml" => {
                        golden(&format!("{name}.txt"), words(&written.bytes).as_bytes());
                        // The bytes of a PDF change with its fonts and its maker; a mail without one is compared whole.
                        if !has_pages {
                            golden(&format!("{name}.eml"), &written.bytes);
                        }
                    }
                    "csv" => golden(&format!("{name}.csv"), &written.bytes),
                    "pdf" => {
                        golden(&format!("{name}.typ"), BOOK.said(kind, "page.hbs", sample).unwrap().as_bytes());
                        if let Some(folder) = std::env::var_os("LETTERS") {
                            std::fs::write(Path::new(&folder).join(format!("{name}.pdf")), &written.bytes).unwrap();
                        }
                        assert!(written.bytes.starts_with(b"%PDF"));
                        assert_eq!(lopdf::Document::load_mem(&written.bytes).unwrap().get_pages().len(), 1, "{name}");
                    }
                    other => panic!("{other}: no golden for this sort of file"),
                }
            }
            let again = BOOK.write(kind, sample, &sample_meta(sample)).unwrap();
            assert_eq!(again, letter, "{kind}: the same data must give the same bytes");
        }
    }
}

#[test]
fn the_shipped_templates_name_nothing_that_their_samples_lack() {
    let faults = BOOK.check(&WORDS);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The shipped files with one of them changed.
fn with(path: &str, change: impl Fn(String) -> String) -> Files {
    let mut files = catalogue::shipped();
    let text = String::from_utf8(files[path].to_vec()).unwrap();
    files.insert(path.to_owned(), change(text).into_bytes().into());
    files
}

fn sample(kind: &str) -> serde_json::Value {
    BOOK.samples(kind).unwrap()["sample.json"].clone()
}

#[test]
fn a_typo_in_any_template_is_found_with_its_file_and_line() {
    for (path, right, wrong) in [
        ("mms-usage/notices/deficiency_notice/body.txt.hbs", "{{due_on}}までに", "{{due_om}}までに"),
        ("mms-usage/notices/approval_notice/page.hbs", "{{#if certificate}}", "{{#if certifikate}}"),
        ("mms-usage/notices/mms_operation/sheet.csv.hbs", "{{code}}", "{{kode}}"),
        ("mms-usage/notices/receipt_ack/subject.hbs", "{{case_no}}", "{{case}}"),
        ("_shared/mail/signature.txt.hbs", "{{tso.phone}}", "{{tso.fone}}"),
        ("_shared/html/month.html.hbs", "{{words.month_sent}}", "{{words.month_went}}"),
        ("_shared/html/case.html.hbs", "{{#if case.held}}", "{{#if case.heldd}}"),
    ] {
        let files = with(path, |text| {
            assert!(text.contains(right), "{path}");
            text.replacen(right, wrong, 1)
        });
        let faults = Book::load(&files).unwrap_or_else(|faults| panic!("{faults:?}")).check(&WORDS);
        assert!(faults.iter().any(|fault| fault.place.starts_with(&format!("{path}:"))), "{path}: {faults:?}");
    }
}

#[test]
fn a_broken_folder_does_not_load() {
    let folder = "mms-usage/notices/receipt_ack";
    for files in [
        with(&format!("{folder}/notice.toml"), |text| text.replace("needs", "kneads")),
        with(&format!("{folder}/notice.toml"), |text| text.replace("'口座番号'", "'('")),
        with(&format!("{folder}/sample.json"), |text| text.replacen('{', "", 1)),
        with(&format!("{folder}/body.txt.hbs"), |text| text.replacen("{{/each}}", "", 1)),
    ] {
        let faults = Book::load(&files).err().unwrap();
        assert!(faults.iter().all(|fault| fault.place.starts_with(folder)), "{faults:?}");
    }
    let mut files = catalogue::shipped();
    files.remove(&format!("{folder}/body.txt.hbs"));
    assert!(Book::load(&files).is_err());
}

#[test]
fn what_must_never_leave_does_not() {
    let planted = [
        ("deficiency_notice", "/items/0/sentence", "（社内確認事項）他社の登録状況を確認しております。"),
        ("deficiency_notice", "/items/0/sentence", "A-007"),
        ("deficiency_notice", "/items/0/label", "A-007"),
        ("deficiency_notice", "/remarks/0/sentence", "-----BEGIN PRIVATE KEY-----"),
        ("approval_notice", "/users/0/name", "証明書.p12"),
        ("approval_notice", "/users/0/name", "初期パスワード abc"),
        ("approval_notice", "/users/0/certificate_note", "パスフレーズ：abc"),
        ("registration_confirmed", "/remarks/0/sentence", "電源等審査は承認済です。"),
        ("receipt_ack", "/remarks/0/sentence", "供給地点特定番号 0212345678901234567890 を受領しました。"),
        ("mms_operation", "/issued_by", "佐藤（パスワード：abc）"),
    ];
    for (kind, at, words) in planted {
        let mut data = sample(kind);
        match data.pointer_mut(at) {
            Some(value) => *value = words.into(),
            None => drop(data["users"][0].as_object_mut().unwrap().insert("certificate_note".to_owned(), words.into())),
        }
        let outcome = BOOK.write(kind, &data, &sample_meta(&data));
        assert!(outcome.as_ref().is_err_and(|fault| fault.what.contains("refused")), "{kind} {at} {words}: {outcome:?}");
    }
}

#[test]
fn secrets_are_refused_even_where_no_template_prints_them() {
    let mut data = sample("approval_notice");
    data["users"][0]["passphrase"] = "abc".into();
    assert!(BOOK.write("approval_notice", &data, &sample_meta(&data)).is_err());
}

#[test]
fn an_additional_request_waits_for_the_recorded_rejection() {
    let mut data = sample("additional_request");
    data["mms_rejected_on"] = "".into();
    let fault = BOOK.write("additional_request", &data, &sample_meta(&data)).unwrap_err();
    assert!(fault.what.contains("mms_rejected_on"), "{fault}");
}

#[test]
fn an_order_to_the_operator_goes_to_nobody_outside() {
    let data = sample("mms_operation");
    let mut meta = sample_meta(&data);
    let letter = BOOK.write("mms_operation", &data, &meta).unwrap();
    assert_eq!((letter.to, letter.files[0].name.as_str()), (None, "mms_operation-1.csv"));
    meta.to = Some("tanto@example.co.jp".to_owned());
    assert!(BOOK.write("mms_operation", &data, &meta).is_err());
}

#[test]
fn hostile_names_stay_names_on_a_page() {
    let mut data = sample("approval_notice");
    for evil in [
        "#read(\"/etc/passwd\")",
        "]#panic()[",
        "{{constructor}}",
        "= *題* _x_ $a$ `b` <c> @d // /* */",
        "\\u{41} \\",
        "- a\n+ b\n/ c: d",
        "髙﨑𠮷☃",
    ] {
        data["recipient"]["company"] = evil.into();
        data["users"][0]["name"] = evil.into();
        BOOK.write("approval_notice", &data, &sample_meta(&data)).unwrap_or_else(|fault| panic!("{evil}: {fault}"));
    }
}

#[test]
fn many_users_go_on_over_several_pages() {
    let mut data = sample("approval_notice");
    data["users"] = (1..=60).map(|n| serde_json::json!({"user_id": format!("HTK{n:04}"), "name": "青柳 一郎"})).collect();
    let letter = BOOK.write("approval_notice", &data, &sample_meta(&data)).unwrap();
    let pages = lopdf::Document::load_mem(&letter.files[0].bytes).unwrap().get_pages().len();
    assert!((2..=4).contains(&pages), "{pages} pages");
}

#[test]
fn the_pages_of_the_outbox() {
    let overview = include_str!("../templates/_shared/html/index.sample.json");
    let page = include_str!("../templates/_shared/html/case.sample.json");
    golden("outbox-index.html", BOOK.overview(&serde_json::from_str(overview).unwrap()).unwrap().as_bytes());
    let mut longer: serde_json::Value = serde_json::from_str(overview).unwrap();
    longer["page"] = 2.into();
    (longer["more_open"], longer["more_closed"], longer["more_strays"]) = (789.into(), 1234.into(), 56.into());
    let longer = BOOK.overview(&serde_json::from_value(longer).unwrap()).unwrap();
    assert!(
        longer.contains("完了・終了した案件が1234件")
            && longer.contains("以前に届いたものが56件")
            && longer.contains("待っていない案件が789件"),
        "what is left out is told of"
    );
    assert!(!longer.contains("期限超過<b>") && longer.contains(r#"<a href="./index.html">1</a> <b>2</b>"#), "the last page leads back");
    golden("outbox-case.html", BOOK.case_page(&serde_json::from_str(page).unwrap()).unwrap().as_bytes());
}

#[test]
fn hostile_names_are_harmless_in_the_outbox() {
    let evil = "template{{constructor}}<script>alert(1)</script>\"onload='x'.txt";
    let text = include_str!("../templates/_shared/html/case.sample.json");
    let mut page: uketsuke::notices::outbox::CasePage = serde_json::from_str(text).unwrap();
    page.evidence[0].file = evil.to_owned();
    page.case.applicant = Some(evil.to_owned());
    page.letters[0].files[0] = evil.to_owned();
    page.history[0].note = Some(evil.to_owned());
    let html = BOOK.case_page(&page).unwrap();
    assert!(!html.contains("<script") && !html.contains("\"onload"), "{html}");
    assert!(html.contains("template{{constructor}}&lt;script&gt;"), "{html}");
}
