//! What is refused of `[desk]` and of the environment: settings with which letters would go out wrong, or not at all.
//!
//! Owns these refusals. Never knows the catalogue: whether there is such an area, it says itself.

use crate::config::DeskSettings;
use crate::domain::pattern::compiled;
use crate::domain::text;
use crate::fault::Fault;

/// Variables that the program reads.
const VARIABLES: &[&str] = &[
    "UKETSUKE_CONFIG",
    "UKETSUKE_INBOX",
    "UKETSUKE_OUTBOX",
    "UKETSUKE_STATE",
    "UKETSUKE_TEMPLATES",
    "UKETSUKE_SEALING_KEY",
    "UKETSUKE_JOBS",
    "UKETSUKE_LOG",
    "UKETSUKE_SMTP_PASSWORD",
    "UKETSUKE_IMAP_PASSWORD",
];
/// Those of tests, in builds for them alone.
const OF_TESTS: &[&str] =
    &["UKETSUKE_STEPS", "UKETSUKE_LOSE", "UKETSUKE_DIE_AT", "UKETSUKE_FAIL_AT", "UKETSUKE_PAGES", "UKETSUKE_SWEEP", "UKETSUKE_TRIAL"];
/// What Kubernetes and Docker set of themselves beside a service of this name, and Cargo for what it runs.
const OF_OTHERS: &[&str] = &["UKETSUKE_SERVICE_", "UKETSUKE_PORT", "UKETSUKE_BASIS"];

/// A misspelt variable would leave its setting as it was, unseen.
pub fn refuse_unknown_variables(names: impl IntoIterator<Item = String>) -> Result<(), Fault> {
    let of_tests = if cfg!(any(debug_assertions, feature = "faults")) { OF_TESTS } else { &[] };
    let is_known =
        |name: &str| VARIABLES.iter().chain(of_tests).any(|known| name == *known) || OF_OTHERS.iter().any(|begin| name.starts_with(begin));
    let unknown = names.into_iter().filter(|name| name.starts_with("UKETSUKE_")).find(|name| !is_known(name));
    let Some(name) = unknown else { return Ok(()) };
    let nearest = VARIABLES.iter().min_by_key(|known| text::distance(known, &name, name.len())).copied().unwrap_or_default();
    Err(Fault::lasting(name, "is no variable of this program", format!("did you mean {nearest}? There are {}", VARIABLES.join(", "))))
}

impl DeskSettings {
    pub(super) fn check(&self) -> Result<(), Fault> {
        let wrong = |key: &str, what: String, hint: &str| Err(Fault::lasting(format!("[desk] {key}"), what, hint));
        if self.tso.trim().is_empty() {
            return wrong("tso", "is blank".to_owned(), "give the name of the operator, as applications must address it");
        }
        // Numbers of cases are known by this form in mails and on sheets, and are names of folders.
        if !compiled("^[A-Z]{2}$").is_some_and(|two_capitals| two_capitals.is_match(&self.prefix)) {
            return wrong("prefix", format!("{:?} begins no case number", self.prefix), "give two capital letters, such as \"TH\"");
        }
        if self.email.parse::<lettre::Address>().is_err() {
            return wrong("email", format!("{:?} is no mail address", self.email), "give the address that letters come from");
        }
        if !(0..=24).contains(&self.cut_off_hour) {
            return wrong("cut_off_hour", format!("{} is no hour", self.cut_off_hour), "give a whole number from 0 to 24, such as 17");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_that_would_write_wrong_letters_is_refused() {
        let checked = |text: &str| toml::from_str::<DeskSettings>(text).unwrap().check();
        for (text, key) in [
            ("tso = \" \"", "tso"),
            ("prefix = \"\"", "prefix"),
            ("prefix = \"../x\"", "prefix"),
            ("prefix = \"T1\"", "prefix"),
            ("email = \"xx\"", "email"),
            ("email = \"a@b c\"", "email"),
            ("cut_off_hour = 25", "cut_off_hour"),
            ("cut_off_hour = -1", "cut_off_hour"),
        ] {
            assert_eq!(checked(text).unwrap_err().place, format!("[desk] {key}"), "{text}");
        }
        for text in ["", "tso = \"某送配電株式会社\"\nprefix = \"KS\"\nemail = \"desk@example.org\"\ncut_off_hour = 24"] {
            checked(text).unwrap();
        }
    }

    #[test]
    fn a_misspelt_variable_is_refused_with_the_nearest_that_exists() {
        let refused = |name: &str| refuse_unknown_variables(["HOME".to_owned(), name.to_owned()]).err();
        for known in VARIABLES.iter().chain(&["UKETSUKE_SERVICE_HOST", "UKETSUKE_PORT_8642_TCP", "uketsuke_inbox", "PATH"]) {
            assert_eq!(refused(known), None, "{known}");
        }
        for (name, nearest) in
            [("UKETSUKE_INBOKS", "UKETSUKE_INBOX"), ("UKETSUKE_OUT_BOX", "UKETSUKE_OUTBOX"), ("UKETSUKE_KONFIG", "UKETSUKE_CONFIG")]
        {
            let fault = refused(name).unwrap();
            assert!(fault.place == name && fault.hint.starts_with(&format!("did you mean {nearest}?")), "{fault}");
        }
    }
}
