//! Listening sockets that a preview 1 module finds open as its first descriptors behind the streams, and those of the
//! connections it accepts. Wasmtime's preview 1 knows no sockets: this room stands before it and passes on what is
//! not about one. Only modules with such sockets are linked against it.

mod errno;
pub mod linker;
pub mod listen;
mod numbers;
mod poll;
mod preview1;
mod socket;
mod traffic;

use crate::refusal::{Answer, Naming};
pub use socket::Socket;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable};

/// The first number that is not a stream's.
const FIRST: u32 = 3;
/// The first number of an accepted connection. Wasmtime numbers its own descriptors without gaps, and nobody may hold
/// so many.
const FIRST_ACCEPTED: u32 = 1 << 16;

/// What a socket takes up in the table of what a guest may hold.
struct TableEntry;

struct Entry {
    socket: Arc<Socket>,
    held: Resource<TableEntry>,
    /// `O_NONBLOCK` as the guest sees it; the kernel's is always set.
    nonblocking: bool,
    /// Whether Wasmtime has a descriptor of its own under this number, which nobody sees while the socket is there.
    covers: bool,
}

/// The sockets of a guest by their numbers.
#[derive(Default)]
pub struct Sockets {
    entries: BTreeMap<u32, Entry>,
}

impl Sockets {
    /// Gives the listeners their numbers. They cover descriptors of Wasmtime's if its table has any beside the streams,
    /// for only then it may ever give out such a number.
    ///
    /// # Errors
    /// When the guest may not hold so many.
    pub fn open(listeners: &[Arc<Socket>], covers: bool, table: &mut ResourceTable) -> Answer<Self> {
        let mut sockets = Self::default();
        for (number, listener) in (FIRST..).zip(listeners) {
            let entry = Entry {
                socket: listener.clone(),
                held: table.push(TableEntry).naming("open the listening sockets")?,
                nonblocking: false,
                covers,
            };
            sockets.entries.insert(number, entry);
        }
        Ok(sockets)
    }

    /// Gives an accepted connection its number.
    fn admit(&mut self, socket: Arc<Socket>, held: Resource<TableEntry>, nonblocking: bool) -> u32 {
        let number = self.vacant();
        let entry = Entry {
            socket,
            held,
            nonblocking,
            covers: false,
        };
        self.entries.insert(number, entry);
        number
    }

    /// The lowest number that an accepted connection can have.
    fn vacant(&self) -> u32 {
        let taken = self.entries.range(FIRST_ACCEPTED..).map(|(number, _)| *number);
        let lowest = (FIRST_ACCEPTED..).zip(taken).find(|(vacant, taken)| vacant != taken);
        let behind = || self.entries.keys().next_back().map_or(0, |last| last + 1);
        lowest.map_or_else(|| behind().max(FIRST_ACCEPTED), |(vacant, _)| vacant)
    }

    fn get(&self, number: impl Into<u32>) -> Option<&Entry> {
        self.entries.get(&number.into())
    }

    fn contains(&self, number: impl Into<u32>) -> bool {
        self.get(number).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn accepted_connections_get_the_lowest_number_of_their_range() {
        let socket = Arc::new(Socket::listener(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap());
        let mut table = ResourceTable::new();
        let mut sockets = Sockets::open(std::slice::from_ref(&socket), false, &mut table).unwrap();
        for n in 0..3 {
            let held = table.push(TableEntry).unwrap();
            assert_eq!(sockets.admit(socket.clone(), held, false), FIRST_ACCEPTED + n);
        }
        sockets.entries.remove(&(FIRST_ACCEPTED + 1));
        assert_eq!(sockets.vacant(), FIRST_ACCEPTED + 1);
        sockets.entries.remove(&FIRST_ACCEPTED);
        assert_eq!(sockets.vacant(), FIRST_ACCEPTED);
    }
}
