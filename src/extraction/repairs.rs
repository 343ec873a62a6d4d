//! Signs that a scan spoilt, put right by what stands beside them.
//!
//! Owns specks read as stops, squares read as boxes, strokes and blocks of addresses. Never looks at a page.

use crate::extraction::decode::BET;
use crate::extraction::signs::Sign;
use crate::extraction::{kana, lookalike};

/// A stop inside a person's name is a speck in the space between its parts.
pub fn specks(signs: &mut Vec<Sign>) -> bool {
    let before = signs.len();
    for n in (1..signs.len()).rev() {
        if signs.get(n).is_some_and(|sign| is_stop(sign.char) && sign.char != '・') {
            signs.remove(n);
            if let Some(next) = signs.get_mut(n) {
                next.apart = true;
            }
        }
    }
    signs.len() < before
}

/// A speck that was read as a stop.
fn is_stop(c: char) -> bool {
    ".,'`、。・".contains(c)
}

/// Takes the dots off a name in kana that are specks; what stood behind one stands apart.
pub fn without_stray_dots(signs: &mut Vec<Sign>) -> bool {
    let chars: Vec<char> = signs.iter().map(|sign| sign.char).collect();
    let found = kana::stray_dots(&chars);
    for n in found.iter().rev() {
        signs.remove(*n);
        if let Some(next) = signs.get_mut(*n).filter(|_| *n > 0) {
            next.apart = true;
        }
    }
    !found.is_empty()
}

/// A code holds no stops: what was read as one is a speck.
pub fn without_stops(signs: &mut Vec<Sign>) -> bool {
    let before = signs.len();
    signs.retain(|sign| !is_stop(sign.char));
    signs.len() < before
}

/// Old forms that a reader brought up on other countries' print takes for those in use. True where one was; who bears it is asked.
pub fn old_forms(signs: &mut [Sign]) -> bool {
    const FORMS: [(char, char); 3] = [('薰', '薫'), ('殼', '殻'), ('巢', '巣')];
    let mut found = false;
    for sign in signs {
        if let Some((_, used)) = FORMS.iter().find(|(old, _)| *old == sign.char) {
            (sign.char, found) = (*used, true);
        }
    }
    found
}

/// A dash between digits that was read as a low stroke, or as a stroke and a dash: 022_629, 080_-7672.
pub fn low_dashes(signs: &mut Vec<Sign>) -> bool {
    let low: Vec<usize> = (0..signs.len()).filter(|n| signs[*n].char == '_').collect();
    for n in low.iter().rev() {
        if signs.get(n + 1).is_some_and(|next| matches!(next.char, '-' | '－' | '−')) {
            signs.remove(*n);
        } else {
            signs[*n].char = '-';
        }
    }
    !low.is_empty()
}

/// A day holds no colons: beside a word (西暦:2026年) one is a speck.
pub fn without_colons(signs: &mut Vec<Sign>) -> bool {
    let digit = |sign: Option<&Sign>| sign.is_some_and(|sign| sign.char.is_numeric());
    let specks: Vec<usize> = (0..signs.len())
        .filter(|n| {
            matches!(signs[*n].char, ':' | '：') && !(digit(n.checked_sub(1).and_then(|n| signs.get(n))) && digit(signs.get(n + 1)))
        })
        .collect();
    specks.iter().rev().for_each(|n| drop(signs.remove(*n)));
    !specks.is_empty()
}

/// Within words a square is the kanji that the reader took it for; else an empty one is ロ where kana or a count of houses
/// follows (ロ号棟), or 口.
pub fn squares(signs: &mut [Sign]) -> bool {
    let word = |sign: &Sign| sign.others.first().map(|(c, _)| *c).filter(|c| lookalike::is_kanji(*c));
    let found: Vec<usize> = (0..signs.len())
        .filter(|n| lookalike::is_box(signs[*n].char) && (!lookalike::is_tick(signs[*n].char) || word(&signs[*n]).is_some()))
        .collect();
    for n in &found {
        if let Some(kanji) = word(&signs[*n]).filter(|_| signs.len() > 1) {
            signs[*n].char = kanji;
            continue;
        }
        let kana = |sign: Option<&Sign>| sign.is_some_and(|sign| lookalike::is_katakana(sign.char));
        let counts = signs.get(n + 1).is_some_and(|next| "号棟".contains(next.char));
        signs[*n].char = if counts || kana(signs.get(n + 1)) || kana(n.checked_sub(1).and_then(|n| signs.get(n))) { 'ロ' } else { '口' };
    }
    !found.is_empty()
}

/// Among digits an empty square is a 0.
pub fn open_squares(signs: &mut [Sign]) -> bool {
    let square = |sign: &&mut Sign| lookalike::is_box(sign.char) && !lookalike::is_tick(sign.char);
    signs.iter_mut().filter(square).map(|sign| sign.char = '0').count() > 0
}

/// An O among nothing but digits is a 0: codes that hold letters leave out those that look like digits.
pub fn lone_letter(signs: &mut [Sign]) -> bool {
    let digits = signs.iter().filter(|sign| sign.char.is_ascii_digit()).count();
    let found = signs.iter().position(|sign| matches!(sign.char, 'O' | 'o')).filter(|_| digits > 0 && digits + 1 == signs.len());
    found.and_then(|n| signs.get_mut(n)).map(|sign| sign.char = '0').is_some()
}

/// What 目 and 番 are taken for where an address counts its blocks: 3丁日17番2号, 16書7号.
pub fn blocks(signs: &mut [Sign]) {
    let digit = |sign: Option<&Sign>| sign.is_some_and(|sign| sign.char.is_ascii_digit());
    for n in 1..signs.len() {
        let (before, next) = (signs[n - 1].char, signs.get(n + 1));
        if n > 1
            && before == '丁'
            && digit(signs.get(n - 2))
            && "日口自月曰田百且同".contains(signs[n].char)
            && (digit(next) || next.is_none())
        {
            signs[n].char = '目';
        } else if before.is_ascii_digit() && "書香審曲".contains(signs[n].char) && digit(next) {
            signs[n].char = '番';
        }
    }
}

/// A weak stroke between kanji is the ノ of a name: 樫ノ木.
pub fn slashes(signs: &mut [Sign]) -> bool {
    let kanji = |sign: Option<&Sign>| sign.is_some_and(|sign| lookalike::is_kanji(sign.char));
    let found: Vec<usize> = (1..signs.len())
        .filter(|n| {
            matches!(signs[*n].char, '/' | '／' | '丿') && signs[*n].confidence < 900 && kanji(signs.get(n - 1)) && kanji(signs.get(n + 1))
        })
        .collect();
    found.iter().for_each(|n| signs[*n].char = 'ノ');
    !found.is_empty()
}

/// A weak stop between two digits is a speck: 20.1.
pub fn stops(signs: &mut Vec<Sign>) -> bool {
    let digit = |sign: Option<&Sign>| sign.is_some_and(|sign| sign.char.is_ascii_digit());
    let found: Vec<usize> = (1..signs.len())
        .filter(|n| signs[*n].char == '.' && signs[*n].confidence < BET && digit(signs.get(n - 1)) && digit(signs.get(n + 1)))
        .collect();
    found.iter().rev().for_each(|n| drop(signs.remove(*n)));
    !found.is_empty()
}
