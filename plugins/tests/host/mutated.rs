//! A component with bytes changed: refused, or run within its limits, never more.

use crate::drawn;
use crate::guests::{GET, Guest};
use crate::measure::{Ends, of_forms};

/// How many, in the short form and in the long one.
const MUTATIONS: (u64, u64) = (100, 1_000);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutations_do_no_harm() {
    let world = drawn::world();
    let get = "(call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)";
    let good = Guest { imports: GET, validate: get, ..Guest::default() }.component();
    let mut seed = 42_u64;
    let mut next = || {
        // The generator of Marsaglia with the usual three shifts.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let count = of_forms(MUTATIONS.0, MUTATIONS.1);
    let mut ends = Ends::new("mutated components", count);
    for _ in 0..count {
        let mut wasm = good.clone();
        for _ in 0..1 + next() % 3 {
            let at = next() as usize % wasm.len();
            wasm[at] = next() as u8;
        }
        ends.add(drawn::end_of(&world, &wasm).await);
    }
    let ran = ends.count("ran");
    let ends = ends.close();
    assert!(ran > 0, "none ran: {ends:?}");
    assert!(count - ran > count / 10, "{ran} of {count} ran: {ends:?}");
}
