//! Answers that a text offers side by side, with a box or a pair of brackets before each: ■有　□無, （○）要　（　）否.
//!
//! Owns which of them are ticked. Never knows a list of codes, never looks at a picture.

const TICKED: &str = "■☑☒▣✅✓✔";
const OPEN: &str = "□☐❏❑";
/// What is written into brackets to choose.
const MARKS: &str = "○〇◯●◎✓✔レ";

/// The answers behind the ticked boxes; `None` where the text has no boxes, or nothing behind one that is ticked.
pub fn ticked(tidy: &str) -> Option<Vec<String>> {
    let boxed = boxes(tidy);
    let mut answers: Vec<(bool, String)> = Vec::new();
    for c in boxed.chars() {
        match answers.last_mut() {
            _ if TICKED.contains(c) || OPEN.contains(c) => answers.push((TICKED.contains(c), String::new())),
            Some((_, answer)) => answer.push(c),
            None => {}
        }
    }
    let chosen = answers.iter().filter(|(ticked, _)| *ticked);
    let chosen: Vec<String> = chosen.map(|(_, answer)| answer.trim_matches(is_between).to_owned()).collect();
    (!answers.is_empty() && chosen.iter().all(|answer| !answer.is_empty())).then_some(chosen)
}

/// What parts one answer from the next.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '・' | '/' | ',' | '、' | ';')
}

/// Brackets around a mark or around nothing, as the boxes that they stand for.
fn boxes(tidy: &str) -> String {
    let chars: Vec<char> = tidy.chars().collect();
    let mut boxed = String::with_capacity(tidy.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let inside = chars.get(at + 1..).unwrap_or(&[]).iter().position(|c| matches!(c, ')' | ']')).filter(|_| matches!(c, '(' | '['));
        let inside = inside.map(|end| chars[at + 1..at + 1 + end].iter().filter(|c| !c.is_whitespace()).collect::<Vec<_>>());
        let (sign, length) = match (inside.as_deref(), chars.get(at + 1..)) {
            (Some([]), Some(rest)) => ('□', 2 + rest.iter().take_while(|c| c.is_whitespace()).count()),
            (Some([mark]), Some(rest)) if MARKS.contains(**mark) => {
                ('■', 1 + rest.iter().take_while(|c| !matches!(c, ')' | ']')).count() + 1)
            }
            _ => (*c, 1),
        };
        boxed.push(sign);
        at += length;
    }
    boxed
}

#[cfg(test)]
mod tests {
    use super::ticked;

    #[test]
    fn the_answers_behind_ticked_boxes_are_chosen() {
        for (text, wanted) in [
            ("■有 □無", Some(&["有"][..])),
            ("□有 ■無", Some(&["無"])),
            ("□ 収入割 / ☑ 収入割以外(所得割等)", Some(&["収入割以外(所得割等)"])),
            ("(○)要 ( )否", Some(&["要"])),
            ("[ ] 管理者 [レ] 登録者 [ ] 参照者", Some(&["登録者"])),
            ("()普通 (✓)当座", Some(&["当座"])),
            ("■2F、■2B □2L", Some(&["2F", "2B"])),
            ("■普通", Some(&["普通"])),
            ("✓普通 □当座", Some(&["普通"])),
            ("✓", None),
            ("□有 □無", Some(&[])),
            ("DR(単独需要家)", None),
            ("○", None),
            ("(○)", None),
            ("普通預金(総合口座)", None),
        ] {
            let wanted = wanted.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            assert_eq!(ticked(text), wanted, "{text}");
        }
    }
}
