//! The machine: memory for the readers, the kernel's fences, limits, and the user that runs this.

use crate::config::Config;
use crate::doctor::Look;
use crate::worker::PROGRAM;
use std::fs;
use std::path::Path;

pub(super) fn examine(config: &Config) -> Vec<Look> {
    let mut looks = vec![readers(Path::new(PROGRAM)), fences()];
    looks.extend(memory(config));
    looks.extend(files());
    if rustix::process::geteuid().is_root() {
        let what = "the program runs as root: it needs no rights but those to its folders";
        looks.push(Look::note("user", "root", what, "run it as a user of its own (see packaging/systemd)"));
    }
    looks
}

/// Documents are read by processes that are started from here.
pub(super) fn readers(program: &Path) -> Look {
    match fs::File::open(program) {
        Ok(_) => Look::sound("readers", program.display(), "readers can be started"),
        Err(error) => {
            let what = format!("{error}: no reader can be started, and no document is read");
            Look::fault("readers", program.display(), what, "mount proc there (mount -t proc proc /proc), as each container does")
        }
    }
}

/// Kernels before 5.13 have no Landlock; containers may take it away.
fn fences() -> Look {
    const LIST: &str = "/sys/kernel/security/lsm";
    match fs::read_to_string(LIST) {
        Ok(list) if list.split(',').any(|name| name.trim() == "landlock") => {
            Look::sound("fence", "Landlock", "readers are cut off from files and network")
        }
        Ok(_) => Look::note(
            "fence",
            "Landlock",
            "the kernel does not offer it: a reader is held back by its limits and the filter of system calls alone",
            "start the kernel with landlock in lsm=",
        ),
        Err(_) => Look::note(
            "fence",
            LIST,
            "cannot be read: whether Landlock is there shows in the log of the next run",
            "mount securityfs to see it",
        ),
    }
}

/// The readers at work together may not need more than there is.
fn memory(config: &Config) -> Option<Look> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let available = line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024;
    let jobs = config.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |cores| cores.get()));
    let wanted = config.readers.memory_mib.saturating_mul(jobs as u64);
    // The bound is address space; what a page of a scan really takes is a fraction of it.
    const ENOUGH: u64 = 512;
    let place = format!("{jobs} readers of at most {} MiB", config.readers.memory_mib);
    Some(if available < ENOUGH * jobs as u64 {
        Look::fault(
            "memory",
            place,
            format!("{available} MiB are available"),
            "set jobs lower in uketsuke.toml, or give the machine more memory",
        )
    } else if available < wanted {
        Look::note(
            "memory",
            place,
            format!("{available} MiB are available: hostile files could take more"),
            "set jobs or [readers] memory_mib lower",
        )
    } else {
        Look::sound("memory", place, format!("{available} MiB are available"))
    })
}

/// Each reader holds a few pipes, the ledger and the watched folders some files more.
fn files() -> Option<Look> {
    const ENOUGH: u64 = 256;
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    let place = "open files";
    Some(if most < ENOUGH {
        Look::fault("limits", place, format!("{most} are allowed"), "raise LimitNOFILE (systemd) or `ulimit -n` to 1024")
    } else {
        Look::sound("limits", place, format!("{most} are allowed"))
    })
}
