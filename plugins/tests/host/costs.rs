//! What a guest has others do for it: it is measured, reckoned and bounded.

use crate::guests::GET;
use crate::hostile::repeated;
use crate::world::Somebody;
use mortise_plugins::host::{Answer, Budget};
use std::time::Duration;

#[tokio::test]
async fn whoever_makes_others_compute_for_it_pays() {
    let call = "(call $get (i32.const 0) (i32.const 5) (i32.const 512))";
    let mut busy = Somebody { busy: Duration::from_millis(20), ..Somebody::default() };
    let run = repeated(GET, call, 5, (Budget::automation(), &mut busy)).await;
    assert_eq!(run.outcome, Ok(Answer::Done));
    // It spins for 100 ms of time, of which the machine may give it a part.
    assert!(run.used.answers_us > 1_000, "{:?}", run.used);
    assert_eq!(run.used.cpu(), Duration::from_micros(run.used.cpu_us + run.used.answers_us));
}

#[tokio::test]
async fn reading_in_any_form_has_a_budget() {
    let budget = || Budget { query_cost: 25, ..Budget::automation() };
    let count = r#"(import "mortise:plugin/issues@1.0.0" "count" (func $f (param i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 512))";
    let run = repeated(count, call, 10, (budget(), &mut Somebody::default())).await;
    assert_eq!((run.used.query_cost, run.recording.exchanges().len()), (30, 3));

    // A list of 20 empty texts: zeros.
    let many = r#"(import "mortise:plugin/issues@1.0.0" "get-many" (func $f (param i32 i32 i32)))"#;
    let call = "(call $f (i32.const 1024) (i32.const 20) (i32.const 512))";
    let run = repeated(many, call, 10, (budget(), &mut Somebody::default())).await;
    assert_eq!((run.used.query_cost, run.recording.exchanges().len()), (20, 1), "all of them or none");

    let comments = r#"(import "mortise:plugin/issues@1.0.0" "comments"
        (func $f (param i32 i32 i32 i32 i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 10) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 512))";
    let run = repeated(comments, call, 100, (budget(), &mut Somebody::default())).await;
    assert_eq!((run.used.query_cost, run.recording.exchanges().len()), (25, 25));

    // 64 KiB each time, of what lies in its memory: 64 of them are 4 MiB.
    let hmac = r#"(import "mortise:plugin/secrets@1.0.0" "hmac" (func $f (param i32 i32 i32 i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 65536)
        (i32.const 512))";
    let budget = Budget { recording_bytes: 64 << 20, ..Budget::automation() };
    let run = repeated(hmac, call, 100, (budget, &mut Somebody::default())).await;
    assert_eq!((run.outcome, run.recording.exchanges().len()), (Ok(Answer::Done), 64));
}
