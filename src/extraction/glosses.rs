//! Translations set small below the labels of a form: 申込者名 / Name of applicant.
//!
//! Owns which lines are such glosses. Never knows a label; an entry in Latin letters is none of them.

use crate::domain::place::Area;
use crate::domain::reading::{Line, Page};
use std::borrow::Cow;

/// So many lines of Latin letters below Japanese ones are a manner of the form; fewer may be entries.
const MANNER: usize = 4;

/// The pages without the glosses of their labels.
pub fn removed(pages: &[Page]) -> Cow<'_, [Page]> {
    if pages.iter().map(|page| found(page, is_japanese).len()).sum::<usize>() < MANNER {
        return Cow::Borrowed(pages);
    }
    // Where that is the manner, a label may be Latin itself: TEL / Phone.
    let glosses: Vec<Vec<usize>> = pages.iter().map(|page| found(page, is_label)).collect();
    let kept = pages.iter().zip(&glosses).map(|(page, glosses)| {
        let lines = page.lines.iter().enumerate().filter(|(n, _)| !glosses.contains(n)).map(|(_, line)| line.clone());
        Page { lines: lines.collect(), ..page.clone() }
    });
    Cow::Owned(kept.collect())
}

/// The lines of Latin letters alone that stand small and close below a line that may be a label, from its left edge.
fn found(page: &Page, label: fn(&str) -> bool) -> Vec<usize> {
    let translates = |line: &Line| page.lines.iter().any(|above| label(&above.text) && stands_below(&line.area, &above.area));
    page.lines.iter().enumerate().filter(|(_, line)| is_latin(&line.text) && translates(line)).map(|(n, _)| n).collect()
}

fn stands_below(gloss: &Area, label: &Area) -> bool {
    let apart = gloss.top - label.bottom;
    let size = label.height();
    (gloss.left - label.left).abs() <= size
        && gloss.centre().1 > label.bottom - size / 4
        && (-size / 2..=size * 3 / 4).contains(&apart)
        // A speck that touches it makes it higher.
        && gloss.height() * 10 <= size * 14
}

/// Words in Latin letters, one sign in six misread at most; an address of mail or a code is none.
fn is_latin(text: &str) -> bool {
    let signs: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let letters = signs.iter().filter(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '/' | '.' | '(' | ')')).count();
    signs.iter().any(|c| c.is_ascii_lowercase()) && letters * 6 >= signs.len() * 5 && !text.contains(['@', '＠'])
}

fn is_label(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    is_japanese(text) || digits == 0 && !text.contains(['@', '＠']) && text.chars().count() <= 16
}

fn is_japanese(text: &str) -> bool {
    text.chars().filter(|c| matches!(c, 'ぁ'..='ヺ' | '一'..='鿿' | 'ｦ'..='ﾟ')).count() >= 2
}

#[cfg(test)]
mod tests {
    use crate::extraction::sketch::{extract, grid, page, said};

    #[test]
    fn english_below_the_labels_is_no_entry() {
        let mut one = page(1, &[(300, 40, "需給調整市場システム利用申込書"), (800, 10, "1/1")], &[]);
        let rows: &[&[(i32, &str)]] = &[
            &[(260, "申込者名/Name of applicant"), (600, "東光製鉄合同会社")],
            &[(260, "所在地/Address"), (600, "愛知県名古屋市東区")],
            &[(260, "備考/Remarks"), (600, "")],
            &[(260, "担当部署/Department"), (600, "総務部")],
            &[(260, "代表者役職/Title"), (600, "代表取締役")],
            &[(260, "TEL/Phone"), (600, "022-629-8007")],
            &[(260, "法人番号（13桁）/Corporate number"), (600, "2360376066429")],
        ];
        grid(&mut one, 50, 100, rows);
        let found = extract(&[one]);
        let wanted = [
            ("applicant_name", "東光製鉄合同会社"),
            ("address", "愛知県名古屋市東区"),
            ("remarks", ""),
            ("contact_department", "総務部"),
            ("representative_title", "代表取締役"),
            ("contact_phone", "022-629-8007"),
            ("corporate_number", "2360376066429"),
        ];
        for (key, value) in wanted {
            assert_eq!(said(&found, key), value, "{key}");
        }
    }

    #[test]
    fn a_name_in_latin_letters_below_its_label_is_an_entry() {
        let mut one = page(1, &[(300, 40, "需給調整市場システム利用申込書"), (800, 10, "1/1")], &[]);
        grid(&mut one, 50, 100, &[&[(600, "申込者名/Sunrise Power")], &[(600, "所在地/愛知県名古屋市東区")]]);
        assert_eq!(said(&extract(&[one]), "applicant_name").replace(' ', ""), "SunrisePower");
    }
}
