//! Runs a network on one core, the same way wherever it is called from.
//!
//! Owns the threads of the runtime. Never looks at a picture.

use super::Broken;
use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// A network with one input and one output.
pub struct Engine {
    model: Model,
    input: NodeId,
    output: NodeId,
    /// Pools that nobody uses just now, one thread each.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

/// Numbers with their shape.
pub struct Answer {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Engine {
    pub fn load(file: &'static str, bytes: &'static [u8]) -> Result<Self, Broken> {
        let broken = |what: String| Broken { file, what };
        let model =
            rten::ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(bytes).map_err(|error| broken(error.to_string()))?;
        let (Some(&input), Some(&output)) = (model.input_ids().first(), model.output_ids().first()) else {
            return Err(broken("no input or no output".to_owned()));
        };
        Ok(Engine { model, input, output, idle: Mutex::new(Vec::new()) })
    }

    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.model.metadata().get(key)
    }

    /// The output for the grey values of a picture of `height` by `width`.
    pub fn run(&self, height: usize, width: usize, values: Vec<f32>) -> Option<Answer> {
        let tensor = NdTensor::try_from_data([1, 1, height, width], values).ok()?;
        let pool = self.idle().pop().unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)));
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        // A worker of another pool that waits for this one would pick up the next page meanwhile and nest without bound.
        // A plain thread simply waits.
        let output = std::thread::scope(|scope| {
            let work = scope.spawn(|| self.model.run_n(vec![(self.input, tensor.into())], [self.output], Some(options)));
            work.join()
        });
        self.idle().push(pool);
        let [value] = output.ok()?.ok()?;
        let tensor: rten_tensor::Tensor<f32> = value.into_tensor()?;
        let shape = tensor.shape().to_vec();
        Some(Answer { shape, values: tensor.into_data() })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Arc<ThreadPool>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
