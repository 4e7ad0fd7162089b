//! What is recorded, and that a replay knows nothing else.

use crate::guests::{GET, automation};
use crate::world::{Somebody, World, event};
use mortise_plugins::host::{Answer, Ask, Budget, Recording, Replay, Run, Stopped};

const RANDOM: &str = r#"(import "mortise:plugin/random@1.0.0" "bytes" (func $random (param i32 i32)))"#;

/// Draws 4 bytes, asks for an issue whose id is at this address and is 5 long, and fails for good with the bytes as
/// its words: what it answers depends on what it learned.
fn guest(id: u32) -> Vec<u8> {
    let on_event = format!(
        r#"(call $random (i32.const 4) (i32.const 512))
        (call $get (i32.const {id}) (i32.const 5) (i32.const 544))
        (i32.store8 (i32.const 64) (i32.const 1))
        (i32.store8 (i32.const 68) (i32.const 1))
        (i32.store (i32.const 72) (i32.load (i32.const 516)))
        (i32.store (i32.const 76) (i32.load (i32.const 520)))
        (i32.const 64)"#
    );
    automation(&format!("{RANDOM}{GET}"), &on_event)
}

async fn replay(world: &World, wasm: &[u8], recording: Recording) -> (Run, Replay) {
    let mut replay = Replay::new(recording);
    let run = world.run(wasm, event(), &Budget::automation(), &mut replay).await;
    (run, replay)
}

#[tokio::test]
async fn a_replay_learns_the_same_and_does_the_same() {
    let world = World::new();
    let run = world.run(&guest(0), event(), &Budget::automation(), &mut Somebody::default()).await;
    assert!(matches!(run.outcome, Ok(Answer::Failed(_))), "{:?}", run.outcome);
    assert_eq!(
        run.recording.exchanges().iter().map(|e| e.ask.name()).collect::<Vec<_>>(),
        ["random.bytes", "issues.get"]
    );
    let kept = run.recording.encode().unwrap();
    let recording = Recording::decode(&kept).unwrap();
    assert_eq!(recording, run.recording);
    let (again, replay) = replay(&world, &guest(0), recording).await;
    assert_eq!(again.outcome, run.outcome);
    assert_eq!(again.recording, run.recording);
    assert_eq!((replay.left(), replay.mismatch()), (0, None));
}

#[tokio::test]
async fn another_question_stops_a_replay_with_both_in_its_words() {
    let world = World::new();
    let run = world.run(&guest(0), event(), &Budget::automation(), &mut Somebody::default()).await;
    let (other, replay) = replay(&world, &guest(2000), run.recording).await;
    assert!(other.outcome.is_ok(), "both addresses hold the same zeros");
    assert_eq!(replay.left(), 0);

    let only_random = automation(RANDOM, "(call $random (i32.const 4) (i32.const 512)) (i32.const 16)");
    let run = world.run(&only_random, event(), &Budget::automation(), &mut Somebody::default()).await;
    let (more, _) = self::replay(&world, &guest(0), run.recording.clone()).await;
    let Err(Stopped::Replay(mismatch)) = more.outcome else { panic!("{:?}", more.outcome) };
    assert_eq!((mismatch.at, mismatch.recorded.clone()), (1, None));
    assert_eq!(
        mismatch.to_string(),
        "question 2 of the replay is `issues.get`, the recorded run asked no more"
    );

    let draws_more = automation(RANDOM, "(call $random (i32.const 5) (i32.const 512)) (i32.const 16)");
    let (differs, _) = self::replay(&world, &draws_more, run.recording).await;
    let Err(Stopped::Replay(mismatch)) = differs.outcome else { panic!("{:?}", differs.outcome) };
    assert_eq!((mismatch.asked.clone(), mismatch.recorded.clone()), (Ask::Random(5), Some(Ask::Random(4))));
    assert!(!Stopped::Replay(mismatch).is_fault());
}

#[tokio::test]
async fn a_recording_over_its_budget_ends_and_says_so() {
    let world = World::new();
    let budget = Budget { recording_bytes: 60, ..Budget::automation() };
    let run = world.run(&guest(0), event(), &budget, &mut Somebody::default()).await;
    assert!(run.outcome.is_ok(), "the run goes on");
    assert!(run.recording.is_cut());
    let (again, _) = replay(&world, &guest(0), run.recording).await;
    let Err(Stopped::Replay(mismatch)) = again.outcome else { panic!("{:?}", again.outcome) };
    assert!(mismatch.cut);
}
