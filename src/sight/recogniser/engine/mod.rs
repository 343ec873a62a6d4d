//! Runs a network on one core, the same way wherever it is called from.
//!
//! Owns the choice of what computes it: `rten`, which is part of the program, or a library of ONNX Runtime. Never looks at a picture.

mod built_in;
#[cfg(feature = "onnxruntime")]
mod onnx_runtime;

use super::Broken;
use std::path::Path;

/// What computes the networks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Runtime {
    /// `rten`, part of the program.
    BuiltIn,
    /// ONNX Runtime; its library is open.
    #[cfg(feature = "onnxruntime")]
    OnnxRuntime,
}

impl Runtime {
    /// Opens a library of ONNX Runtime, once a process and before anything forbids it; the built-in one where none is named.
    ///
    /// Errors: the library cannot be opened or is too old, or this program was built without the feature `onnxruntime`.
    pub fn open(library: Option<&Path>) -> Result<Self, Broken> {
        match library {
            None => Ok(Runtime::BuiltIn),
            #[cfg(feature = "onnxruntime")]
            Some(library) => onnx_runtime::open(library).map(|()| Runtime::OnnxRuntime),
            #[cfg(not(feature = "onnxruntime"))]
            Some(_) => Err(Broken { file: "ONNX Runtime", what: "this program was built without it".to_owned() }),
        }
    }
}

/// Numbers with their shape.
pub struct Answer {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// A network with one input and one output.
pub enum Engine {
    BuiltIn(built_in::Network),
    #[cfg(feature = "onnxruntime")]
    OnnxRuntime(onnx_runtime::Network),
}

impl Engine {
    pub fn load(runtime: Runtime, file: &'static str, bytes: &'static [u8]) -> Result<Self, Broken> {
        let loaded = match runtime {
            Runtime::BuiltIn => built_in::Network::load(bytes).map(Engine::BuiltIn),
            #[cfg(feature = "onnxruntime")]
            Runtime::OnnxRuntime => onnx_runtime::Network::load(bytes).map(Engine::OnnxRuntime),
        };
        loaded.map_err(|what| Broken { file, what })
    }

    pub fn metadata(&self, key: &str) -> Option<String> {
        match self {
            Engine::BuiltIn(network) => network.metadata(key),
            #[cfg(feature = "onnxruntime")]
            Engine::OnnxRuntime(network) => network.metadata(key),
        }
    }

    /// The output for the grey values of a picture of `height` by `width`.
    pub fn run(&self, height: usize, width: usize, values: Vec<f32>) -> Option<Answer> {
        match self {
            Engine::BuiltIn(network) => network.run(height, width, values),
            #[cfg(feature = "onnxruntime")]
            Engine::OnnxRuntime(network) => network.run(height, width, &values),
        }
    }
}
