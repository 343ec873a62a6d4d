//! The properties of a saved message and of what is attached to it.
//!
//! Owns their numbers, the ways in which they are kept, and the head of a message that they come to.

use crate::domain::date::Moment;
use crate::reading::charset;
use crate::reading::mail::header::{self, Head};
use crate::reading::ole::Container;
use lettre::message::header::ContentType;
use std::collections::BTreeMap;

/// Numbers of properties (MS-OXPROPS).
pub mod id {
    pub const CLASS: u16 = 0x001A;
    pub const SUBJECT: u16 = 0x0037;
    pub const SENT: u16 = 0x0039;
    pub const FIELDS: u16 = 0x007D;
    pub const FOR_NAME: u16 = 0x0042;
    pub const FOR_ADDRESS: u16 = 0x0065;
    pub const SENDER_NAME: u16 = 0x0C1A;
    pub const SENDER_ADDRESS: u16 = 0x0C1F;
    pub const DELIVERED: u16 = 0x0E06;
    pub const TEXT: u16 = 0x1000;
    pub const RICH_TEXT: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const MESSAGE_ID: u16 = 0x1035;
    pub const REFERENCES: u16 = 0x1039;
    pub const IN_REPLY_TO: u16 = 0x1042;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const CONTENT: u16 = 0x3701;
    pub const SHORT_NAME: u16 = 0x3704;
    pub const LONG_NAME: u16 = 0x3707;
    pub const MIME_KIND: u16 = 0x370E;
    pub const CONTENT_ID: u16 = 0x3712;
    pub const CODE_PAGE: u16 = 0x3FDE;
    pub const SENDER_SMTP: u16 = 0x5D01;
    pub const FOR_SMTP: u16 = 0x5D02;
    pub const HIDDEN: u16 = 0x7FFE;
}

/// How a property is kept.
const WIDE: u16 = 0x001F;
const NARROW: u16 = 0x001E;
const BYTES: u16 = 0x0102;
const OBJECT: u16 = 0x000D;

/// Properties of one width, of every storage that has some.
const FIXED: &str = "__properties_version1.0";
/// Bytes of one of them: kind and number, flags, value.
const RECORD: usize = 16;
/// Bytes of all of them that are looked at.
const MOST_FIXED: usize = 64 << 10;
/// Bytes that the directory has for one.
const ENTRY: usize = 128;

pub struct Properties<'a> {
    container: &'a Container<'a>,
    members: BTreeMap<String, usize>,
    fixed: BTreeMap<u16, [u8; 8]>,
}

impl<'a> Properties<'a> {
    /// Whether a storage has properties at all.
    pub fn are_in(container: &Container<'_>, storage: usize) -> bool {
        container.members(storage).iter().any(|(name, _)| *name == FIXED)
    }

    pub fn of_message(container: &'a Container<'a>, storage: usize, is_attached: bool) -> Self {
        Self::read(container, storage, if is_attached { 24 } else { 32 })
    }

    pub fn of_attachment(container: &'a Container<'a>, storage: usize) -> Self {
        Self::read(container, storage, 8)
    }

    /// `before` is what stands before the first property of one width.
    fn read(container: &'a Container<'a>, storage: usize, before: usize) -> Self {
        let members: BTreeMap<String, usize> =
            container.members(storage).into_iter().map(|(name, number)| (name.to_ascii_lowercase(), number)).collect();
        let fixed = members.get(FIXED).filter(|number| container.length(**number) <= MOST_FIXED);
        let stream = fixed.and_then(|number| container.stream_of(*number)).unwrap_or_default();
        let records = stream.get(before..).unwrap_or_default().as_chunks::<RECORD>().0;
        let fixed = records.iter().map(|[_, _, low, high, _, _, _, _, value @ ..]| (u16::from_le_bytes([*low, *high]), *value)).collect();
        Properties { container, members, fixed }
    }

    fn member(&self, id: u16, kind: u16) -> Option<usize> {
        self.members.get(&format!("__substg1.0_{id:04x}{kind:04x}")).copied()
    }

    /// Bytes as they are kept.
    pub fn bytes(&self, id: u16) -> Option<Vec<u8>> {
        self.container.stream_of(self.member(id, BYTES)?)
    }

    /// Bytes that it takes to look at all of them.
    pub fn weight(&self) -> usize {
        let weights = self.members.values().map(|member| self.container.length(*member).saturating_add(ENTRY));
        weights.fold(0, usize::saturating_add)
    }

    /// A text that is not empty.
    pub fn text(&self, id: u16) -> Option<String> {
        let stream = |kind: u16| self.container.stream_of(self.member(id, kind)?);
        let text = match stream(WIDE) {
            Some(wide) => charset::utf16(&wide),
            None => charset::sniff(stream(NARROW)?.split(|byte| *byte == 0).next().unwrap_or_default()),
        };
        (!text.is_empty()).then_some(text)
    }

    /// Its page, with what is said of its characters.
    pub fn html(&self) -> Option<(ContentType, Vec<u8>)> {
        let of = |label: &str| ContentType::parse(&format!("text/html; charset={label}")).unwrap_or(ContentType::TEXT_HTML);
        let page = match self.text(id::HTML) {
            Some(text) => (of("utf-8"), text.into_bytes()),
            None => (of(self.charset()), self.bytes(id::HTML)?),
        };
        (!page.1.trim_ascii().is_empty()).then_some(page)
    }

    /// What the sender's program says of characters that are kept as bytes.
    fn charset(&self) -> &'static str {
        match self.number(id::CODE_PAGE) {
            Some(932) => "shift_jis",
            Some(50220..=50222) => "iso-2022-jp",
            Some(51932) => "euc-jp",
            Some(65001) => "utf-8",
            _ => "unknown",
        }
    }

    fn number(&self, id: u16) -> Option<u32> {
        let [a, b, c, d, ..] = *self.fixed.get(&id)?;
        Some(u32::from_le_bytes([a, b, c, d]))
    }

    /// Shown within the text and not among the attachments.
    pub fn is_hidden(&self) -> bool {
        self.fixed.get(&id::HIDDEN).is_some_and(|value| value[0] != 0)
    }

    /// The storage of the message that is attached; `None` for files, and for objects that are none.
    pub fn message(&self) -> Option<usize> {
        self.member(id::CONTENT, OBJECT).filter(|storage| Properties::are_in(self.container, *storage))
    }

    fn class(&self) -> String {
        self.text(id::CLASS).unwrap_or_default().to_ascii_lowercase()
    }

    /// Signed or encrypted: all that it says lies in its attachment.
    pub fn is_in_envelope(&self) -> bool {
        self.class().starts_with("ipm.note.smime")
    }

    /// A report of a server, or what a rule of the mailbox has answered.
    fn is_automatic(&self) -> bool {
        let class = self.class();
        class.starts_with("report.") || class.contains(".rules.")
    }

    /// The fields of the message: those that came with it, and of those that did not what its properties say.
    pub fn head(&self) -> Vec<u8> {
        let came = self.text(id::FIELDS).unwrap_or_default();
        let mut head = header::of_the_message(came.as_bytes());
        let mut add = |field: &str, value: Option<String>| {
            if let Some(value) = value
                && Head::read(&head).0.raw(&field.to_ascii_lowercase()).is_none()
            {
                let line: String = value.chars().filter(|c| !c.is_control()).collect();
                head.extend(format!("{field}: {line}\r\n").into_bytes());
            }
        };
        add("From", self.sender());
        add("Subject", self.text(id::SUBJECT));
        add("Date", [id::SENT, id::DELIVERED].into_iter().find_map(|id| self.moment(id)));
        for (field, id) in [("Message-ID", id::MESSAGE_ID), ("In-Reply-To", id::IN_REPLY_TO), ("References", id::REFERENCES)] {
            add(field, self.text(id));
        }
        add("Auto-Submitted", self.is_automatic().then(|| "auto-generated".to_owned()));
        add("MIME-Version", Some("1.0".to_owned()));
        head
    }

    /// Name and address; within an organisation senders have addresses that no mail goes to.
    fn sender(&self) -> Option<String> {
        let addresses = [id::SENDER_SMTP, id::SENDER_ADDRESS, id::FOR_SMTP, id::FOR_ADDRESS];
        let address = addresses.into_iter().filter_map(|id| self.text(id)).find(|address| address.contains('@'))?;
        let name = [id::SENDER_NAME, id::FOR_NAME].into_iter().find_map(|id| self.text(id)).unwrap_or_default();
        Some(format!("\"{}\" <{address}>", name.replace(['"', '\\'], "")))
    }

    /// A time that is kept in tenths of a microsecond since 1601.
    fn moment(&self, id: u16) -> Option<String> {
        const UNTIL_1970: i64 = 11_644_473_600;
        let since_1601 = i64::try_from(u64::from_le_bytes(*self.fixed.get(&id)?) / 10_000_000).ok()?;
        let at = jiff::Timestamp::from_second(since_1601.checked_sub(UNTIL_1970)?).ok()?;
        Some(Moment::new(at).civil().strftime("%a, %d %b %Y %H:%M:%S +0900").to_string())
    }
}
