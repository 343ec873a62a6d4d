//! The words of mails that the desk goes by, as the catalogue lists them: what quotes, signs, attaches, withdraws, thanks.
//!
//! Owns the lists alone. What follows from them is said by the extraction.

use serde::{Deserialize, Serialize};

/// What is looked for in the text of a mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    /// Beginnings, parts and ends of lines behind which a mail quotes another one.
    pub quote_begins: Vec<String>,
    pub quote_holds: Vec<String>,
    pub quote_ends: Vec<String>,
    /// Beginnings of the line above a signature.
    pub signature: Vec<String>,
    pub attachment: Attachment,
    pub grave: Grave,
    pub courtesy: Courtesy,
    pub question: Question,
    /// What mails say, and the codes that must be found; none where nothing must.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

/// M-010: an attachment that is promised.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    pub words: Vec<String>,
    pub denied: Vec<String>,
    /// Who thanks for an attachment, or speaks of an earlier one, sends none, unless one is given in the same line.
    pub thanks: Vec<String>,
    pub given: Vec<String>,
}

/// M-011: words upon which the desk must act, though no paper says so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grave {
    pub words: Vec<String>,
    /// The same of what was handed out; without that they are the words of every footer.
    pub lost: Vec<String>,
    pub handed_out: Vec<String>,
    /// What is said of the possible, and of nothing that happened.
    pub possible: Vec<String>,
    /// A place where a file lies that did not come, and what leads there.
    pub elsewhere: Vec<String>,
    pub links: Vec<String>,
}

/// What says nothing that a person must read (M-013).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Courtesy {
    pub words: Vec<String>,
    /// Those of them behind which only the sender's name stands.
    pub closing: Vec<String>,
    /// Ends of lines that name the addressee.
    pub addressed: Vec<String>,
    /// Ends of a clause in which the sender says who he is.
    pub introduced: Vec<String>,
    /// Beginnings of the subject of a reply.
    pub replied: Vec<String>,
    /// What stands in the name of a company, and beside a room or a number.
    pub companies: Vec<String>,
    pub labels: Vec<String>,
    /// What is said of a password, which the program uses itself.
    pub passwords: Vec<String>,
    /// What speaks though a sentence is polite besides.
    pub telling: Vec<String>,
}

/// What is asked in a mail with papers (M-013), whose other words speak of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub words: Vec<String>,
    /// A clause with one of these asks for nothing but what the desk does anyway.
    pub polite: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    #[serde(default)]
    pub subject: String,
    pub body: String,
    #[serde(default)]
    pub from_name: Option<String>,
    /// Something lies in the mail.
    #[serde(default)]
    pub attached: bool,
    #[serde(default)]
    pub codes: Vec<String>,
}

impl Speech {
    /// Every list by its name.
    pub fn lists(&self) -> [(&'static str, &[String]); 25] {
        let Speech { attachment, grave, courtesy, question, .. } = self;
        [
            ("quote_begins", &self.quote_begins),
            ("quote_holds", &self.quote_holds),
            ("quote_ends", &self.quote_ends),
            ("signature", &self.signature),
            ("attachment.words", &attachment.words),
            ("attachment.denied", &attachment.denied),
            ("attachment.thanks", &attachment.thanks),
            ("attachment.given", &attachment.given),
            ("grave.words", &grave.words),
            ("grave.lost", &grave.lost),
            ("grave.handed_out", &grave.handed_out),
            ("grave.possible", &grave.possible),
            ("grave.elsewhere", &grave.elsewhere),
            ("grave.links", &grave.links),
            ("courtesy.words", &courtesy.words),
            ("courtesy.closing", &courtesy.closing),
            ("courtesy.addressed", &courtesy.addressed),
            ("courtesy.introduced", &courtesy.introduced),
            ("courtesy.replied", &courtesy.replied),
            ("courtesy.companies", &courtesy.companies),
            ("courtesy.labels", &courtesy.labels),
            ("courtesy.passwords", &courtesy.passwords),
            ("courtesy.telling", &courtesy.telling),
            ("question.words", &question.words),
            ("question.polite", &question.polite),
        ]
    }
}
