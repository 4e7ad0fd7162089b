//! A company that works: it creates, changes, comments and reads, one thing after the other, each when it is due.

use crate::measure::of_forms;
use crate::world::{Company, World, puppet};
use mortise_engine::id::IssueId;
use mortise_engine::model::OnFailure;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, interval_at};

/// Between two things that one company does, in the short form and in the long one.
const PACE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(20));

/// A company that works.
pub(crate) struct Neighbour {
    company: Company,
    /// What it changes and reads.
    issue: IssueId,
    done: u64,
}

impl Neighbour {
    /// Every third has a guard of its own, which is asked about all that it does and refuses it if it cannot say.
    pub(crate) async fn found(world: &World, number: usize) -> Self {
        let company = world.company(&format!("neighbour-{number}")).await;
        if number.is_multiple_of(3) {
            let guard = puppet(
                "good.guard",
                r#"["create", "update", "transition", "comment"]"#,
                r#"["issue.deleted"]"#,
            );
            let settings = json!({ "script": { "validate": [["allow"]] } });
            world.install(&company, guard, settings, OnFailure::Closed).await;
        }
        let issue = world.create(&company, "The first").await.unwrap();
        Self { company, issue, done: 0 }
    }

    /// Works until then. Gives how long each write took, from when it was due: who comes late gets no rest by it. A write
    /// that is refused, or not there afterwards, stops the test.
    pub(crate) async fn work(mut self, world: World, until: Instant) -> (Self, Vec<Duration>) {
        let mut writes = Vec::new();
        let mut due = interval_at(Instant::now(), of_forms(PACE.0, PACE.1));
        loop {
            let due = due.tick().await;
            if due >= until {
                return (self, writes);
            }
            let (company, title) = (&self.company, format!("Number {}", self.done));
            match self.done % 4 {
                0 => self.issue = world.create(company, &title).await.unwrap(),
                1 => world.retitle(company, self.issue, &title).await.unwrap(),
                2 => world.comment(company, self.issue, &title).await.unwrap(),
                _ => {
                    let issue = world.issue(company, self.issue).await;
                    let expected = (format!("Number {}", self.done - 2), 1);
                    assert_eq!((issue.title.clone(), issue.comment_count), expected);
                }
            }
            if self.done % 4 != 3 {
                writes.push(due.elapsed());
            }
            self.done += 1;
        }
    }

    /// Its log, its rows and all that follows from them agree.
    pub(crate) async fn is_whole(&self, world: &World) {
        let report = world.engine.check(self.company.us.tenant()).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }
}
