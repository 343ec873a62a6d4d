//! Which printed words are labels, and of which field.
//!
//! Owns the matching of labels and the choice among rivals. Never looks at an entry.

mod postal;
mod words;

use crate::domain::document::DocumentSpec;
use crate::domain::place::Area;
use crate::extraction::layout::{Ink, Plan, Span, WORD_GAP};
use crate::extraction::lookalike;
use std::collections::{BTreeMap, BTreeSet};
use words::{Word, edits, keyed, signs_read, tolerance, words};

/// A label found on a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// Index of the field in its document; `None` for a label that is no field of ours.
    pub field: Option<usize>,
    pub plan: usize,
    pub spans: Vec<Span>,
    pub area: Area,
    /// The cell that holds nothing but this label.
    pub cell: Option<usize>,
    pub score: i32,
    /// The field is named once more: what stands behind it must say the same as the first entry.
    pub again: bool,
    /// The words are those of the options: where the field has another label, they are its entry.
    offers: bool,
}

impl Hit {
    /// Whether this is the label whose entry is the field's value.
    pub fn names(&self, field: usize) -> bool {
        self.field == Some(field) && !self.again
    }
}

/// A label that names a field for the second time counts only where nothing speaks against it.
const SURE: i32 = 35;

/// The labels of a document on its pages: the best set, no character used twice, the best label of a field first.
pub fn find(plans: &[Plan], spec: &DocumentSpec) -> Vec<Hit> {
    let words = words(spec);
    let mut rivals = Vec::new();
    for (n, plan) in plans.iter().enumerate() {
        let mut own = Vec::new();
        whole_cells(plan, n, &words, &mut own);
        in_rows(plan, n, &words, &mut own);
        over_rows(plan, n, &words, &mut own);
        postal::marks(plan, n, &words, &mut own);
        weigh(plan, spec, &mut own);
        rivals.extend(own);
    }
    rivals.sort_by_key(|hit| (-hit.score, hit.plan, hit.spans.first().copied()));
    let mut used: BTreeSet<(usize, usize, usize)> = BTreeSet::new();
    let mut named: BTreeSet<usize> = BTreeSet::new();
    let mut chosen = Vec::new();
    for mut hit in rivals {
        hit.again = hit.field.is_some_and(|field| named.contains(&field));
        if hit.score <= 0 || hit.again && (hit.score < SURE || hit.offers) {
            continue;
        }
        let inks: Vec<_> = hit.spans.iter().flat_map(|span| (span.from..span.to).map(|n| (hit.plan, span.row, n))).collect();
        if inks.iter().any(|ink| used.contains(ink)) {
            continue;
        }
        used.extend(inks);
        named.extend(hit.field);
        chosen.push(hit);
    }
    chosen.sort_by_key(|hit| (hit.plan, hit.area.top, hit.area.left));
    chosen
}

/// Numbers before a label: １． (2) ③ 第４.
fn skip_numbering(text: &str) -> usize {
    let signs = |c: char| {
        c.is_numeric()
            || matches!(c, '.' | '．' | '(' | ')' | '（' | '）' | '、' | '・' | '*' | '※' | '＊' | '■' | '●' | '○' | '◆' | '◎' | '-')
    };
    text.chars().take_while(|c| signs(*c)).count()
}

fn base(word: &Word, cost: usize) -> i32 {
    10 * word.key.len().min(9) as i32 - 14 * cost as i32 - word.rank.min(4) - if word.lists_options { 45 } else { 0 }
}

/// Cells whose whole text is a label, on one line or on several.
fn whole_cells(plan: &Plan, n: usize, words: &[Word], found: &mut Vec<Hit>) {
    for (cell, rows) in plan.rows_of.iter().enumerate() {
        let spans: Vec<Span> = rows.iter().map(|row| plan.whole_row(*row)).collect();
        let text: String = spans.iter().map(|span| plan.text(*span)).collect();
        let read = keyed(plan, &spans);
        // Options are an entry; a single box inside may be a kanji misread.
        let boxes = spans.iter().flat_map(|span| plan.inks(*span)).filter(|ink| ink.is_box()).count();
        let offers = boxes > 1 || spans.first().and_then(|span| plan.inks(*span).first()).is_some_and(Ink::is_box);
        if offers || read.is_empty() || read.len() > 30 || ends_in_number(plan, &spans) {
            continue;
        }
        let skipped: usize = text.chars().take(skip_numbering(&text)).map(|c| lookalike::key(c).count()).sum();
        let area = plan.area(&spans);
        let plain = without_note(&text, &read, spans.len() == 1);
        let among = signs_read(plan, &read).last().copied().unwrap_or_default();
        for word in words {
            let readings = [&read, read.get(skipped..).unwrap_or(&[]), plain, plain.get(skipped..).unwrap_or(&[])];
            let costs = readings.into_iter().filter(|_| word.may_stand(among)).map(|read| edits(plan, &word.key, read, false).0);
            let cost = costs.min().unwrap_or(usize::MAX);
            let cost = if is_lone_sign(plan, &word.key, &read) { 0 } else { cost };
            if cost <= tolerance(word.key.len()) {
                let score = base(word, cost) + 30;
                found.push(Hit {
                    field: word.field,
                    plan: n,
                    spans: spans.clone(),
                    area,
                    cell: Some(cell),
                    score,
                    again: false,
                    offers: word.lists_options,
                });
            }
        }
    }
}

/// Whether digits alone stand below other words in a cell: an entry under its label, though a short one is no more than a misread sign.
fn ends_in_number(plan: &Plan, spans: &[Span]) -> bool {
    let digits = |span: &Span| plan.inks(*span).iter().all(|ink| ink.char.is_numeric() || ink.char == ' ');
    matches!(spans, [first, .., last] if digits(last) && !digits(first))
}

/// Whether a label of one sign (〒) has a cell for itself and was at least thought of when it was read (T), or looks like it.
fn is_lone_sign(plan: &Plan, key: &[char], read: &[(char, usize, usize)]) -> bool {
    let ([wanted], [(_, row, n)]) = (key, read) else { return false };
    let ink = plan.rows.get(*row).and_then(|row| row.inks.get(*n));
    let alike = |c: char| *wanted == '〒' && lookalike::is_postal_mark(c);
    ink.is_some_and(|ink| alike(ink.char) || ink.others.iter().any(|(other, _)| lookalike::key(*other).eq([*wanted])))
}

/// A label without the note or the translation behind it: 電話番号（日中）, 所在地【必須】, 申込日 Date.
/// On a line of its own, Latin may be an entry.
fn without_note<'a>(text: &str, read: &'a [(char, usize, usize)], one_line: bool) -> &'a [(char, usize, usize)] {
    let foreign = |c: char| c.is_ascii_alphabetic() || matches!(c, ' ' | '/' | '／' | '-' | '.');
    let own = text.trim_end_matches(foreign);
    let translated = one_line && text[own.len()..].chars().filter(char::is_ascii_alphabetic).count() >= 3;
    let open =
        text.find(['(', '（', '※', '【', '［', '[', '*', '＊']).or_else(|| text.ends_with("必須").then(|| text.len() - "必須".len()));
    let Some(end) = open.or_else(|| translated.then_some(own.len())).filter(|end| *end > 0) else { return read };
    let kept: usize = text.get(..end).unwrap_or(text).chars().map(|c| lookalike::key(c).count()).sum();
    read.get(..kept).unwrap_or(read)
}

/// Labels that begin a row or stand behind a gap, with the entry behind them.
fn in_rows(plan: &Plan, n: usize, words: &[Word], found: &mut Vec<Hit>) {
    for (row, line) in plan.rows.iter().enumerate() {
        for from in 0..line.inks.len() {
            let begins = from == 0 || plan.gap(row, from) >= 400 || line.inks.get(from - 1).is_some_and(|ink| opens(ink.char));
            if !begins {
                continue;
            }
            let rest = Span { row, from, to: line.inks.len() };
            let skipped = if from == 0 { skip_numbering(&plan.text(rest).replace(' ', "")) } else { 0 };
            let rest = Span { from: from + skipped.min(rest.to - from), ..rest };
            let read = keyed(plan, &[rest]);
            let among = signs_read(plan, &read);
            for word in words {
                let reach = read.get(..read.len().min(word.key.len() + 3)).unwrap_or(&read);
                if !among.get(reach.len()).is_some_and(|among| word.may_stand(*among)) {
                    continue;
                }
                let (cost, used) = edits(plan, &word.key, reach, true);
                let allowed = tolerance(word.key.len());
                let Some((_, _, last)) = used.checked_sub(1).and_then(|n| reach.get(n)).copied().filter(|_| cost <= allowed) else {
                    continue;
                };
                // 代表社員　　氏名 is an entry and the label behind it, not 代表者の氏名 misread.
                if cost > 0 && is_torn(plan, row, rest.from, last + 1) {
                    continue;
                }
                let to = close(plan, row, last + 1);
                let Some(ending) = ending(plan, row, to, word.key.len(), cost) else { continue };
                let span = Span { row, from: rest.from, to };
                let area = plan.area(&[span]);
                found.push(Hit {
                    field: word.field,
                    plan: n,
                    spans: vec![span],
                    area,
                    cell: None,
                    score: base(word, cost) + ending,
                    again: false,
                    offers: word.lists_options,
                });
            }
        }
    }
}

/// Whether one gap parts the characters of a span, which stand close otherwise.
fn is_torn(plan: &Plan, row: usize, from: usize, to: usize) -> bool {
    let mut gaps: Vec<i32> = (from + 1..to).map(|n| plan.gap(row, n)).collect();
    gaps.sort_unstable();
    matches!(gaps.as_slice(), [.., next, widest] if *widest >= 2 * WORD_GAP && 2 * next < *widest)
}

/// Signs behind which a label may begin.
fn opens(c: char) -> bool {
    matches!(c, '】' | '｜' | '|' | '／' | '㊞')
}

/// Takes the punctuation behind a label along. A colon is misread as any small sign; what opens an entry is none.
fn close(plan: &Plan, row: usize, mut to: usize) -> usize {
    let inks = plan.rows.get(row).map_or(&[][..], |row| row.inks.as_slice());
    to += demand(inks.get(to..).unwrap_or(&[]));
    while inks.get(to).is_some_and(|ink| is_colon(ink) || matches!(ink.char, ')' | '）' | '】' | ']' | '〕' | '＞' | '>' | '」')) {
        to += 1;
    }
    to
}

/// How many signs say that an entry is asked for: 【必須】, ※必須, ＊.
fn demand(inks: &[Ink]) -> usize {
    let signs: Vec<char> = inks.iter().take(4).map(|ink| ink.char).collect();
    match signs.as_slice() {
        ['【' | '[' | '［' | '(' | '（' | '※', '必' | '任', ..] => signs.len().min(3),
        ['必', '須', ..] => 2,
        ['*' | '＊' | '※', ..] => 1,
        _ => 0,
    }
}

fn is_colon(ink: &Ink) -> bool {
    matches!(
        ink.char,
        ':' | '：'
            | ';'
            | '；'
            | '°'
            | '.'
            | '．'
            | '·'
            | '…'
            | '‥'
            | ','
            | '，'
            | '、'
            | '。'
            | '\''
            | '`'
            | '"'
            | '“'
            | '”'
            | '‘'
            | '’'
    )
}

/// How well a label ends where it ends; `None` where it is only the beginning of other words.
fn ending(plan: &Plan, row: usize, to: usize, length: usize, cost: usize) -> Option<i32> {
    let inks = plan.rows.get(row).map_or(&[][..], |row| row.inks.as_slice());
    let colon = to.checked_sub(1).and_then(|n| inks.get(n)).is_some_and(is_colon);
    let Some(next) = inks.get(to) else { return Some(15) };
    let gap = plan.gap(row, to);
    if colon {
        return Some(18);
    }
    if next.is_box() {
        return Some(14);
    }
    if gap >= 2 * WORD_GAP {
        return Some(15);
    }
    if gap >= 400 && (length >= 2 || cost == 0) {
        return Some(6);
    }
    let other_script = next.char.is_ascii_alphanumeric() || next.char.is_numeric() || matches!(next.char, '(' | '（' | '〒');
    // 〒 is the one label of a single sign, and it always touches what follows.
    let postal = length == 1 && to > 0 && inks.get(to - 1).is_some_and(|ink| ink.char == '〒');
    ((other_script && length >= 4 && cost == 0) || (postal && next.char.is_numeric())).then_some(0)
}

/// Labels that go on in the next row, outside a grid: 需給調整市場への / 参加予定.
fn over_rows(plan: &Plan, n: usize, words: &[Word], found: &mut Vec<Hit>) {
    let segments: Vec<Span> = (0..plan.rows.len())
        .flat_map(|row| [2 * WORD_GAP, WORD_GAP].into_iter().flat_map(move |gap| plan.segments(plan.whole_row(row), gap)))
        .filter(|span| span.to - span.from <= 16)
        .collect();
    let areas: Vec<Area> = segments.iter().map(|span| plan.area(&[*span])).collect();
    for (first, head) in segments.iter().zip(&areas) {
        let below = segments.iter().zip(&areas).filter(|(span, area)| {
            let apart = area.top - head.bottom;
            span.row > first.row
                && same_cell(plan, first.row, span.row)
                && apart < plan.em
                && apart > -head.height() / 2
                && area.centre().1 > head.centre().1 + head.height() / 2
                && ((area.left - head.left).abs() <= plan.em || (area.centre().0 - head.centre().0).abs() <= plan.em)
        });
        for (second, _) in below {
            let skipped = if first.from == 0 { skip_numbering(&plan.text(*first).replace(' ', "")) } else { 0 };
            let spans = vec![Span { from: (first.from + skipped).min(first.to), ..*first }, *second];
            let read = keyed(plan, &spans);
            let among = signs_read(plan, &read).last().copied().unwrap_or_default();
            for word in words.iter().filter(|word| word.key.len() >= 4 && word.may_stand(among)) {
                let cost = edits(plan, &word.key, &read, false).0;
                if cost <= tolerance(word.key.len()) {
                    let area = plan.area(&spans);
                    found.push(Hit {
                        field: word.field,
                        plan: n,
                        spans: spans.clone(),
                        area,
                        cell: None,
                        score: base(word, cost) + 8,
                        again: false,
                        offers: word.lists_options,
                    });
                }
            }
        }
    }
}

fn same_cell(plan: &Plan, left: usize, right: usize) -> bool {
    plan.rows.get(left).map(|row| row.cell) == plan.rows.get(right).map(|row| row.cell)
}

/// What stands around a label speaks for or against it.
fn weigh(plan: &Plan, spec: &DocumentSpec, hits: &mut [Hit]) {
    let label_cells: BTreeSet<usize> = hits.iter().filter_map(|hit| hit.cell).collect();
    // Labels within cells that hold more: each stands before its own entry.
    let mut within: BTreeMap<usize, Vec<(Option<usize>, usize, usize)>> = BTreeMap::new();
    for (hit, span) in hits.iter().filter(|hit| hit.cell.is_none()).filter_map(|hit| Some((hit, hit.spans.first()?))) {
        if let Some(cell) = plan.rows.get(span.row).and_then(|row| row.cell).filter(|cell| !label_cells.contains(cell)) {
            within.entry(cell).or_default().push((hit.field, span.row, span.from));
        }
    }
    let shared = |n: usize, own: Option<usize>| {
        let labels = within.get(&n).map_or(&[][..], Vec::as_slice);
        let apart = |one: &(Option<usize>, usize, usize), other: &(Option<usize>, usize, usize)| {
            one.0 != other.0 && (one.1, one.2) != (other.1, other.2)
        };
        labels.iter().filter(|label| label.0 == own).any(|label| labels.iter().any(|other| apart(label, other)))
    };
    for hit in hits.iter_mut() {
        if let Some(cell) = hit.cell.and_then(|n| plan.cells.get(n)) {
            let beside = |other: &Area| (other.left - cell.right).abs() <= plan.em && other.row_overlap(cell) >= 700;
            let right: Vec<usize> = plan.cells.iter().enumerate().filter(|(_, other)| beside(other)).map(|(n, _)| n).collect();
            let labels = right.iter().filter(|n| label_cells.contains(n)).count();
            // 代表者 | 役職：…　氏名：…
            let heads = right.iter().any(|n| shared(*n, hit.field));
            if labels >= 2 || heads {
                // A heading beside several labels names a group, not an entry.
                hit.score -= 60;
            } else if labels < right.len() {
                hit.score += 10;
            }
        }
        let Some(field) = hit.field.and_then(|n| spec.fields.get(n)) else { continue };
        if !field.find.section.is_empty() {
            match section(plan, spec, hit) {
                Some(text) if field.find.section.iter().any(|word| text.contains(word.as_str())) => hit.score += 25,
                Some(_) => hit.score -= 25,
                None => {}
            }
        }
    }
}

/// The words of the nearest heading, to the left or above, that some field calls its section.
fn section(plan: &Plan, spec: &DocumentSpec, hit: &Hit) -> Option<String> {
    let words: Vec<&str> = spec.fields.iter().flat_map(|field| &field.find.section).map(String::as_str).collect();
    let speaks = |text: &str| words.iter().any(|word| text.contains(word));
    let own: String = hit.spans.iter().map(|span| plan.text(*span).replace(' ', "")).collect();
    if speaks(&own) {
        return Some(own);
    }
    let beside = plan
        .cells
        .iter()
        .zip(&plan.rows_of)
        .filter(|(cell, _)| cell.right <= hit.area.left + plan.em && cell.row_overlap(&hit.area) >= 700);
    let beside = beside.map(|(cell, rows)| {
        let text: String = rows.iter().map(|row| plan.text(plan.whole_row(*row)).replace(' ', "")).collect();
        (cell.right, text)
    });
    if let Some((_, text)) = beside.filter(|(_, text)| speaks(text)).max_by_key(|(right, _)| *right) {
        return Some(text);
    }
    let above = plan.rows.iter().enumerate().filter(|(_, row)| row.area.bottom <= hit.area.top + plan.em / 2);
    above
        .map(|(n, row)| (row.area.bottom, plan.text(plan.whole_row(n)).replace(' ', "")))
        .filter(|(_, text)| text.chars().count() <= 24 && speaks(text))
        .max_by_key(|(bottom, _)| *bottom)
        .map(|(_, text)| text)
}
