//! Forms of one kanji that names tell apart: 高 and 髙, 恵 and 惠.
//!
//! Owns which there are, and how far a recogniser is to be believed on them. Never chooses one for a name.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Forms of one kanji that names tell apart; none belongs to two.
const VARIANTS: &[&str] = &[
    "高髙",
    "崎﨑嵜",
    "浜濱濵",
    "斎齋斉齊",
    "辺邊邉",
    "徳德",
    "桧檜",
    "吉𠮷",
    "瀬瀨",
    "黒黑",
    "栄榮",
    "沢澤",
    "島嶋嶌",
    "広廣",
    "国國",
    "桜櫻",
    "竜龍",
    "滝瀧",
    "関關",
    "恵惠",
    "柳栁",
    "館舘",
    "条條",
    "静靜",
    "真眞",
    "鉄鐵",
    "弥彌",
    "豊豐",
    "仮假",
    "亜亞",
    "円圓",
    "学學",
    "実實",
    "寿壽",
    "万萬",
    "隆隆",
    "塚塚",
    "昇曻",
    "桑桒",
    "曽曾",
    "藤籐",
    "晃晄",
    "来來",
    "帯帶",
    "巌巖",
    "峰峯",
    "渕淵渊",
    "富冨",
    "槙槇",
    "祐祐",
    "神神",
    "福福",
];

/// All forms of a kanji, itself among them; `None` where it has one only.
fn forms_of(c: char) -> Option<&'static str> {
    static FORMS: LazyLock<HashMap<char, &str>> =
        LazyLock::new(|| VARIANTS.iter().flat_map(|forms| forms.chars().map(move |form| (form, *forms))).collect());
    FORMS.get(&c).copied()
}

/// Whether two characters are forms of one kanji.
pub fn are_variants(left: char, right: char) -> bool {
    left != right && forms_of(left).is_some_and(|forms| forms.contains(right))
}

/// The form in daily use of a kanji that has an old one (惠: 恵); `None` where both are in daily use.
pub fn common_form(c: char) -> Option<char> {
    forms_of(c)?.chars().next().filter(|common| *common != c && doubt(c) > DAILY)
}

/// The rare form of a kanji that a recogniser hardly dares to say: where it is considered at all, it was printed.
/// (Printed 高 never has 髙 among its alternatives, printed 髙 always has it, with 8 to 90 thousandths.)
pub fn shy_form(c: char) -> Option<char> {
    (c == '高').then_some('髙')
}

/// Whether a kanji has another form.
pub fn has_variants(c: char) -> bool {
    forms_of(c).is_some()
}

/// From which confidence (thousandths) of its other form on a kanji is in doubt: both forms of these are in daily use.
pub fn doubt(c: char) -> u16 {
    if "高髙崎﨑斎齋斉齊辺邊邉浜濱吉".contains(c) { DAILY } else { 300 }
}

/// The bound of forms that are both in daily use.
const DAILY: u16 = 5;

/// Whether a character has another form in names that differs from it by one stroke: 髙, 﨑, 𠮷.
pub fn differ_in_a_stroke(c: char) -> bool {
    matches!(c, '高' | '崎' | '吉')
}

/// Whether a character is a rare form that a blot or a lost dot makes of the common one: 惠 of 恵.
pub fn is_made_by_a_blot(c: char) -> bool {
    matches!(c, '惠' | '德' | '黑' | '瀨')
}

/// Whether a character has a form in use in names that the recogniser hardly ever writes, however sure it is of this one.
pub fn has_unwritable_variant(c: char, sure: u16) -> bool {
    // 采 and 釆 differ by less than a stroke.
    matches!(c, '崎' | '采' | '釆') || sure < 1000 && matches!(c, '浜' | '昇')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kanji_belongs_to_two_sets() {
        let sets = |c: char| VARIANTS.iter().filter(|forms| forms.contains(c)).count();
        assert!(VARIANTS.iter().flat_map(|forms| forms.chars()).all(|c| sets(c) == 1));
        assert!(are_variants('髙', '高') && !are_variants('高', '高') && !are_variants('高', '崎'));
    }
}
