//! How much of a range of addresses is in memory.

const WINDOW_PAGES: usize = 16 * 1024;

/// Bytes of `length` from `base` on (page aligned) that are resident, or nothing if the range is not mapped.
///
/// Only asks the kernel about addresses; nothing at them is read, so a range that vanished meanwhile is harmless.
pub fn resident_bytes(base: usize, length: usize) -> Option<u64> {
    let page = page_size();
    let mut pages = 0u64;
    let mut window = vec![0u8; WINDOW_PAGES.min(length.div_ceil(page))];
    let mut offset = 0;
    while offset < length {
        let bytes = (length - offset).min(window.len() * page);
        let count = bytes.div_ceil(page);
        // SAFETY: mincore writes one byte a page into `window`, which has at least `count`.
        let answer = unsafe { libc::mincore((base + offset) as *mut libc::c_void, bytes, window.as_mut_ptr().cast()) };
        if answer != 0 {
            return None;
        }
        pages += window[..count].iter().map(|b| u64::from(b & 1)).sum::<u64>();
        offset += bytes;
    }
    Some(pages * page as u64)
}

fn page_size() -> usize {
    // SAFETY: takes a plain number and touches no memory.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touched_pages_are_resident_and_unmapped_ranges_are_unknown() {
        let page = page_size();
        let bytes = vec![1u8; 40 * page];
        let base = (bytes.as_ptr() as usize).next_multiple_of(page);
        assert_eq!(resident_bytes(base, 32 * page), Some(32 * page as u64));
        assert_eq!(resident_bytes(page, page), None);
        assert_eq!(resident_bytes(base, 0), Some(0));
    }
}
