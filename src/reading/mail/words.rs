//! What the sender of a mail says himself, and whether a person must read it.
//!
//! Owns the words that are looked for. Never looks at quoted text, which somebody else wrote.

use crate::domain::secret;

/// Characters of a mail that are told of it.
const LONGEST_QUOTE: usize = 60;

/// Beginnings of lines behind which a mail quotes another one.
const QUOTES: &[&str] = &["差出人:", "差出人：", "From:", "________"];
/// Parts of such lines.
const QUOTES_WITHIN: &[&str] = &["Original Message", "元のメッセージ", "Forwarded message"];
/// Ends of such lines.
const QUOTES_AT_END: &[&str] = &["wrote:", "のメール:", "のメール：", "書きました:", "書きました："];

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
    "申込を取消",
    "申込の取消",
    "申込をキャンセル",
    "利用を中止",
    "解約",
    "失効",
];
/// The same of what was handed out; without that they are the words of every footer.
const LOST: &[&str] = &["漏えい", "漏洩", "流出", "紛失", "盗難", "不正利用"];
const HANDED_OUT: &[&str] = &["鍵", "証明書", "パスフレーズ", "パスワード", "ユーザID", "ユーザーID", "USB", "ＩＤ"];
/// What is said of the possible, and of nothing that happened.
const POSSIBLE: &[&str] = &["防止", "対策", "禁じ", "場合", "おそれ", "恐れ", "ご注意", "ことなく", "ないよう"];
/// What begins a signature.
const SIGNATURES: &[&str] = &["-- ", "---", "===", "***", "━━", "──", "＊＊", "＝＝"];

/// Words for a place where a file lies that did not come.
const ELSEWHERE: &[&str] = &["リンク", "ダウンロード", "ファイル便", "ストレージ", "共有フォルダ"];

/// The lines of the sender, without what is quoted.
fn own_lines(body: &str) -> impl Iterator<Item = &str> {
    let is_quote = |line: &str| {
        QUOTES.iter().any(|start| line.trim_start().starts_with(start))
            || QUOTES_WITHIN.iter().any(|words| line.contains(words))
            || QUOTES_AT_END.iter().any(|end| line.trim_end().ends_with(end))
    };
    let is_signature = |line: &str| line.trim_end() == "--" || SIGNATURES.iter().any(|start| line.trim_start().starts_with(start));
    // What stands above a signature is said; a line of signs above all that is said begins none.
    let mut said = false;
    let goes_on = move |line: &&str| {
        let ends = is_quote(line) || said && is_signature(line);
        said |= !line.trim().is_empty() && !is_signature(line);
        !ends
    };
    body.lines().take_while(goes_on).filter(|line| !line.trim_start().starts_with(['>', '＞', '|']))
}

/// Whether the sender says that something is attached; who thanks for an attachment sends none.
pub fn speak_of_attachment(body: &str) -> bool {
    const DENIED: &[&str] = &["添付なし", "添付無し", "添付はありません", "添付はございません", "添付しておりません", "添付できません"];
    const THANKS: &[&str] = &["受領", "拝受", "受け取", "頂戴", "ありがとう", "有難う", "拝見"];
    const GIVEN: &[&str] = &["添付いた", "添付致", "添付し", "添付の上", "添付のうえ", "添付にて"];
    let has = |line: &str, words: &[&str]| words.iter().any(|word| line.contains(word));
    let is_said = |line: &str| line.contains("添付") && !has(line, DENIED) && (has(line, GIVEN) || !has(line, THANKS));
    own_lines(body).any(is_said)
}

/// The first sentence that a person must read: of a withdrawal, of a key that is lost, and where nothing is attached of a file that lies
/// elsewhere.
pub fn grave(subject: &str, body: &str, attached: bool) -> Option<String> {
    let has = |said: &str, words: &[&str]| words.iter().any(|word| said.contains(word));
    let is_grave = |said: &&str| has(said, GRAVE) || has(said, LOST) && has(said, HANDED_OUT);
    let sentences = || std::iter::once(subject).chain(own_lines(body)).flat_map(|line| line.split('。'));
    let links = || own_lines(body).any(|line| has(line, &["http://", "https://"]));
    let elsewhere = || own_lines(body).find(|line| has(line, ELSEWHERE)).filter(|_| !attached && links());
    let found = sentences().find(|said| is_grave(said) && !has(said, POSSIBLE)).or_else(elsewhere)?;
    Some(secret::masked(found.trim()).chars().take(LONGEST_QUOTE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_not_what_the_sender_says() {
        for body in ["添付いたします。", "申込書を添付のうえ送付します。"] {
            assert!(speak_of_attachment(body), "{body}");
        }
        assert!(speak_of_attachment("担当者のメール: b@example.jp に変更します。\n申込書を添付します。"));
        for body in ["> 添付します", "From: b@example.jp\n添付します", "2026年4月1日(水) 花子 wrote:\n添付します", "添付はありません。"]
        {
            assert!(!speak_of_attachment(body), "{body}");
        }
    }

    #[test]
    fn who_thanks_for_an_attachment_sends_none() {
        assert!(!speak_of_attachment("承認通知書（添付ファイル）を受領いたしました。"));
        assert!(speak_of_attachment("先日ご指摘いただいた箇所を修正し、申込書を添付いたします。"));
        assert!(speak_of_attachment("ご連絡ありがとうございます。修正した申込書を添付します。"));
    }

    #[test]
    fn a_withdrawal_a_lost_key_and_a_file_that_lies_elsewhere_are_for_a_person() {
        let word = |subject: &str, body: &str, attached: bool| grave(subject, body, attached);
        assert_eq!(word("ご連絡", "お世話になります。今回の申込は取り下げます。", true).as_deref(), Some("今回の申込は取り下げます"));
        assert_eq!(word("秘密鍵の紛失について", "", false).as_deref(), Some("秘密鍵の紛失について"));
        let link = "補正版は下記リンクから取得してください。\nhttps://example.com/x";
        assert_eq!(
            (word("再送", link, false).as_deref(), word("再送", link, true)),
            (Some("補正版は下記リンクから取得してください。"), None)
        );
        for body in [
            "情報漏洩防止のため、暗号化しています。",
            "よろしくお願いいたします。\n-- \n本メールの漏洩・不正利用を禁じます。",
            "資料を紛失しました。",
        ] {
            assert_eq!(word("登録データ", body, true), None, "{body}");
        }
        let both = "証明書の鍵を紛失しました。再発行の場合の手続きをご教示ください。";
        assert_eq!(word("至急", both, false).as_deref(), Some("証明書の鍵を紛失しました"), "sentence by sentence");
        assert_eq!(word("ご質問", "発行はいつ頃でしょうか。\n> 紛失した場合は\nhttps://mihon.example.jp", false), None);
    }
}
