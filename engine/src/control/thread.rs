//! One of a guest's threads that run its code, for those who stop, park and end the guest and count what it uses.

use super::Control;
use crate::account::cpu::CpuAccount;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;

/// A thread's place in its guest's orders and in its container's account of CPU time.
#[derive(Clone)]
pub struct Turn {
    control: Arc<Control>,
    cpu: Arc<CpuAccount>,
    lane: usize,
}

impl Turn {
    /// The guest's own thread.
    pub fn first(control: &Arc<Control>, cpu: &Arc<CpuAccount>) -> Self {
        Self {
            control: control.clone(),
            cpu: cpu.clone(),
            lane: 0,
        }
    }

    /// One more thread of the same guest.
    pub fn another(&self) -> Self {
        Self {
            lane: self.control.add_lane(),
            ..self.clone()
        }
    }

    /// The orders to the guest.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The account of CPU time.
    pub fn cpu(&self) -> &CpuAccount {
        &self.cpu
    }

    /// Parks the thread while the guest may not run; false when the guest must end.
    pub fn checkpoint(&self) -> bool {
        self.control.checkpoint(self.lane, &self.cpu)
    }

    /// Runs a future to its end, or until a signal ends the guest. Does not poll it while the guest is parked.
    ///
    /// # Errors
    /// With the signal.
    pub async fn run<T>(&self, future: impl Future<Output = T>) -> Result<T, u8> {
        let mut future = pin!(future);
        let mut slice = |context: &mut Context<'_>| {
            self.cpu.begin();
            let answer = future.as_mut().poll(context);
            self.cpu.rest();
            answer
        };
        std::future::poll_fn(|context| self.control.poll(self.lane, context, &mut slice)).await
    }
}
