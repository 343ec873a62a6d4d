//! The closed set of checks and their parameters. A new kind of check is an arm here and a function in `checks/`.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How two values are held against each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    #[default]
    Text,
    /// Names of companies and of equipment.
    Name,
    Number,
    Address,
    /// The code of the one is among the codes of the other.
    Among,
}

/// Numbers that differ by 10, 1000 or 10000: kW, MW, 万kW.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// A difference like any other.
    #[default]
    Differs,
    /// Another rule speaks of slips.
    Passed,
    /// This rule speaks of slips alone.
    Sought,
}

/// Who else says what a doubtful field says. One that agrees confirms it; one that does not is shown beside it.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    pub field: String,
    /// Fields of other papers, `user_info.users.email` for any row; only what was read without doubt speaks.
    #[serde(default)]
    pub by: Vec<String>,
    #[serde(default)]
    pub how: How,
    /// What the desk knows itself.
    pub known: Option<Known>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// The check digit of a 法人番号 that stands as it was read.
    CheckDigit,
    /// The prefecture that the address begins with has this beginning of postal codes.
    Prefecture,
    /// An earlier case of the same 法人番号 gave this name.
    NamesOnFile,
}

/// The closed set of checks. Each is a tested function in `checks/`; the fields are its parameters.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// Filled: the named fields, or all that the catalogue requires in the flow.
    Required {
        #[serde(default)]
        fields: Vec<String>,
        #[serde(default)]
        except: Vec<String>,
        /// The field whose value the sentence names.
        says: Option<String>,
    },
    /// Required fields that the reader would not bet on, and that no witness confirms.
    Doubtful {
        #[serde(default)]
        except: Vec<String>,
        #[serde(default)]
        witness: Vec<Witness>,
    },
    /// Blank; a zero counts as blank where `zero` says so.
    Blank {
        fields: Vec<String>,
        #[serde(default)]
        zero: bool,
        /// The field whose value the sentence names.
        says: Option<String>,
    },
    /// All filled or all blank.
    Together {
        fields: Vec<String>,
    },
    RowCount {
        group: String,
        least: Option<usize>,
        most: Option<usize>,
    },
    /// At least one row has one of these codes.
    SomeRow {
        group: String,
        field: String,
        is: Vec<String>,
    },
    /// Every row has these fields filled.
    FilledRows {
        group: String,
        fields: Vec<String>,
    },
    /// No row has these fields filled.
    BlankRows {
        group: String,
        fields: Vec<String>,
    },
    /// No single-choice field has several codes.
    SingleChoice,
    /// The pattern of the field in the catalogue.
    Pattern {
        fields: Vec<String>,
    },
    Phone {
        fields: Vec<String>,
    },
    Mail {
        fields: Vec<String>,
    },
    /// In the code list of the field.
    Listed {
        fields: Vec<String>,
    },
    OneOf {
        field: String,
        is: Vec<String>,
    },
    Begins {
        field: String,
        with: String,
    },
    /// Thirteen digits, the first of which checks the rest.
    CorporateNumber {
        fields: Vec<String>,
    },
    /// T and the 法人番号.
    InvoiceNumber {
        field: String,
        number: String,
    },
    BankKana {
        field: String,
        most: usize,
    },
    PostalBank {
        bank: String,
        branch: String,
        number: String,
    },
    Length {
        field: String,
        most: usize,
    },
    /// None of these words of a template's example.
    Template {
        words: Vec<String>,
    },
    /// Digits lost to a spreadsheet.
    Damaged {
        field: String,
        digits: usize,
    },
    Digits {
        field: String,
        digits: usize,
    },
    Decimals {
        fields: Vec<String>,
        most: u32,
    },
    Real {
        fields: Vec<String>,
    },
    /// `numeric`: what is no number is outside the bounds as well.
    Range {
        fields: Vec<String>,
        least: Option<Decimal>,
        most: Option<Decimal>,
        #[serde(default)]
        numeric: bool,
    },
    AtMost {
        field: String,
        other: String,
        /// Taken from the bound.
        minus: Option<String>,
        /// Equal is too much.
        #[serde(default)]
        below: bool,
    },
    AtLeast {
        field: String,
        other: String,
    },
    Ascending {
        group: String,
        field: String,
        #[serde(default)]
        equal: bool,
    },
    /// The lowest value of the rows.
    BeginsAt {
        group: String,
        field: String,
        other: Option<String>,
        at: Option<Decimal>,
    },
    /// `minute:kW` pairs.
    Curve {
        field: String,
        falling: bool,
        most: Option<String>,
    },
    SumOf {
        group: String,
        field: String,
        total: String,
    },
    /// Days before and after the day of receipt.
    WithinDays {
        field: String,
        before: Option<i64>,
        /// Whole years before it, where days would not do in a leap year.
        years_before: Option<i64>,
        after: Option<i64>,
    },
    BusinessDaysAhead {
        field: String,
        days: u32,
    },
    Edition {
        field: String,
    },
    /// Beginning before end, and no overlap with another record of the same `by`.
    Period {
        from: String,
        to: String,
        by: Vec<String>,
    },
    HalfHours {
        fields: Vec<String>,
    },
    /// 1, 2, 3 … for the same `by`, none left out; none twice for the same `period`.
    Numbering {
        field: String,
        by: String,
        period: Vec<String>,
    },
    Inside {
        field: String,
        from: String,
        to: String,
    },
    /// Days from the first to the last.
    Covers {
        /// What must be named besides.
        file: Option<String>,
        from: String,
        to: String,
        days: i64,
    },
    /// Minutes without a value.
    Gap {
        field: String,
        most: i64,
    },
    OurName {
        field: String,
    },
    OurArea {
        areas: String,
        submitting: String,
    },
    /// The prefecture of the address lies in the area. `foreign`: only for areas that are not the desk's.
    Prefecture {
        address: String,
        area: String,
        #[serde(default)]
        foreign: bool,
    },
    AreaPrefix {
        field: String,
        area: String,
    },
    PatternNumber {
        field: String,
    },
    NotElsewhere {
        field: String,
    },
    NameOnFile {
        number: String,
        name: String,
    },
    /// Several areas are chosen, and the desk's list or the remarks speak of an application in another one.
    AppliedElsewhere {
        areas: String,
        number: String,
        remarks: String,
        /// What remarks say of an application that was made.
        words: Vec<String>,
    },
    /// The address is one of these, or belongs to the domain of one that is no provider's.
    KnownSender {
        field: String,
        by: Vec<String>,
        /// Domains that strangers share.
        shared: Vec<String>,
    },
    /// No two rows alike in all these fields.
    Unique {
        fields: Vec<String>,
    },
    SameAs {
        field: String,
        other: String,
        #[serde(default)]
        how: How,
        #[serde(default)]
        slip: Slip,
    },
    /// One name in the other, whatever kind of company.
    LikeName {
        field: String,
        other: String,
    },
    /// A resource has this code or name.
    KnownResource {
        field: String,
    },
    /// Generators on the form and none among the resources, or the reverse.
    KindFits {
        field: String,
        types: String,
    },
    Certificates {
        field: String,
        /// What the field stands for, where it is no number.
        count: Option<u32>,
        users: String,
        need: String,
    },
    /// Listed files that did not come; a document of a kind stands for names with its words.
    Attached {
        field: String,
        stands_for: BTreeMap<String, Vec<String>>,
    },
    /// One of these papers has come, once this one is there.
    Arrived {
        any_of: Vec<String>,
        once: String,
        /// The field that shows it.
        field: Option<String>,
    },
    /// These data sets are registered.
    Registered {
        sets: Vec<String>,
    },
    /// 契約電力 against the sum of a column of the resources.
    PowerTotal {
        field: String,
        column: String,
        /// Less than the sum is fine.
        #[serde(default)]
        at_most: bool,
        #[serde(default)]
        slip: Slip,
    },
    /// 契約電力 is not above what the customers of the patterns offer together.
    CustomersCarry {
        field: String,
    },
    /// Every resource is named in 別紙1.
    InAppendix {
        field: String,
        other: String,
    },
    /// Customers of 別紙 against those of the patterns.
    SamePoints {
        field: String,
    },
    /// Workbook against export, field by field.
    SameRegistration {
        #[serde(default)]
        except: Vec<String>,
        /// Codes that MMS numbers: compared only where the workbook has one.
        #[serde(default)]
        numbered: Vec<String>,
        most: usize,
    },
}
