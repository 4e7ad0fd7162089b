//! Runs that are alike others: each is listed, in brief; one a minute is kept as a whole.

use crate::world::World;
use mortise_engine::ErrorCode;
use mortise_engine::command::issue::{CreateIssue, IssuePatch};
use mortise_engine::model::Tier;
use mortise_plugins::service::{NewInstallation, RunAnswer, RunFilter, RunMode, RunTask, Shown};
use serde_json::json;

fn answered(answer: RunAnswer) -> RunFilter {
    RunFilter { answers: Some(vec![answer]), ..RunFilter::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_let_everything_pass_are_all_listed_and_one_can_be_done_again() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({})).await;
    let mut requests = Vec::new();
    for n in 0..20 {
        let cx = company.cx();
        requests.insert(0, cx.request);
        let issue = CreateIssue { title: format!("issue {n}"), ..CreateIssue::in_team(company.team) };
        world.engine.execute(cx, issue).await.unwrap();
        if n == 10 {
            // Those of before and those of after lie apart.
            world.runs(&company, installation.id).await;
        }
    }
    let page = world.runs(&company, installation.id).await;
    let counted: u64 = page.totals.iter().map(|totals| totals.runs).sum();
    // Twenty times two, and once that it was enabled. It acts on what was created meanwhile, too.
    assert!(counted >= 40, "{:?}", page.totals);
    assert!(u64::try_from(page.runs.len()).unwrap() >= counted, "all are listed: {:?}", page.totals);
    assert!(page.totals[0].cpu_us > 0 && page.totals[0].cpu_us_max <= page.totals[0].cpu_us);
    assert_eq!((page.dropped, page.asked.failures_of_last()), (0, 0));

    assert!(page.runs.is_sorted_by(|newer, older| newer.id > older.id));
    let of = |task: RunTask| page.runs.iter().filter(move |run| run.task == task).collect::<Vec<_>>();
    for (task, words) in [(RunTask::Amend, "nothing to add"), (RunTask::Validate, "allowed")] {
        let runs = of(task);
        assert_eq!(runs.iter().map(|run| run.request).collect::<Vec<_>>(), requests, "the newest first");
        for run in &runs {
            assert_eq!((run.outcome.answer, run.outcome.words.as_str()), (RunAnswer::Allowed, words));
            assert_eq!((run.installation, run.digest), (installation.id, installation.digest));
            assert_eq!((run.version.as_str(), run.mode, run.attempt), ("1.0.0", RunMode::Live, 1));
            assert_eq!(run.about, "a new issue in ENG");
            let share = |name: &str| run.used.iter().find(|share| share.name == name).unwrap();
            let (cpu, memory) = (share("cpu_us"), share("memory_bytes"));
            assert!(cpu.limit == 20_000 && cpu.percent <= 100, "{cpu:?}");
            assert!(memory.used > 0 && (1..=100).contains(&memory.percent), "{memory:?}");
            assert_eq!(run.used.len(), runs[0].used.len());
        }
        // A minute may have begun meanwhile.
        let again = runs.iter().filter(|run| run.replayable).count();
        assert!((1..=2).contains(&again), "{again} of {task}");
    }

    let asked = RunFilter { tasks: Some(vec![RunTask::Amend, RunTask::Validate]), ..RunFilter::default() };
    let expected: Vec<_> = page.runs.iter().filter(|run| asked.wants(run)).cloned().collect();
    for first in [1, 3, 7] {
        let pages = world.all_runs(&company, installation.id, &asked, first).await;
        assert_eq!(pages, expected, "pages of {first}");
    }
    let everything = world.all_runs(&company, installation.id, &RunFilter::default(), 3).await;
    assert!(everything.is_sorted_by(|newer, older| newer.id > older.id));
    assert!(page.runs.iter().all(|run| everything.contains(run)), "with what it did meanwhile");
    let allowed = world.all_runs(&company, installation.id, &answered(RunAnswer::Allowed), 9).await;
    assert_eq!(allowed.len(), 40);
    assert!(world.all_runs(&company, installation.id, &answered(RunAnswer::Denied), 9).await.is_empty());
    for run in &page.runs {
        let found = world.plugins.run(&company.us, installation.id, run.id).await.unwrap();
        assert_eq!(found, *run);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_runs_that_are_alike_one_is_done_again_and_the_others_say_why_not() {
    let world = World::new().await;
    let (company, installation) = world.played("acme", json!({})).await;
    for n in 0..3 {
        world.create(&company, &format!("issue {n}")).await.unwrap();
    }
    let validated = RunFilter { tasks: Some(vec![RunTask::Validate]), ..RunFilter::default() };
    let runs = world.all_runs(&company, installation.id, &validated, 10).await;
    let [brief, .., whole] = runs.as_slice() else { panic!("{runs:?}") };
    assert!(whole.replayable && !brief.replayable, "{runs:?}");
    assert!(Box::pin(world.plugins.replay(&company.us, whole.id)).await.unwrap().same);
    let refused = Box::pin(world.plugins.replay(&company.us, brief.id)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected);
    assert!(refused.message().contains("only one a minute can be done again"), "{refused}");
    let refused = world.plugins.run_input(&company.us, installation.id, brief.id).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lets_pass_and_logs_keeps_what_it_logged() {
    let world = World::new().await;
    let (company, installation) =
        world.played("acme", json!({ "validate": [["log", "info", "looked"]] })).await;
    for n in 0..5 {
        world.create(&company, &format!("issue {n}")).await.unwrap();
    }
    // It logs, too, that it was enabled.
    let tasks = Some(vec![RunTask::Validate]);
    let logged = RunFilter { logged: Some(true), tasks, ..RunFilter::default() };
    let runs = world.all_runs(&company, installation.id, &logged, 2).await;
    assert_eq!(runs.len(), 5, "{runs:?}");
    for run in &runs {
        assert_eq!((run.task, run.outcome.answer), (RunTask::Validate, RunAnswer::Allowed));
        assert_eq!((run.logs.len(), run.logs[0].message.as_str()), (1, "looked"));
        assert!(run.replayable);
    }
    let silent = RunFilter { logged: Some(false), ..RunFilter::default() };
    let silent = world.all_runs(&company, installation.id, &silent, 100).await;
    assert!(silent.iter().filter(|run| run.task == RunTask::Amend).count() == 5, "{silent:?}");
    assert!(silent.iter().all(|run| run.logs.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_that_are_alike_the_oldest_go_together_and_enough_stay() {
    let world = World::new().await;
    let company = world.company("acme", Tier::Platinum).await;
    let amends_nothing = [("amend = [\"create\", \"update\", \"transition\", \"comment\"]", "amend = []")];
    let wasm = crate::world::puppet_as("1.0.0", &amends_nothing);
    let installation = world.installed(&company, wasm, |new| NewInstallation { enabled: true, ..new });
    let installation = installation.await.unwrap();
    let issue = world.create(&company, "an issue").await.unwrap();
    let change = async |world: &World, n: u32| {
        let patch = IssuePatch { estimate: Some(Some(n)), ..IssuePatch::default() };
        world.update(&company, issue, patch).await.unwrap();
    };
    for n in 1..=640 {
        change(&world, n).await;
        if n % 40 == 0 {
            // They are written forty at once, unless two seconds are over before.
            world.runs(&company, installation.id).await;
        }
    }
    let validated = RunFilter { tasks: Some(vec![RunTask::Validate]), ..RunFilter::default() };
    let kept = world.all_runs(&company, installation.id, &validated, 100).await;
    let briefs = kept.iter().filter(|run| !run.replayable).count();
    assert!((500..540).contains(&briefs), "{briefs}");

    // After a restart it goes on where it was.
    let world = world.restarted().await;
    for n in 1..=80 {
        change(&world, n).await;
    }
    let page = Shown { first: 100, after: None };
    let page = world.plugins.runs(&company.us, installation.id, &validated, page).await.unwrap();
    assert_eq!(page.runs.iter().position(|run| run.id == kept[0].id), Some(80));
    assert!(world.plugins.run(&company.us, installation.id, kept[10].id).await.is_ok());
    let oldest = kept.iter().rfind(|run| !run.replayable).unwrap().id;
    let gone = world.plugins.run(&company.us, installation.id, oldest).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);
    let kept = world.all_runs(&company, installation.id, &validated, 100).await;
    let briefs = kept.iter().filter(|run| !run.replayable).count();
    assert!((500..580).contains(&briefs), "{briefs}");
}
