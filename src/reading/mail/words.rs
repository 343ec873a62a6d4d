//! What the sender of a mail says himself, and whether a person must read it.
//!
//! Owns the words that are looked for. Never looks at quoted text, which somebody else wrote.

/// Beginnings of lines behind which a mail quotes another one.
const QUOTES: &[&str] = &["差出人:", "差出人：", "From:", "________"];
/// Parts of such lines.
const QUOTES_WITHIN: &[&str] = &["Original Message", "元のメッセージ", "Forwarded message", "wrote:", "のメール:"];

/// Words upon which the desk must act, though no paper says so.
const GRAVE: &[&str] = &[
    "取下げ",
    "取り下げ",
    "取下願",
    "取りやめ",
    "取り止め",
    "撤回",
    "辞退",
    "申込を中止",
    "申込みを中止",
    "利用を中止",
    "解約",
    "失効",
    "漏えい",
    "漏洩",
    "紛失",
    "盗難",
    "不正利用",
];

/// Words for a place where a file lies that did not come.
const ELSEWHERE: &[&str] = &["リンク", "ダウンロード", "ファイル便", "ストレージ", "共有フォルダ"];

/// The lines of the sender, without what is quoted.
fn own_lines(body: &str) -> impl Iterator<Item = &str> {
    let is_quote = |line: &str| {
        QUOTES.iter().any(|start| line.trim_start().starts_with(start)) || QUOTES_WITHIN.iter().any(|words| line.contains(words))
    };
    body.lines().take_while(move |line| !is_quote(line)).filter(|line| !line.trim_start().starts_with(['>', '＞', '|']))
}

/// Whether the sender says that something is attached; who thanks for an attachment sends none.
pub fn speak_of_attachment(body: &str) -> bool {
    const DENIED: &[&str] = &["添付なし", "添付無し", "添付はありません", "添付はございません", "添付しておりません", "添付できません"];
    const THANKS: &[&str] = &["受領", "拝受", "受け取", "頂戴", "頂いた", "いただいた", "ありがとう", "有難う"];
    let is_said = |line: &str| line.contains("添付") && !DENIED.iter().chain(THANKS).any(|words| line.contains(words));
    own_lines(body).any(is_said)
}

/// The first words that a person must read, as they are written: of a withdrawal, of a key that is lost, and where nothing is attached of a
/// file that lies elsewhere.
pub fn grave(subject: &str, body: &str, attached: bool) -> Option<String> {
    let found = std::iter::once(subject).chain(own_lines(body)).flat_map(|line| GRAVE.iter().find(|word| line.contains(**word))).next();
    let links = || own_lines(body).any(|line| line.contains("http://") || line.contains("https://"));
    let elsewhere = || own_lines(body).flat_map(|line| ELSEWHERE.iter().find(|word| line.contains(**word))).next();
    found.or_else(|| elsewhere().filter(|_| !attached && links())).map(|word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_not_what_the_sender_says() {
        for body in ["添付いたします。", "申込書を添付のうえ送付します。"] {
            assert!(speak_of_attachment(body), "{body}");
        }
        for body in ["> 添付します", "From: b@example.jp\n添付します", "2026年4月1日(水) 花子 wrote:\n添付します", "添付はありません。"]
        {
            assert!(!speak_of_attachment(body), "{body}");
        }
    }

    #[test]
    fn who_thanks_for_an_attachment_sends_none() {
        assert!(!speak_of_attachment("承認通知書（添付ファイル）を受領いたしました。"));
    }

    #[test]
    fn a_withdrawal_a_lost_key_and_a_file_that_lies_elsewhere_are_for_a_person() {
        let word = |subject: &str, body: &str, attached: bool| grave(subject, body, attached);
        assert_eq!(word("ご連絡", "今回の申込は取り下げます。", true).as_deref(), Some("取り下げ"));
        assert_eq!(word("秘密鍵の紛失について", "", false).as_deref(), Some("紛失"));
        let link = "補正版は下記リンクから取得してください。\nhttps://example.com/x";
        assert_eq!((word("再送", link, false).as_deref(), word("再送", link, true)), (Some("リンク"), None));
        assert_eq!(word("ご質問", "発行はいつ頃でしょうか。\n> 紛失した場合は\nhttps://mihon.example.jp", false), None);
    }
}
