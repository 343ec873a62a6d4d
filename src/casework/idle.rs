//! What the applicant should do something about, and nobody asks for: a mail that nothing lay in, a file that cannot be read, an
//! entry of the application that turned out wrong after it was accepted. To return an application or to reject a registration for
//! that alone would be too much; to go on as if nothing were would be too little.
//!
//! Owns which findings these are in which state, when a person must look at them, and with what later paper they fall. Never says what
//! a person decides.

use crate::casework::deed;
use crate::casework::facts;
use crate::casework::flow::Flow;
use crate::casework::fold::{Case, Deed, Paper};
use crate::domain::finding::{Finding, Remark};
use crate::domain::text;

/// A mail without what it speaks of, and a file that the desk does not take: no defect of an application that is whole.
const BESIDE: &[&str] = &["M-003", "M-010"];

/// A contract that is not signed or not dated: to be waited for, but where it is compared.
const NOT_CONCLUDED: &str = "H-007";

/// Nothing is returned, rejected or asked for on account of this finding alone, in the state that the case is in.
pub fn is_idle(finding: &Finding, case: &Case, flow: &Flow) -> bool {
    if !facts::asks(finding) || facts::repeats_a_request(finding) {
        return false;
    }
    if case.is_applying() {
        return BESIDE.contains(&finding.code.0.as_str()) && facts::is_application_complete(case, flow);
    }
    let is_under_way = ("S30".."S90").contains(&case.state.as_str());
    is_under_way
        && match facts::chapter(finding) {
            'A' | 'C' | 'M' => !(case.state == ASKED && facts::was_asked(case, finding)),
            'H' => finding.code.0 == NOT_CONCLUDED && case.state == COMPARING,
            _ => false,
        }
}

const CHECKING: &str = "S60_CHECKING";
const ASKED: &str = "S62_ADDITIONAL_REQUESTED";
const COMPARING: &str = "S81_CONTRACT_COMPARING";

/// A person must look: something is wrong, and nothing else is by which the applicant would be told.
pub fn holds(open: &[Finding], case: &Case, flow: &Flow) -> bool {
    let is_asked_anyway = |finding: &Finding| match case.state.as_str() {
        _ if case.is_applying() => facts::concerns_application(finding),
        CHECKING => facts::concerns_registration(finding),
        _ => facts::concerns_approval(finding),
    };
    let asked = |finding: &Finding| facts::asks(finding) && is_asked_anyway(finding) && !is_idle(finding, case, flow);
    open.iter().any(|finding| is_idle(finding, case, flow)) && !open.iter().any(asked)
}

/// What was wrong with a mail or a file falls with what came after it: the attachment that was forgotten, the same file once more
/// and readable.
pub fn is_answered(remark: &Remark, paper: &Paper, case: &Case) -> bool {
    let later = || case.newest().filter(|later| later.seq > paper.seq);
    match remark.code.0.as_str() {
        FORGOTTEN => later().any(|later| !BRINGS_NOTHING.contains(&later.received.extract.document.as_str())),
        // What became of the operation was recorded, or MMS shows it.
        UNRECORDED => {
            let is_result = |deed: &Deed| deed.seq > paper.seq && [deed::APPROVED, deed::REJECTED].contains(&deed.what.as_str());
            let shows =
                |export: &Paper| export.seq > paper.seq && facts::status(export).is_some_and(|status| DONE.contains(&status.as_str()));
            case.deeds.iter().any(is_result) || case.exports().any(shows)
        }
        code if UNREADABLE.contains(&code) => {
            let name = stem(remark.words.get("file").unwrap_or(&paper.received.name));
            let is_readable =
                |later: &Paper| !later.received.extract.remarks.iter().any(|other| UNREADABLE.contains(&other.code.0.as_str()));
            later().any(|later| stem(&later.received.name) == name && is_readable(later))
        }
        _ => false,
    }
}

/// A mail that speaks of an attachment, without one.
const FORGOTTEN: &str = "M-010";
/// A sheet without a result that can be recorded, and the states of a registration in which its operation is done.
const UNRECORDED: &str = "X-010";
const DONE: &[&str] = &["2", "9"];
/// Files that nobody could read. The same words in another format have another end.
const UNREADABLE: &[&str] = &["M-001", "M-002", "M-003"];
/// The mail itself, and what the desk takes out of MMS.
const BRINGS_NOTHING: &[&str] = &["inbound_mail", "mms_export", "mms_credentials", "operation_result", "unknown"];

/// The name of a file without its end.
fn stem(name: &str) -> String {
    text::compare_key(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}
