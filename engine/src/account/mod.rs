//! What guests may have and what they use: CPU time, memory, descriptors and other counts, and time.

pub mod cpu;
pub mod limits;
pub mod memory;
pub mod policy;
