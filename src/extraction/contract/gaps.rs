//! What a contract lacks: pages by their printed numbers, appendices that the body names.

use crate::domain::finding::Remark;
use crate::domain::pattern::compiled;
use crate::domain::reading::{Line, Page};
use crate::extraction::contract::flow::fold;
use std::collections::BTreeSet;

/// A printed page number: `2`, `- 2 -`, `2/5`, `2頁`, `P.2`.
const NUMBER: &str = r"(?i)^[-~(]?(?:p\.?|page)?(\d{1,3})(?:(?:/|of)(\d{1,3}))?(?:頁|ページ)?[-~)]?$";

/// Pages that the printed numbers leave out.
pub fn missing_pages(pages: &[Page]) -> Vec<Remark> {
    let Some(number) = compiled(NUMBER) else { return Vec::new() };
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    let mut last = 0;
    let mut numbered = 0;
    for page in pages {
        let edge = |line: &&Line| {
            let (x, y) = line.area.centre();
            // In the margin above or below, in the middle or at the right.
            (y * 100 > page.height * 92 || y * 100 < page.height * 6) && x * 100 > page.width * 30
        };
        let printed = page.lines.iter().filter(edge).find_map(|line| {
            let text = fold(&line.text);
            let captures = number.captures(&text)?;
            let read = |n: usize| captures.get(n).and_then(|part| part.as_str().parse::<u32>().ok());
            Some((read(1)?, read(2)))
        });
        if let Some((here, of)) = printed {
            numbered += 1;
            seen.insert(here);
            last = last.max(of.unwrap_or(0));
        }
    }
    // One number may be anything; a row of them is a count.
    if numbered < 2 && last == 0 {
        return Vec::new();
    }
    let last = last.max(seen.last().copied().unwrap_or(0));
    let first = seen.first().copied().unwrap_or(1).min(if last > 0 { 1 } else { u32::MAX });
    let unnumbered = pages.len().saturating_sub(numbered);
    let missing: Vec<u32> = (first..=last).filter(|page| !seen.contains(page)).collect();
    // Covers and appendices often carry no number.
    if missing.len() <= unnumbered || missing.len() > 50 {
        return Vec::new();
    }
    missing.into_iter().map(|page| Remark::new("F-006").word("page", page.to_string())).collect()
}

/// The heading of an appendix: its number, where it has one.
pub fn appendix(text: &str) -> Option<String> {
    let folded = fold(text);
    let rest = folded.trim_start_matches(['(', '【', '[', '<']).strip_prefix("別紙")?;
    let number: String = rest.chars().next().filter(|c| c.is_ascii_digit() || KANJI.contains(*c)).map(String::from).unwrap_or_default();
    let title = rest.trim_start_matches(|c: char| c.is_ascii_digit() || KANJI.contains(c) || "-~)】]>:".contains(c));
    // A heading is short; the body speaks of appendices in sentences.
    let heading = title.chars().count() <= 24 && !title.contains(['。', '、', 'の', 'に', 'を']);
    heading.then(|| plain(&number))
}

const KANJI: &str = "一二三四五";

fn plain(number: &str) -> String {
    number.chars().next().and_then(|c| KANJI.chars().position(|k| k == c)).map_or_else(|| number.to_owned(), |n| (n + 1).to_string())
}

/// The position of the first page that begins with an appendix's heading.
pub fn first_appendix(pages: &[Page]) -> usize {
    pages
        .iter()
        .skip(1)
        .position(|page| page.lines.iter().take(3).any(|line| line.area.top < page.height / 3 && appendix(&line.text).is_some()))
        .map_or(pages.len(), |n| n + 1)
}

/// Appendices that the body names and no heading begins.
pub fn missing_appendices(body: &str, pages: &[Page]) -> Vec<Remark> {
    let Some(named) = compiled("別紙([0-9一二三四五])") else { return Vec::new() };
    let wanted: BTreeSet<String> =
        named.captures_iter(body).filter_map(|captures| captures.get(1)).map(|number| plain(number.as_str())).collect();
    let there: BTreeSet<String> = pages.iter().flat_map(|page| &page.lines).filter_map(|line| appendix(&line.text)).collect();
    let unnumbered = there.contains("");
    wanted
        .into_iter()
        .filter(|number| !(there.contains(number) || unnumbered && number == "1"))
        .map(|number| Remark::new("H-008").word("value", format!("別紙{number}")))
        .collect()
}
