//! What no plugin should do.

use crate::values::number;
use mortise_sdk::host::log;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often this instance was called.
static ENTERED: AtomicU32 = AtomicU32::new(0);

pub fn enter() {
    ENTERED.fetch_add(1, Ordering::Relaxed);
}

/// Does harm; whether the word asked for some. Most of it never returns.
pub fn done(word: &str, arguments: &[Value]) -> bool {
    let first = arguments.first().unwrap_or(&Value::Null);
    match word {
        "loop" => burn(None),
        "burn" => burn(Some(number(first).unwrap_or(1_000_000))),
        "recurse" => {
            black_box(recurse(1));
        }
        "alloc" => alloc(number(first)),
        "panic" => panic!("{}", first.as_str().unwrap_or("told to")),
        "trap" => trap(),
        "entered" => log::info(&format!("entered: {}", ENTERED.load(Ordering::Relaxed))),
        _ => return false,
    }
    true
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a test asks for; in a component it is the instruction for it"
)]
fn trap() -> ! {
    std::process::abort()
}

fn burn(rounds: Option<u32>) {
    let mut state = 1_u32;
    let mut round = 0_u32;
    while rounds.is_none_or(|rounds| round < rounds) {
        state = black_box(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        round = round.wrapping_add(1);
    }
    black_box(state);
}

/// Keeps nothing in memory, so that the stack of calls is spent and not the memory's part for the stack.
#[expect(unconditional_recursion, reason = "until the stack is spent")]
fn recurse(depth: u32) -> u32 {
    recurse(depth.wrapping_add(ENTERED.load(Ordering::Relaxed))).rotate_left(3) ^ depth
}

fn alloc(mib: Option<u32>) {
    let mut held = Vec::new();
    while mib.is_none_or(|mib| held.len() < mib as usize) {
        held.push(black_box(vec![1_u8; 1024 * 1024]));
    }
    log::info(&format!("alloc: {} MiB", held.len()));
}

/// The step that passes so much text to the host.
pub fn filled(what: &str, much: String) -> Value {
    match what {
        "deny" => json!(["deny", much]),
        "comment" => json!(["comment", "$issue", much]),
        "kv-set" => json!(["kv-set", "much", much]),
        "enqueue" => json!(["enqueue", "POST", "https://hooks.example.com/much", {}, much]),
        "respond" => json!(["respond", 200, much]),
        _ => json!(["log", "info", much]),
    }
}
