//! Which characters a Japanese form may hold, and how likely.
//!
//! Owns the weights of the recogniser's classes. `models/prepare` leaves out simplified Chinese, emoji and all else that no such form
//! holds; of what is left a form's own sign must win against its foreign twin.

use encoding_rs::EUC_JP;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Old forms that nobody writes today outside of quotations. Names (櫻 澤 濱 邊 髙 﨑 龍 …) are not among them.
const OLD: &str = "國學會號發變體藝經驛圖團對應廢拜擔據擧敎數斷條樂權歐氣沒獨獻當疊礙禮稻竊粹絲總縣聲聽與舊處虛觸譯讀豫賣輕轉辭遞鐵關險雜靈飮驗鹽點黨兩亞佛來假傳價儉僞兒內冰剩勞勸區卽參單嚴囑圓壓墮壞壯壹奧奬姬娛實寢將專屆屬峽巢帶廳彈徑從徵恆惡惱愼懷戰戲戶抛拂挾插揭搖擇擊攝收敍效敕晚晝曆曉槪樓樣橫檢欄歡步歲歷歸殘殺殼每淨淚淸淺渴溫滯滿潛濕濟灣燒營爐爭爲狀狹獎獵珍甁畫發盜盡眾碎祕祿禍福稱穗穩竝節粧絕綠緣縱繩繪續缺罐聯肅脫腦膽臟臺舖莊莖萬蔣藏藥處號蟲衞裝複襃覺覽觀訓證變豐貳賤贊踐躍軀軍輸辨辯邏郞鄕醉醫釀釋鑄鑛鑒閱陷隨隱雙難霸靑靜面響頰顏顯餘騷驅髓鬪鷄麥黃默齊齒齡";

/// Signs of forms that the Japanese standard set lacks.
const MORE: &str = include_str!("signs.txt");

/// Japanese forms of kanji that are written otherwise elsewhere and look alike: a line each, the Japanese form first. After the tables of
/// OpenCC, as far as no more than the radical is simplified; a blurred 売 is taken for 壳, though that means another word.
const HOMES: &str = include_str!("homes.txt");

/// The Japanese form of a kanji that is written otherwise elsewhere.
pub fn home(c: char) -> Option<char> {
    static HOME: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let pairs = |line: &'static str| line.chars().skip(1).filter_map(|other| Some((other, line.chars().next()?)));
        HOMES.lines().flat_map(pairs).collect()
    });
    HOME.get(&c).copied()
}

pub fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}')
}

/// The weight by which the probability of `c` is multiplied.
pub fn weight(c: char) -> f32 {
    match c {
        // Ruled lines come out as this one.
        '|' => 0.0,
        ' '..='~' => 1.0,
        _ if MORE.contains(c) => 1.0,
        _ if OLD.contains(c) => 0.1,
        // Greek, Cyrillic and box drawing.
        'Α'..='ω' | 'А'..='я' | 'Ё' | 'ё' | '─'..='╿' => 0.02,
        _ => {
            let mut text = [0; 4];
            let (bytes, _, foreign) = EUC_JP.encode(c.encode_utf8(&mut text));
            if !foreign && bytes.len() == 2 && bytes.iter().all(|byte| *byte >= 0xa1) { 1.0 } else { 0.0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HOMES, home, weight};

    #[test]
    fn names_stay_possible_and_foreign_twins_do_not() {
        "髙﨑邊濱櫻龍澤齋".chars().for_each(|c| assert_eq!(weight(c), 1.0, "{c}"));
        "电东业🛅|".chars().for_each(|c| assert_eq!(weight(c), 0.0, "{c}"));
        // The steps that see the blank are passed over on account of this.
        ('\0'..='\u{ffff}').for_each(|c| assert!(weight(c) <= 1.0, "{c}"));
        assert_eq!(weight('國'), 0.1);
        assert_eq!(("约".chars().next().and_then(home), home('約')), (Some('約'), None));
        let homes: Vec<char> = HOMES.lines().filter_map(|line| line.chars().next()).collect();
        homes.iter().for_each(|c| assert!(weight(*c) > 0.0 && home(*c).is_none(), "{c}"));
        "亜東北カーⅡ□☑〒①".chars().for_each(|c| assert_eq!(weight(c), 1.0, "{c}"));
    }
}
