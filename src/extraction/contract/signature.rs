//! The last words of a contract: the date and who signed.
//!
//! Owns the signature page. Never judges whether a signature is genuine.

use crate::domain::date::{self, Written};
use crate::domain::doubt::Doubt;
use crate::domain::extract::Field;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::{Area, Place};
use crate::domain::reading::{Line, MarkKind, Page, PageSource};
use crate::domain::value::Value;
use crate::extraction::contract::clauses;
use crate::extraction::contract::flow::{SURE_ENOUGH, fold};

/// Words of the closing clause.
const CLOSING: &[&str] =
    &["証として", "各1通", "各自1通", "記名押印のうえ", "記名押印の上", "署名押印のうえ", "電磁的記録を作成", "電磁的記録により作成"];
/// Signs of a seal, and what a recogniser makes of them.
const SEALS: &[&str] = &["㊞", "印", "(印)", "⑪", "㊟"];
const ELECTRONIC: &[&str] = &["電子署名", "署名済", "電子契約", "タイムスタンプ", "署名日時", "Signedby", "signedby"];

/// One party's lines on the signature page.
struct Party<'a> {
    lines: Vec<(&'a Page, &'a Line)>,
}

/// What the signature page says.
#[derive(Default)]
pub struct Signatures {
    pub date: Option<Field>,
    pub a: Option<Field>,
    pub b: Option<Field>,
    /// Company names in the blocks of the parties.
    pub name_a: Option<(String, Place, Permille)>,
    pub name_b: Option<(String, Place, Permille)>,
}

/// Reads the lines between the closing clause and the first appendix.
pub fn read(doc: DocId, pages: &[Page], appendix: usize) -> Signatures {
    // What a service for electronic signatures adds comes last.
    let added = |page: &&Page| page.lines.iter().any(|line| is_electronic(&fold(&line.text)));
    let written = pages.iter().take(appendix).chain(pages.iter().skip(appendix).filter(added));
    let body: Vec<(&Page, &Line)> = written.flat_map(|page| page.lines.iter().map(move |line| (page, line))).collect();
    let closing = body.iter().rposition(|(_, line)| {
        let text = fold(&line.text);
        CLOSING.iter().any(|word| text.contains(word))
    });
    let date_line = clauses::pattern(r"^(?:\(?(?:本?契約)?締結日\)?[:]?|契約日[:]?|日付[:]?)?({date})$").ok();
    let dated = |line: &Line| -> Option<(String, Value)> {
        let text = fold(&line.text);
        let written = date_line.as_ref()?.captures(&text)?.get(1)?.as_str().to_owned();
        match date::read(&clauses::month(&written))? {
            Written::Day(day) => Some((written, Value::Date(day))),
            Written::NoSuchDay(day) => Some((written, Value::Text(day))),
        }
    };
    let from = closing
        .or_else(|| body.iter().rposition(|(_, line)| dated(line).is_some()))
        .or_else(|| body.iter().rposition(|(_, line)| fold(&line.text) == "甲"))
        .unwrap_or(body.len());
    let zone = body.get(from..).unwrap_or_default();
    let date = zone.iter().find_map(|(page, line)| {
        let (raw, value) = dated(line)?;
        let malformed = Doubt::Malformed.when(!matches!(value, Value::Date(_)));
        let doubts = malformed | Doubt::Faint.when(lowest(line) < SURE_ENOUGH);
        Some(Field { value, raw, place: Place::Page { doc, page: page.number, area: line.area }, confidence: lowest(line), doubts })
    });
    let mut found = Signatures { date, ..Signatures::default() };
    let start = |sign: char| zone.iter().position(|(_, line)| begins(line, sign));
    let (a, b) = (start('甲'), start('乙'));
    let block = |from: Option<usize>, to: Option<usize>| {
        let from = from?;
        let to = to.filter(|to| *to > from).unwrap_or(zone.len());
        Some(Party { lines: zone.get(from..to)?.to_vec() })
    };
    let after = |from: Option<usize>| [a, b].into_iter().flatten().filter(|at| Some(*at) > from).min();
    for (sign, from, signature, name) in [('甲', a, &mut found.a, &mut found.name_a), ('乙', b, &mut found.b, &mut found.name_b)] {
        if let Some(party) = block(from, after(from)) {
            *signature = Some(signed(doc, &party, sign));
            *name = company(doc, &party);
        }
    }
    found
}

fn lowest(line: &Line) -> Permille {
    line.glyphs.iter().map(|glyph| glyph.confidence).min().unwrap_or(line.confidence)
}

/// 甲 alone, or before its name: 甲　住所…, （甲）, 甲：.
fn begins(line: &Line, sign: char) -> bool {
    let text = fold(&line.text);
    let rest = text.trim_start_matches(['(', '【', '[']).strip_prefix(sign);
    let spaced = line.text.chars().skip_while(|c| *c != sign).nth(1).is_none_or(char::is_whitespace);
    rest.is_some_and(|rest| rest.is_empty() || spaced || rest.starts_with([':', ')', '】', ']', '、']))
}

/// Whether a name stands in the block and a seal or an electronic signature beside it.
fn signed(doc: DocId, party: &Party<'_>, sign: char) -> Field {
    let texts: Vec<String> = party.lines.iter().map(|(_, line)| fold(&line.text)).collect();
    let written: String = texts.concat().chars().filter(|c| *c != sign && !matches!(c, ':' | '(' | ')')).collect();
    let names = SEALS
        .iter()
        .chain(&["住所", "会社名", "氏名", "代表者", "役職", "所在地", "代表取締役社長", "代表取締役", "代表社員", "名称"])
        .fold(written, |text, label| text.replace(label, ""));
    let named = names.chars().count() >= 4;
    let electronic = texts.iter().any(|text| is_electronic(text));
    let sealed = texts.iter().any(|text| {
        let text = text.trim_end_matches(['。', '.']);
        SEALS.iter().any(|seal| text.ends_with(seal)) && !text.ends_with("記名押印")
    });
    let area = party.lines.iter().map(|(_, line)| line.area).reduce(|all, area| all.union(&area)).unwrap_or_default();
    let page = party.lines.first().map(|(page, _)| *page);
    let stamped = page.is_some_and(|page| {
        page.marks.iter().any(|mark| {
            matches!(mark.kind, MarkKind::Seal | MarkKind::Ring) && mark.area.row_overlap(&area) > 300 && !mark.area.contains_text(page)
        })
    });
    let value = named && !is_unfilled(party) && (sealed || electronic || stamped);
    let scanned = page.is_some_and(|page| page.source == PageSource::Recognised);
    let place = page.map_or(Place::Whole { doc }, |page| Place::Page { doc, page: page.number, area });
    let raw = party.lines.iter().map(|(_, line)| line.text.as_str()).collect::<Vec<_>>().join("\n");
    // A seal is easily overlooked on a scan; that one is missing is a person's word.
    Field {
        value: Value::Flag(value),
        raw,
        place,
        confidence: if scanned { Permille(900) } else { Permille::SURE },
        doubts: Doubt::Unseen.when(scanned && !value),
    }
}

fn is_electronic(text: &str) -> bool {
    ELECTRONIC.iter().any(|word| text.contains(word))
}

/// A form in which nobody has written who signs: nothing but the sign of a seal stands beside 代表者.
fn is_unfilled(party: &Party<'_>) -> bool {
    const PERSONS: &[&str] = &["代表者", "代表者名", "代表者氏名", "氏名", "役職氏名", "役職・氏名", "代表者役職氏名", "代表者職氏名"];
    let bare = |line: &Line| {
        let text = fold(&line.text);
        SEALS
            .iter()
            .fold(text, |text, seal| text.trim_end_matches(seal).to_owned())
            .trim_matches(|c| matches!(c, ':' | '(' | ')'))
            .to_owned()
    };
    let persons: Vec<&(&Page, &Line)> = party.lines.iter().filter(|(_, line)| PERSONS.contains(&bare(line).as_str())).collect();
    let beside = |page: &Page, label: &Line| {
        party.lines.iter().any(|(on, line)| {
            on.number == page.number
                && line.area.left > label.area.left
                && line.area.row_overlap(&label.area) > 500
                && !bare(line).is_empty()
        })
    };
    !persons.is_empty() && !persons.iter().any(|(page, label)| beside(page, label))
}

trait Marked {
    fn contains_text(&self, page: &Page) -> bool;
}

impl Marked for Area {
    /// A ring around a whole line is emphasis, not a seal.
    fn contains_text(&self, page: &Page) -> bool {
        page.lines.iter().any(|line| {
            self.contains((line.area.left, line.area.centre().1))
                && self.contains((line.area.right, line.area.centre().1))
                && line.glyphs.len() > 4
        })
    }
}

/// The line of the block that names a company.
fn company(doc: DocId, party: &Party<'_>) -> Option<(String, Place, Permille)> {
    const KINDS: &[&str] = &["株式会社", "合同会社", "有限会社", "合資会社", "組合", "財団法人", "社団法人", "(株)", "㈱"];
    party.lines.iter().find_map(|(page, line)| {
        let tidy = crate::domain::text::tidy(&line.text);
        let name = tidy.trim_start_matches(['甲', '乙', '(', ')', ':', ' ']).trim_start_matches("会社名").trim_start_matches([':', ' ']);
        let place = Place::Page { doc, page: page.number, area: line.area };
        KINDS.iter().any(|kind| name.contains(kind)).then(|| (name.to_owned(), place, lowest(line)))
    })
}
