//! Automations that want to do harm whenever somebody comments.

use serde_json::{Value, json};

/// What each is called, what it does, and the ends that it may come to. What fills its memory may be out of time first.
pub(crate) fn all() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let much = 1_000_000;
    vec![
        ("loops", json!([["loop"]]), &["cpu", "wall"]),
        ("loops too", json!([["loop"]]), &["cpu", "wall"]),
        ("takes all memory", json!([["alloc"]]), &["memory", "cpu", "wall"]),
        ("calls itself", json!([["recurse"]]), &["stack", "cpu"]),
        ("panics", json!([["panic", "on purpose"]]), &["trap"]),
        ("traps", json!([["trap"]]), &["trap"]),
        (
            "floods the log",
            json!([["repeat", much, [["log", "info", "again and again"]]]]),
            &["host_calls", "cpu", "wall"],
        ),
        (
            "floods the host with questions",
            json!([["silent"], ["repeat", much, [["query", "", 100]]]]),
            &["host_calls", "bytes", "cpu", "wall"],
        ),
        (
            "hands over megabytes",
            json!([["fill", "comment", 3_000_000]]),
            &["bytes", "memory", "cpu", "wall"],
        ),
    ]
}
