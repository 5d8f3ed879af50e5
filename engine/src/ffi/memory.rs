//! How much of a range of addresses is in memory.

const PAGE: usize = 4096;
const WINDOW_PAGES: usize = 16 * 1024;

/// Bytes of `length` from `base` on (page aligned) that are resident, or nothing if the range is not mapped.
///
/// Only asks the kernel about addresses; nothing at them is read, so a range that vanished meanwhile is harmless.
pub fn resident_bytes(base: usize, length: usize) -> Option<u64> {
    let mut pages = 0u64;
    let mut window = vec![0u8; WINDOW_PAGES.min(length.div_ceil(PAGE))];
    let mut offset = 0;
    while offset < length {
        let bytes = (length - offset).min(window.len() * PAGE);
        let count = bytes.div_ceil(PAGE);
        // SAFETY: mincore writes one byte a page into `window`, which has at least `count`.
        let answer = unsafe { libc::mincore((base + offset) as *mut libc::c_void, bytes, window.as_mut_ptr().cast()) };
        if answer != 0 {
            return None;
        }
        pages += window[..count].iter().map(|b| u64::from(b & 1)).sum::<u64>();
        offset += bytes;
    }
    Some(pages * PAGE as u64)
}
