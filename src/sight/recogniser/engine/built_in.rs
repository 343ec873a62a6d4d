//! The networks in `rten`, which is part of the program.
//!
//! Owns its threads.

use super::Answer;
use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

pub struct Network {
    model: Model,
    input: NodeId,
    output: NodeId,
    /// Pools that nobody uses just now, one thread each.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

impl Network {
    pub fn load(bytes: &'static [u8]) -> Result<Self, String> {
        let mut options = rten::ModelOptions::with_all_ops();
        let model = options.prepack_weights(true).load_static_slice(bytes).map_err(|error| error.to_string())?;
        let (Some(&input), Some(&output)) = (model.input_ids().first(), model.output_ids().first()) else {
            return Err("no input or no output".to_owned());
        };
        Ok(Network { model, input, output, idle: Mutex::new(Vec::new()) })
    }

    pub fn metadata(&self, key: &str) -> Option<String> {
        self.model.metadata().get(key).map(str::to_owned)
    }

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
