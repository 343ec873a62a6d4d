//! The console in a real browser: log in, review a doubtful value, settle, confirm an operation, see the case move; in
//! both languages, with an accessibility check on every page. Pictures of the pages are left in `target/console`.

#[path = "shared/served.rs"]
mod served;

use fantoccini::key::Key;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use served::{PASSWORD, Program, add_account, serve, uketsuke};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const STORY: &str = "tests/cases/s06-registered-too-early";
/// A scan with values that the program would not bet on.
const DOUBTFUL: &str = "tests/accept/samples/forms/form-04.pdf";
const AXE: &str = "target/axe/package/axe.min.js";

fn run(root: &Path, words: &[&str]) -> String {
    let output = uketsuke(root, words).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn cases(root: &Path) -> Vec<Json> {
    serde_json::from_str(&run(root, &["case", "list", "--json"])).unwrap()
}

/// Something happens, and nobody in the browser did it.
fn note(root: &Path) {
    let words = ["case", "record", "TH-2026-0001", "note", "--by", "太郎", "--note", "電話があった", "-q"];
    run(root, &[&words[..], &["--now", "2026-04-20T12:00:00+09:00"]].concat());
}

/// A case that waits for 否認 in MMS, and one whose form is doubtful in places.
fn desk() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("inbox")).unwrap();
    let inbox = |name: &str| root.path().join("inbox").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(STORY).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    fs::copy(&files[0], inbox("利用申込書.pdf")).unwrap();
    fs::copy(&files[1], inbox("事業者概要.xlsx")).unwrap();
    run(root.path(), &["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]);
    let export = fs::read_to_string(&files[3]).unwrap().replace("@MMS@", cases(root.path())[0]["mms_code"].as_str().unwrap());
    fs::write(inbox("MMSREG.xml"), export).unwrap();
    fs::copy(DOUBTFUL, inbox("申込書（要確認）.pdf")).unwrap();
    run(root.path(), &["run", "-q", "--now", "2026-04-20T11:00:00+09:00"]);
    for (name, role) in [("花子", "manager"), ("太郎", "clerk"), ("監査", "auditor")] {
        add_account(root.path(), name, role);
    }
    root
}

/// The driver of a browser, and its address. `None` where there is none and nobody promised one.
fn driver() -> Option<(Program, String)> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match started {
        Ok(driver) => Some((Program(driver), format!("http://127.0.0.1:{port}"))),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "no browser to test the console with: {error}; run tests/needs");
            eprintln!("NOT TESTED: no chromedriver here ({error}); run tests/needs");
            None
        }
    }
}

async fn browser(driver: &str, profile: &Path) -> Client {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        &format!("--user-data-dir={}", profile.display()),
    ];
    let wanted = json!({ "goog:chromeOptions": { "args": arguments } });
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted.as_object().unwrap().clone());
    for _ in 0..100 {
        if let Ok(client) = builder.connect(driver).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the browser did not start");
}

/// Looks, and the time between two: a page that does not come in a minute does not come.
const PATIENCE: u32 = 300;
const SHORTLY: Duration = Duration::from_millis(200);

struct Visit<'a> {
    client: &'a Client,
    base: &'a str,
}

impl Visit<'_> {
    async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    async fn find(&self, css: &str) -> fantoccini::elements::Element {
        self.client
            .wait()
            .at_most(Duration::from_secs(60))
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// A page may be on its way out while its button is looked for.
    async fn press(&self, css: &str) {
        for _ in 0..PATIENCE {
            if let Ok(()) = self.find(css).await.click().await {
                return;
            }
            tokio::time::sleep(SHORTLY).await;
        }
        panic!("{css} cannot be pressed");
    }

    /// Waits until these words stand there; what stands there then.
    async fn sees(&self, css: &str, words: &[&str]) -> String {
        let mut text = String::new();
        for _ in 0..PATIENCE {
            let script = "const found = document.querySelector(arguments[0]); return found ? found.innerText : null;";
            if let Ok(Json::String(found)) = self.client.execute(script, vec![css.into()]).await {
                text = found;
                if words.iter().all(|word| text.contains(word)) {
                    return text;
                }
            }
            tokio::time::sleep(SHORTLY).await;
        }
        panic!("{css} does not say {words:?}: {text}");
    }

    /// Waits until a script has another answer.
    async fn sees_change(&self, script: &str, before: &Json) {
        for _ in 0..PATIENCE {
            if self.client.execute(script, Vec::new()).await.is_ok_and(|now| now != *before) {
                return;
            }
            tokio::time::sleep(SHORTLY).await;
        }
        panic!("{before} stays");
    }

    /// As if the page came to the front, or went behind another one.
    async fn seen(&self, is_seen: bool) {
        let script = "Object.defineProperty(document, 'hidden', { value: !arguments[0], configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));";
        self.client.execute(script, vec![is_seen.into()]).await.unwrap();
    }

    /// Waits until nothing of this is left.
    async fn sees_no_more(&self, css: &str) {
        for _ in 0..PATIENCE {
            let script = "return document.readyState === 'complete' && document.querySelector(arguments[0]) === null;";
            if let Ok(Json::Bool(true)) = self.client.execute(script, vec![css.into()]).await {
                return;
            }
            tokio::time::sleep(SHORTLY).await;
        }
        panic!("{css} is still there");
    }

    async fn log_in(&self, name: &str, password: &str) {
        self.go("/login").await;
        self.find("#name").await.send_keys(name).await.unwrap();
        self.find("#password").await.send_keys(password).await.unwrap();
        self.press("main button").await;
    }

    /// Leaves a picture, and asks for anything that somebody with other eyes or hands would stumble over.
    async fn look(&self, name: &str) {
        let folder = Path::new("target/console");
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), self.client.screenshot().await.unwrap()).unwrap();
        let Ok(axe) = fs::read_to_string(AXE) else {
            assert!(std::env::var_os("CI").is_none(), "no accessibility checker; run tests/needs");
            return;
        };
        self.client.execute(&axe, Vec::new()).await.unwrap();
        let found = self.client.execute_async("const done = arguments[0]; axe.run().then(done, done);", Vec::new()).await.unwrap();
        let violations = found["violations"].as_array().unwrap_or_else(|| panic!("{name}: {found}"));
        let serious = violations.iter().filter(|one| one["impact"] == "serious" || one["impact"] == "critical");
        let serious: Vec<String> = serious.map(|one| format!("{}: {} {}", one["id"], one["help"], one["nodes"][0]["html"])).collect();
        assert!(serious.is_empty(), "{name}: {serious:#?}");
    }

    async fn language(&self, code: &str) {
        self.press(&format!(".language a[lang={code}]")).await;
        self.client.wait().at_most(Duration::from_secs(30)).for_element(Locator::Css(&format!("html[lang={code}]"))).await.unwrap();
    }
}

#[test]
fn a_clerk_works_through_the_day_in_a_browser() {
    let Some((_driver, driver)) = driver() else { return };
    let root = desk();
    let (_serve, base) = serve(root.path(), "[desk]\ndrafts = [\"additional_request\"]\n", "2026-04-20T12:00:00+09:00");
    let profile = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = browser(&driver, profile.path()).await;
        let visit = Visit { client: &client, base: &base };
        let handle: WindowHandle = client.window().await.unwrap();
        client.switch_to_window(handle).await.unwrap();

        visit.log_in("花子", "a wrong password").await;
        visit.sees("[role=alert]", &["違います"]).await;
        visit.look("login").await;
        visit.log_in("花子", PASSWORD).await;
        visit.sees("main", &["TH-2026-0001", "TH-2026-0002", "要確認"]).await;
        visit.look("today").await;
        // The keyboard alone: down to the first row, and in.
        client.active_element().await.unwrap().send_keys("j").await.unwrap();
        visit.sees("tr.here", &["TH-2026"]).await;

        // What happens is drawn into the list, and the page stays the one it was.
        client.execute("window.same = true;", Vec::new()).await.unwrap();
        let head = "const list = document.querySelector('[data-head]'); return [window.same ?? false, list ? list.dataset.head : ''];";
        let before = client.execute(head, Vec::new()).await.unwrap();
        note(root.path());
        visit.sees_change(head, &before).await;
        assert_eq!(client.execute(head, Vec::new()).await.unwrap()[0], true);

        visit.go("/case/TH-2026-0002").await;
        // A page that nobody sees holds no connection; it tells what happened when it is seen again.
        tokio::time::sleep(Duration::from_secs(3)).await;
        visit.seen(false).await;
        note(root.path());
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert!(client.find(Locator::Css("#news[hidden]")).await.is_ok(), "it still listens");
        visit.seen(true).await;
        visit.find("#news:not([hidden])").await;
        visit.go("/case/TH-2026-0002").await;
        visit.look("case-doubtful").await;
        visit.press("p.call a").await;
        visit.find("fieldset.doubt.lit").await;
        visit.find("svg rect.lit").await;
        visit.look("review").await;
        let doubts = client.find_all(Locator::Css("fieldset.doubt")).await.unwrap().len();
        assert!(doubts > 0);
        // Each is accepted with Enter; the first is put right before.
        let first = visit.find("fieldset.doubt .value").await;
        let read = first.prop("value").await.unwrap().unwrap();
        first.send_keys(&format!("{}{read}（別館）", Key::End)).await.unwrap();
        for _ in 0..doubts {
            client.active_element().await.unwrap().send_keys(&char::from(Key::Enter).to_string()).await.unwrap();
        }
        visit.sees("#count", &[&format!("{doubts} / {doubts}")]).await;
        visit.press(".save button").await;
        visit.sees(".said", &["記録しました"]).await;
        assert!(client.find(Locator::Css("p.call")).await.is_err(), "nothing is doubtful any more");
        visit.sees("main", &["花子", "読み取った値を訂正した"]).await;
        // A value that nobody doubted is put right as well, and it alone.
        visit.press("a[href$='review?of=application_form']").await;
        visit.find("fieldset.doubt.lit").await;
        visit.look("review-all").await;
        let phone = visit.find("input.value[name='value.0']").await;
        phone.send_keys(&format!("{}{}", Key::End, "0")).await.unwrap();
        visit.sees("#count", &["1 / "]).await;
        client.active_element().await.unwrap().send_keys(&format!("{}", Key::Backspace)).await.unwrap();
        visit.sees("#count", &["0 / "]).await;

        visit.go("/case/TH-2026-0001").await;
        visit.look("case").await;
        let before = visit.sees("p.state strong", &[]).await;
        visit.press("button[value=mms-rejected]").await;
        visit.sees(".said", &["記録しました"]).await;
        assert_ne!(visit.sees("p.state strong", &[]).await, before, "the case moved");
        // What is asked of the applicant is a draft until somebody has looked at it.
        let letter = root.path().join("outbox/TH-2026-0001/additional_request-1.eml");
        visit.sees("details.letter[open]", &["下書き"]).await;
        assert!(!letter.exists());
        visit.look("case-draft").await;
        visit.press("button[value=letter-released]").await;
        visit.sees_no_more("button[value=letter-released]").await;
        assert!(letter.exists(), "released, and out");
        visit.press("details.letter summary").await;
        visit.look("case-moved").await;

        visit.language("en").await;
        visit.sees("nav", &["Today"]).await;
        for (page, words) in [
            ("/", "Open"),
            ("/inbox", "Files waiting"),
            ("/search?q=TH-2026-0001", "TH-2026-0001"),
            ("/audit", "花子"),
            ("/report", "New cases"),
            ("/case/TH-2026-0001", "Further data requested"),
            ("/case/TH-2026-0002/review?of=application_form", "application date"),
            ("/report/2026-04/page", "Days in each state"),
        ] {
            visit.go(page).await;
            visit.sees("main", &[words]).await;
            visit.look(&format!("en{}", page.replace(['/', '?', '='], "-"))).await;
        }
        visit.go("/nowhere").await;
        visit.sees("main", &["There is no such page"]).await;
        visit.go("/").await;
        visit.press(".visitor button").await;
        visit.find("#password").await;
        visit.go("/case/TH-2026-0001").await;
        visit.find("#password").await;
        client.close().await.unwrap();
    });
    let all = cases(root.path());
    assert_eq!(all[0]["state"], "S62_ADDITIONAL_REQUESTED");
    let show: Json = serde_json::from_str(&run(root.path(), &["case", "show", "TH-2026-0001", "--json"])).unwrap();
    assert!(show["history"].as_array().unwrap().iter().any(|event| event["by"] == "花子" && event["body"]["what"] == "mms-rejected"));
}
