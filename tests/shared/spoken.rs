//! The console, spoken to without a browser: shared by the tests of its doors and of its work.

#[path = "served.rs"]
mod served;

use serde_json::Value as Json;
pub use served::{PASSWORD, Program, add_account, serve, uketsuke};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A form with its text: it opens a case and needs no recognition.
pub const FORM: &str = "tests/accept/samples/forms/form-22.pdf";
pub const CASE: &str = "/case/TH-2026-0001";

pub struct Console {
    pub root: tempfile::TempDir,
    /// Held for its end: not every test asks for it.
    #[allow(dead_code)]
    pub serve: Program,
    pub address: String,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    /// The value of an input of this page.
    pub fn input(&self, name: &str) -> Option<String> {
        Some(self.body.split(&format!("name=\"{name}\" value=\"")).nth(1)?.split('"').next()?.to_owned())
    }

    pub fn token(&self) -> String {
        self.input("token").unwrap_or_else(|| panic!("{}", self.body))
    }
}

impl Console {
    pub fn open(settings: &str) -> Self {
        Console::open_on(FORM, settings)
    }

    /// The console of a desk to which this form came.
    pub fn open_on(form: &str, settings: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("inbox")).unwrap();
        fs::copy(form, root.path().join("inbox/form.pdf")).unwrap();
        let run = uketsuke(root.path(), &["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]).output().unwrap();
        assert!(matches!(run.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&run.stderr));
        for (name, role) in [("manager", "manager"), ("other", "manager"), ("clerk", "clerk"), ("auditor", "auditor")] {
            add_account(root.path(), name, role);
        }
        let (serve, address) = serve(root.path(), settings, "2026-04-10T12:00:00+09:00");
        Console { root, serve, address: address.trim_start_matches("http://").to_owned() }
    }

    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub fn log_in(&self, name: &str, password: &str) -> Answer {
        self.ask("POST", "/login", "", &format!("name={name}&password={}", password.replace(' ', "+")))
    }

    /// A cookie header of somebody who is in.
    pub fn cookie(&self, name: &str) -> String {
        let answer = self.log_in(name, PASSWORD);
        assert_eq!(answer.status, 303, "{}", answer.head);
        format!("Cookie: {}\r\n", answer.header("set-cookie").unwrap().split(';').next().unwrap())
    }

    pub fn note(&self, cookie: &str, token: &str) -> Answer {
        self.ask("POST", &format!("{CASE}/deed"), cookie, &format!("token={token}&event=note&note=%E8%A6%9A%E3%81%88"))
    }

    pub fn history(&self) -> Vec<Json> {
        let show = uketsuke(self.root.path(), &["case", "show", "TH-2026-0001", "--json"]).output().unwrap();
        serde_json::from_slice::<Json>(&show.stdout).unwrap()["history"].as_array().unwrap().clone()
    }
}
