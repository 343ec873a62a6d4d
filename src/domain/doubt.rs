//! Why the program would not bet on a value.
//!
//! Owns the reasons. Never weighs them: one is enough for a person to look.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A reason; its words are `doubt_…` in `_shared/words.toml`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Characters or marks that were not clear.
    Faint,
    /// Another character looks the same, and nothing beside it tells which it is.
    LookAlike,
    Handwritten,
    /// The reading was changed so that it makes sense.
    Mended,
    /// Not what the field asks for.
    Malformed,
    /// Characters seem to be missing, or more stand beside it than were taken.
    Incomplete,
    /// Its cell is not set off from others'.
    Unbounded,
    /// A seal, a stroke or a correction lies over it.
    Covered,
    /// In a cell that is hidden or struck out.
    Hidden,
    /// The page is too dirty or too faded.
    PoorScan,
    /// Something else on the papers says otherwise.
    Contradicted,
    /// Whether anything stands there could not be seen.
    Unseen,
    /// More than one choice seems to be made, or none of those offered.
    Ambiguous,
    /// It may be another field's.
    Misplaced,
    /// Noted before reasons were.
    Untold,
}

impl Doubt {
    pub const ALL: [Doubt; 15] = [
        Doubt::Faint,
        Doubt::LookAlike,
        Doubt::Handwritten,
        Doubt::Mended,
        Doubt::Malformed,
        Doubt::Incomplete,
        Doubt::Unbounded,
        Doubt::Covered,
        Doubt::Hidden,
        Doubt::PoorScan,
        Doubt::Contradicted,
        Doubt::Unseen,
        Doubt::Ambiguous,
        Doubt::Misplaced,
        Doubt::Untold,
    ];

    /// This reason where something holds, and none where it does not.
    pub fn when(self, holds: bool) -> Doubts {
        if holds { self.into() } else { Doubts::NONE }
    }

    /// Its key among the words.
    pub fn word(self) -> &'static str {
        match self {
            Doubt::Faint => "doubt_faint",
            Doubt::LookAlike => "doubt_look_alike",
            Doubt::Handwritten => "doubt_handwritten",
            Doubt::Mended => "doubt_mended",
            Doubt::Malformed => "doubt_malformed",
            Doubt::Incomplete => "doubt_incomplete",
            Doubt::Unbounded => "doubt_unbounded",
            Doubt::Covered => "doubt_covered",
            Doubt::Hidden => "doubt_hidden",
            Doubt::PoorScan => "doubt_poor_scan",
            Doubt::Contradicted => "doubt_contradicted",
            Doubt::Unseen => "doubt_unseen",
            Doubt::Ambiguous => "doubt_ambiguous",
            Doubt::Misplaced => "doubt_misplaced",
            Doubt::Untold => "doubt_untold",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Reasons, each once. Written as their names, or as `false` where there are none; `true` is read as [`Doubt::Untold`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Doubts(u16);

impl Doubts {
    pub const NONE: Doubts = Doubts(0);

    pub fn any(self) -> bool {
        self != Doubts::NONE
    }

    pub fn none(&self) -> bool {
        *self == Doubts::NONE
    }

    pub fn has(self, doubt: Doubt) -> bool {
        self.0 & doubt.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Doubt> {
        Doubt::ALL.into_iter().filter(move |doubt| self.has(*doubt))
    }
}

impl From<Doubt> for Doubts {
    fn from(doubt: Doubt) -> Doubts {
        Doubts(doubt.bit())
    }
}

impl<D: Into<Doubts>> BitOr<D> for Doubts {
    type Output = Doubts;

    fn bitor(self, more: D) -> Doubts {
        Doubts(self.0 | more.into().0)
    }
}

impl<D: Into<Doubts>> BitOrAssign<D> for Doubts {
    fn bitor_assign(&mut self, more: D) {
        *self = *self | more;
    }
}

impl fmt::Debug for Doubts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Doubts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.any() { serializer.collect_seq(self.iter()) } else { serializer.serialize_bool(false) }
    }
}

impl<'de> Deserialize<'de> for Doubts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Doubts, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Whether there is a doubt, or a list of them.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Doubts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false or a list of doubts")
    }

    fn visit_bool<E: Error>(self, doubtful: bool) -> Result<Doubts, E> {
        Ok(Doubt::Untold.when(doubtful))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Doubts, A::Error> {
        let mut doubts = Doubts::NONE;
        while let Some(doubt) = all.next_element::<Doubt>()? {
            doubts |= doubt;
        }
        Ok(doubts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_are_written_by_name_and_what_was_noted_without_a_reason_is_read() {
        let said = |text: &str| serde_json::from_str::<Doubts>(text).map_err(|error| error.to_string());
        let both = Doubt::Faint.when(true) | Doubt::Covered | Doubt::Ambiguous.when(false);
        assert_eq!(serde_json::to_string(&both).unwrap(), r#"["faint","covered"]"#);
        assert_eq!(said(r#"["covered","faint","faint"]"#), Ok(both));
        assert_eq!((serde_json::to_string(&Doubts::NONE).unwrap().as_str(), said("false")), ("false", Ok(Doubts::NONE)));
        assert_eq!(said("true"), Ok(Doubt::Untold.into()));
        assert!(said(r#"["whatever"]"#).is_err() && said("1").is_err());
    }

    #[test]
    fn each_reason_has_a_bit_and_words_of_its_own() {
        let words: std::collections::BTreeSet<&str> = Doubt::ALL.into_iter().map(Doubt::word).collect();
        assert_eq!(words.len(), Doubt::ALL.len());
        for doubt in Doubt::ALL {
            assert_eq!(Doubts::from(doubt).iter().collect::<Vec<_>>(), [doubt]);
            assert_eq!(doubt.word(), format!("doubt_{}", serde_json::to_value(doubt).unwrap().as_str().unwrap()));
        }
    }
}
