//! XML without a document type, as a tree of elements.
//!
//! Owns encoding, well-formedness and bounds. Never expands an entity beyond the five, never opens what a file points to,
//! and never recurses: a tree as deep as the limit allows is built and dropped level by level.

use crate::domain::finding::Remark;
use crate::domain::reading::{Content, Node};
use crate::reading::format::{Limits, Outcome, Source, Tools};
use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Bytes in which the beginning of an XML document must show.
const HEAD: usize = 1024;

pub fn sniff(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or(bytes);
    let (head, _, _) = encoding_rs::UTF_8.decode(head);
    let head: String = head.chars().filter(|c| *c != '\0').collect();
    let head = head.trim_start_matches(['\u{FEFF}', '\u{FFFD}']).trim_start();
    let element = head.strip_prefix('<').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let page = head.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("<html"));
    head.starts_with("<?xml") || head.starts_with("<!DOCTYPE SBD") || (element && !page && bytes.trim_ascii_end().ends_with(b">"))
}

pub fn read(source: &Source<'_>, tools: &Tools<'_>) -> Outcome {
    match text(source.bytes).and_then(|text| tree(&text, &tools.limits)) {
        Some(root) => Outcome::of(Content::Tree { root }),
        None => Outcome::unreadable(Remark::new("X-001").word("file", source.name)),
    }
}

/// The document in UTF-8; `None` where its bytes are not in the encoding that it declares.
fn text(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling_and_without_replacement(bytes.get(mark..)?).map(|text| text.into_owned());
    }
    let encoding = match bytes {
        [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => declared(bytes).map_or(Some(encoding_rs::UTF_8), |name| Encoding::for_label(&name))?,
    };
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
}

/// The name of the encoding in the XML declaration.
fn declared(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.get(..HEAD.min(bytes.len()))?;
    let end = head.windows(2).position(|window| window == b"?>")?;
    let head = head.get(..end)?;
    let at = head.windows(8).position(|window| window == b"encoding")?;
    let mut rest = head.get(at + 8..)?.iter().skip_while(|byte| matches!(byte, b' ' | b'=' | b'\t'));
    let quote = rest.next()?;
    let name: Vec<u8> = rest.take_while(|byte| *byte != quote).copied().collect();
    // The bytes have shown that they are no UTF-16, whatever they say.
    (!name.to_ascii_lowercase().starts_with(b"utf-16")).then_some(name)
}

/// The root element; `None` where the text is not well-formed, has a document type, or passes a bound.
fn tree(text: &str, limits: &Limits) -> Option<Node> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut root: Option<Node> = None;
    let mut elements = 0usize;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                elements += 1;
                if open.len() >= limits.depth || elements > limits.cells || (open.is_empty() && root.is_some()) {
                    return None;
                }
                open.push(Node { tag: start.local_name().as_ref().to_owned(), ..Node::default() });
            }
            Event::Empty(start) => {
                elements += 1;
                if elements > limits.cells || (open.is_empty() && root.is_some()) {
                    return None;
                }
                close(Node { tag: start.local_name().as_ref().to_owned(), ..Node::default() }, &mut open, &mut root);
            }
            Event::End(_) => {
                let mut node = open.pop()?;
                node.text = node.text.trim().to_owned();
                close(node, &mut open, &mut root);
            }
            Event::Text(part) => say(&part.xml10_content(), &mut open)?,
            Event::CData(part) => say(&part.xml10_content(), &mut open)?,
            Event::GeneralRef(name) => {
                let letter = match name.resolve_char_ref().ok()? {
                    Some(letter) => letter,
                    None => match name.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return None,
                    },
                };
                say(letter.encode_utf8(&mut [0; 4]), &mut open)?;
            }
            Event::DocType(_) => return None,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return if open.is_empty() { root } else { None },
        }
    }
}

fn close(node: Node, open: &mut [Node], root: &mut Option<Node>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(node),
        None => *root = Some(node),
    }
}

/// Text belongs to the innermost element; outside of the root only blanks may stand.
fn say(text: &str, open: &mut [Node]) -> Option<()> {
    match open.last_mut() {
        Some(node) => node.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Option<Node> {
        assert!(sniff(bytes), "{}", String::from_utf8_lossy(bytes));
        text(bytes).and_then(|text| tree(&text, &Limits::default()))
    }

    #[test]
    fn every_declared_encoding_is_read() {
        for (name, encoding) in [("Shift_JIS", encoding_rs::SHIFT_JIS), ("EUC-JP", encoding_rs::EUC_JP), ("utf-8", encoding_rs::UTF_8)] {
            let text = format!("<?xml version='1.0' encoding='{name}'?>\n<a><b>登録データ&amp;&#x4E00;<![CDATA[<表>]]></b><c/></a>");
            let root = parsed(&encoding.encode(&text).0).unwrap();
            assert_eq!((root.children[0].text.as_str(), root.children[1].tag.as_str()), ("登録データ&一<表>", "c"), "{name}");
        }
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>表</a>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [little, marked] {
            assert_eq!(parsed(&bytes).unwrap().text, "表");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for bad in [
            "<?xml version='1.0'?><a><b></a>",
            "<?xml version='1.0'?><a>",
            "<?xml version='1.0'?>",
            "<?xml version='1.0'?><a/><b/>",
            "<?xml version='1.0'?>text<a/>",
            "<?xml version='1.0'?><a>&unknown;</a>",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            "<?xml version='1.0' encoding='Shift_JIS'?><a>\u{3042}\u{3042}\u{3044}</a>",
            "<?xml version='1.0' encoding='no-such'?><a/>",
        ] {
            assert_eq!(parsed(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        let depth = Limits::default().depth;
        assert!(parsed(deep(depth).as_bytes()).is_some());
        assert_eq!(parsed(deep(depth + 1).as_bytes()), None);
        assert_eq!(parsed(deep(300_000).as_bytes()), None);
    }

    #[test]
    fn pages_of_the_web_are_no_data() {
        for bytes in [&b"<html><body></body></html>"[..], b"plain text", b"< 5 kW >", b"<HTML>"] {
            assert!(!sniff(bytes));
        }
    }
}
