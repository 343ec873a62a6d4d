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

static SPOKEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)パスワード|ﾊﾟｽﾜｰﾄﾞ|解凍キー|解凍用|暗証|pass\s?word|passphrase|passcode|\bpass\b|\bpwd?\b").ok());
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[!-~]{4,64}").ok());

/// The words that may be passwords, the likeliest first: what stands behind the word パスワード, or below it.
pub fn candidates(written: &str) -> Vec<Secret> {
    let (Some(spoken), Some(word)) = (SPOKEN.as_ref(), WORD.as_ref()) else { return Vec::new() };
    let lines: Vec<&str> = written.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut found: Vec<Secret> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let Some(said) = spoken.find_iter(line).last() else { continue };
        let behind = line.get(said.end()..).unwrap_or_default();
        let below = lines.iter().skip(n + 1).take(LINES_AFTER).copied();
        for piece in std::iter::once(behind).chain(below) {
            // Full-width letters are typed by hand on a Japanese keyboard.
            for spelling in [piece.to_owned(), text::tidy(piece)] {
                for hit in word.find_iter(&spelling) {
                    let bare = hit.as_str().trim_start_matches([':', '=', '>']);
                    let inner = bare.trim_matches(['"', '\'', '`', '(', ')', '[', ']', '<', '>', '{', '}']);
                    for guess in [bare, inner] {
                        let secret = Secret::new(guess);
                        let is_word = guess.len() >= 4 && !guess.contains("://") && !spoken.is_match(guess);
                        if is_word && !found.contains(&secret) && found.len() < MOST {
                            found.push(secret);
                        }
                    }
                }
            }
        }
    }
    found
}

/// The text with everything hidden that may be a password.
pub fn masked(written: &str) -> String {
    candidates(written).iter().fold(written.to_owned(), |text, secret| text.replace(secret.expose(), "●●●"))
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
    fn secrets_are_not_printed() {
        assert!(!format!("{:?}", candidates("パスワード：Abc-1234")).contains("Abc"));
        assert_eq!(masked("パスワード：Abc-1234"), "パスワード：●●●");
    }
}
