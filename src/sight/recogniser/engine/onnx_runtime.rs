//! The networks in ONNX Runtime, out of a library that the machine has.
//!
//! Owns the sessions. Never fetches a library and brings none.

use super::Answer;
use crate::recogniser::Broken;
use ort::environment::Environment;
use ort::ep::CPU;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Opens the library. Nothing of it runs yet but what the loader starts.
pub fn open(library: &Path) -> Result<(), Broken> {
    let broken = |what| Broken { file: "ONNX Runtime", what: format!("{}: {what}", library.display()) };
    ort::init_from(library).map(drop).map_err(broken)
}

/// What the sessions of a process share. Some builds of the library keep a file of what they tell their maker: it is made where a
/// fence lets nobody write.
fn environment() -> Result<&'static Environment, &'static str> {
    static ENVIRONMENT: OnceLock<Result<Environment, String>> = OnceLock::new();
    let made = || ort::init().with_telemetry(false).build().map_err(|error| error.to_string());
    ENVIRONMENT.get_or_init(made).as_ref().map_err(String::as_str)
}

/// A network and its sessions, each of one thread.
pub struct Network {
    environment: &'static Environment,
    bytes: &'static [u8],
    /// Sessions that nobody uses just now.
    idle: Mutex<Vec<Session>>,
}

impl Network {
    pub fn load(bytes: &'static [u8]) -> Result<Self, String> {
        let environment = environment()?;
        let session = session(environment, bytes).map_err(|error| error.to_string())?;
        Ok(Network { environment, bytes, idle: Mutex::new(vec![session]) })
    }

    pub fn metadata(&self, key: &str) -> Option<String> {
        self.idle().first()?.metadata().ok()?.custom(key)
    }

    pub fn run(&self, height: usize, width: usize, values: &[f32]) -> Option<Answer> {
        let free = self.idle().pop();
        let mut session = match free {
            Some(session) => session,
            None => session(self.environment, self.bytes).ok()?,
        };
        let answer = answer(&mut session, [1, 1, height, width], values).ok();
        self.idle().push(session);
        answer
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn session(environment: &Environment, bytes: &[u8]) -> ort::Result<Session> {
    let mut builder = Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        // Each line has a width of its own: patterns of memory would be kept for every one of them, and an arena never shrinks.
        .with_memory_pattern(false)?
        .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?;
    builder.commit_from_memory(bytes)
}

fn answer(session: &mut Session, shape: [usize; 4], values: &[f32]) -> ort::Result<Answer> {
    let outputs = session.run(ort::inputs![TensorRef::from_array_view((shape, values))?])?;
    let (shape, values) = outputs[0].try_extract_tensor::<f32>()?;
    Ok(Answer { shape: shape.iter().map(|side| usize::try_from(*side).unwrap_or(0)).collect(), values: values.to_vec() })
}
