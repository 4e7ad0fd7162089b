//! Guests that want to do harm when they are asked for a verdict, each with the end that it must come to.

use crate::guests::{GET, Guest, LOG};

/// The guests that only compute, with the kind of end that each must have.
pub(crate) fn all() -> Vec<(&'static str, Guest, &'static str)> {
    let loops = "(loop $l (br $l)) (unreachable)";
    let growth = "(loop $l (drop (memory.grow (i32.const 16))) (br $l)) (unreachable)";
    let tables = "(loop $l (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $l)) (unreachable)";
    let flood = "(loop $l (call $get (i32.const 0) (i32.const 5) (i32.const 512)) (br $l)) (unreachable)";
    let lines =
        "(loop $l (call $log (i32.const 2) (i32.const 0) (i32.const 99) (i32.const 0) (i32.const 0)) (br $l))
        (unreachable)";
    // A denial at address 64: tag 1, then the message's address and length, then no fields.
    let deny = |len: &str| format!(r#"(data (i32.const 64) "\01\00\00\00\00\00\00\00{len}")"#);
    let more = |text: &str| String::from(text);
    let guest = Guest::default;
    vec![
        ("loops", Guest { validate: loops, ..guest() }, "cpu"),
        (
            "loops when it starts",
            Guest { more: more("(func $s (loop $l (br $l))) (start $s)"), ..guest() },
            "cpu",
        ),
        ("loops when it is given memory", Guest { realloc: loops, ..guest() }, "cpu"),
        (
            "calls itself",
            Guest { validate: "(call $r)", more: more("(func $r (result i32) (call $r))"), ..guest() },
            "stack",
        ),
        ("grows its memory", Guest { validate: growth, ..guest() }, "memory"),
        ("begins with too much memory", Guest { pages: 768, ..guest() }, "memory"),
        (
            "grows its table",
            Guest { validate: tables, more: more("(table $t 1 funcref)"), ..guest() },
            "table",
        ),
        (
            "has two large tables",
            Guest { more: more("(table 15000 funcref) (table 15000 funcref)"), ..guest() },
            "table",
        ),
        ("traps", Guest { validate: "(unreachable)", ..guest() }, "trap"),
        ("divides by zero", Guest { validate: "(i32.div_u (i32.const 1) (i32.const 0))", ..guest() }, "trap"),
        ("reads beyond its memory", Guest { validate: "(i32.load (i32.const -8))", ..guest() }, "trap"),
        ("answers from beyond its memory", Guest { validate: "(i32.const -64)", ..guest() }, "trap"),
        ("answers from an odd address", Guest { validate: "(i32.const 17)", ..guest() }, "trap"),
        (
            "answers with a case that is none",
            Guest { validate: "(i32.const 64)", more: more(r#"(data (i32.const 64) "\09")"#), ..guest() },
            "trap",
        ),
        ("gives out memory beyond its memory", Guest { realloc: "(i32.const -16)", ..guest() }, "trap"),
        ("gives out memory at odd addresses", Guest { realloc: "(i32.const 4097)", ..guest() }, "trap"),
        (
            "answers with a gigabyte that it does not have",
            Guest { validate: "(i32.const 64)", more: deny(r"\00\00\00\40"), ..guest() },
            "trap",
        ),
        (
            "answers with 20 MB",
            Guest { validate: "(i32.const 64)", pages: 400, more: deny(r"\00\00\40\01"), ..guest() },
            "bytes",
        ),
        ("floods the host with questions", Guest { imports: GET, validate: flood, ..guest() }, "host_calls"),
        ("floods the log", Guest { imports: LOG, validate: lines, ..guest() }, "host_calls"),
        (
            "asks with an address beyond its memory",
            Guest {
                imports: GET,
                validate: "(call $get (i32.const -65536) (i32.const 100) (i32.const 512)) (i32.const 16)",
                ..guest()
            },
            "trap",
        ),
        (
            "asks in bytes that are no text",
            Guest {
                imports: GET,
                validate: "(call $get (i32.const 64) (i32.const 2) (i32.const 512)) (i32.const 16)",
                more: more(r#"(data (i32.const 64) "\ff\fe")"#),
                ..guest()
            },
            "trap",
        ),
        (
            "asks while it is being answered",
            Guest {
                imports: LOG,
                realloc: "(call $log (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0))
                    (i32.const 4096)",
                ..guest()
            },
            "trap",
        ),
        (
            "logs at a level that is none",
            Guest {
                imports: LOG,
                validate: "(call $log (i32.const 9) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0))
                    (i32.const 16)",
                ..guest()
            },
            "trap",
        ),
    ]
}
