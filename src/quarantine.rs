//! The note beside a file that the desk could not take.
//!
//! Owns its words, in Japanese and in English. Never moves or opens that file.

use crate::domain::date::Moment;
use crate::domain::finding::Finding;
use crate::fault::{Fault, Sort};
use crate::files::{self, Mode};
use crate::reading::names;
use std::path::{Path, PathBuf};

/// Why a file was set aside.
pub enum Reason<'a> {
    /// The machine failed on it.
    Fault(&'a Fault),
    /// The paper is wrong.
    Findings(&'a [Finding]),
}

/// Writes the note beside a file in quarantine and says where. A note that stands there already is left as it is:
/// the first reason is the one that set the file aside.
pub fn write_note(beside: &Path, file: &str, at: Moment, reason: &Reason<'_>) -> Result<PathBuf, Fault> {
    let mut path = beside.as_os_str().to_owned();
    path.push(".note.txt");
    let path = PathBuf::from(path);
    if !path.is_file() {
        files::write_whole(&path, note(file, at, reason).as_bytes(), Mode::Private)?;
    }
    Ok(path)
}

/// The text of the note: what is wrong, where, and what to do.
pub fn note(file: &str, at: Moment, reason: &Reason<'_>) -> String {
    let file = on_one_line(file);
    let (wrong, what) = match reason {
        Reason::Fault(fault) => faulty(fault),
        Reason::Findings(findings) => found(findings),
    };
    format!(
        "隔離されたファイルについて\n\n\
         ファイル: {file}\n日時: {at}\n\n\
         このファイルは処理できなかったため、隔離しました。元のファイルは、この説明書の隣にそのまま保管しています。\n\n\
         ■ 問題\n{}\n■ 対応\n{}\n\
         ----------------------------------------------------------------\n\n\
         About a file in quarantine\n\n\
         File: {file}\nTime: {at}\n\n\
         This file could not be processed and was set aside. The original lies unchanged beside this note.\n\n\
         What is wrong\n{}\nWhat to do\n{}",
        wrong.japanese, what.japanese, wrong.english, what.english
    )
}

/// A file name for the quarantine: what a path, a control character or a hidden name could do is taken out, and it leaves
/// room for the ending of its note.
pub fn safe_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let plain = plain.trim_start_matches('.').trim();
    if plain.is_empty() { "file".to_owned() } else { names::shortened(plain) }
}

/// One thing said twice, in lines that end.
#[derive(Default)]
struct Said {
    japanese: String,
    english: String,
}

fn faulty(fault: &Fault) -> (Said, Said) {
    let detail = format!("  {}: {}\n", on_one_line(&fault.place), on_one_line(&fault.what));
    let (japanese, english) = match fault.sort {
        Sort::Transient => {
            ("  一時的な障害です。時間をおいて、ファイルを受付フォルダに入れ直してください。\n", "put the file into the inbox again later")
        }
        Sort::Lasting => (
            "  ファイルを開いて内容をご確認ください。破損している場合は、差出人に再送を依頼してください。\n  \
             正常に開ける場合は、開いて保存し直したものを受付フォルダに入れてください。\n",
            "open the file; if it is damaged, ask the sender for it again, else save it anew and put that into the inbox",
        ),
    };
    (
        Said { japanese: format!("  プログラムがこのファイルの処理に失敗しました。\n{detail}"), english: detail },
        Said { japanese: japanese.to_owned(), english: format!("  {}\n  {english}\n", on_one_line(&fault.hint)) },
    )
}

fn found(findings: &[Finding]) -> (Said, Said) {
    let mut wrong = Said::default();
    let mut what = Said::default();
    for finding in findings {
        wrong.japanese += &format!("  [{}] {}\n", finding.code, on_one_line(&finding.message));
        wrong.english += &format!("  [{}] {}\n", finding.code, english(&finding.code.0).0);
        for (list, line) in [(&mut what.japanese, japanese_advice(&finding.code.0)), (&mut what.english, english(&finding.code.0).1)] {
            let line = format!("  {line}\n");
            if !list.contains(&line) {
                list.push_str(&line);
            }
        }
    }
    (wrong, what)
}

fn japanese_advice(code: &str) -> &'static str {
    match code {
        "M-001" => "ファイルが開けるかを確認し、開けない場合は差出人に再送を依頼してください。",
        "M-002" => "パスワードを差出人に確認し、解除したファイルを受付フォルダに入れてください。",
        "M-003" => "受付できる形式（PDF、Excel、XML、画像、メール、zip）に直したものを受付フォルダに入れてください。",
        "M-005" => "このファイルを開かないでください。所定様式（xlsx）での再送を差出人に依頼してください。",
        "M-007" => "大きすぎるため、分割したものを受付フォルダに入れてください。",
        _ => "内容を確認し、正しい書類を受付フォルダに入れ直してください。",
    }
}

/// What a finding says, and what to do about it.
fn english(code: &str) -> (&'static str, &'static str) {
    match code {
        "M-001" => ("the file does not open or is damaged", "try to open the file; if it fails, ask the sender for it again"),
        "M-002" => ("the file is locked with a password", "ask the sender for the password and put the unlocked file into the inbox"),
        "M-003" => ("files of this type are not accepted", "put it into the inbox as PDF, Excel, XML, picture, mail or zip"),
        "M-005" => ("the file holds macros or is a program", "do not open it; ask the sender for the prescribed form (xlsx)"),
        "M-007" => ("the file is too large", "divide it and put the pieces into the inbox"),
        _ => ("see the Japanese text above", "look at the file and put the right document into the inbox"),
    }
}

/// Names and messages may hold what strangers wrote: no line of theirs may pass for one of ours.
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}') { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::{Code, Severity};

    fn finding(code: &str, message: &str) -> Finding {
        Finding {
            code: Code(code.to_owned()),
            severity: Severity::Ask,
            document: "unknown".to_owned(),
            field: None,
            label: None,
            message: message.to_owned(),
            internal: false,
            place: None,
            record: None,
        }
    }

    fn at() -> Moment {
        "2026-04-08T10:00:00+09:00".parse().unwrap()
    }

    #[test]
    fn a_note_says_what_where_and_what_to_do_in_both_languages() {
        let fault = Fault::lasting("scan.pdf, page 2", "reader stopped", "look at the page");
        let text = note("scan.pdf", at(), &Reason::Fault(&fault));
        for words in ["ファイル: scan.pdf", "page 2", "再送を依頼", "What to do\n  look at the page", "2026-04-08T10:00:00+09:00"]
        {
            assert!(text.contains(words), "{words}:\n{text}");
        }
    }

    #[test]
    fn the_same_advice_is_given_once() {
        let findings = [finding("M-002", "「a」に…"), finding("M-002", "「b」に…"), finding("X-999", "…")];
        let text = note("a.zip", at(), &Reason::Findings(&findings));
        assert_eq!(text.matches("ask the sender for the password").count(), 1, "{text}");
        assert_eq!(text.matches("[M-002]").count(), 4);
    }

    #[test]
    fn the_first_note_stands() {
        let folder = tempfile::tempdir().unwrap();
        let beside = folder.path().join("0a1b");
        let one = Fault::lasting("a", "first", "look");
        let two = Fault::lasting("a", "second", "look");
        let path = write_note(&beside, "a.pdf", at(), &Reason::Fault(&one)).unwrap();
        assert_eq!(write_note(&beside, "a.pdf", at(), &Reason::Fault(&two)), Ok(path.clone()));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("first") && !text.contains("second"));
    }

    #[test]
    fn a_name_cannot_forge_a_line() {
        let text = note("a\n■ 対応\n  run it.pdf", at(), &Reason::Findings(&[finding("M-001", "x")]));
        assert_eq!(text.lines().filter(|line| *line == "■ 対応").count(), 1);
    }
}
