//! One reader as its desk sees it: started under limits, asked, and buried when it dies.

use crate::worker::bounds::Bounds;
use crate::worker::wire::{self, Answer, Frame, Order};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Set for readers, which start none of their own.
pub const MARK: &str = "UKETSUKE_WORKER";
/// The C library gives each thread a heap of its own; the recogniser begins a thread for each line, and heaps that no thread comes back to
/// keep what was freed in them: a quarter of a reader's memory.
pub const ONE_HEAP: (&str, &str) = ("MALLOC_ARENA_MAX", "1");
/// Descriptors that a reader may hold.
const OPEN_FILES: u64 = 16;
/// For settings that say never.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);
/// Ticks of the kernel's clock in a second, as `/proc` counts CPU time.
const TICKS: u64 = 100;
/// How long a process that closed its answers may take to end.
const LAST_BREATH: Duration = Duration::from_secs(2);
/// Bytes that a pipe holds, where the system lets it.
const PIPE: usize = 1 << 20;
/// Bytes of what the runtime says when it gives up.
const LAST_WORDS: u64 = 4_096;

/// How a reader came to its end over a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    Memory,
    Stack,
    /// CPU time.
    Work,
    /// Time on the clock.
    Silence,
    Longest,
    Signal(i32),
    Exit(i32),
    /// It said something that it never says.
    Nonsense(String),
    Failed(String),
    TooLong,
}

impl End {
    /// Nothing but this document can be the reason: what came before in the same process does not count in it.
    pub fn is_certain(&self) -> bool {
        matches!(self, End::Work | End::Longest | End::TooLong)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Memory => f.write_str("the reader needed more memory than it is allowed"),
            End::Stack => f.write_str("the reader ran out of stack: the file is nested too deeply"),
            End::Work => f.write_str("the reader computed without getting on until its CPU time was used up"),
            End::Silence => f.write_str("the reader gave no sign in the time that it is allowed"),
            End::Longest => f.write_str("the reader was not done in the time that one document is allowed"),
            End::Signal(9) => f.write_str("the reader was killed from outside, most likely because the machine ran out of memory"),
            End::Signal(signal) => write!(f, "the reader crashed with signal {signal}"),
            End::Exit(code) => write!(f, "the reader ended by itself with code {code}"),
            End::Nonsense(what) => write!(f, "the reader gave an answer that makes no sense: {what}"),
            End::Failed(what) => write!(f, "the reader failed: {what}"),
            End::TooLong => f.write_str("the file holds more than one answer of the reader may hold"),
        }
    }
}

pub struct Process {
    child: Child,
    orders: Option<ChildStdin>,
    answers: ChildStdout,
    words: ChildStderr,
    /// Bounds of the next answer; address space alone is held from the start to the end.
    pub bounds: Bounds,
    /// The number of the key ring that it was told last.
    pub ring: u64,
}

impl Process {
    /// Starts a reader, with a library of ONNX Runtime where one is named. Its limits hold before it is given anything.
    pub fn start(program: &Path, library: Option<&Path>, bounds: Bounds) -> io::Result<Process> {
        let mut command = Command::new(program);
        command.arg(super::VERB).args(library).env_clear().env(MARK, "1").env(ONE_HEAP.0, ONE_HEAP.1).current_dir("/");
        #[cfg(debug_assertions)]
        super::trial::pass_on(&mut command);
        // A group of its own: an interrupt at the terminal is for the desk, which ends its readers itself.
        let piped = command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(orders), Some(answers), Some(words)) = pipes else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let mut process = Process { child, orders: Some(orders), answers, words, bounds, ring: 0 };
        process.limit()?;
        Ok(process)
    }

    fn limit(&mut self) -> io::Result<()> {
        let most = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
        for (resource, limit) in [
            (Resource::As, most(self.bounds.memory)),
            (Resource::Core, most(0)),
            (Resource::Fsize, most(0)),
            (Resource::Nofile, most(OPEN_FILES)),
        ] {
            prlimit(Some(self.pid()?), resource, limit)?;
        }
        // When the machine runs short, a reader goes first. Not every kernel lets us say so.
        let _ = std::fs::write(format!("/proc/{}/oom_score_adj", self.child.id()), "800");
        for pipe in [self.orders.as_ref().map(AsFd::as_fd), Some(self.answers.as_fd()), Some(self.words.as_fd())].into_iter().flatten() {
            fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?;
            // Fewer turns for a large file; not every user may have it.
            let _ = fcntl_setpipe_size(pipe, PIPE);
        }
        Ok(())
    }

    fn pid(&self) -> io::Result<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Gives an order and waits for its answer. After an end the process is gone.
    pub fn ask(&mut self, order: &Order, pieces: &[&[u8]]) -> Result<(Answer, Frame), End> {
        let now = Instant::now();
        let end = now.checked_add(self.bounds.longest).unwrap_or(now + FOREVER);
        let answer = self.exchange(order, pieces, end).and_then(|(answer, frame)| match answer {
            Answer::Failed(what) => Err(End::Failed(what)),
            Answer::TooLong => Err(End::TooLong),
            answer => Ok((answer, frame)),
        });
        if answer.is_err() {
            self.bury();
        }
        answer
    }

    fn exchange(&mut self, order: &Order, pieces: &[&[u8]], end: Instant) -> Result<(Answer, Frame), End> {
        let mut until = self.renew(end).map_err(|error| self.autopsy(&error, end))?;
        let sent = match &mut self.orders {
            Some(orders) => wire::send(&mut Timed { pipe: orders, until }, order, pieces),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        sent.map_err(|error| self.autopsy(&error, end))?;
        loop {
            let frame = wire::receive(&mut Timed { pipe: &mut self.answers, until });
            let frame = frame.and_then(|frame| frame.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()));
            let answered = frame.and_then(|frame| Ok((frame.parse()?, frame)));
            match answered.map_err(|error| self.autopsy(&error, end))? {
                (Answer::Busy, _) => until = self.renew(end).map_err(|error| self.autopsy(&error, end))?,
                answered => return Ok(answered),
            }
        }
    }

    /// More CPU time; returns until when the next sign must come.
    fn renew(&mut self, end: Instant) -> io::Result<Instant> {
        let used = self.cpu_seconds()?;
        // A soft limit alone: it must be raised for the next document.
        let most = Some(used + self.bounds.patience.as_secs().max(1) + 1);
        prlimit(Some(self.pid()?), Resource::Cpu, Rlimit { current: most, maximum: None })?;
        Ok(Instant::now().checked_add(self.bounds.silence).map_or(end, |until| until.min(end)))
    }

    /// Whole seconds of CPU time so far.
    fn cpu_seconds(&self) -> io::Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program stands in brackets and may hold anything.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |n: usize| fields.get(n).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Ok((ticks(11) + ticks(12)) / TICKS)
    }

    /// Address space in use now, and the most resident memory so far, in bytes.
    pub fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let size = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) << 10
        };
        (size("VmSize:"), size("VmHWM:"))
    }

    /// Why an exchange broke off.
    fn autopsy(&mut self, error: &io::Error, end: Instant) -> End {
        match error.kind() {
            io::ErrorKind::TimedOut if Instant::now() >= end => End::Longest,
            io::ErrorKind::TimedOut => End::Silence,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => End::Nonsense(error.to_string()),
            _ => match self.last_status() {
                Some(status) => self.cause(status),
                None => End::Nonsense("it fell silent".to_owned()),
            },
        }
    }

    fn last_status(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + LAST_BREATH;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
                _ => return None,
            }
        }
    }

    /// What the runtime says on its way out is looked at and not kept: it may quote what was read.
    fn cause(&mut self, status: ExitStatus) -> End {
        let mut words = Vec::new();
        let _ = Read::by_ref(&mut self.words).take(LAST_WORDS).read_to_end(&mut words);
        let words = String::from_utf8_lossy(&words);
        match status.signal() {
            Some(libc::SIGXCPU) => End::Work,
            Some(libc::SIGABRT) if words.contains("memory allocation of") => End::Memory,
            Some(libc::SIGABRT) if words.contains("has overflowed its stack") => End::Stack,
            Some(signal) => End::Signal(signal),
            None => End::Exit(status.code().unwrap_or(0)),
        }
    }

    fn bury(&mut self) {
        self.orders = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.bury();
    }
}

/// A pipe that waits no longer than it may.
struct Timed<'p, P> {
    pipe: &'p mut P,
    until: Instant,
}

impl<P> Timed<'_, P> {
    fn retry<T>(
        &mut self,
        flags: PollFlags,
        ready: impl Fn(&P) -> BorrowedFd<'_>,
        mut work: impl FnMut(&mut P) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            match work(self.pipe) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                done => return done,
            }
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let left = Timespec { tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: left.subsec_nanos().into() };
            let mut watched = [PollFd::from_borrowed_fd(ready(self.pipe), flags)];
            match poll(&mut watched, Some(&left)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl<P: Read + AsFd> Read for Timed<'_, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.retry(PollFlags::IN, |pipe| pipe.as_fd(), |pipe| pipe.read(buffer))
    }
}

impl<P: Write + AsFd> Write for Timed<'_, P> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.retry(PollFlags::OUT, |pipe| pipe.as_fd(), |pipe| pipe.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
