//! Waiting for sockets, clocks and Wasmtime's own descriptors at once.

use super::Socket;
use super::errno;
use crate::ffi::fd::{Conditions, conditions};
use crate::wasi::preview1::timers::Timers;
use crate::wasi::preview1::{answer::Result, state::Preview1};
use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p1::types::*;
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::{GuestMemory, GuestPtr, GuestType};

/// More than a guest can have use for: each of its descriptors twice, and clocks.
const MOST: Size = 4096;

/// A subscription, with what it waits for.
enum Wait {
    Until(Instant),
    Socket {
        socket: Arc<Socket>,
        write: bool,
    },
    /// One that the guest may not wait for.
    Refused(Errno),
    /// Wasmtime's.
    Other,
}

type Reports = Vec<(usize, Event)>;

impl Preview1 {
    /// As [`Self::poll`], and the clock shows the end of sleeps where it is not the world's.
    pub(super) async fn poll_by_clock(
        &mut self,
        memory: &mut GuestMemory<'_>,
        subscriptions: GuestPtr<Subscription>,
        events: GuestPtr<Event>,
        count: Size,
    ) -> Result<Size> {
        let timers = match (self.clock.clone(), &*memory) {
            (Some(clock), GuestMemory::Unshared(bytes)) => {
                Some(Timers::read(clock, bytes, subscriptions.offset() as i32, count as i32))
            }
            _ => None,
        };
        let stored = self.poll(memory, subscriptions, events, count).await?;
        if let (Some(timers), GuestMemory::Unshared(bytes)) = (timers, memory) {
            timers.show(bytes, events.offset() as i32, stored as i32);
        }
        Ok(stored)
    }

    async fn poll(
        &mut self,
        memory: &mut GuestMemory<'_>,
        subscriptions: GuestPtr<Subscription>,
        events: GuestPtr<Event>,
        count: Size,
    ) -> Result<Size> {
        if count == 0 || count > MOST {
            return Err(Errno::Inval.into());
        }
        let list = subscriptions.as_array(count);
        let list = list
            .iter()
            .map(|at| Ok(memory.read(at?)?))
            .collect::<Result<Vec<_>>>()?;
        if !list.iter().any(|wanted| self.socket_of(wanted).is_some()) && !is_sleep(&list) {
            return self.wasi.poll_oneoff(memory, subscriptions, events, count).await;
        }
        let waits = list
            .iter()
            .map(|wanted| self.wait_of(memory, wanted))
            .collect::<Result<Vec<_>>>()?;
        let others = Others::of(&list, &waits)?;
        let reports = first(&list, &waits, others, &mut self.wasi).await?;
        for ((_, report), at) in reports.iter().zip(events.as_array(count).iter()) {
            memory.write(at?, report.clone())?;
        }
        Ok(reports.len() as Size)
    }

    fn socket_of(&self, wanted: &Subscription) -> Option<(&Arc<Socket>, bool)> {
        let (SubscriptionU::FdRead(of) | SubscriptionU::FdWrite(of)) = &wanted.u else {
            return None;
        };
        let write = matches!(wanted.u, SubscriptionU::FdWrite(_));
        Some((&self.sockets.get(of.file_descriptor)?.socket, write))
    }

    fn wait_of(&mut self, memory: &mut GuestMemory<'_>, wanted: &Subscription) -> Result<Wait> {
        if let SubscriptionU::Clock(clock) = &wanted.u {
            return self.deadline(memory, clock).map(Wait::Until);
        }
        Ok(match self.socket_of(wanted) {
            Some((socket, true)) if socket.connection().is_none() => Wait::Refused(Errno::Notcapable),
            Some((socket, write)) => Wait::Socket {
                socket: socket.clone(),
                write,
            },
            None => Wait::Other,
        })
    }

    fn deadline(&mut self, memory: &mut GuestMemory<'_>, clock: &SubscriptionClock) -> Result<Instant> {
        if !matches!(clock.id, Clockid::Realtime | Clockid::Monotonic) {
            return Err(Errno::Inval.into());
        }
        let absolute = clock.flags.contains(Subclockflags::SUBSCRIPTION_CLOCK_ABSTIME);
        let nanos = match absolute {
            true => clock
                .timeout
                .saturating_sub(self.wasi.clock_time_get(memory, clock.id, 0)?),
            false => clock.timeout,
        };
        // Past what the clock can hold is never.
        let now = Instant::now();
        Ok(now.checked_add(Duration::from_nanos(nanos)).unwrap_or(now + NEVER))
    }
}

/// Whether it is what Wasmtime waits for in the kernel, where nobody can call the guest.
fn is_sleep(list: &[Subscription]) -> bool {
    matches!(list, [Subscription { u: SubscriptionU::Clock(clock), .. }] if clock.flags.is_empty())
}

const NEVER: Duration = Duration::from_secs(1 << 32);

fn event(wanted: &Subscription, error: Errno) -> Event {
    Event {
        userdata: wanted.userdata,
        error,
        type_: match wanted.u {
            SubscriptionU::Clock(_) => Eventtype::Clock,
            SubscriptionU::FdRead(_) => Eventtype::FdRead,
            SubscriptionU::FdWrite(_) => Eventtype::FdWrite,
        },
        fd_readwrite: EventFdReadwrite {
            nbytes: 0,
            flags: Eventrwflags::empty(),
        },
    }
}

/// Subscriptions that Wasmtime waits for, in memory as a guest would lay them out; their userdata are their places in
/// the guest's list.
struct Others {
    memory: Vec<u8>,
    start: usize,
    count: Size,
}

impl Others {
    fn of(list: &[Subscription], waits: &[Wait]) -> Result<Option<Self>> {
        let others: Vec<_> = (0..).zip(waits).filter(|(_, w)| matches!(w, Wait::Other)).collect();
        if others.is_empty() {
            return Ok(None);
        }
        let bytes = others.len() * (Subscription::guest_size() + Event::guest_size()) as usize;
        let memory = vec![0; bytes + Subscription::guest_align()];
        let start = memory.as_ptr().align_offset(Subscription::guest_align());
        let mut laid = Self {
            memory,
            start,
            count: others.len() as Size,
        };
        for (n, (place, _)) in (0..).zip(&others) {
            let mut subscription = list[*place].clone();
            subscription.userdata = *place as Userdata;
            laid.view().write(GuestPtr::new(0).add(n)?, subscription)?;
        }
        Ok(Some(laid))
    }

    fn view(&mut self) -> GuestMemory<'_> {
        GuestMemory::Unshared(&mut self.memory[self.start..])
    }

    async fn poll(mut self, wasi: &mut WasiP1Ctx, list: &[Subscription]) -> Result<Reports> {
        let (count, events) = (self.count, GuestPtr::new(self.count * Subscription::guest_size()));
        let stored = wasi
            .poll_oneoff(&mut self.view(), GuestPtr::new(0), events, count)
            .await?;
        let view = self.view();
        let stored = events.as_array(stored);
        let report = |at: std::result::Result<GuestPtr<Event>, wiggle::GuestError>| {
            let mut report = view.read(at?)?;
            let place = report.userdata as usize;
            report.userdata = list[place].userdata;
            Ok((place, report))
        };
        stored.iter().map(report).collect()
    }
}

/// Waits until there is something to report, and reports all there is by then, in the order of the list.
async fn first(list: &[Subscription], waits: &[Wait], others: Option<Others>, wasi: &mut WasiP1Ctx) -> Result<Reports> {
    let earliest = waits.iter().filter_map(|wait| match wait {
        Wait::Until(deadline) => Some(*deadline),
        _ => None,
    });
    let alarm = tokio::time::sleep_until(earliest.min().unwrap_or_else(|| Instant::now() + NEVER).into());
    let mut alarm = pin!(alarm);
    let mut others: Pin<Box<dyn Future<Output = Result<Reports>> + Send>> = match others {
        Some(others) => Box::pin(others.poll(wasi, list)),
        None => Box::pin(pending()),
    };
    poll_fn(|context| {
        let mut reports = now(list, waits)?;
        if let Poll::Ready(answer) = others.as_mut().poll(context) {
            others = Box::pin(pending());
            reports.extend(answer?);
        }
        if reports.is_empty() {
            listen(waits, context)?;
            // Clocks are looked at once more when the alarm has gone off: it may be early by what it is coarse.
            ready!(alarm.as_mut().poll(context));
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        reports.sort_by_key(|(place, _)| *place);
        Poll::Ready(Ok(reports))
    })
    .await
}

/// What can be reported of clocks and sockets without waiting.
fn now(list: &[Subscription], waits: &[Wait]) -> Result<Reports> {
    let time = Instant::now();
    let sockets = waits.iter().filter_map(|wait| match wait {
        Wait::Socket { socket, write } => Some((socket.fd(), *write)),
        _ => None,
    });
    let mut found = conditions(&sockets.collect::<Vec<_>>())
        .map_err(|e| errno::of(&e))?
        .into_iter();
    let mut reports = Reports::new();
    for (place, (wanted, wait)) in list.iter().zip(waits).enumerate() {
        let report = match wait {
            Wait::Until(deadline) if *deadline <= time => event(wanted, Errno::Success),
            Wait::Refused(error) => event(wanted, *error),
            Wait::Socket { socket, write } => match found.next() {
                Some(conditions) if conditions.ready => of_socket(wanted, socket, *write, conditions),
                _ => continue,
            },
            Wait::Until(_) | Wait::Other => continue,
        };
        reports.push((place, report));
    }
    Ok(reports)
}

fn of_socket(wanted: &Subscription, socket: &Socket, write: bool, conditions: Conditions) -> Event {
    let mut report = event(wanted, Errno::Success);
    // How much can be written the kernel does not say; something can.
    report.fd_readwrite.nbytes = if write { 1 } else { socket.unread() };
    if conditions.hung_up {
        report.fd_readwrite.flags = Eventrwflags::FD_READWRITE_HANGUP;
    }
    report
}

fn listen(waits: &[Wait], context: &mut Context<'_>) -> Result<()> {
    for wait in waits {
        if let Wait::Socket { socket, write } = wait {
            socket.poll_news(*write, context).map_err(|e| errno::of(&e))?;
        }
    }
    Ok(())
}
