//! Passwords that people write into mails, kept out of logs and records.

use crate::domain::text;
use regex::Regex;
use std::fmt;
use std::sync::LazyLock;

/// A word that opens an archive. Has no serial form and does not print itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    pub fn new(word: &str) -> Self {
        Secret(word.to_owned())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Words of one mail that are tried at most.
const MOST: usize = 12;
/// Lines after the one that speaks of a password which may hold it.
const LINES_AFTER: usize = 3;

/// What is said of a password; a key or a code is one only of what is shut.
static SPOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)パスワード|パスフレーズ|パスコード|暗証|解凍用|(?:解凍|暗号化?|復号化?|開封|展開|zip)用?の?(?:パス|キー|鍵|コード|key|code)|鍵\s*[:=]|pass\s?w(?:or)?d|passphrase|passcode|(?-u:\b)pass(?-u:\b)|(?-u:\b)pwd?(?-u:\b)",
    )
    .ok()
});
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[!-~]{4,64}").ok());
/// Abc-1234 ←パスワード, Abc-1234がパスワード: what ends so stands before the word that speaks of it.
static POINTED_AT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([!-~]{4,64}?)[\s」』"']*(?:←|<-|⇐|が)[\s(「]*(?:解凍|復号|開封|zip)?$"#).ok());
/// The number of a case is nobody's password.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\[(]?[A-Z]{2}-\d{4}-\d{4}[\])]?$").ok());

/// The words that may be passwords, the likeliest first: what stands behind the word パスワード, or below it, or before it with an arrow.
pub fn candidates(written: &str) -> Vec<Secret> {
    let (Some(spoken), Some(word), Some(pointed_at), Some(number)) = (SPOKEN.as_ref(), WORD.as_ref(), POINTED_AT.as_ref(), NUMBER.as_ref())
    else {
        return Vec::new();
    };
    let lines: Vec<&str> = written.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut found: Vec<Secret> = Vec::new();
    let mut try_word = |hit: &str| {
        const QUOTES: &[char] = &['"', '\'', '`', '(', ')', '[', ']', '<', '>', '{', '}'];
        let bare = hit.trim_start_matches([':', '=', '>']);
        let ended = bare.trim_end_matches([';', ',', '.']);
        for guess in [ended.trim_matches(QUOTES), ended, bare, bare.trim_matches(QUOTES)] {
            let secret = Secret::new(guess);
            let is_word = guess.len() >= 4 && !guess.contains("://") && !spoken.is_match(guess) && !number.is_match(guess);
            if is_word && !found.contains(&secret) && found.len() < MOST {
                found.push(secret);
            }
        }
    };
    for (n, line) in lines.iter().enumerate() {
        // Full-width letters are typed by hand on a Japanese keyboard.
        let plain = text::tidy(line);
        let Some(said) = spoken.find_iter(&plain).last() else { continue };
        let pointed = spoken.find(&plain).and_then(|said| pointed_at.captures(plain.get(..said.start())?)?.get(1));
        pointed.into_iter().for_each(|hit| try_word(hit.as_str()));
        let behind = spoken.find_iter(line).last().and_then(|said| line.get(said.end()..)).unwrap_or_default();
        let below = lines.iter().skip(n + 1).take(LINES_AFTER).flat_map(|line| [(*line).to_owned(), text::tidy(line)]);
        for piece in [behind.to_owned(), plain.get(said.end()..).unwrap_or_default().to_owned()].into_iter().chain(below) {
            word.find_iter(&piece).for_each(|hit| try_word(hit.as_str()));
        }
    }
    found
}

/// The text with everything hidden that may be a password, also one in full-width letters.
pub fn masked(written: &str) -> String {
    let secrets = candidates(written);
    let hidden = |text: String| secrets.iter().fold(text, |text, secret| text.replace(secret.expose(), "●●●"));
    let as_it_is = hidden(written.to_owned());
    let plain = text::tidy(&as_it_is);
    let tidied = hidden(plain.clone());
    if tidied == plain { as_it_is } else { tidied }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        candidates(text).iter().map(|secret| secret.expose().to_owned()).collect()
    }

    #[test]
    fn where_people_write_passwords() {
        for text in [
            "先ほどのファイルのパスワードは Abc-1234 です。",
            "パスワード：Abc-1234",
            "解凍パスワード「Abc-1234」",
            "添付ファイルのパスワードをお知らせします。\n\n　Abc-1234\n\n以上",
            "Password: Abc-1234",
            "PW=Abc-1234",
            "パスワードは以下のとおりです。\r\n------\r\n\"Abc-1234\"\r\n------",
            "パスワード：Ａｂｃ－１２３４",
            "解凍パスは Abc-1234 です。",
            "ＰＷ：Ａｂｃ－１２３４",
            "添付のPWは「Abc-1234」です",
            "passwd: Abc-1234",
            "暗号化キー　Abc-1234",
            "ZIPのキーは Abc-1234 です",
            "ｚｉｐの鍵＝Abc-1234",
            "鍵：Abc-1234",
            "開封用コードは、Abc-1234 となります。",
            "Abc-1234 ←パスワードです",
            "Abc-1234　← 解凍パスワードです",
            "「Abc-1234」がパスワードです。",
            "復号パスワード=Abc-1234;",
            "パスワードは Abc-1234.",
        ] {
            assert!(words(text).iter().any(|word| word == "Abc-1234"), "{text}: {:?}", words(text));
        }
        assert_eq!(words("パスワード：Abc-1234")[0], "Abc-1234", "the likeliest first");
    }

    #[test]
    fn a_mail_that_does_not_speak_of_it_names_none() {
        assert!(words("登録データをお送りします。R1234 a@example.jp").is_empty());
    }

    #[test]
    fn what_is_no_password_is_not_hidden() {
        for subject in [
            "【TH-2026-0012】パスワードのご連絡",
            "パスワード送付の件（受付番号 TH-2026-0012）",
            "ZIPのキーをお送りします [TH-2026-0012]",
            "TH-2026-0012がパスワード付きで届きました",
            "電源等コード：R1234、系統コードは G3167",
            "キーパーソンの変更 K1A7001",
            "鍵ファイルの受領 K1A7001",
            "暗号化したデータの再送 R1234",
        ] {
            assert_eq!(masked(subject), subject);
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert!(!format!("{:?}", candidates("パスワード：Abc-1234")).contains("Abc"));
        assert_eq!(masked("パスワード：Abc-1234"), "パスワード：●●●");
        assert_eq!(masked("ＰＷ：Ａｂｃ－１２３４"), "PW:●●●");
    }
}
