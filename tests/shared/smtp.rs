//! A mail server on loopback that speaks SMTP and fails where it is told to: shared by the tests of sending and of crashes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Where the server fails.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(dead_code)]
pub enum Fails {
    Nowhere,
    Greeting,
    Hello,
    From,
    To,
    ToForEver,
    Data,
    /// The mail was taken, and the line breaks before the answer.
    AfterData,
    /// The line breaks in the middle of the mail.
    InData,
}

#[derive(Default)]
pub struct Box {
    /// Message-ID and recipient of every mail that was taken.
    pub taken: Vec<(String, String)>,
    pub fails: Option<Fails>,
    /// The server goes with the next one who calls.
    pub closed: bool,
}

/// A server that speaks SMTP on loopback.
pub fn server() -> (u16, Arc<Mutex<Box>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mailbox = Arc::new(Mutex::new(Box::default()));
    let shared = mailbox.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if shared.lock().unwrap().closed {
                break;
            }
            let _ = converse(stream, &shared);
        }
    });
    (port, mailbox)
}

/// For a test that starts many of them.
#[allow(dead_code)]
pub fn close(port: u16, mailbox: &Mutex<Box>) {
    mailbox.lock().unwrap().closed = true;
    let _ = TcpStream::connect(("127.0.0.1", port));
}

pub fn converse(stream: impl Read + Write, mailbox: &Mutex<Box>) -> std::io::Result<()> {
    let fails = mailbox.lock().unwrap().fails.unwrap_or(Fails::Nowhere);
    let mut line = BufReader::new(stream);
    let next = |line: &mut BufReader<_>| -> std::io::Result<Option<String>> {
        let mut text = String::new();
        Ok((line.read_line(&mut text)? > 0).then(|| text.trim_end().to_owned()))
    };
    let say = |line: &mut BufReader<_>, words: &str| -> std::io::Result<()> {
        let out: &mut _ = line.get_mut();
        Write::write_all(out, format!("{words}\r\n").as_bytes())?;
        Write::flush(out)
    };
    if fails == Fails::Greeting {
        return say(&mut line, "421 busy");
    }
    say(&mut line, "220 loopback")?;
    let mut to = String::new();
    while let Some(asked) = next(&mut line)? {
        let verb = asked.get(..4).unwrap_or("").to_ascii_uppercase();
        let answer = match (verb.as_str(), fails) {
            ("EHLO", Fails::Hello) => "421 not now",
            ("EHLO", _) => "250 loopback",
            ("MAIL", Fails::From) => "451 try later",
            ("RCPT", Fails::To) => "450 mailbox busy",
            ("RCPT", Fails::ToForEver) => "550 no such mailbox",
            ("RCPT", _) => {
                to = asked.split(['<', '>']).nth(1).unwrap_or("").to_owned();
                "250 ok"
            }
            ("DATA", Fails::Data) => "452 no room",
            ("DATA", _) => {
                say(&mut line, "354 go on")?;
                let mut id = String::new();
                let mut count = 0;
                while let Some(text) = next(&mut line)? {
                    count += 1;
                    if fails == Fails::InData && count == 4 {
                        return Ok(());
                    }
                    if let Some(found) = text.strip_prefix("Message-ID: ") {
                        id = found.to_owned();
                    }
                    if text == "." {
                        break;
                    }
                }
                mailbox.lock().unwrap().taken.push((id, to.clone()));
                if fails == Fails::AfterData {
                    return Ok(());
                }
                "250 taken"
            }
            ("QUIT", _) => return say(&mut line, "221 bye"),
            _ => "250 ok",
        };
        say(&mut line, answer)?;
    }
    Ok(())
}
