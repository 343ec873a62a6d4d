//! Contracts and applications for them: clauses by the patterns of the catalogue, tables by their labels,
//! the signature page by its closing words.
//!
//! Owns the recognition of both documents. Never compares a contract with anything but itself.

mod application;
mod clauses;
mod columns;
mod flow;
mod gaps;
mod listed;
mod signature;
mod table;

pub use clauses::pattern;

use super::Forms;
use crate::domain::document::{DocumentKind, DocumentSpec};
use crate::domain::doubt::{Doubt, Doubts};
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::Remark;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::reading::{Line, Page, PageSource};
use crate::domain::text;
use crate::domain::value::Value;
use crate::extraction::corrections;
use crate::extraction::layout::Plan;
use crate::extraction::typed;
use flow::{Flow, SURE_ENOUGH};

const CONTRACT: &str = "contract";
const APPLICATION: &str = "contract_application";
const GROUP: &str = "equipment";
/// Signs in a title that the paper is a draft or a pattern.
const DRAFT: &[&str] = &["案", "ひな型", "ひな形", "雛形", "雛型", "標準契約書", "見本", "ドラフト", "様式"];

pub fn extract(doc: DocId, pages: &[Page], forms: &Forms<'_>) -> Option<Extract> {
    let application = forms.spec(APPLICATION)?;
    let contract = forms.spec(CONTRACT)?;
    if let Some((page, _)) = heading(pages, application) {
        let rest = pages.get(page..).unwrap_or_default();
        return Some(finished(doc, pages, APPLICATION, application::read(application, forms.lists, doc, rest), Vec::new()));
    }
    let flow = Flow::of(pages);
    let title = heading(pages, contract);
    let names_parties = ["(以下「甲」", "(以下「乙」", "(以下、甲", "(以下甲"].iter().any(|words| flow.text.contains(words));
    // Other papers name contracts too; a contract speaks of its parties or in articles.
    let speaks = names_parties
        || ["第1条", "第2条"].iter().any(|words| flow.text.contains(words))
        || flow.text.contains("甲") && flow.text.contains("乙");
    let about_power = flow.text.contains("契約") && flow.text.contains("調整力");
    if !(title.is_some() && speaks || names_parties && about_power) {
        return None;
    }
    let (record, remarks) = whole(doc, pages, contract, forms, title.map(|(page, line)| (page, line.clone())));
    Some(finished(doc, pages, CONTRACT, record, remarks))
}

fn finished(doc: DocId, pages: &[Page], kind: &str, mut fields: Record, mut remarks: Vec<Remark>) -> Extract {
    let plans: Vec<Plan> = pages.iter().filter(|page| page.marks.iter().any(corrections::is_one)).map(Plan::new).collect();
    corrections::doubt(&mut fields, &plans);
    remarks.extend(corrections::remarks(doc, &plans));
    Extract {
        doc,
        document: DocumentKind::new(kind),
        pages: pages.len() as u32,
        turned: Default::default(),
        fields,
        sets: Default::default(),
        remarks,
    }
}

/// The heading that names a document: near the top, short, ending in the title. A recogniser may have one sign wrong.
fn heading<'a>(pages: &'a [Page], spec: &DocumentSpec) -> Option<(usize, &'a Line)> {
    const FIRST_PAGES: usize = 3;
    pages.iter().enumerate().take(FIRST_PAGES).find_map(|(n, page)| {
        let high = |line: &&Line| line.area.centre().1 < page.height / 2;
        page.lines.iter().filter(high).find(|line| is_title(line, page, spec)).map(|line| (n, line))
    })
}

/// The page on which a second contract begins: a title, and once more a first article.
pub fn begins_again(pages: &[Page], forms: &Forms<'_>) -> Option<usize> {
    let contract = forms.spec(CONTRACT)?;
    let opens = |page: &Page| page.lines.iter().any(|line| text::compare_key(&line.text).starts_with("第1条"));
    let mut first_articles = pages.iter().enumerate().filter(|(_, page)| opens(page)).map(|(n, _)| n);
    let (first, second) = (first_articles.next()?, first_articles.next()?);
    let behind = pages.get(first + 1..=second)?;
    behind.iter().position(|page| heading(std::slice::from_ref(page), contract).is_some()).map(|n| first + 1 + n)
}

fn is_title(line: &Line, page: &Page, spec: &DocumentSpec) -> bool {
    const LONGEST: usize = 40;
    let key = title_key(&line.text);
    let length = key.chars().count();
    if length > LONGEST || key.contains(['。', '、', '「']) {
        return false;
    }
    let slack = usize::from(page.source == PageSource::Recognised);
    spec.titles.iter().map(|title| text::compare_key(title)).any(|title| {
        let ends: String = key.chars().skip(length.saturating_sub(title.chars().count())).collect();
        text::distance(&ends, &title, slack) <= slack
    })
}

/// A title without what marks a draft, and without what follows in brackets.
fn title_key(title: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0usize;
    for c in text::compare_key(title).chars() {
        match c {
            '(' | '【' | '[' | '<' | '〔' => depth += 1,
            ')' | '】' | ']' | '>' | '〕' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            other => plain.push(other),
        }
    }
    plain
}

fn whole(doc: DocId, pages: &[Page], spec: &DocumentSpec, forms: &Forms<'_>, title: Option<(usize, Line)>) -> (Record, Vec<Remark>) {
    let mut record = Record::default();
    let mut remarks = Vec::new();
    let appendix = gaps::first_appendix(pages);
    let body = Flow::of(pages.get(..appendix).unwrap_or(pages));
    record.fields = clauses::read(spec, forms.lists, doc, &body).into();
    let annex = Flow::of(pages.get(appendix..).unwrap_or_default());
    for (key, field) in clauses::read(spec, forms.lists, doc, &annex) {
        match record.fields.get(&key) {
            None if key.starts_with("party_") => {}
            None => {
                record.fields.insert(key, field);
            }
            Some(own) if own.value != field.value && !own.needs_review() && !field.needs_review() && compares(&key) => {
                remarks.push(
                    Remark::new("H-013")
                        .field(&key)
                        .word("value", own.value.to_string())
                        .word("expected", field.value.to_string())
                        .at(field.place),
                );
            }
            Some(_) => {}
        }
    }
    let mut draft = false;
    if let Some((page, line)) = &title {
        draft = entitle(doc, pages, spec, forms, *page, line, &mut record);
    }
    let drafted = record.fields.get("contract_title").filter(|_| draft).map(|title| title.place.clone());
    signatures(doc, pages, appendix, spec, drafted, &mut record, &mut remarks);
    let mut table = table::read(spec, forms.lists, doc, pages, GROUP);
    if table.records.is_empty() {
        table.records = listed::read(spec, forms.lists, doc, pages, GROUP);
    }
    remarks.extend(table.wrong_sums.into_iter().map(|(column, printed, sum)| {
        Remark::new("H-013").word("field", column).word("value", printed.to_string()).word("expected", sum.to_string())
    }));
    remarks.extend(gaps::missing_pages(pages));
    if table.records.is_empty() {
        remarks.extend(gaps::missing_appendices(&body.text, pages));
    } else {
        let missing = gaps::missing_appendices(&body.text, pages);
        // A table of equipment is the first appendix even where its heading is lost.
        remarks.extend(missing.into_iter().filter(|remark| remark.words.get("value").is_some_and(|value| value != "別紙1")));
        record.groups.insert(GROUP.to_owned(), table.records.into());
    }
    (record, remarks)
}

/// Values that body and appendix both state must agree.
fn compares(key: &str) -> bool {
    matches!(key, "contract_kw" | "period_from" | "period_to" | "energy_price_cap" | "capacity_price")
}

/// Title and kind; true where the title calls the paper a draft.
fn entitle(doc: DocId, pages: &[Page], spec: &DocumentSpec, forms: &Forms<'_>, page: usize, line: &Line, record: &mut Record) -> bool {
    let place = Place::Page { doc, page: pages.get(page).map_or(1, |page| page.number), area: line.area };
    let confidence = line.glyphs.iter().map(|glyph| glyph.confidence).min().unwrap_or(line.confidence);
    let key = text::compare_key(&line.text);
    let shown: String = {
        let tidy = text::tidy(&line.text);
        DRAFT.iter().fold(tidy, |title, word| {
            [("(", ")"), ("【", "】"), ("[", "]")]
                .iter()
                .fold(title, |title, (open, close)| title.replace(&format!("{open}{word}{close}"), ""))
        })
    };
    let field = |value: Value, doubts: Doubts| Field { value, raw: line.text.clone(), place: place.clone(), confidence, doubts };
    record
        .fields
        .insert("contract_title".to_owned(), field(Value::Text(shown.trim().to_owned()), Doubt::Faint.when(confidence < SURE_ENOUGH)));
    if let Some(kind) = spec.field("contract_kind")
        && let Some((code, exact)) = kind_of(typed::codes(kind, forms.lists), &title_key(&line.text))
    {
        record.fields.insert("contract_kind".to_owned(), field(Value::Code(code), Doubt::LookAlike.when(!exact)));
    }
    DRAFT.iter().any(|word| ["(", "【", "["].iter().any(|open| key.contains(&format!("{open}{word}"))))
}

/// The kind that a title names, and whether its words stand there exactly.
fn kind_of(codes: &[crate::domain::document::CodeWord], title: &str) -> Option<(String, bool)> {
    const SLACK: usize = 2;
    let words = || codes.iter().flat_map(|entry| entry.words.iter().map(move |word| (entry, text::compare_key(word))));
    let exact = words().filter(|(_, word)| title.contains(word.as_str())).max_by_key(|(_, word)| word.chars().count());
    if let Some((entry, _)) = exact {
        return Some((entry.code.clone(), true));
    }
    let near = words()
        .filter(|(_, word)| word.chars().count() >= 8)
        .map(|(entry, word)| {
            let head: String = title.chars().take(word.chars().count()).collect();
            (text::distance(&head, &word, SLACK), entry)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= SLACK)?;
    Some((near.1.code.clone(), false))
}

/// Date and signatures of the last page, and the parties where the preamble is lost. `drafted`: where the title says so.
fn signatures(
    doc: DocId,
    pages: &[Page],
    appendix: usize,
    spec: &DocumentSpec,
    drafted: Option<Place>,
    record: &mut Record,
    remarks: &mut Vec<Remark>,
) {
    let found = signature::read(doc, pages, appendix);
    record.fields.extend(found.date.map(|date| ("contract_date".to_owned(), date)));
    let dated = record.fields.contains_key("contract_date");
    let mut unsigned = Vec::new();
    let mut at = None;
    for (key, signature) in [("signature_a", found.a), ("signature_b", found.b)] {
        let sure_no = signature.as_ref().is_none_or(|field| field.value != Value::Flag(true) && !field.needs_review());
        if sure_no {
            unsigned.push(spec.label(key));
            at = at.or_else(|| signature.as_ref().map(|field| field.place.clone()));
        }
        let field = signature.unwrap_or(Field {
            value: Value::Flag(false),
            raw: String::new(),
            place: Place::Whole { doc },
            confidence: Permille(700),
            doubts: Doubt::Unseen.into(),
        });
        record.fields.insert(key.to_owned(), field);
    }
    for (key, name) in [("party_a", found.name_a), ("party_b", found.name_b)] {
        if let Some((name, place, confidence)) = name
            && record.fields.get(key).is_none_or(|own| own.needs_review() && confidence >= SURE_ENOUGH)
        {
            let field = Field {
                value: Value::Text(name.clone()),
                raw: name,
                place,
                confidence,
                doubts: Doubt::Faint.when(confidence < SURE_ENOUGH),
            };
            record.fields.insert(key.to_owned(), field);
        }
    }
    let what: Vec<String> = (!dated).then(|| spec.label("contract_date")).into_iter().chain(unsigned).collect();
    if drafted.is_some() || !what.is_empty() {
        let field = if dated { "signature_a" } else { "contract_date" };
        // The empty place of a signature, or the title that calls the paper a draft; a date that is not there has no place.
        let place = at.or(drafted).unwrap_or(Place::Whole { doc });
        remarks.push(Remark::new("H-007").field(field).word("value", what.join("、")).at(place));
    }
}

#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod tests;
