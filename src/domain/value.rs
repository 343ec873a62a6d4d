//! Values in their normal form. Money, codes and dates are exact.

use crate::domain::date::Stamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Free text, or anything that does not fit the field's type.
    Text(String),
    /// A code with a fixed alphabet, or the code of an enumeration.
    Code(String),
    /// Several codes of one list, ascending, none twice.
    Codes(Vec<String>),
    Integer(i64),
    Decimal(Decimal),
    Date(Date),
    Stamp(Stamp),
    Flag(bool),
    /// File names and the like, in the order in which they stand.
    Names(Vec<String>),
}

impl Value {
    /// As a number, where it is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Value::Integer(number) => Some(Decimal::from(*number)),
            Value::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    pub fn date(&self) -> Option<Date> {
        match self {
            Value::Date(date) => Some(*date),
            Value::Stamp(stamp) => Some(stamp.date),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) | Value::Code(text) => f.write_str(text),
            Value::Codes(list) | Value::Names(list) => f.write_str(&list.join(",")),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Decimal(number) => write!(f, "{number}"),
            Value::Date(date) => write!(f, "{date}"),
            Value::Stamp(stamp) => write!(f, "{stamp}"),
            Value::Flag(flag) => f.write_str(if *flag { "1" } else { "0" }),
        }
    }
}
