//! Guests that want to do harm. Each is stopped with a reason in words, and the next call is answered as ever.

use crate::guests::{GET, Guest, LOG, automation, automation_with_net};
use crate::harmful::all;
use crate::world::{Somebody, World, event, issue, validate, workflow};
use mortise_plugins::host::wit::{self, Verdict};
use mortise_plugins::host::{Answer, Budget, HostError, Run, Stopped, Task};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_stopped_with_its_reason_and_the_next_call_is_answered() {
    let world = World::new();
    let good = Guest::default().component();
    for (name, guest, kind) in all() {
        let run = world.validate(&guest.component()).await;
        let stopped = run.outcome.expect_err(name);
        assert_eq!(stopped.kind(), kind, "{name}: {stopped}");
        assert!(stopped.is_fault());
        let good = world.validate(&good).await;
        assert_eq!(good.outcome, Ok(Answer::Verdict(Verdict::Allow)), "after one that {name}");
    }
}

#[tokio::test]
async fn reasons_carry_the_figures() {
    let world = World::new();
    let run = async |guest: Guest| world.validate(&guest.component()).await;
    let grows = "(drop (memory.grow (i32.const 600))) (unreachable)";
    let grown = run(Guest { validate: grows, ..Guest::default() }).await;
    let said = grown.outcome.unwrap_err().to_string();
    assert_eq!(said, "wanted 38528 KiB of memory, the limit is 32768 KiB");

    let looped = run(Guest { validate: "(loop $l (br $l)) (unreachable)", ..Guest::default() }).await;
    let Err(Stopped::Cpu { used_us, limit_us: 20_000 }) = looped.outcome else {
        panic!("{:?}", looped.outcome)
    };
    assert!((20_000..100_000).contains(&used_us), "{used_us}");
    assert!(looped.used.cpu_us >= used_us);
    let cpu = looped.used.percent_of(&Budget::workflow()).remove(0);
    assert!((100..500).contains(&cpu.percent), "{cpu:?}");
    let said = Stopped::Cpu { used_us: 20_140, limit_us: 20_000 }.to_string();
    assert_eq!(said, "used 20.1 ms of CPU, the limit is 20 ms");
}

#[tokio::test]
async fn a_guest_that_only_waits_uses_no_cpu_and_is_stopped_by_the_clock() {
    let world = World::new();
    let guest = Guest {
        imports: GET,
        validate: "(call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)",
        ..Guest::default()
    };
    let mut asleep = Somebody { asleep: true, ..Somebody::default() };
    let run = world.run(&guest.component(), validate(), &Budget::workflow(), &mut asleep).await;
    assert!(matches!(run.outcome, Err(Stopped::Wall { limit_us: 50_000, .. })), "{:?}", run.outcome);
    assert!(run.used.cpu_us < 20_000, "{:?}", run.used);
    assert_eq!(run.used.host_calls, 1);
}

/// The neighbour's timer is served by the thread that the guest begins on, once its code is known to be quick.
#[tokio::test]
async fn a_guest_that_computes_lets_its_neighbours_run() {
    let world = World::new();
    let guest = Guest { validate: "(loop $l (br $l)) (unreachable)", ..Guest::default() }.component();
    let budget =
        Budget { cpu: Duration::from_millis(300), wall: Duration::from_secs(20), ..Budget::workflow() };
    let code = world.load(&guest).await.unwrap();
    let mut somebody = Somebody::default();
    let running = world.host.run(&code, validate(), crate::world::call(), &budget, &mut somebody);
    let neighbour = async {
        let mut interval = tokio::time::interval(Duration::from_millis(10));
        let mut turns = 0_u32;
        loop {
            interval.tick().await;
            turns += 1;
            if turns == 8 {
                return;
            }
        }
    };
    tokio::select! {
        run = running => panic!("the neighbour never had 8 turns: {:?}", run.outcome),
        () = neighbour => {}
    }
}

#[cfg(unix)]
#[tokio::test]
async fn one_that_computes_for_long_leaves_the_thread_of_whoever_asks() {
    let here = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
    };
    let world = World::new();
    let guest = Guest { validate: "(loop $l (br $l)) (unreachable)", ..Guest::default() }.component();
    let code = world.load(&guest).await.unwrap();
    let wall = Duration::from_secs(20);
    let budget = Budget { cpu: Duration::from_millis(200), wall, ..workflow() };
    for _ in 0..2 {
        let (begun, mut somebody) = (here(), Somebody::default());
        let run = world.host.run(&code, validate(), crate::world::call(), &budget, &mut somebody).await;
        assert!(matches!(run.outcome, Err(Stopped::Cpu { .. })), "{:?}", run.outcome);
        assert!(run.used.cpu_us >= 200_000, "{:?}", run.used);
        assert!(here() - begun < Duration::from_millis(50), "{:?}", here() - begun);
    }
}

const COMPUTES_AND_ASKS: &str = "(local $i i32)
    (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30000000))))
    (call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)";

#[tokio::test]
async fn what_is_asked_from_another_thread_is_answered_and_can_be_stopped() {
    let world = World::new();
    let guest = Guest { imports: GET, validate: COMPUTES_AND_ASKS, ..Guest::default() }.component();
    let long = Duration::from_secs(20);
    let budget = Budget { cpu: long, wall: long, ..workflow() };
    for _ in 0..2 {
        let run = world.run(&guest, validate(), &budget, &mut Somebody::default()).await;
        assert_eq!(run.outcome, Ok(Answer::Verdict(Verdict::Allow)));
        assert_eq!(run.used.host_calls, 1);
    }
    let mut asleep = Somebody { asleep: true, ..Somebody::default() };
    let short = Budget { wall: Duration::from_secs(3), ..budget };
    let run = world.run(&guest, validate(), &short, &mut asleep).await;
    assert!(matches!(run.outcome, Err(Stopped::Wall { .. })), "{:?}", run.outcome);
    assert_eq!(run.used.host_calls, 1, "what its store knew came back");
}

#[tokio::test]
async fn too_many_parts_are_unfit() {
    let world = World::new();
    let memories = Guest { more: "(memory 1) (memory 1) (memory 1) (memory 1)".into(), ..Guest::default() };
    assert!(matches!(world.load(&memories.component()).await, Err(HostError::Unfit(_))));
    // One more is the encoder's own, for its adapters.
    let tables = Guest { imports: GET, more: "(table 1 funcref)".repeat(16), ..Guest::default() };
    assert!(matches!(world.load(&tables.component()).await, Err(HostError::Unfit(_))));
    let four_gigabytes = Guest { pages: 65_536, ..Guest::default() };
    assert!(matches!(world.load(&four_gigabytes.component()).await, Err(HostError::Unfit(_))));
    let instances = "(core instance (instantiate $m))".repeat(300);
    let instances = wat::parse_str(format!("(component (core module $m) {instances})")).unwrap();
    assert!(matches!(world.load(&instances).await, Err(HostError::Unfit(_))));
}

#[tokio::test]
async fn what_is_not_offered_or_of_another_form_is_unfit() {
    let world = World::new();
    for text in [
        r#"(component (import "wasi:cli/exit@0.2.0" (instance (export "exit" (func)))))"#,
        r#"(component (import "mortise:plugin/log@1.0.0" (instance (export "write" (func (param "x" u8))))))"#,
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $w (export "validate" (func $f)))
            (export "mortise:plugin/workflow@1.0.0" (instance $w)))"#,
    ] {
        let loaded = world.load(&wat::parse_str(text).unwrap()).await;
        assert!(matches!(loaded, Err(HostError::Unfit(_))), "{loaded:?}");
    }
}

#[tokio::test]
async fn a_component_is_asked_only_for_what_it_exports() {
    let world = World::new();
    let guest = Guest::default().component();
    let run = world.run(&guest, event(), &Budget::automation(), &mut Somebody::default()).await;
    assert_eq!(run.outcome, Err(Stopped::NotExported("automation")));
    let board = Task::NextStates { issues: vec![issue()], candidates: vec![vec![issue().state]] };
    let run = world.run(&guest, board, &workflow(), &mut Somebody::default()).await;
    assert_eq!(run.outcome, Ok(Answer::NextStates(Vec::new())));
    let amend = Task::Amend { issue: issue(), proposal: wit::Proposal::Comment("x".into()) };
    let run = world.run(&guest, amend, &workflow(), &mut Somebody::default()).await;
    assert_eq!(run.outcome, Ok(Answer::Edits(Vec::new())));
}

#[tokio::test]
async fn questions_and_answers_may_lie_on_each_other() {
    let world = World::new();
    let guest = Guest {
        imports: GET,
        validate: "(call $get (i32.const 512) (i32.const 5) (i32.const 512)) (i32.const 16)",
        more: r#"(data (i32.const 512) "iss_1")"#.into(),
        ..Guest::default()
    };
    let run = world.validate(&guest.component()).await;
    assert_eq!(run.outcome, Ok(Answer::Verdict(Verdict::Allow)));
    assert_eq!(run.recording.exchanges().len(), 1);
}

/// Runs an automation whose handler does this again and again, until it has done it so many times.
pub(crate) async fn repeated(
    imports: &str,
    what: &str,
    times: u32,
    (budget, somebody): (Budget, &mut Somebody),
) -> Run {
    let on_event = format!(
        "(local $i i32)
        (loop $l {what} (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {times}))))
        (i32.const 16)"
    );
    let net = imports.contains("/secrets@") || imports.contains("/http@");
    let make = if net { automation_with_net } else { automation };
    World::new().run(&make(imports, &on_event), event(), &budget, somebody).await
}

#[tokio::test]
async fn budgets_of_commands_entries_and_requests_are_refused_to_the_guest() {
    let comment =
        r#"(import "mortise:plugin/commands@1.0.0" "add-comment" (func $f (param i32 i32 i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 512))";
    let budget = || Budget { staged_commands: 3, query_cost: 5, kv_writes: 2, ..Budget::automation() };
    let mut somebody = Somebody::default();
    let run = repeated(comment, call, 10, (budget(), &mut somebody)).await;
    assert_eq!(run.outcome, Ok(Answer::Done));
    assert_eq!((somebody.staged.len(), run.used.staged_commands, run.used.host_calls), (3, 3, 10));

    let query = r#"(import "mortise:plugin/issues@1.0.0" "query"
        (func $f (param i32 i32 i32 i32 i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 10) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 512))";
    let mut somebody = Somebody { cost: 2, ..Somebody::default() };
    let run = repeated(query, call, 10, (budget(), &mut somebody)).await;
    assert_eq!((somebody.asked, run.used.query_cost), (3, 6));
    let call = call.replace("(i32.const 10)", "(i32.const 101)");
    let mut somebody = Somebody::default();
    let run = repeated(query, &call, 10, (budget(), &mut somebody)).await;
    assert_eq!((run.outcome, somebody.asked), (Ok(Answer::Done), 0), "pages are bounded");

    let delete = r#"(import "mortise:plugin/kv@1.0.0" "delete" (func $f (param i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 512))";
    let run = repeated(delete, call, 10, (budget(), &mut Somebody::default())).await;
    assert_eq!(run.recording.exchanges().len(), 2);
    let run =
        repeated(delete, &call.replace("const 1)", "const 257)"), 1, (budget(), &mut Somebody::default()))
            .await;
    assert_eq!(run.recording.exchanges().len(), 0, "keys are bounded");
}

#[tokio::test]
async fn a_log_is_cut_at_its_budget() {
    let call = "(call $log (i32.const 2) (i32.const 1024) (i32.const 1000) (i32.const 0) (i32.const 0))";
    let run = repeated(LOG, call, 500, (Budget::automation(), &mut Somebody::default())).await;
    let kept: usize = run.logs.iter().map(|line| line.message.len()).sum();
    assert_eq!(run.outcome, Ok(Answer::Done));
    assert!(kept <= 32 << 10 && run.logs.len() <= 100, "{kept} {}", run.logs.len());
    assert_eq!(run.logs.len() + run.used.log_lines_dropped as usize, 500);
}

#[tokio::test]
async fn chance_and_settings_are_bounded() {
    let random = r#"(import "mortise:plugin/random@1.0.0" "bytes" (func $f (param i32 i32)))"#;
    let call = "(call $f (i32.const 1025) (i32.const 512))";
    let run = repeated(random, call, 1, (Budget::automation(), &mut Somebody::default())).await;
    assert_eq!((run.outcome, run.recording.exchanges().len()), (Ok(Answer::Done), 0));

    let settings = r#"(import "mortise:plugin/settings@1.0.0" "get" (func $f (param i32 i32 i32)))"#;
    let call = "(call $f (i32.const 0) (i32.const 1) (i32.const 512))";
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let mut somebody = Somebody { settings: Some(deep), ..Somebody::default() };
    let run = repeated(settings, call, 5, (Budget::automation(), &mut somebody)).await;
    assert_eq!((run.outcome, run.recording.exchanges().len()), (Ok(Answer::Done), 1));
}
