//! One of a guest's threads that run its code, for those who stop, park and end the guest and count what it uses.

use super::Control;
use crate::account::cpu::CpuAccount;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;

/// A thread, with the orders to its guest and the account of CPU time of its container.
#[derive(Clone)]
pub struct GuestThread {
    control: Arc<Control>,
    cpu: Arc<CpuAccount>,
    index: usize,
}

impl GuestThread {
    /// The guest's own thread.
    pub fn first(control: &Arc<Control>, cpu: &Arc<CpuAccount>) -> Self {
        Self {
            control: control.clone(),
            cpu: cpu.clone(),
            index: 0,
        }
    }

    /// One more thread of the same guest.
    pub fn another(&self) -> Self {
        Self {
            index: self.control.add_thread(),
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
        self.control.checkpoint(self.index, &self.cpu)
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
        std::future::poll_fn(|context| self.control.poll(self.index, context, &mut slice)).await
    }
}
