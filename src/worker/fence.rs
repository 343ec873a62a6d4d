//! The fence that a reader draws around itself before it sees the first byte of a stranger's.
//!
//! Landlock takes files, the network and other processes away, a filter of system calls everything but computing and the
//! pipes that it holds. Both are best effort: what the kernel lacks is told to the desk, which says so once in its log.

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What holds a reader back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fences {
    /// Landlock: no file is opened, no connection made.
    pub files: Hold,
    /// Seccomp: nothing but computing and talking to the desk.
    pub calls: Hold,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    Full,
    /// An older kernel: files, but not all else that newer ones hold back.
    Partial,
    None,
}

/// Draws the fence around the calling thread and all that it starts; there is no way back.
pub fn draw() -> Fences {
    Fences { files: files().unwrap_or(Hold::None), calls: if calls().is_some() { Hold::Full } else { Hold::None } }
}

/// No rule follows, so nothing is allowed.
fn files() -> Option<Hold> {
    let abi = ABI::V6;
    let ruleset = Ruleset::default().handle_access(AccessFs::from_all(abi)).ok()?;
    let ruleset = ruleset.handle_access(AccessNet::from_all(abi)).ok()?.scope(Scope::from_all(abi)).ok()?;
    Some(match ruleset.create().ok()?.restrict_self().ok()?.ruleset {
        RulesetStatus::FullyEnforced => Hold::Full,
        RulesetStatus::PartiallyEnforced => Hold::Partial,
        RulesetStatus::NotEnforced => Hold::None,
    })
}

/// Calls that compute, wait, start a thread, or talk over what is open already.
const ALLOWED: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_ppoll,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getcpu,
    libc::SYS_sysinfo,
    libc::SYS_membarrier,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
];

/// Everything else is answered as if the kernel did not know it, so that the C library takes its older ways.
fn calls() -> Option<()> {
    let anything = |call: &i64| (*call, Vec::new());
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(anything).collect();
    let own = u64::from(std::process::id());
    let (execute, thread) = (libc::PROT_EXEC as u64, libc::CLONE_THREAD as u64);
    for (call, argument, operator, value) in [
        // Memory, but none to run code in.
        (libc::SYS_mmap, 2, SeccompCmpOp::MaskedEq(execute), 0),
        (libc::SYS_mprotect, 2, SeccompCmpOp::MaskedEq(execute), 0),
        // Threads, but no processes; the newer clone3 hides its flags.
        (libc::SYS_clone, 0, SeccompCmpOp::MaskedEq(thread), thread),
        // An abort.
        (libc::SYS_tgkill, 0, SeccompCmpOp::Eq, own),
        // The name of a thread.
        (libc::SYS_prctl, 0, SeccompCmpOp::Eq, libc::PR_SET_NAME as u64),
        (libc::SYS_fcntl, 1, SeccompCmpOp::Eq, libc::F_GETFD as u64),
    ] {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value).ok()?;
        rules.insert(call, vec![SeccompRule::new(vec![condition]).ok()?]);
    }
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    let filter = SeccompFilter::new(rules, unknown, SeccompAction::Allow, std::env::consts::ARCH.try_into().ok()?).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    seccompiler::apply_filter(&program).ok()
}
