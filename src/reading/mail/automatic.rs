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
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "out of office",
    "out of the office",
    "vacation",
    "read:",
];

/// The same of mails that could not be delivered.
const RETURNED: &[&str] = &[
    "配信不能",
    "配信できません",
    "配達不能",
    "送信エラー",
    "メール配信エラー",
    "undeliver",
    "delivery status notification (fail",
    "delivery failure",
    "mail delivery fail",
    "mail delivery subsystem",
    "mail system error",
    "returned mail",
    "failure notice",
];

/// The same of other reports about a delivery.
const REPORTS: &[&str] = &["delivery status notification", "delivery notification"];

/// A report that one of the desk's mails did not arrive.
pub fn is_returned(head: &Head, subject: &str, from: &str) -> bool {
    let subject = crate::domain::text::tidy(subject).to_lowercase();
    let is_titled_so = RETURNED.iter().any(|start| subject.starts_with(start));
    // A mail that is merely late is reported by the same servers.
    let is_late = ["delay", "warning", "遅延"].iter().any(|word| subject.contains(word));
    !is_late
        && (head.raw("x-failed-recipients").is_some()
            || is_titled_so && is_automatic(head, &subject, from)
            || is_of_a_server(from) && is_a_report(head))
}

fn is_of_a_server(from: &str) -> bool {
    let person = from.split('@').next().unwrap_or_default().to_lowercase();
    matches!(person.as_str(), "mailer-daemon" | "postmaster" | "double-bounce")
}

fn is_a_report(head: &Head) -> bool {
    let kind = Structured::read(head.raw("content-type").unwrap_or_default());
    kind.main == "multipart/report" && kind.plain("report-type").is_none_or(|about| about.eq_ignore_ascii_case(b"delivery-status"))
}

pub fn is_automatic(head: &Head, subject: &str, from: &str) -> bool {
    let submitted = head.word("auto-submitted");
    let submitted = submitted.split([';', ' ']).next().unwrap_or_default();
    let by_field = !matches!(submitted, "" | "no")
        || matches!(head.word("precedence").as_str(), "bulk" | "junk" | "list" | "auto_reply" | "auto-reply")
        || ["x-autoreply", "x-autorespond", "x-auto-reply", "x-failed-recipients"].iter().any(|name| head.raw(name).is_some())
        || head.word("return-path") == "<>";
    let kind = Structured::read(head.raw("content-type").unwrap_or_default());
    let subject = crate::domain::text::tidy(subject).to_lowercase();
    by_field
        || kind.main == "multipart/report"
        || is_of_a_server(from)
        || SUBJECTS.iter().chain(RETURNED).chain(REPORTS).any(|start| subject.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn automatic(fields: &str, subject: &str, from: &str) -> bool {
        is_automatic(&Head::read(fields.as_bytes()).0, subject, from)
    }

    #[test]
    fn what_did_not_arrive_is_told_from_what_is_late_or_answered() {
        let returned = |fields: &str, subject: &str, from: &str| is_returned(&Head::read(fields.as_bytes()).0, subject, from);
        let report = "Content-Type: multipart/report; report-type=delivery-status; boundary=x";
        assert!(returned(report, "Undelivered Mail Returned to Sender", "MAILER-DAEMON@example.jp"));
        assert!(
            returned("X-Failed-Recipients: a@example.jp", "x", "b@example.jp") && returned("", "配信不能: 不備のお知らせ", "a@example.jp")
        );
        assert!(!returned(report, "Delayed Mail (still being retried)", "MAILER-DAEMON@example.jp"));
        assert!(
            !returned("Auto-Submitted: auto-replied", "不在通知", "a@example.jp") && !returned("", "Re: 配信不能について", "a@example.jp")
        );
        let read = "Content-Type: multipart/report; report-type=disposition-notification; boundary=x";
        assert!(!returned(read, "開封確認", "a@example.jp"));
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
