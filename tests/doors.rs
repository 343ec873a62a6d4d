//! The doors of the console: who gets in, whose form counts, and what each role may do. Spoken to without a browser.

#[path = "shared/spoken.rs"]
mod spoken;

use serde_json::Value as Json;
use spoken::{Answer, CASE, Console, FORM, PASSWORD, serve, uketsuke};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

/// A page without any text.
const SCAN: &str = "tests/data/fax.png";

impl Console {
    fn deed(&self, cookie: &str, event: &str) -> Answer {
        let token = self.ask("GET", CASE, cookie, "").token();
        self.ask("POST", &format!("{CASE}/deed"), cookie, &format!("token={token}&event={event}&note=x"))
    }

    fn state(&self) -> String {
        let list = uketsuke(self.root.path(), &["case", "list", "--json"]).output().unwrap();
        serde_json::from_slice::<Json>(&list.stdout).unwrap()[0]["state"].as_str().unwrap().to_owned()
    }
}

#[test]
fn nobody_sees_anything_before_the_door() {
    let console = Console::open("");
    let doc = fs::read_dir(console.root.path().join("state/originals")).unwrap().count();
    assert!(doc > 0);
    for path in [
        "/",
        CASE,
        "/case/TH-2026-0001/review",
        "/inbox",
        "/search?q=x",
        "/audit",
        "/report",
        "/report/2026-04/page",
        "/live",
        "/case/TH-2026-0001/file/0",
    ] {
        let answer = console.ask("GET", path, "", "");
        assert_eq!((answer.status, answer.header("location")), (303, Some("/login")), "{path}");
        assert!(!answer.body.contains("TH-2026"), "{path}");
    }
    for headers in ["Cookie: uketsuke_session=00\r\n", "X-Remote-User: manager\r\n"] {
        assert_eq!(console.ask("GET", "/", headers, "").status, 303, "{headers}");
    }
    let page = console.ask("GET", "/login", "", "");
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    assert_eq!((page.header("x-content-type-options"), page.header("cache-control")), (Some("nosniff"), Some("no-store")));
    assert_eq!(console.ask("GET", "/healthz", "", "").body, "ok\n");
    let metrics = console.ask("GET", "/metrics", "", "").body;
    assert!(metrics.contains("uketsuke_cases{state=") && metrics.contains("uketsuke_inbox_files 0"), "{metrics}");
    assert!(!metrics.contains("株式会社") && !metrics.contains("TH-2026"), "{metrics}");
}

#[test]
fn what_reading_took_is_counted_once_though_another_program_read() {
    let console = Console::open("");
    let figures = || {
        let metrics = console.ask("GET", "/metrics", "", "").body;
        let value = |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok()).unwrap();
        for kind in ["# TYPE uketsuke_reading_seconds histogram", "# TYPE uketsuke_ocr_pages_total counter"] {
            assert!(metrics.contains(kind), "{metrics}");
        }
        assert_eq!(value("uketsuke_reading_seconds_bucket{le=\"+Inf\"}"), value("uketsuke_reading_seconds_count"));
        ["uketsuke_reading_seconds_count", "uketsuke_reading_seconds_sum", "uketsuke_ocr_pages_total"].map(value)
    };
    let [documents, seconds, pages] = figures();
    assert!(documents == 1.0 && seconds > 0.0 && pages == 0.0, "{documents} {seconds} {pages}");
    fs::copy(SCAN, console.root.path().join("inbox/scan.png")).unwrap();
    // The same bytes again, and a run with nothing to do.
    fs::copy(FORM, console.root.path().join("inbox/again.pdf")).unwrap();
    for hour in [11, 12] {
        let run = uketsuke(console.root.path(), &["run", "-q", "--now", &format!("2026-04-08T{hour}:00:00+09:00")]).output().unwrap();
        assert!(matches!(run.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&run.stderr));
    }
    let [documents, more_seconds, pages] = figures();
    assert!(documents == 2.0 && more_seconds > seconds && pages == 1.0, "{documents} {more_seconds} {pages}");
}

#[test]
fn who_guesses_passwords_is_braked() {
    let console = Console::open("");
    for _ in 0..5 {
        assert_eq!(console.log_in("manager", "a wrong password").status, 401);
    }
    assert_eq!(console.log_in("manager", PASSWORD).status, 429, "even with the right one");
    assert_eq!(console.log_in("clerk", PASSWORD).status, 429, "and the address with any name");
}

#[test]
fn many_guesses_at_once_are_as_many_guesses() {
    let console = Console::open("");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..40).map(|_| scope.spawn(|| console.log_in("manager", "a wrong password").status)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let count = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((count(401), count(429)), (5, 35), "{answers:?}");
}

#[test]
fn who_guesses_behind_the_proxy_locks_out_nobody_else() {
    let console = Console::open("[console]\nproxy = \"127.0.0.1\"\n");
    for _ in 0..5 {
        assert_eq!(console.log_in("manager", "a wrong password").status, 401);
    }
    assert_eq!(console.log_in("manager", PASSWORD).status, 429);
    assert_eq!(console.log_in("clerk", PASSWORD).status, 303);
}

#[test]
fn a_page_that_nobody_looks_at_keeps_nobody_logged_in() {
    let console = Console::open("[console]\nidle = \"6s\"\n");
    let cookie = console.cookie("clerk");
    let by_itself = format!("{cookie}X-Uketsuke-By-Itself: 1\r\n");
    let mut page = TcpStream::connect(&console.address).unwrap();
    page.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(page, "GET /live HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}\r\n", console.address).unwrap();
    let asked = Instant::now();
    loop {
        let answer = console.ask("GET", "/", &by_itself, "");
        if answer.status == 303 {
            assert_eq!(answer.header("location"), Some("/login"));
            break;
        }
        assert!(answer.status == 200 && asked.elapsed() < Duration::from_secs(60), "{}", answer.head);
        std::thread::sleep(Duration::from_millis(500));
    }
    let mut news = Vec::new();
    page.read_to_end(&mut news).expect("the stream ends with its session");
    assert!(String::from_utf8_lossy(&news).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_form_counts_only_with_the_token_of_its_own_page() {
    let console = Console::open("");
    let [mine, theirs] = ["manager", "other"].map(|name| console.cookie(name));
    let before = console.history().len();
    let token = console.ask("GET", CASE, &mine, "").token();
    for (cookie, token) in [(&mine, ""), (&mine, "0".repeat(32).as_str()), (&theirs, token.as_str())] {
        assert_eq!(console.note(cookie, token).status, 403);
    }
    assert_eq!(console.history().len(), before, "nothing was written");
    assert_eq!(console.note(&mine, &token).status, 303);
    assert!(console.history().iter().any(|event| event["by"] == "manager" && event["body"]["note"] == "覚え"));
}

#[test]
fn each_role_does_what_is_its_own() {
    let console = Console::open("");
    let [clerk, auditor, manager] = ["clerk", "auditor", "manager"].map(|name| console.cookie(name));
    assert_eq!(console.deed(&clerk, "withdrawn").status, 403);
    assert_eq!(console.ask("GET", "/audit", &clerk, "").status, 403);
    let token = console.ask("GET", "/audit", &auditor, "").token();
    assert_eq!(console.note(&auditor, &token).status, 403, "an auditor changes nothing");
    assert!(console.ask("GET", "/audit", &auditor, "").body.contains("TH-2026-0001"));
    assert_ne!(console.state(), "S99_WITHDRAWN");
    let refused = console.deed(&manager, "mms-approved");
    assert!(refused.status == 422 && refused.body.contains("記録できませんでした"), "the flow decides: {}", refused.head);
    assert!(refused.body.contains("記録されていない備考: x"), "{}", refused.body);
    assert_eq!(console.ask("GET", &format!("{CASE}/deed"), &manager, "").status, 200, "and its address can be opened again");
    let done = console.deed(&manager, "withdrawn");
    assert!(done.header("location").unwrap().contains("said=recorded"), "{}", done.head);
    assert!(console.history().iter().any(|event| event["by"] == "manager" && event["body"]["what"] == "withdrawn"));
}

#[test]
fn a_disabled_account_is_out_at_the_door() {
    let console = Console::open("");
    assert!(uketsuke(console.root.path(), &["account", "disable", "clerk"]).status().unwrap().success());
    assert_eq!(console.log_in("clerk", PASSWORD).status, 401);
    assert_eq!(
        uketsuke(console.root.path(), &["account", "add", "manager", "--role", "clerk", "--password-file", "uketsuke.toml"])
            .status()
            .unwrap()
            .code(),
        Some(1),
        "an empty password"
    );
    let ledger = fs::read(console.root.path().join("state/ledger.sqlite")).unwrap();
    let wal = fs::read(console.root.path().join("state/ledger.sqlite-wal")).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&[ledger, wal].concat()).contains(PASSWORD));
}

#[test]
fn a_trusted_proxy_names_who_it_let_in() {
    let console = Console::open("[console]\nproxy = \"127.0.0.1\"\nproxy_header = \"x-remote-user\"\n");
    let in_by_proxy = console.ask("GET", CASE, "X-Remote-User: clerk\r\n", "");
    let cookie = format!("Cookie: {}\r\n", in_by_proxy.header("set-cookie").unwrap().split(';').next().unwrap());
    let page = console.ask("GET", CASE, &cookie, "");
    assert!(page.status == 200 && page.body.contains("clerk"));
    assert_eq!(console.ask("GET", CASE, "X-Remote-User: nobody\r\n", "").status, 403);
    assert!(in_by_proxy.header("set-cookie").unwrap().ends_with("; Secure"), "the way to the proxy is TLS");
    let language = |protocol: &str| console.ask("GET", "/language/en", &format!("X-Forwarded-Proto: {protocol}\r\n"), "");
    for (protocol, secure) in [("https", true), ("https, http", true), ("http", false), ("HTTP, https", false)] {
        assert_eq!(language(protocol).header("set-cookie").unwrap().ends_with("; Secure"), secure, "{protocol}");
    }
    let elsewhere = Console::open("[console]\nproxy = \"127.0.0.2\"\nproxy_header = \"x-remote-user\"\n");
    assert_eq!(elsewhere.ask("GET", CASE, "X-Remote-User: clerk\r\n", "").header("location"), Some("/login"));
    let said = elsewhere.ask("GET", "/language/en", "X-Forwarded-Proto: https\r\n", "");
    assert!(!said.header("set-cookie").unwrap().contains("Secure"), "believed from nobody else");
}

#[test]
fn what_is_handed_out_is_the_cases_own_and_never_shown_by_the_browser() {
    let console = Console::open("");
    let cookie = console.cookie("clerk");
    let page = console.ask("GET", CASE, &cookie, "");
    let link = page.body.split("/original/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let original = console.ask("GET", &format!("{CASE}/original/{link}"), &cookie, "");
    assert_eq!((original.status, original.header("content-type")), (200, Some("application/octet-stream")));
    assert!(original.header("content-disposition").unwrap().starts_with("attachment"));
    for path in [
        format!("{CASE}/original/{}", "0".repeat(64)),
        format!("{CASE}/original/..%2f..%2fledger.sqlite"),
        "/case/..%2f/file/0".to_owned(),
        format!("{CASE}/file/999"),
    ] {
        assert_eq!(console.ask("GET", &path, &cookie, "").status, 404, "{path}");
    }
    let picture = console.ask("GET", &format!("{CASE}/page/{link}/1"), &cookie, "");
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
}

#[test]
fn a_months_figures_are_at_hand_as_page_workbook_and_csv() {
    let console = Console::open("");
    let cookie = console.cookie("auditor");
    let ask = |path: &str| console.ask("GET", path, &cookie, "");
    let room = ask("/report").body;
    assert!(room.contains("<option selected>2026-04</option>") && room.contains("<option>2026-03</option>"), "{room}");
    for link in ["page", "figures.xlsx", "letters.csv"] {
        assert!(room.contains(&format!("href=\"/report/2026-04/{link}\"")), "{link}: {room}");
    }
    assert!(ask("/report/2026-04/page").body.contains("月次集計"));
    let workbook = ask("/report/2026-04/figures.xlsx");
    assert!(workbook.header("content-disposition").unwrap().contains("2026-04-figures.xlsx") && workbook.body.starts_with("PK"));
    assert!(ask("/report/2026-04/letters.csv").body.contains("受付確認メール"));
    for nothing in ["/report/2026-04/x.csv", "/report/2026-13/page", "/report/2026-04/..%2fpage"] {
        assert_eq!(ask(nothing).status, 404, "{nothing}");
    }
}

#[test]
fn what_the_console_says_by_itself_is_in_the_visitors_language() {
    let console = Console::open("");
    fs::write(console.root.path().join("inbox/memo.csv"), "覚え書き\n").unwrap();
    let run = uketsuke(console.root.path(), &["run", "-q", "--now", "2026-04-08T11:00:00+09:00"]).status().unwrap();
    assert_eq!(run.code(), Some(2));
    let mine = console.cookie("auditor");
    let english = mine.replace("\r\n", "; uketsuke_language=en\r\n");
    for (cookie, words) in [(&mine, ["案件不明", "要補正", "受付担当"]), (&english, ["no case found", "asked for", "clerk"])] {
        for (path, word) in ["/", CASE, "/audit"].into_iter().zip(words) {
            let body = console.ask("GET", path, cookie, "").body;
            assert!(body.contains(word), "{path} does not say {word}: {body}");
        }
    }
}

#[test]
fn what_is_refused_is_said_in_the_visitors_language_and_nothing_typed_is_lost() {
    let console = Console::open("");
    std::os::unix::fs::symlink("/nowhere", console.root.path().join("inbox/link.pdf")).unwrap();
    let mine = console.cookie("manager");
    let english = mine.replace("\r\n", "; uketsuke_language=en\r\n");
    let note = "x".repeat(2_001);
    for (cookie, words) in
        [(&mine, ["通常のファイルではありません", "備考は2000字までです"]), (&english, ["is no plain file", "is too long"])]
    {
        let inbox = console.ask("GET", "/inbox", cookie, "").body;
        assert!(inbox.contains(words[0]), "{inbox}");
        let token = console.ask("GET", CASE, cookie, "").token();
        let refused = console.ask("POST", &format!("{CASE}/deed"), cookie, &format!("token={token}&event=note&note={note}"));
        assert!(refused.status == 422 && refused.body.contains(words[1]), "{}: {}", refused.head, refused.body);
        assert!(refused.body.contains(&format!("name=\"note\" value=\"{note}\"")), "{}", refused.body);
        assert_eq!(cookie == &mine, !refused.body.contains("is too long"), "one language");
    }
}

#[test]
fn what_people_wrote_is_found_and_nothing_else() {
    let console = Console::open("");
    let cookie = console.cookie("auditor");
    let finds = |words: &str| console.ask("GET", &format!("/search?q={words}"), &cookie, "").body.contains("href=\"/case/TH-2026-0001\"");
    for words in ["%E9%B3%B4%E7%80%AC", "2360376066429", "FORM.PDF", "th-2026-0001", "A-009", "%EF%BC%92%EF%BC%93%EF%BC%96%EF%BC%90"] {
        assert!(finds(words), "{words}");
    }
    for words in ["%E9%B3%B4%E7%80%AC+2360376066429", "%E9%B3%B4%20%E7%80%AC%E3%80%80th20260001", "2360-3760-66429"] {
        assert!(finds(words), "all of it stands there, spaced or dashed otherwise: {words}");
    }
    assert!(!finds("%E9%B3%B4%E7%80%AC+nowhere"), "one word stands nowhere");
    for words in ["confidence", "false", "1459", "application_form", "needs_review", "%25", "%22"] {
        assert!(!finds(words), "{words}");
    }
}

/// Elements whose words are official Japanese: letters, sentences of findings, the name of the house.
fn without_japanese_elements(page: &str) -> String {
    let mut rest = page.to_owned();
    while let Some(at) = rest.find(" lang=\"ja\"") {
        let open = rest[..at].rfind('<').unwrap();
        let name = rest[open + 1..].split([' ', '>']).next().unwrap().to_owned();
        let close = format!("</{name}>");
        let end = open + rest[open..].find(&close).unwrap() + close.len();
        rest.replace_range(open..end, "");
    }
    rest
}

/// Every name of a state, step, event, deadline, flow, document or letter, in Japanese.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for entry in walkdir::WalkDir::new("templates/mms-usage").into_iter().map(Result::unwrap) {
        let path = entry.path();
        let folder = ["flows", "forms", "notices"].iter().any(|folder| path.components().any(|part| part.as_os_str() == *folder));
        if folder && path.extension().is_some_and(|end| end == "toml") {
            let text = fs::read_to_string(path).unwrap();
            let named = text.lines().filter_map(|line| line.strip_prefix("name = ").or_else(|| line.strip_prefix("title = ")));
            names.extend(named.map(|name| name.trim_matches('"').to_owned()));
        }
    }
    names
}

#[test]
fn english_pages_name_nothing_in_japanese() {
    let console = Console::open("[desk]\ndrafts = [\"deficiency_notice\"]\n");
    let run = uketsuke(console.root.path(), &["run", "-q", "--now", "2026-04-10T10:00:00+09:00"]).status().unwrap();
    assert_eq!(run.code(), Some(2), "a draft waits");
    let mine = console.cookie("manager");
    let english = mine.replace("\r\n", "; uketsuke_language=en\r\n");
    let names = names();
    let defects = fs::read_to_string("templates/mms-usage/defects.toml").unwrap();
    assert!(names.len() > 80 && names.iter().any(|name| name == "利用申込受付"), "{names:?}");
    for path in [
        "/",
        "/?show=all",
        CASE,
        "/case/TH-2026-0001/review",
        "/case/TH-2026-0001/review?of=application_form",
        "/inbox",
        "/search?q=TH-2026",
        "/audit",
        "/report",
        "/report/2026-04/page",
    ] {
        let [there, here] = [&mine, &english].map(|cookie| console.ask("GET", path, cookie, "").body);
        let here = without_japanese_elements(&here);
        assert!(here.contains("<html lang=\"en\""), "{path}: {here}");
        // What a finding is about may name a sheet as it is called; the subject of a letter stands in the history as it was written.
        let here = defects
            .lines()
            .filter_map(|line| line.strip_prefix("what = "))
            .fold(here, |page, what| page.replace(what.trim_matches('"'), ""));
        let told = here.lines().filter(|line| !line.contains("Written: "));
        let wrong: Vec<&str> = told.flat_map(|line| names.iter().filter(|name| line.contains(name.as_str())).map(String::as_str)).collect();
        assert!(wrong.is_empty(), "{path}: {wrong:?} in {here}");
        if ["/", CASE, "/report/2026-04/page"].contains(&path) {
            assert!(names.iter().any(|name| there.contains(name)), "{path} names nothing in Japanese either");
        }
    }
    for (file, words) in [
        ("stays.csv", ["Median (days)", "Application returned, awaiting correction"]),
        ("letters.csv", ["Letter", "Acknowledgement of receipt (mail)"]),
    ] {
        let table = console.ask("GET", &format!("/report/2026-04/{file}"), &english, "").body;
        assert!(words.iter().all(|word| table.contains(word)), "{file}: {table}");
    }
}

#[test]
fn a_desk_without_accounts_says_so_in_the_language_of_the_page() {
    let root = tempfile::tempdir().unwrap();
    assert!(uketsuke(root.path(), &["init", "desk"]).output().unwrap().status.success());
    let desk = root.path().join("desk");
    assert!(uketsuke(&desk, &["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]).output().unwrap().status.success());
    let settings = fs::read_to_string(desk.join("uketsuke.toml")).unwrap();
    let (serve, address) = serve(&desk, &settings, "2026-04-10T12:00:00+09:00");
    let console = Console { root, serve, address: address.trim_start_matches("http://").to_owned() };
    for (cookie, word) in [("", "アカウントがまだありません"), ("Cookie: uketsuke_language=en\r\n", "there is no account yet")]
    {
        let answer = console.ask("POST", "/login", cookie, "name=x&password=y");
        assert!(answer.status == 503 && answer.body.contains(word), "{}", answer.body);
    }
}

#[test]
fn the_console_ends_though_a_page_is_open_somewhere() {
    let mut console = Console::open("");
    let cookie = console.cookie("clerk");
    let mut page = TcpStream::connect(&console.address).unwrap();
    write!(page, "GET /live HTTP/1.1\r\nHost: {}\r\n{cookie}\r\n", console.address).unwrap();
    let mut begun = [0; 12];
    page.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    assert!(Command::new("kill").args(["-TERM", &console.serve.0.id().to_string()]).status().unwrap().success());
    let asked = Instant::now();
    while console.serve.0.try_wait().unwrap().is_none() {
        assert!(asked.elapsed() < Duration::from_secs(60), "it waits for that page");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_draft_stays_in_the_house_until_another_person_releases_it() {
    let console = Console::open("[console]\nfour_eyes = true\n[desk]\ndrafts = [\"deficiency_notice\"]\n");
    // The day after, what is missing is asked for: as a draft.
    let run = uketsuke(console.root.path(), &["run", "--json", "--now", "2026-04-10T10:00:00+09:00"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "a draft waits for a person: {}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(serde_json::from_slice::<Json>(&run.stdout).unwrap()["drafts"], 1);
    let letter = console.root.path().join("outbox/TH-2026-0001/deficiency_notice-1.eml");
    assert!(!letter.exists(), "a draft does not leave");
    let proof = uketsuke(console.root.path(), &["verify", "-q"]).output().unwrap();
    assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stdout));
    let [one, other, clerk] = ["manager", "other", "clerk"].map(|name| console.cookie(name));
    assert!(console.ask("GET", "/?show=draft", &one, "").body.contains("href=\"/case/TH-2026-0001\""));
    let page = console.ask("GET", CASE, &one, "").body;
    let key = page.split("name=\"set.letter\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap().to_owned();
    let release = |cookie: &str, key: &str| {
        let token = console.ask("GET", CASE, cookie, "").token();
        console.ask("POST", &format!("{CASE}/deed"), cookie, &format!("token={token}&event=letter-released&set.letter={key}"))
    };
    assert_eq!(release(&clerk, &key).status, 403);
    assert!(release(&one, "no-such-letter").header("location").unwrap().contains("said=refused"));
    // Who worked on the case last does not release it.
    let token = console.ask("GET", CASE, &one, "").token();
    assert_eq!(console.note(&one, &token).status, 303);
    assert!(release(&one, &key).header("location").unwrap().contains("said=four_eyes"));
    assert!(!letter.exists());
    assert!(release(&other, &key).header("location").unwrap().contains("said=recorded"));
    assert!(letter.exists(), "released, and out at once");
    assert!(release(&one, &key).header("location").unwrap().contains("said=refused"), "once");
    let proof = uketsuke(console.root.path(), &["verify", "-q"]).output().unwrap();
    assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stdout));
}

#[test]
fn a_draft_that_its_case_has_overtaken_is_dropped_and_not_released() {
    let console = Console::open("[desk]\ndrafts = [\"deficiency_notice\"]\n");
    let again = [&fs::read(FORM).unwrap()[..], b"\n"].concat();
    for (hour, file) in [("10", None), ("11", Some(again))] {
        file.into_iter().for_each(|bytes| fs::write(console.root.path().join("inbox/again.pdf"), bytes).unwrap());
        let now = format!("2026-04-10T{hour}:00:00+09:00");
        assert_eq!(uketsuke(console.root.path(), &["run", "-q", "--now", &now]).status().unwrap().code(), Some(2));
    }
    let cookie = console.cookie("manager");
    let page = console.ask("GET", CASE, &cookie, "").body;
    assert!(page.contains("古くなった下書きです。") && page.contains("value=\"letter-dropped\""), "{page}");
    let key = page.split("name=\"set.letter\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let token = console.ask("GET", CASE, &cookie, "").token();
    let form = format!("token={token}&event=letter-dropped&set.letter={key}");
    let dropped = console.ask("POST", &format!("{CASE}/deed"), &cookie, &form);
    assert!(dropped.header("location").unwrap().contains("said=recorded"), "{}", dropped.head);
    assert!(console.ask("GET", CASE, &cookie, "").body.contains(">発出せず</span>"));
    assert!(!console.root.path().join("outbox/TH-2026-0001/deficiency_notice-1.eml").exists());
}

#[test]
fn mails_of_words_stand_in_one_list_and_are_settled_one_by_one() {
    const LISTED: &str = "<a class=\"open\" href=\"/case/TH-2026-0001\">";
    let console = Console::open("");
    for (n, words) in ["証明書はいつ頃届きますか。", "担当者が変わりました。"].into_iter().enumerate() {
        let mail = format!("From: a@example.jp\nSubject: TH-2026-0001\nDate: Thu, 9 Apr 2026 09:0{n}:00 +0900\n\n{words}\n");
        fs::write(console.root.path().join(format!("inbox/{n}.eml")), mail).unwrap();
    }
    let run = uketsuke(console.root.path(), &["run", "--json", "--now", "2026-04-09T10:00:00+09:00"]).output().unwrap();
    assert_eq!((run.status.code(), &serde_json::from_slice::<Json>(&run.stdout).unwrap()["unread"]), (Some(2), &1.into()));
    let cookie = console.cookie("clerk");
    for left in [1, 0] {
        let page = console.ask("GET", CASE, &cookie, "");
        assert!(console.ask("GET", "/?show=unread", &cookie, "").body.contains(LISTED), "{}", page.body);
        let form = page.body.split("name=\"code\" value=\"M-013\"").nth(1).unwrap();
        let value = |name: &str| form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let (paper, seq, token) = (value("set.paper"), value("seq"), page.token());
        let deed = format!("token={token}&event=finding-settled&code=M-013&set.document=inbound_mail&set.paper={paper}&seq={seq}");
        assert!(console.ask("POST", &format!("{CASE}/deed"), &cookie, &deed).header("location").unwrap().contains("said=recorded"));
        assert_eq!(console.ask("GET", CASE, &cookie, "").body.matches("name=\"code\" value=\"M-013\"").count(), left);
    }
    assert!(!console.ask("GET", "/?show=unread", &cookie, "").body.contains(LISTED));
}
