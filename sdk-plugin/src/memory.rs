//! Memory of a guest. A fresh instance answers each call, and most need little: the first part of it is there from the
//! beginning. To grow a memory, and to take the growth back afterwards, costs the host more than all that a small guest computes.

use core::alloc::Layout;
use core::ptr::NonNull;
use talc::base::{Talc, binning::Binning};
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static MEMORY: TalcSyncCell<Growing, WasmBinning> =
    TalcSyncCell::new_wasm(Growing { has_first: false, end: None });

/// Bytes of the first part: an issue with its proposal takes a few thousand.
const FIRST: usize = 64 << 10;

/// Bytes of a page of WebAssembly.
const PAGE: usize = 64 << 10;

/// What an allocator adds to a request, at most: marks at both ends.
const MARKS: usize = 64;

const _: () = assert!(FIRST >= talc::min_first_heap_size::<WasmBinning>(), "the allocator's own rows fit");

static mut FIRST_PART: [u8; FIRST] = [0; FIRST];

/// The first part, then more pages.
#[derive(Debug)]
struct Growing {
    has_first: bool,
    /// Where the pages end that were grown last: what follows joins them, so that freed pieces do.
    end: Option<NonNull<u8>>,
}

// SAFETY: it allocates nothing itself.
unsafe impl Source for Growing {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if !talc.source.has_first {
            talc.source.has_first = true;
            // SAFETY: nobody else names it, and it is handed over once.
            return unsafe { talc.claim((&raw mut FIRST_PART).cast(), FIRST) }.map(drop).ok_or(());
        }
        let bytes = layout.size().saturating_add(layout.align()).saturating_add(MARKS);
        let pages = bytes.div_ceil(PAGE);
        let before = core::arch::wasm32::memory_grow::<0>(pages);
        if before == usize::MAX {
            return Err(());
        }
        let base = (before * PAGE) as *mut u8;
        talc.source.end = match talc.source.end.take() {
            // SAFETY: these pages are new, and what was claimed before ends where they begin.
            Some(end) if end.as_ptr() == base => {
                Some(unsafe { talc.extend(end, base.wrapping_add(pages * PAGE)) })
            }
            // SAFETY: these pages are new, so nobody has them.
            _ => unsafe { talc.claim(base, pages * PAGE) },
        };
        talc.source.end.map(drop).ok_or(())
    }
}
