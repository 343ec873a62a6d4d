//! Mail that a machine wrote: automatic replies, bounces, newsletters. The desk never answers it.

use crate::reading::mail::header::Head;
use crate::reading::mail::parameter::Structured;

/// Beginnings of subjects, in lower case, that machines write.
const SUBJECTS: &[&str] = &[
    "自動応答",
    "自動返信",
    "自動送信",
    "【自動応答",
    "【自動返信",
    "【自動送信",
    "[自動応答",
    "[自動返信",
    "[自動送信",
    "不在通知",
    "不在応答",
    "【不在",
    "不在:",
    "開封済み",
    "開封確認",
    "既読:",
    "配信不能",
    "配信できません",
    "配達不能",
    "送信エラー",
    "メール配信エラー",
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "out of office",
    "out of the office",
    "vacation",
    "undeliver",
    "delivery status notification",
    "delivery failure",
    "delivery notification",
    "mail delivery fail",
    "mail delivery subsystem",
    "mail system error",
    "returned mail",
    "failure notice",
    "read:",
];

pub fn is_automatic(head: &Head, subject: &str, from: &str) -> bool {
    let submitted = head.word("auto-submitted");
    let submitted = submitted.split([';', ' ']).next().unwrap_or_default();
    let by_field = !matches!(submitted, "" | "no")
        || matches!(head.word("precedence").as_str(), "bulk" | "junk" | "list" | "auto_reply" | "auto-reply")
        || ["x-autoreply", "x-autorespond", "x-auto-reply", "x-failed-recipients"].iter().any(|name| head.raw(name).is_some())
        || head.word("return-path") == "<>";
    let kind = Structured::read(head.raw("content-type").unwrap_or_default());
    let person = from.split('@').next().unwrap_or_default().to_lowercase();
    let subject = crate::domain::text::tidy(subject).to_lowercase();
    by_field
        || kind.main == "multipart/report"
        || matches!(person.as_str(), "mailer-daemon" | "postmaster" | "double-bounce")
        || SUBJECTS.iter().any(|start| subject.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn automatic(fields: &str, subject: &str, from: &str) -> bool {
        is_automatic(&Head::read(fields.as_bytes()).0, subject, from)
    }

    #[test]
    fn machines_are_told_from_people() {
        for fields in [
            "Auto-Submitted: auto-replied",
            "Precedence: bulk",
            "Return-Path: <>",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        ] {
            assert!(automatic(fields, "x", "a@example.jp"), "{fields}");
        }
        assert!(automatic("", "自動応答: 不備のお知らせ", "a@example.jp"));
        assert!(automatic("", "【自動返信】お問い合わせ", "a@example.jp"));
        assert!(automatic("", "Ｏｕｔ ｏｆ Office", "a@example.jp"));
        assert!(automatic("", "x", "MAILER-DAEMON@example.jp"));
        assert!(!automatic("Auto-Submitted: no\nReturn-Path: <a@example.jp>", "Re: 自動応答の設定について", "a@example.jp"));
    }
}
