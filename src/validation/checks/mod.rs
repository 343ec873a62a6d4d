//! The functions behind the closed set of checks, by what they look at.

mod blank;
mod case;
pub mod compare;
mod contract;
mod desk;
mod format;
mod number;
mod registration;
mod rows;
mod sender;
mod time;
mod witness;

use crate::validation::check::Check;
use crate::validation::scene::{Hit, Subject};

impl Check {
    /// What the check finds on one record. `group` is that of the rows the rule is on.
    pub fn hits<'a>(&'a self, subject: &Subject<'a>, group: Option<&str>) -> Vec<Hit> {
        let s = subject;
        match self {
            Check::Required { fields, except, says } => blank::saying(s, says, blank::required(s, fields, except, group)),
            Check::Doubtful { except, witness } => witness::doubtful(s, except, witness),
            Check::Blank { fields, zero, says } => blank::saying(s, says, blank::blank(s, fields, *zero)),
            Check::Together { fields } => blank::together(s, fields),
            Check::RowCount { group, least, most } => rows::count(s, group, *least, *most),
            Check::SomeRow { group, field, is } => rows::some(s, group, field, is),
            Check::FilledRows { group, fields } => rows::filled(s, group, fields),
            Check::BlankRows { group, fields } => rows::blank(s, group, fields),
            Check::Ascending { group, field, equal } => rows::ascending(s, group, field, *equal),
            Check::BeginsAt { group, field, other, at } => rows::begins_at(s, group, field, other.as_deref(), *at),
            Check::SumOf { group, field, total } => rows::sum_of(s, group, field, total),
            Check::Unique { fields } => rows::unique(s, fields),
            Check::SingleChoice => format::single_choice(s),
            Check::Pattern { fields } => format::pattern(s, fields),
            Check::Phone { fields } => format::phone(s, fields),
            Check::Mail { fields } => format::mail(s, fields),
            Check::Listed { fields } => format::listed(s, fields),
            Check::OneOf { field, is } => format::one_of(s, field, is),
            Check::Begins { field, with } => format::begins(s, field, with),
            Check::CorporateNumber { fields } => format::corporate_number(s, fields),
            Check::InvoiceNumber { field, number } => format::invoice_number(s, field, number),
            Check::BankKana { field, most } => format::bank_kana(s, field, *most),
            Check::PostalBank { bank, branch, number } => format::postal_bank(s, bank, branch, number),
            Check::Length { field, most } => format::length(s, field, *most),
            Check::Template { words } => format::template(s, words),
            Check::Damaged { field, digits } => format::damaged(s, field, *digits),
            Check::Digits { field, digits } => format::digits(s, field, *digits),
            Check::Decimals { fields, most } => number::decimals(s, fields, *most),
            Check::Range { fields, least, most, numeric } => number::range(s, fields, *least, *most, *numeric),
            Check::AtMost { field, other, minus, below } => number::at_most(s, field, other, minus.as_deref(), *below),
            Check::AtLeast { field, other } => number::at_least(s, field, other),
            Check::Curve { field, falling, most } => number::curve(s, field, *falling, most.as_deref()),
            Check::Real { fields } => time::real(s, fields),
            Check::WithinDays { field, before, years_before, after } => time::within_days(s, field, (*before, *years_before), *after),
            Check::BusinessDaysAhead { field, days } => time::business_days_ahead(s, field, *days),
            Check::Edition { field } => time::edition(s, field),
            Check::Period { from, to, by } => time::period(s, from, to, by),
            Check::HalfHours { fields } => time::half_hours(s, fields),
            Check::Numbering { field, by, period } => time::numbering(s, field, by, period),
            Check::Inside { field, from, to } => time::inside(s, field, from, to),
            Check::Covers { file, from, to, days } => time::covers(s, file.as_deref(), from, to, *days),
            Check::Gap { field, most } => time::gap(s, field, *most),
            Check::OurName { field } => desk::our_name(s, field),
            Check::OurArea { areas, submitting } => desk::our_area(s, areas, submitting),
            Check::Prefecture { address, area, foreign } => desk::prefecture(s, address, area, *foreign),
            Check::AreaPrefix { field, area } => desk::area_prefix(s, field, area),
            Check::PatternNumber { field } => desk::pattern_number(s, field),
            Check::NotElsewhere { field } => desk::not_elsewhere(s, field),
            Check::NameOnFile { number, name } => desk::name_on_file(s, number, name),
            Check::AppliedElsewhere { areas, number, remarks, words } => desk::applied_elsewhere(s, areas, number, remarks, words),
            Check::KnownSender { field, by, shared } => sender::known_sender(s, field, by, shared),
            Check::SameAs { field, other, how, slip } => compare::same_as(s, field, other, *how, *slip),
            Check::LikeName { field, other } => compare::like_name(s, field, other),
            Check::KnownResource { field } => case::known_resource(s, field),
            Check::KindFits { field, types } => case::kind_fits(s, field, types),
            Check::Certificates { field, count, users, need } => case::certificates(s, field, *count, (users, need)),
            Check::Attached { field, stands_for } => case::attached(s, field, stands_for),
            Check::Arrived { any_of, once, field } => case::arrived(s, any_of, once, field.as_deref()),
            Check::Registered { sets } => case::registered(s, sets),
            Check::PowerTotal { field, column, at_most, slip } => contract::power_total(s, field, column, *at_most, *slip),
            Check::CustomersCarry { field } => contract::customers_carry(s, field),
            Check::InAppendix { field, other } => contract::in_appendix(s, field, other),
            Check::SamePoints { field } => contract::same_points(s, field),
            Check::SameRegistration { except, numbered, most } => registration::same(s, except, numbered, *most),
        }
    }
}
