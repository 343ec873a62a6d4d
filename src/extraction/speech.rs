//! What the sender of a mail says himself, and whether a person must read it.
//!
//! Owns how the words of the catalogue are looked for. Never looks at quoted text, which somebody else wrote.

use crate::domain::document::DocumentSpec;
use crate::domain::finding::{DAMAGED, RETURNED, Remark};
use crate::domain::reading::{Mail, Part};
use crate::domain::secret::{self, Secret};
use crate::domain::speech::{Example, Speech};
use crate::fault::Fault;

/// Characters of a mail that are told of it.
const LONGEST_QUOTE: usize = 60;
/// A name in a sentence has so many characters at least; a clause that says something has more than these.
const SHORTEST_NAME: usize = 2;
const SHORTEST_CLAUSE: usize = 4;
/// Nobody is polite at such length.
const MOST_LINES: usize = 300;
const LONGEST_LINE: usize = 3_000;
/// What ends a clause.
const CLAUSES: [char; 5] = ['。', '、', '，', '！', '!'];

const FORGOTTEN: &str = "M-010";
const GRAVE: &str = "M-011";
const WORDS: &str = "M-013";

/// What is to be said of the words of a mail. `known` is what its reader has said.
pub fn remarks(mail: &Mail, name: &str, known: &[Remark], speech: &Speech) -> Vec<Remark> {
    let is_known = |code: &str| known.iter().any(|remark| remark.code.0 == code);
    if mail.automatic || is_known(RETURNED) {
        return Vec::new();
    }
    let attached = !mail.parts.is_empty();
    let is_forgotten = !attached && !is_known(DAMAGED) && promise_attachment(&mail.body, speech);
    let mut found = if is_forgotten { vec![Remark::new(FORGOTTEN)] } else { Vec::new() };
    let told = |code: &str, said: &str| {
        let said: String = secret::masked(said.trim()).chars().take(LONGEST_QUOTE).collect();
        Remark::new(code).word("file", name).word("value", said)
    };
    let in_words = || if attached { asked(mail, speech) } else { told_in_words(mail, is_forgotten, speech) };
    if let Some(said) = grave(mail, speech) {
        found.push(told(GRAVE, said));
    } else if let Some(said) = in_words() {
        found.push(told(WORDS, said));
    }
    found
}

fn holds(said: &str, words: &[String]) -> bool {
    words.iter().any(|word| said.contains(word.as_str()))
}

fn begins(line: &str, words: &[String]) -> bool {
    words.iter().any(|word| line.starts_with(word.as_str()))
}

fn ends(line: &str, words: &[String]) -> bool {
    words.iter().any(|word| line.ends_with(word.as_str()))
}

/// The lines of the sender, without what is quoted.
fn own_lines<'m>(body: &'m str, speech: &'m Speech) -> impl Iterator<Item = &'m str> {
    let is_quote = |line: &str| {
        begins(line.trim_start(), &speech.quote_begins) || holds(line, &speech.quote_holds) || ends(line.trim_end(), &speech.quote_ends)
    };
    let is_signature = |line: &str| line.trim_end() == "--" || begins(line.trim_start(), &speech.signature);
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
fn promise_attachment(body: &str, speech: &Speech) -> bool {
    let words = &speech.attachment;
    let is_said =
        |line: &str| holds(line, &words.words) && !holds(line, &words.denied) && (holds(line, &words.given) || !holds(line, &words.thanks));
    own_lines(body, speech).any(is_said)
}

/// The first sentence that a person must read: of a withdrawal, of a key that is lost, and where nothing is attached of a file that lies
/// elsewhere.
fn grave<'m>(mail: &'m Mail, speech: &'m Speech) -> Option<&'m str> {
    let words = &speech.grave;
    let is_grave = |said: &&str| holds(said, &words.words) || holds(said, &words.lost) && holds(said, &words.handed_out);
    let lines = || own_lines(&mail.body, speech);
    let mut sentences = mail.subject.as_deref().into_iter().chain(lines()).flat_map(|line| line.split('。'));
    let is_linked = || lines().any(|line| holds(line, &words.links));
    let elsewhere = || lines().find(|line| holds(line, &words.elsewhere)).filter(|_| mail.parts.is_empty() && is_linked());
    sentences.find(|said| is_grave(said) && !holds(said, &words.possible)).or_else(elsewhere)
}

/// The first clause that says something, thanks and names and passwords left aside; beside an attachment that was forgotten, what asks
/// for something. A subject speaks where nothing stands below it.
fn told_in_words<'m>(mail: &'m Mail, forgotten: bool, speech: &'m Speech) -> Option<&'m str> {
    let mut listener = Listener::of(mail, forgotten, speech);
    let mut own = own_lines(&mail.body, speech).filter(|line| line.chars().any(char::is_alphanumeric)).peekable();
    let is_reply = |subject: &str| !mail.answers.is_empty() || begins(subject.trim_start(), &speech.courtesy.replied);
    match own.peek() {
        None => mail.subject.as_deref().filter(|subject| !is_reply(subject) && listener.hears(subject)),
        Some(_) => (0..).zip(own).find_map(|(n, line)| if n < MOST_LINES { heard_in(line, &mut listener) } else { Some(line) }),
    }
}

/// The first sentence that asks what no paper answers, in a mail with papers.
fn asked<'m>(mail: &'m Mail, speech: &'m Speech) -> Option<&'m str> {
    let asks = |said: &&str| holds(said, &speech.question.words) && !holds(said, &speech.question.polite);
    own_lines(&mail.body, speech).take(MOST_LINES).flat_map(|line| line.split_inclusive('。')).find(asks)
}

/// From the first clause of a line that says something to the end of its sentence.
fn heard_in<'m>(line: &'m str, listener: &mut Listener<'m>) -> Option<&'m str> {
    if line.len() > LONGEST_LINE {
        return Some(line);
    }
    let mut at = 0;
    let clause = line.split_inclusive(CLAUSES).find(|clause| {
        let hears = listener.hears(clause);
        at += if hears { 0 } else { clause.len() };
        hears
    })?;
    Some(line.get(at..).and_then(|rest| rest.split_inclusive('。').next()).unwrap_or(clause))
}

/// Somebody who listens to a mail clause by clause.
struct Listener<'m> {
    speech: &'m Speech,
    /// Parts of the sender's name.
    names: Vec<&'m str>,
    secrets: Vec<Secret>,
    /// An attachment was promised: the rest is about that.
    forgotten: bool,
    /// What follows is the sender's name.
    has_closed: bool,
}

impl<'m> Listener<'m> {
    fn of(mail: &'m Mail, forgotten: bool, speech: &'m Speech) -> Self {
        let names = mail.from_name.iter().flat_map(|name| name.split_whitespace());
        let lines = mail.subject.as_deref().into_iter().chain(mail.body.lines());
        let written: Vec<&str> = lines.filter(|line| line.len() <= LONGEST_LINE).take(MOST_LINES).collect();
        Listener {
            speech,
            names: names.filter(|name| name.chars().count() >= SHORTEST_NAME).collect(),
            secrets: secret::candidates(&written.join("\n")),
            forgotten,
            has_closed: false,
        }
    }

    /// Whether a clause says something that a person must read.
    fn hears(&mut self, clause: &str) -> bool {
        let words = &self.speech.courtesy;
        let clause = clause.trim();
        let bare = clause.trim_end_matches(CLAUSES).trim_end();
        // What is polite is no refusal: 申し訳ございません.
        let impolite = || words.words.iter().fold(clause.to_owned(), |rest, word| rest.replace(word.as_str(), ""));
        let is_telling = holds(clause, &words.telling) && holds(&impolite(), &words.telling);
        if self.forgotten || is_telling {
            return is_telling;
        }
        let is_polite = holds(bare, &words.words) || bare.chars().filter(|sign| sign.is_alphanumeric()).count() <= SHORTEST_CLAUSE;
        let has_hiragana = bare.chars().any(|sign| ('ぁ'..='ゖ').contains(&sign));
        let is_name = holds(bare, &words.companies) || self.names.iter().any(|name| bare.contains(name));
        let is_label = !has_hiragana && (is_name || holds(bare, &words.labels) || self.has_closed);
        // What is thanked for: 利用承認通知書、確かに受領いたしました。
        let is_topic = !has_hiragana && clause.ends_with('、') && !bare.chars().any(char::is_numeric);
        // Who says は or が speaks of something else than himself.
        let says_who = is_name && ends(bare, &words.introduced) && !bare.contains(['は', 'が']);
        let is_secret =
            !self.secrets.is_empty() && (holds(bare, &words.passwords) || self.secrets.iter().any(|secret| bare.contains(secret.expose())));
        self.has_closed |= is_polite && holds(bare, &words.closing);
        !(is_polite || is_label || is_topic || says_who || is_secret || ends(bare, &words.addressed))
    }
}

/// What is wrong with the words of a form for mails: a blank entry, which stands everywhere, and examples that do not hold.
pub fn faults(spec: &DocumentSpec, path: &str) -> Vec<Fault> {
    let Some(speech) = &spec.speech else {
        let hint = "copy [speech] from the shipped form: without it nobody learns that an application is withdrawn";
        return vec![Fault::lasting(path, "says of no words of a mail what they mean", hint)];
    };
    let blank = speech.lists().into_iter().filter(|(_, words)| words.iter().any(|word| word.trim().is_empty()));
    let mut faults: Vec<Fault> = blank
        .map(|(list, _)| Fault::lasting(path, format!("speech.{list} has a blank entry"), "take it out: it stands in every mail"))
        .collect();
    for example in speech.examples.iter().filter(|_| faults.is_empty()).collect::<Vec<_>>() {
        let found = heard(example, speech);
        if found != example.codes {
            let what = format!("the example {:?} finds {found:?}, not {:?}", example.body, example.codes);
            faults.push(Fault::lasting(path, what, "mend the words of [speech], or the example"));
        }
    }
    faults
}

/// The codes that an example finds.
fn heard(example: &Example, speech: &Speech) -> Vec<String> {
    let Example { subject, body, from_name, attached, .. } = example.clone();
    let parts = if attached { vec![Part { name: "a.pdf".to_owned(), bytes: Vec::new() }] } else { Vec::new() };
    let mail = Mail { subject: Some(subject).filter(|subject| !subject.is_empty()), body, from_name, parts, ..Mail::default() };
    remarks(&mail, "mail.eml", &[], speech).into_iter().map(|remark| remark.code.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> DocumentSpec {
        toml::from_str(include_str!("../../templates/mms-usage/forms/inbound-mail.toml")).unwrap()
    }

    #[test]
    fn what_the_catalogue_shows_of_mails_holds() {
        let spec = spec();
        let faults = faults(&spec, "inbound-mail.toml");
        assert!(faults.is_empty(), "{faults:#?}");
        let codes: std::collections::BTreeSet<_> = spec.speech.unwrap().examples.into_iter().map(|example| example.codes).collect();
        assert_eq!(codes.len(), 5, "each code, two at once, and silence: {codes:?}");
    }

    #[test]
    fn a_desk_adds_its_own_words_and_its_mistakes_are_named() {
        let mut spec = spec();
        let speech = spec.speech.as_mut().unwrap();
        let example =
            Example { body: "契約を破棄いたします。".to_owned(), codes: vec![GRAVE.to_owned()], ..speech.examples[0].clone() };
        speech.examples = vec![example];
        let told = faults(&spec, "inbound-mail.toml");
        assert!(told.len() == 1 && told[0].what.contains("契約を破棄"), "{told:?}");
        let speech = spec.speech.as_mut().unwrap();
        speech.grave.words.push("破棄".to_owned());
        assert!(faults(&spec, "inbound-mail.toml").is_empty());
        spec.speech.as_mut().unwrap().grave.words.push(" ".to_owned());
        assert!(faults(&spec, "inbound-mail.toml")[0].what.contains("grave.words"));
        spec.speech = None;
        assert!(faults(&spec, "inbound-mail.toml")[0].hint.contains("withdrawn"));
    }

    #[test]
    fn a_machine_says_nothing_and_a_mail_that_is_cut_short_has_lost_its_attachment() {
        let speech = spec().speech.unwrap();
        let mail = |body: &str| Mail { body: body.to_owned(), ..Mail::default() };
        let codes = |mail: &Mail, known: &[Remark]| {
            remarks(mail, "x.eml", known, &speech).into_iter().map(|found| found.code.0).collect::<Vec<_>>()
        };
        assert_eq!(codes(&mail("申込書を添付いたします。"), &[]), [FORGOTTEN]);
        assert!(codes(&mail("申込書を添付いたします。"), &[Remark::new(DAMAGED)]).iter().all(|code| code != FORGOTTEN));
        for body in ["申込を取り下げます。", "発行はいつ頃でしょうか。", "添付します。"] {
            assert!(codes(&Mail { automatic: true, ..mail(body) }, &[]).is_empty(), "{body}");
            assert!(codes(&mail(body), &[Remark::new(RETURNED)]).is_empty(), "{body}");
        }
    }

    #[test]
    fn what_is_told_of_a_mail_is_short_and_names_no_password() {
        let speech = spec().speech.unwrap();
        let body = format!("パスワードは Abc-1234 ですが、開きません。{}", "ご確認ください。".repeat(20));
        let told = remarks(&Mail { body, ..Mail::default() }, "x.eml", &[], &speech);
        let said = &told[0].words["value"];
        assert!(told[0].code.0 == WORDS && !said.contains("Abc-1234") && said.chars().count() <= LONGEST_QUOTE, "{said}");
    }
}
