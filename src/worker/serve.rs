//! The reader itself: a process that reads what it is given until nobody gives it anything.
//!
//! Whoever reads orders stands aside while the work is done elsewhere, so that the process ends with its desk even in the
//! middle of an endless loop.

use crate::catalogue::{self, Catalogue, known};
use crate::config::DeskSettings;
use crate::domain::Files;
use crate::domain::form::Form;
use crate::domain::id::DocId;
use crate::domain::picture::View;
use crate::domain::place::Area;
use crate::fault::Fault;
use crate::pipeline::{self, Digest, Inside, Keys, Office};
use crate::reading::format::{Grey, Limits, Ocr, Strip, Tools};
use crate::reading::view;
use crate::worker::fence;
use crate::worker::form;
use crate::worker::keys;
use crate::worker::wire::{self, Answer, Frame, Order, Sizes};
use rayon::{ThreadPool, ThreadPoolBuilder};
use sight::port::Blind;
use sight::recogniser::{Broken, Recogniser, Runtime};
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// As deep as the desk's own threads may go.
const STACK: usize = 16 << 20;
/// Between two signs that the work goes on.
const PULSE: Duration = Duration::from_secs(1);

/// The line of the source that panicked last. What it would say may quote a document, and is not said.
static PANICKED: Mutex<String> = Mutex::new(String::new());

/// Serves the orders that come over standard input; the way of the hidden verb.
///
/// `library` is one of ONNX Runtime, for the recogniser.
pub fn serve(library: Option<&Path>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!("{}:{}", place.file(), place.line()));
        *locked(&PANICKED) = place;
    }));
    let pipes = pipes();
    let runtime = Runtime::open(library);
    let fences = fence::draw();
    // An error has nobody to be told to.
    if pipes.and_then(|(orders, answers)| answer_orders(orders, answers, fences, runtime)).is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Orders and answers, as files: standard output would hold lines back.
fn pipes() -> io::Result<(File, File)> {
    Ok((File::from(io::stdin().as_fd().try_clone_to_owned()?), File::from(io::stdout().as_fd().try_clone_to_owned()?)))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer_orders(mut orders: File, answers: File, fences: fence::Fences, runtime: Result<Runtime, Broken>) -> io::Result<()> {
    let answers = Mutex::new(answers);
    let Some(first) = wire::receive(&mut orders)? else { return Ok(()) };
    let refuse = |what: String| wire::send(&mut *locked(&answers), &Answer::Failed(what), &[]);
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(broken) => return refuse(format!("{broken}; see [readers] onnxruntime")),
    };
    let (catalogue, desk, forms) = match begin(first)? {
        Ok(begun) => begun,
        Err(faults) => return refuse(faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")),
    };
    wire::send(&mut *locked(&answers), &Answer::Ready { basis: catalogue.basis.clone(), fences }, &[])?;
    let (hand, bench) = mpsc::channel::<Frame>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut reader = Reader::new(&catalogue, &desk, Lens { runtime, forms }, &answers);
            for frame in bench {
                if reader.answer(&frame).is_err() {
                    std::process::exit(1);
                }
            }
        });
        // Until the desk closes the pipe, by its will or by its death.
        loop {
            match wire::receive(&mut orders) {
                Ok(Some(frame)) => drop(hand.send(frame)),
                Ok(None) => std::process::exit(0),
                Err(_) => std::process::exit(1),
            }
        }
    })
}

/// How a desk works: its catalogue, its settings and the files of the forms that it knows.
type Begun = (Catalogue, DeskSettings, Vec<Vec<u8>>);

/// The catalogue of the desk, by its bytes: never another version of the rules.
fn begin(first: Frame) -> io::Result<Result<Begun, Vec<Fault>>> {
    let Order::Begin { files, desk } = first.parse()? else { return Err(io::ErrorKind::InvalidData.into()) };
    let mut pieces = first.pieces.into_iter();
    let files: Files = match files {
        Some(paths) => paths.into_iter().zip(pieces.by_ref().map(Cow::Owned)).collect(),
        None => catalogue::shipped(),
    };
    Ok(Catalogue::load(&files).map(|catalogue| (catalogue, *desk, pieces.collect())))
}

struct Reader<'a> {
    catalogue: &'a Catalogue,
    desk: &'a DeskSettings,
    eyes: Eyes<'a>,
    keys: Keys,
    /// As many threads as the last order asked for.
    pool: Option<ThreadPool>,
}

impl<'a> Reader<'a> {
    fn new(catalogue: &'a Catalogue, desk: &'a DeskSettings, lens: Lens, answers: &'a Mutex<File>) -> Self {
        let last = Mutex::new(Instant::now());
        let eyes = Eyes { lens, recogniser: OnceLock::new(), forms: OnceLock::new(), answers, last };
        Reader { catalogue, desk, eyes, keys: Keys::default(), pool: None }
    }

    fn answer(&mut self, frame: &Frame) -> io::Result<()> {
        let order: Order = frame.parse()?;
        let done = catch_unwind(AssertUnwindSafe(|| self.carry_out(order, &frame.pieces)));
        let (answer, pieces) = match done {
            Ok(Ok(done)) => done,
            Ok(Err(what)) => (Answer::Failed(what), Vec::new()),
            Err(_) => (Answer::Failed(format!("it panicked at {}", locked(&PANICKED))), Vec::new()),
        };
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let mut answers = locked(self.eyes.answers);
        match wire::send(&mut *answers, &answer, &pieces) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => wire::send(&mut *answers, &Answer::TooLong, &[]),
            sent => sent,
        }
    }

    fn carry_out(&mut self, order: Order, pieces: &[Vec<u8>]) -> Result<(Answer, Vec<Vec<u8>>), String> {
        let bytes = pieces.first().map_or(&[][..], Vec::as_slice);
        let blind = Tools { ocr: &Blind, limits: Limits::default() };
        match order {
            Order::Begin { .. } => Err("it was told to begin twice".to_owned()),
            Order::Keys(written) => {
                self.keys = keys::read(written);
                Ok((Answer::Done, Vec::new()))
            }
            Order::Digest { name, inside, now, threads } => {
                let office = Office::new(self.catalogue, self.desk, now);
                let pool = self.pool(threads)?;
                self.pool = None;
                let tools = Tools { ocr: &self.eyes, limits: Limits::default() };
                let digest = pool.install(|| read(&name, bytes, inside, &self.keys, &tools, &office));
                self.pool = Some(pool);
                self.eyes.fault()?;
                let (digest, kept, pieces) = unloaded(digest);
                Ok((Answer::Digest { digest: Box::new(digest), kept }, pieces))
            }
            Order::Learn => {
                let mut keys = Keys::default();
                keys.learn(bytes, &blind);
                Ok((Answer::Learned(keys::written(&keys)), Vec::new()))
            }
            Order::View { path, page } => Ok(match self.view(bytes, &path, page, &blind) {
                Some(view) => (Answer::View(Some(sizes(&view))), vec![view.picture.pixels]),
                None => (Answer::View(None), Vec::new()),
            }),
            Order::LearnForm => {
                let learnt = form::learn(pieces, &Tools { ocr: &self.eyes, limits: Limits::default() });
                self.eyes.fault()?;
                Ok((Answer::Form(learnt), Vec::new()))
            }
        }
    }

    fn view(&self, root: &[u8], path: &[DocId], page: u32, tools: &Tools<'_>) -> Option<View> {
        let bytes = pipeline::inside(root, path, &self.keys, tools)?;
        view::page(&bytes, page, tools.limits, catalogue::typeface())
    }

    fn pool(&mut self, threads: usize) -> Result<ThreadPool, String> {
        match self.pool.take().filter(|pool| pool.current_num_threads() == threads) {
            Some(pool) => Ok(pool),
            None => ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().map_err(|error| error.to_string()),
        }
    }
}

/// Reads a document, or does what a trial of the fence asks for.
fn read(name: &str, bytes: &[u8], inside: Inside, keys: &Keys, tools: &Tools<'_>, office: &Office<'_>) -> Digest {
    #[cfg(debug_assertions)]
    if let Some(digest) = super::trial::play(name, bytes, inside, tools, office) {
        return digest;
    }
    pipeline::digest_with(name, bytes, inside, keys, tools, office)
}

fn sizes(view: &View) -> Sizes {
    let picture = &view.picture;
    Sizes {
        width: view.width,
        height: view.height,
        columns: picture.width,
        rows: picture.height,
        channels: picture.channels,
        dpi: picture.dpi,
    }
}

/// The digest without the bytes that it keeps, which document of it, counted from the outside in, keeps some, and those.
fn unloaded(mut digest: Digest) -> (Digest, Vec<usize>, Vec<Vec<u8>>) {
    fn walk(digest: &mut Digest, n: &mut usize, kept: &mut Vec<usize>, pieces: &mut Vec<Vec<u8>>) {
        if let Some(bytes) = digest.unreadable.take() {
            kept.push(*n);
            pieces.push(bytes);
        }
        *n += 1;
        digest.parts.iter_mut().for_each(|part| walk(part, n, kept, pieces));
    }
    let (mut kept, mut pieces) = (Vec::new(), Vec::new());
    walk(&mut digest, &mut 0, &mut kept, &mut pieces);
    (digest, kept, pieces)
}

/// By what scans are read: the runtime of the networks, and the files of the forms that are known.
struct Lens {
    runtime: Runtime,
    forms: Vec<Vec<u8>>,
}

/// The recogniser, loaded when the first page needs it; each look is a sign to the desk that the work goes on.
struct Eyes<'a> {
    lens: Lens,
    recogniser: OnceLock<Result<Recogniser, Fault>>,
    forms: OnceLock<Vec<Form>>,
    answers: &'a Mutex<File>,
    last: Mutex<Instant>,
}

impl Eyes<'_> {
    fn open(&self) -> Option<&Recogniser> {
        self.pulse();
        self.recogniser.get_or_init(|| load(self.lens.runtime)).as_ref().ok()
    }

    fn pulse(&self) {
        let mut last = locked(&self.last);
        if last.elapsed() >= PULSE {
            *last = Instant::now();
            // A desk that is gone is noticed where orders are read.
            let _ = wire::send(&mut *locked(self.answers), &Answer::Busy, &[]);
        }
    }

    /// Why nothing was recognised, where the recogniser did not load.
    fn fault(&self) -> Result<(), String> {
        match self.recogniser.get() {
            Some(Err(fault)) => Err(fault.to_string()),
            _ => Ok(()),
        }
    }
}

/// Loads on a thread of its own. One that waits inside a pool takes up other work of that pool meanwhile, and that work
/// may be a page that wants this very recogniser: it would wait for itself.
fn load(runtime: Runtime) -> Result<Recogniser, Fault> {
    let lost = |_| Err(Fault::lasting("recogniser", "its loading was given up", "install the program anew"));
    let opened = std::thread::scope(|scope| scope.spawn(|| Recogniser::with(runtime)).join());
    let hint = match runtime {
        Runtime::BuiltIn => "build the program from a whole checkout",
        #[cfg(feature = "onnxruntime")]
        Runtime::OnnxRuntime => "name another library, or none, in [readers] onnxruntime",
    };
    opened.map_or_else(lost, |loaded| loaded.map_err(|broken| Fault::lasting(broken.file, broken.what, hint)))
}

impl Ocr for Eyes<'_> {
    fn find(&self, page: &Grey) -> Vec<Area> {
        self.open().map_or_else(Vec::new, |recogniser| recogniser.find(page))
    }

    fn read(&self, line: &Grey) -> Strip {
        self.open().map_or_else(Strip::default, |recogniser| recogniser.read(line))
    }

    fn forms(&self) -> &[Form] {
        // The desk looked at the files before it sent them.
        self.forms.get_or_init(|| self.lens.forms.iter().filter_map(|bytes| known::pages(bytes).ok()).flatten().collect())
    }
}
