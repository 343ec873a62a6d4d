//! The readers of a desk: started when there is something to read, as many as work at a time, and started anew when one dies.

use crate::catalogue::Catalogue;
use crate::config::{Config, DeskSettings};
use crate::domain::Files;
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::domain::picture::{Picture, View};
use crate::fault::{Fault, Sort};
use crate::pipeline::{Digest, Inside, Keys};
use crate::reading::ole;
use crate::worker::bounds::Bounds;
use crate::worker::fence::{Fences, Hold};
use crate::worker::form::Learnt;
use crate::worker::keys::{self, KeyRing};
use crate::worker::pieces;
use crate::worker::process::{End, MARK, Process};
use crate::worker::wire::{Answer, Frame, Order};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// This very program, even where a newer one was installed over it.
pub const PROGRAM: &str = "/proc/self/exe";

/// What a reader may take before it is ready: no document has any part in it.
const START: Duration = Duration::from_secs(60);

/// A document to be read.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub now: Moment,
    /// Documents that are read beside it, itself among them: a few may use several threads each.
    pub among: usize,
}

pub struct Readers {
    program: PathBuf,
    /// A library of ONNX Runtime.
    library: Option<PathBuf>,
    bounds: Bounds,
    /// The catalogue's files, where they are not those that the program carries.
    files: Option<Files>,
    /// Forms that are known, as their files say it.
    forms: Vec<Vec<u8>>,
    desk: DeskSettings,
    basis: String,
    idle: Mutex<Vec<Process>>,
    rings: AtomicU64,
    /// Held by many while they read, and by one alone for a second try.
    room: RwLock<()>,
}

/// Why there is no answer.
enum Failure {
    /// The reader died of it.
    End(End),
    /// There is no reader at all.
    Fault(Fault),
}

impl Readers {
    /// Readers of this program; none is started before there is something to read.
    pub fn new(config: &Config, catalogue: &Catalogue) -> Self {
        Readers {
            program: PathBuf::from(PROGRAM),
            library: config.readers.onnxruntime.clone(),
            bounds: Bounds::of(&config.readers),
            files: catalogue.own.clone(),
            forms: catalogue.known.iter().map(|form| form.bytes.clone()).collect(),
            desk: config.desk.clone(),
            basis: catalogue.basis.clone(),
            idle: Mutex::default(),
            rings: AtomicU64::new(0),
            room: RwLock::default(),
        }
    }

    /// The same, with readers of another program and other bounds; for whoever is no `uketsuke`, such as a test.
    pub fn of_program(self, program: impl Into<PathBuf>, bounds: Bounds) -> Self {
        Readers { program: program.into(), bounds, ..self }
    }

    pub fn ring(&self, keys: Keys) -> KeyRing {
        KeyRing { number: 1 + self.rings.fetch_add(1, Ordering::Relaxed), keys }
    }

    /// The passwords that documents name, in their order. What cannot be read names none; it is told when it is read.
    pub fn learn(&self, bytes: &[u8]) -> Keys {
        if !may_be_mail(bytes) {
            return Keys::default();
        }
        match self.ask("a mail", &Order::Learn, &[bytes], None) {
            Ok((Answer::Learned(written), _)) => keys::read(written),
            _ => Keys::default(),
        }
    }

    /// Reads, extracts and checks a document. A mail or archive in which one part kills its reader is read without that part.
    ///
    /// Errors: lasting, where the document kills its reader, and kills a fresh one that has nothing else to do as well;
    /// transient, where no reader could be started.
    pub fn digest(&self, task: &Task<'_>, ring: &KeyRing) -> Result<Digest, Fault> {
        match self.digest_of(task, Inside::All, ring) {
            Err(fault) if fault.sort == Sort::Lasting => pieces::without_killers(fault, &|inside| self.digest_of(task, inside, ring)),
            done => done,
        }
    }

    fn digest_of(&self, task: &Task<'_>, inside: Inside, ring: &KeyRing) -> Result<Digest, Fault> {
        let doc = DocId::of(task.bytes);
        let threads = (rayon::current_num_threads() / task.among.max(1)).max(1);
        let order = Order::Digest { name: task.name.to_owned(), inside, now: task.now, threads };
        match self.ask(&doc.short(), &order, &[task.bytes], Some(ring))? {
            (Answer::Digest { mut digest, kept }, frame) => {
                reload(&mut digest, &kept, frame.pieces);
                Ok(*digest)
            }
            _ => Err(senseless(&doc.short())),
        }
    }

    /// Draws a page of the last document of a path that begins with `root`.
    pub fn view(&self, root: &[u8], path: &[DocId], page: u32, ring: &KeyRing) -> Option<View> {
        let order = Order::View { path: path.to_vec(), page };
        let answer = self.ask(&path.last()?.short(), &order, &[root], Some(ring));
        match answer.map_err(|fault| tracing::warn!(%fault, "not drawn")).ok()? {
            (Answer::View(Some(sizes)), mut frame) => {
                let picture = Picture {
                    width: sizes.columns,
                    height: sizes.rows,
                    channels: sizes.channels,
                    pixels: frame.pieces.pop()?,
                    dpi: sizes.dpi,
                };
                picture.is_sound().then_some(View { picture, width: sizes.width, height: sizes.height })
            }
            _ => None,
        }
    }

    /// Learns a form from a blank one, or from several that are filled in; lasting where not one page could be learnt.
    pub fn learn_form(&self, documents: &[&[u8]]) -> Result<Learnt, Fault> {
        const HINT: &str =
            "give a PDF or TIFF of the blank form as it is printed, or the same form of several applicants, page by page alike";
        match self.ask("the form", &Order::LearnForm, documents, None)? {
            (Answer::Form(learnt), _) if !learnt.pages.is_empty() => Ok(learnt),
            (Answer::Form(Learnt { left, .. }), _) => Err(match left.into_iter().next() {
                Some((page, why)) => Fault::lasting(format!("page {page}"), why, HINT),
                None => Fault::lasting("the first document", "has no page", HINT),
            }),
            _ => Err(senseless("the form")),
        }
    }

    /// Sends all readers home; the next document starts new ones.
    pub fn rest(&self) {
        self.idle().clear();
    }

    fn ask(&self, what: &str, order: &Order, pieces: &[&[u8]], ring: Option<&KeyRing>) -> Result<(Answer, Frame), Fault> {
        let first = {
            let _beside = self.room.read().unwrap_or_else(PoisonError::into_inner);
            let idle = self.idle().pop();
            self.once(what, idle, order, pieces, ring)
        };
        let end = match first {
            Ok(answer) => return Ok(answer),
            Err(Failure::Fault(fault)) => return Err(fault),
            Err(Failure::End(end)) if end.is_certain() => end,
            Err(Failure::End(_)) => {
                // Alone, so that nothing that others left or took is laid at this document's door.
                let _alone = self.room.write().unwrap_or_else(PoisonError::into_inner);
                self.rest();
                match self.once(what, None, &order.clone().on_one_thread(), pieces, ring) {
                    Ok(answer) => return Ok(answer),
                    Err(Failure::Fault(fault)) => return Err(fault),
                    Err(Failure::End(end)) => end,
                }
            }
        };
        Err(Fault::lasting(what, end, "open the file on a machine apart; if it is sound, save it anew and put that into the inbox"))
    }

    fn once(
        &self,
        what: &str,
        idle: Option<Process>,
        order: &Order,
        pieces: &[&[u8]],
        ring: Option<&KeyRing>,
    ) -> Result<(Answer, Frame), Failure> {
        let mut process = match idle {
            Some(process) => process,
            None => self.start().map_err(Failure::Fault)?,
        };
        if let Some(ring) = ring
            && process.ring != ring.number
        {
            process.ask(&Order::Keys(keys::written(&ring.keys)), &[]).map_err(Failure::End)?;
            process.ring = ring.number;
        }
        let start = Instant::now();
        let answer = process.ask(order, pieces).map_err(Failure::End)?;
        let (used, most) = process.memory();
        tracing::debug!(what, milliseconds = start.elapsed().as_millis(), most_memory_kib = most >> 10, "a reader answered");
        // One that has grown makes way, so that its next document finds the room that it is promised.
        if used < self.bounds.memory / 2 {
            self.idle().push(process);
        }
        Ok(answer)
    }

    fn start(&self) -> Result<Process, Fault> {
        let place = format!("{} {}", self.program.display(), super::VERB);
        if std::env::var_os(MARK).is_some() {
            return Err(Fault::lasting(place, "a reader starts no readers", "run the program itself"));
        }
        let hint = "check the limits on processes and memory; the next run tries again";
        let bounds = Bounds { patience: self.bounds.patience.max(START), silence: self.bounds.silence.max(START), ..self.bounds };
        let mut process =
            Process::start(&self.program, self.library.as_deref(), bounds).map_err(|error| Fault::transient(&place, error, hint))?;
        let paths = self.files.as_ref().map(|files| files.keys().cloned().collect());
        let files = self.files.iter().flatten().map(|(_, bytes)| &**bytes);
        let pieces: Vec<&[u8]> = files.chain(self.forms.iter().map(Vec::as_slice)).collect();
        let order = Order::Begin { files: paths, desk: Box::new(self.desk.clone()) };
        match process.ask(&order, &pieces) {
            Ok((Answer::Ready { basis, fences }, _)) if basis == self.basis => {
                tell(fences);
                process.bounds = self.bounds;
                Ok(process)
            }
            Ok((Answer::Ready { .. }, _)) => Err(Fault::transient(place, "has other rules than the desk", "start the program anew")),
            Ok(_) => Err(senseless(&place)),
            Err(end) => Err(Fault::transient(place, end, hint)),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn senseless(place: &str) -> Fault {
    Fault::lasting(place, "the reader answered something else", "report this as a bug")
}

/// What could be a mail, told without reading it: it begins with a letter and has no zero byte near its beginning, or is such a
/// container as Outlook saves mails in.
fn may_be_mail(bytes: &[u8]) -> bool {
    if bytes.starts_with(ole::MAGIC) {
        return true;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.first().is_some_and(u8::is_ascii_alphabetic) && !bytes.iter().take(512).any(|byte| *byte == 0)
}

/// Puts the bytes that parts keep back to them.
fn reload(digest: &mut Digest, kept: &[usize], pieces: Vec<Vec<u8>>) {
    fn walk(digest: &mut Digest, n: &mut usize, pieces: &mut std::iter::Peekable<impl Iterator<Item = (usize, Vec<u8>)>>) {
        digest.unreadable = pieces.next_if(|(at, _)| at == n).map(|(_, bytes)| bytes);
        *n += 1;
        digest.parts.iter_mut().for_each(|part| walk(part, n, pieces));
    }
    walk(digest, &mut 0, &mut kept.iter().copied().zip(pieces).peekable());
}

/// Says once what the kernel does not offer.
fn tell(fences: Fences) {
    static SAID: Once = Once::new();
    for (hold, name) in [(fences.files, "Landlock"), (fences.calls, "seccomp")] {
        if hold != Hold::Full {
            SAID.call_once(|| tracing::warn!(?hold, "{name} does not hold readers back in full on this kernel; see docs/security.md"));
        }
    }
}
