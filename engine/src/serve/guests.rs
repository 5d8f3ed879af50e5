//! The table of all guests, and the orders that concern more than one of them.

use crate::control::signals::{Action, default_action};
use crate::guest::container::Container;
use crate::guest::host::Host;
use crate::guest::thread::create;
use crate::guest::{Guest, Phase, ending};
use crate::lock::lock;
use crate::proto::engine as wire;
use crate::refusal::{Answer, Kind, Refusal};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SIGKILL: u8 = libc::SIGKILL as u8;
const SIGTERM: u8 = libc::SIGTERM as u8;

type Table = Arc<Mutex<HashMap<String, Arc<Guest>>>>;

/// All guests of this process.
pub struct Guests {
    host: Arc<Host>,
    table: Table,
}

/// Takes a guest out of the table again unless it came to life.
struct Reservation {
    table: Table,
    guest: Arc<Guest>,
    kept: bool,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.kept {
            self.guest.control.drop_unstarted();
            self.guest.container.forget(&self.guest);
            lock(&self.table).remove(&self.guest.id);
        }
    }
}

impl Guests {
    /// No guests yet.
    pub fn new(host: Arc<Host>) -> Self {
        Self {
            host,
            table: Table::default(),
        }
    }

    /// The guest of that name, exited or not.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, id: &str) -> Answer<Arc<Guest>> {
        let unknown = || Refusal::new(Kind::Unknown, format!("guest {id}: there is none"));
        lock(&self.table).get(id).cloned().ok_or_else(unknown)
    }

    /// The guest of that name if `what` can be done to it.
    ///
    /// # Errors
    /// When there is none or it has exited.
    pub fn alive(&self, id: &str, what: &str) -> Answer<Arc<Guest>> {
        let guest = self.find(id)?;
        guest.expect_alive(what)?;
        Ok(guest)
    }

    fn reserve(&self, request: &wire::CreateRequest) -> Answer<Reservation> {
        if request.id.is_empty() {
            return Err(Refusal::invalid("create: the id is empty"));
        }
        let mut table = lock(&self.table);
        let Entry::Vacant(place) = table.entry(request.id.clone()) else {
            let sentence = format!("create {}: the id is in use", request.id);
            return Err(Refusal::new(Kind::Duplicate, sentence));
        };
        drop(place);
        let guest = match table.get(&request.container) {
            Some(first) => first.container.join(&request.id)?,
            None if request.container.is_empty() => {
                Container::new(&request.id, &request.limits, self.host.pacer.clone()).found()
            }
            None => {
                let sentence = format!("exec in {}: there is no such container", request.container);
                return Err(Refusal::new(Kind::Unknown, sentence));
            }
        };
        table.insert(request.id.clone(), guest.clone());
        Ok(Reservation {
            table: self.table.clone(),
            guest,
            kept: false,
        })
    }

    /// Makes a guest, in a container of its own or in one that runs.
    ///
    /// # Errors
    /// When it cannot be made; nothing is left of it then.
    pub async fn make(&self, request: wire::CreateRequest) -> Answer<u32> {
        let mut reservation = self.reserve(&request)?;
        let guest = reservation.guest.clone();
        let pid = create(&guest, request, &self.host).await?;
        reservation.kept = true;
        Ok(pid)
    }

    /// Delivers a signal to a guest, or to all of its container.
    ///
    /// # Errors
    /// When there is no such signal or no such living guest.
    pub async fn deliver(&self, id: &str, signal: u32, all: bool) -> Answer<()> {
        let guest = self.alive(id, "signal")?;
        let action = default_action(signal)
            .ok_or_else(|| Refusal::invalid(format!("signal {signal}: there is no such signal")))?;
        // With the first guest all others will be killed: there is nothing to wait for.
        let all = all || action == Action::End(SIGKILL) && guest.is_first();
        let mut guests = if all { guest.container.guests() } else { vec![guest] };
        guests.retain(|g| g.phase() != Phase::Exited);
        match action {
            Action::Ignore => {}
            Action::Stop => {
                guests.iter().for_each(|g| g.control.set_stopped(true));
                self.settle(&guests).await;
            }
            Action::Continue => guests.iter().for_each(|g| g.control.set_stopped(false)),
            Action::End(SIGTERM) => guests
                .iter()
                .filter(|g| !g.control.drain())
                .for_each(|g| ending::end(g, SIGTERM, &self.host)),
            Action::End(n) => guests.iter().for_each(|g| ending::end(g, n, &self.host)),
        }
        Ok(())
    }

    /// Parks a container.
    ///
    /// # Errors
    /// When there is no such living guest.
    pub async fn pause(&self, id: &str) -> Answer<()> {
        let container = &self.alive(id, "pause")?.container;
        container.set_paused(true);
        self.settle(&container.guests()).await;
        Ok(())
    }

    /// Waits until guests rest, but not for those that the kernel keeps: they park when they are back.
    async fn settle(&self, guests: &[Arc<Guest>]) {
        const ROUND: Duration = Duration::from_millis(2);
        const ROUNDS: u32 = 250;
        let rests = |g: &Arc<Guest>| g.control.at_rest() || g.phase() == Phase::Exited;
        for _ in 0..ROUNDS {
            // Again each round: a guest that was just at its check has taken a new deadline.
            self.host.call_to_check();
            if guests.iter().all(rests) {
                break;
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    /// Lets a container go on.
    ///
    /// # Errors
    /// When there is no such living guest.
    pub fn resume(&self, id: &str) -> Answer<()> {
        self.alive(id, "resume")?.container.set_paused(false);
        Ok(())
    }

    /// Changes a container's limits.
    ///
    /// # Errors
    /// When there is no such living guest.
    pub fn update(&self, id: &str, limits: &wire::Limits) -> Answer<()> {
        self.alive(id, "update")?.container.limit(limits);
        self.host.call_to_check();
        Ok(())
    }

    /// Forgets a guest that has exited or never ran; with a container's first guest all of the container.
    ///
    /// # Errors
    /// When there is none, or it runs.
    pub fn forget(&self, id: &str) -> Answer<()> {
        let guest = self.find(id)?;
        match guest.phase() {
            Phase::Exited => {}
            Phase::Created => guest.control.drop_unstarted(),
            phase => return Err(guest.wrong_state("delete", phase)),
        }
        let forgotten = match guest.is_first() {
            true => guest.container.guests(),
            false => vec![guest],
        };
        for guest in forgotten {
            guest.join();
            guest.container.forget(&guest);
            lock(&self.table).remove(&guest.id);
        }
        Ok(())
    }
}
