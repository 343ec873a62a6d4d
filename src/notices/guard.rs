//! What must never leave: keys and passphrases ever, in-house sentences and bare codes to an applicant.
//!
//! Owns these refusals. A refusal is a fault of the letter, not a finding about a paper.

use crate::domain::text;
use crate::fault::Fault;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

/// Who will read the letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    Applicant,
    Desk,
    /// One named person of the applicant, in a closed envelope: the only one who may be told a passphrase.
    Post,
}

/// The one secret that a letter by post may be given.
const BY_POST: &str = "passphrase";

/// Names of values that no letter may be given, in whatever place of its data.
const SECRET_NAMES: &[&str] = &["passphrase", "password", "passwd", "private_key", "privatekey", "pkcs12"];

/// The same, where they are a whole word of the name.
const SECRET_WORDS: &[&str] = &["secret", "pin", "p12", "pfx"];

/// Names of bank data; no letter quotes them, findings name the item and not the account.
const BANK_NAMES: &[&str] = &["bank_code", "branch_code", "account_number", "account_type", "account_holder_kana", "account_name_kana"];

pub struct Guard {
    codes: BTreeSet<String>,
    code: Regex,
    bare: Regex,
    quoted: Regex,
    key: Regex,
    store: Regex,
    secret: Regex,
}

impl Guard {
    /// `codes`: the codes of the defect catalogue.
    pub fn new(codes: BTreeSet<String>) -> Result<Self, Fault> {
        let regex = |pattern: &str| Regex::new(pattern).map_err(|error| Fault::lasting("notices", error, "report this as a bug"));
        Ok(Guard {
            codes,
            code: regex(r"\b[A-Z]{1,2}-\d{3}\b")?,
            bare: regex(r"^\W*[A-Z]{1,2}-\d{3}\W*$")?,
            quoted: regex(r"「[^「」]*」|\([^()]*\)")?,
            key: regex(r"(?i)BEGIN [A-Z0-9 ]*PRIVATE KEY|BEGIN PKCS")?,
            store: regex(r"(?i)\.(p12|pfx)\b")?,
            secret: regex(r"(?i)(パスワード|パスフレーズ|暗証番号|秘密鍵|pass ?word|pass ?phrase)\s*[:=]\s*\S")?,
        })
    }

    /// Looks through the data that a letter is made of, printed or not.
    pub fn data(&self, place: &str, data: &Value, reader: Reader) -> Result<(), Fault> {
        match data {
            Value::Object(object) => {
                for (name, value) in object {
                    let low = name.to_lowercase();
                    let word = low.split(|c: char| !c.is_alphanumeric()).any(|word| SECRET_WORDS.contains(&word));
                    let named = word || SECRET_NAMES.iter().any(|secret| low.contains(secret));
                    if named && !(reader == Reader::Post && low == BY_POST) {
                        return Err(refused(place, format!("is given a secret: {name}")));
                    }
                    if BANK_NAMES.contains(&low.as_str()) {
                        return Err(refused(place, format!("is given bank data: {name}")));
                    }
                    if low == "sentence" && value.as_str().is_some_and(|sentence| self.is_bare(sentence)) && reader != Reader::Desk {
                        return Err(refused(place, format!("holds a defect code without a sentence: {value}")));
                    }
                    self.data(place, value, reader)?;
                }
                Ok(())
            }
            Value::Array(list) => list.iter().try_for_each(|value| self.data(place, value, reader)),
            Value::String(value) => self.secrets(place, value, reader),
            _ => Ok(()),
        }
    }

    /// Looks through what the letter says.
    pub fn text(&self, place: &str, words: &str, reader: Reader, never: &[Regex]) -> Result<(), Fault> {
        self.secrets(place, words, reader)?;
        let words = text::tidy(words);
        if let Some(found) = never.iter().find_map(|pattern| pattern.find(&words)) {
            return Err(refused(place, format!("says {:?}, which this kind of notice never says", found.as_str())));
        }
        if reader == Reader::Desk {
            return Ok(());
        }
        if words.chars().filter(|c| !c.is_whitespace()).collect::<String>().contains("社内確認事項") {
            return Err(refused(place, "holds a sentence for the house alone (社内確認事項)"));
        }
        // A file or a value of the applicant's own may look like a code; it stands in quotes or brackets.
        let said = self.quoted.replace_all(&words, "");
        match self.code.find_iter(&said).find(|found| self.codes.contains(found.as_str())) {
            Some(code) => Err(refused(place, format!("names the defect code {}", code.as_str()))),
            None => Ok(()),
        }
    }

    fn is_bare(&self, sentence: &str) -> bool {
        let sentence = text::tidy(sentence);
        sentence.is_empty() || self.bare.is_match(&sentence)
    }

    fn secrets(&self, place: &str, words: &str, reader: Reader) -> Result<(), Fault> {
        let words = text::tidy(words);
        let said = (reader != Reader::Post).then_some(&self.secret);
        let found = [&self.key, &self.store].into_iter().chain(said).find_map(|pattern| pattern.find(&words));
        found.map_or(Ok(()), |found| Err(refused(place, format!("holds a key or a passphrase: {:?}", found.as_str()))))
    }
}

fn refused(place: &str, what: impl std::fmt::Display) -> Fault {
    Fault::lasting(
        place,
        format!("was refused: it {what}"),
        "a member of staff must look at the data of this case before anything goes out",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn guard() -> Guard {
        Guard::new(["A-001", "H-007"].map(str::to_owned).into()).unwrap()
    }

    fn says(words: &str, reader: Reader) -> bool {
        guard().text("letter", words, reader, &[]).is_ok()
    }

    #[test]
    fn in_house_sentences_and_codes_stay_in_the_house() {
        for planted in ["（社内確認事項）", "(社内確認\n事項)", "契約書／締結日：H-007", "[A-001]様式が旧版です", "Ａ－００１", "Ａ-００１"]
        {
            let allowed = says(planted, Reader::Applicant);
            assert_eq!(allowed, planted == "Ａ－００１" && !text::tidy(planted).contains("A-001"), "{planted}");
            assert!(says(planted, Reader::Desk), "{planted}");
        }
    }

    #[test]
    fn an_applicants_own_words_may_look_like_a_code() {
        for own in
            ["「A-001.pdf」が確認できませんでした。", "住所（青葉区一番町 A-001）をご確認ください。", "受付番号：TH-2026-0001", "A-101号室"]
        {
            assert!(says(own, Reader::Applicant), "{own}");
        }
    }

    #[test]
    fn secrets_go_to_nobody() {
        for planted in [
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----",
            "-----BEGIN RSA\nPRIVATE KEY-----",
            "証明書：th-2026-0001.p12",
            "client.PFX を添付します",
            "パスワード：hunter2",
            "パスフレーズ: abc",
            "Password = abc",
        ] {
            assert!(!says(planted, Reader::Applicant) && !says(planted, Reader::Desk), "{planted}");
        }
        assert!(says("※証明書の取得方法およびパスワードは、別途、別の方法でご案内いたします。", Reader::Applicant));
    }

    #[test]
    fn secrets_are_found_in_data_that_no_template_prints() {
        for planted in [
            json!({"users": [{"certificate": {"passphrase": "x"}}]}),
            json!({"Initial_Password": "x"}),
            json!({"certificate": {"p12": "x"}}),
            json!({"a": ["-----BEGIN EC PRIVATE KEY-----"]}),
            json!({"profile": {"account_number": "1234567"}}),
        ] {
            assert!(guard().data("letter", &planted, Reader::Desk).is_err(), "{planted}");
        }
    }

    #[test]
    fn a_closed_envelope_may_say_a_passphrase_and_never_holds_a_key() {
        let guard = guard();
        assert!(says("パスフレーズ: ABCD-EFGH", Reader::Post));
        assert!(guard.data("letter", &json!({"passphrase": "ABCD"}), Reader::Post).is_ok());
        assert!(guard.data("letter", &json!({"passphrase": "ABCD"}), Reader::Applicant).is_err());
        for planted in ["-----BEGIN PRIVATE KEY-----", "K123001.p12", "（社内確認事項）"] {
            assert!(!says(planted, Reader::Post), "{planted}");
        }
        assert!(guard.data("letter", &json!({"private_key": "x"}), Reader::Post).is_err());
    }

    #[test]
    fn an_item_is_never_a_code_alone() {
        for sentence in ["Z-999", "（A-001）", "", " "] {
            let data = json!({"items": [{"sentence": sentence}]});
            assert!(guard().data("letter", &data, Reader::Applicant).is_err(), "{sentence:?}");
        }
        assert!(guard().data("letter", &json!({"items": [{"sentence": "ご確認ください。"}]}), Reader::Applicant).is_ok());
    }

    #[test]
    fn a_kind_has_words_of_its_own_that_it_never_says() {
        let never = [Regex::new("承認済").unwrap(), Regex::new(r"\d{22}").unwrap()];
        for planted in ["承認済です", "承認済みです", "0212345678901234567890"] {
            assert!(guard().text("letter", planted, Reader::Applicant, &never).is_err(), "{planted}");
        }
    }
}
