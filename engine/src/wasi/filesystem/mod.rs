//! What a guest sees of the file system: the directories that it is given, and listings of directories a page at a time,
//! in time that grows with the number of entries and in memory that does not. Wasmtime's listings read the whole
//! directory, in preview 1 at each call.

pub mod component;
mod listing;
pub mod mappings;
mod number;

pub use listing::{FileEntry, Listing};
pub use number::number_of;
