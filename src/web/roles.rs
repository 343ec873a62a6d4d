//! Who may do what.
//!
//! Owns the table of roles and rights. What a deed means for a case is decided by the flow, never here.

use crate::casework::deed;
use std::fmt;
use std::str::FromStr;

/// What an account is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// 受付担当: reads, corrects, settles.
    Clerk,
    /// 技術担当: the same, and says what was done in MMS and with contracts.
    Engineer,
    /// 管理者: everything.
    Manager,
    /// 監査: looks at everything, changes nothing.
    Auditor,
}

/// What can be done in the console.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// Correct a value, settle a finding, write a note.
    Correct,
    /// Say what was done in MMS, and that a contract was concluded.
    Operate,
    /// Release a held case, end it, renew and revoke certificates.
    Release,
    /// See who did what in all cases.
    Audit,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Clerk, Role::Engineer, Role::Manager, Role::Auditor];

    pub fn name(self) -> &'static str {
        match self {
            Role::Clerk => "clerk",
            Role::Engineer => "engineer",
            Role::Manager => "manager",
            Role::Auditor => "auditor",
        }
    }

    pub fn may(self, right: Right) -> bool {
        match self {
            Role::Clerk => right == Right::Correct,
            Role::Engineer => matches!(right, Right::Correct | Right::Operate),
            Role::Manager => true,
            Role::Auditor => right == Right::Audit,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Role::ALL.map(Role::name).join(", ");
        Role::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| format!("{text:?} is no role; use one of {}", names()))
    }
}

/// The right that an event takes.
pub fn right_for(event: &str) -> Right {
    match event {
        deed::CORRECTED | deed::SETTLED | deed::NOTE => Right::Correct,
        deed::APPROVED | deed::REJECTED | deed::CONCLUDED => Right::Operate,
        _ => Right::Release,
    }
}

/// Events that approve or let go: under four eyes they are not for the one who worked on the case last.
pub fn takes_four_eyes(event: &str) -> bool {
    matches!(event, deed::APPROVED | deed::RELEASED | deed::LETTER_RELEASED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_right_and_only_a_manager_has_them_all() {
        for event in deed::NAMES {
            let right = right_for(event);
            assert!(Role::Manager.may(right), "{event}");
            assert!(!Role::Auditor.may(right), "an auditor changes nothing: {event}");
        }
        assert!(Role::Clerk.may(right_for(deed::CORRECTED)) && !Role::Clerk.may(right_for(deed::APPROVED)));
        assert!(Role::Engineer.may(right_for(deed::REJECTED)) && !Role::Engineer.may(right_for(deed::WITHDRAWN)));
        assert!(Role::Auditor.may(Right::Audit) && !Role::Clerk.may(Right::Audit));
        assert!("boss".parse::<Role>().unwrap_err().contains("auditor"));
    }
}
