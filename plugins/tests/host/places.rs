//! Places: what the guests of some companies take is never missing to others.

use crate::guests::{GET, Guest};
use crate::world::{Somebody, World, issue, validate, workflow};
use mortise_plugins::host::wit::{self, Verdict};
use mortise_plugins::host::{Answer, Budget, Places, Stopped, Task};
use std::time::Duration;

/// Whatever the guests of some companies take of the pool, there is as much for the others.
#[tokio::test]
async fn all_places_can_be_full_of_the_largest_guests() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::world::config(&folder);
    config.workflow_calls = 4;
    config.workflow_calls_per_company = 4;
    (config.board_calls, config.other_calls) = (1, 1);
    let world = World { host: mortise_plugins::host::Host::new(config).unwrap(), folder };
    let get = "(call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)";
    let more = "(table 1 funcref)".repeat(15) + "(memory 1) (memory 1) (memory 1)";
    let large = Guest { imports: GET, validate: get, more, ..Guest::default() }.component();
    let (large, small) = (world.load(&large).await.unwrap(), Guest::default().component());
    let small = world.load(&small).await.unwrap();
    let budget = |places| Budget { wall: Duration::from_secs(3), places, ..workflow() };
    let call = |company: &str| wit::Call { company: company.into(), ..crate::world::call() };
    let waits = async |company: &str, places| {
        let mut asleep = Somebody { asleep: true, ..Somebody::default() };
        world.host.run(&large, validate(), call(company), &budget(places), &mut asleep).await.outcome
    };
    let others = async {
        tokio::task::yield_now().await;
        let task = Task::NextStates { issues: vec![issue()], candidates: vec![vec![issue().state]] };
        let (mut a, mut b, board) = (Somebody::default(), Somebody::default(), budget(Places::Premium));
        let busy = world.host.run(&small, validate(), call("c"), &budget(Places::Premium), &mut a).await;
        let board = world.host.run(&small, task, call("c"), &board, &mut b).await;
        (busy.outcome, board.outcome)
    };
    let (one, two) = (Places::Premium, Places::Platinum);
    let premium = async { tokio::join!(waits("a", one), waits("a", one), waits("a", one), waits("a", one)) };
    let platinum = async { tokio::join!(waits("b", two), waits("b", two), waits("b", two), waits("b", two)) };
    let (premium, platinum, (busy, board)) = tokio::join!(premium, platinum, others);
    for outcome in
        [premium.0, premium.1, premium.2, premium.3, platinum.0, platinum.1, platinum.2, platinum.3]
    {
        assert!(matches!(outcome, Err(Stopped::Wall { .. })), "each had what it takes: {outcome:?}");
    }
    assert!(matches!(busy, Err(Stopped::Busy { .. })), "all places of the first four are taken: {busy:?}");
    assert_eq!(board, Ok(Answer::NextStates(Vec::new())), "a board takes no place of a hook");
}

#[tokio::test]
async fn whoever_goes_away_gives_the_place_back_once_the_guest_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::world::config(&folder);
    (config.workflow_calls_per_company, config.workflow_wait) = (1, Duration::from_secs(10));
    let world = World { host: mortise_plugins::host::Host::new(config).unwrap(), folder };
    let looping = Guest { validate: "(loop $l (br $l)) (unreachable)", ..Guest::default() }.component();
    let code = world.load(&looping).await.unwrap();
    let long = Duration::from_secs(60);
    let budget = Budget { cpu: long, wall: long, ..workflow() };
    let mut somebody = Somebody::default();
    let run = world.host.run(&code, validate(), crate::world::call(), &budget, &mut somebody);
    assert!(tokio::time::timeout(Duration::from_millis(50), run).await.is_err());
    let next = world.validate(&Guest::default().component()).await;
    assert_eq!(next.outcome, Ok(Answer::Verdict(Verdict::Allow)));
}

#[tokio::test]
async fn companies_have_places_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::world::config(&folder);
    config.workflow_calls_per_company = 1;
    config.workflow_wait = Duration::from_millis(100);
    let host = mortise_plugins::host::Host::new(config).unwrap();
    let world = World { host, folder };
    let get = "(call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)";
    let guest = Guest { imports: GET, validate: get, ..Guest::default() }.component();
    let code = world.load(&guest).await.unwrap();
    let budget = Budget { wall: Duration::from_secs(2), ..Budget::workflow() };
    let call = |company: &str| wit::Call { company: company.into(), ..crate::world::call() };
    let (mut asleep, mut a, mut b) =
        (Somebody { asleep: true, ..Somebody::default() }, Somebody::default(), Somebody::default());
    let first = world.host.run(&code, validate(), call("a"), &budget, &mut asleep);
    let others = async {
        let again = world.host.run(&code, validate(), call("a"), &budget, &mut a).await;
        let other = world.host.run(&code, validate(), call("b"), &budget, &mut b).await;
        (again.outcome, other.outcome)
    };
    let (first, (again, other)) = tokio::join!(first, others);
    assert!(matches!(first.outcome, Err(Stopped::Wall { .. })));
    assert!(matches!(again, Err(Stopped::Busy { .. })), "{again:?}");
    assert_eq!(other, Ok(Answer::Verdict(Verdict::Allow)));
}
