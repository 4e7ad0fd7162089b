//! Live queries: what is kept up event by event is what a fresh query finds.

use super::life::{Life, everything};
use crate::command::workflow::UpdateWorkflow;
use crate::context::{OpContext, Principal};
use crate::error::ErrorCode;
use crate::filter::{
    Compare, Filter, LabelTest, Many, Test, TextOperator, TextTest, TimeField, WorkflowTest,
};
use crate::id::IssueId;
use crate::limits::Limits;
use crate::query::{LiveChange, LiveQuery, Past, Reader};
use std::collections::BTreeSet;

/// A live query, and what a client makes of what it says.
struct Kept {
    filter: Filter,
    query: LiveQuery,
    client: BTreeSet<IssueId>,
}

impl Kept {
    async fn new(reader: &Reader, filter: Filter) -> Self {
        let query = LiveQuery::new(reader, filter.clone()).await.unwrap();
        let client = query.issues(reader).into_iter().collect();
        Self { filter, query, client }
    }

    fn take(&mut self, reader: &Reader, changes: &[LiveChange]) {
        for change in changes {
            match change {
                LiveChange::Entered(id) => assert!(self.client.insert(*id), "{id} entered twice"),
                LiveChange::Left(id) => assert!(self.client.remove(id), "{id} left, and was not there"),
                LiveChange::Changed(id) => {
                    assert!(self.client.contains(id), "{id} changed, and was not there")
                }
                LiveChange::Reset => self.client = self.query.issues(reader).into_iter().collect(),
            }
        }
    }

    /// What is kept is what is found afresh.
    async fn agrees(&self, reader: &Reader) {
        let fresh = LiveQuery::new(reader, self.filter.clone()).await.unwrap();
        let fresh: BTreeSet<_> = fresh.issues(reader).into_iter().collect();
        assert_eq!(self.client, fresh, "{:?}", self.filter);
        assert_eq!(self.query.len(), fresh.len() as u64);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_up_event_by_event_is_what_a_fresh_query_finds() {
    for seed in 20..22 {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::found(folder.path(), seed, Limits::default()).await;
        let reader = life.reader().await;
        let mut kept = Vec::new();
        for n in 0..24 {
            let plain = life.plain_filter(3);
            let filter = match n % 4 {
                0 => Filter::All(vec![life.dear_test().into(), everything()]),
                1 => Filter::Any(vec![plain, life.dear_test().into()]),
                _ => plain,
            };
            kept.push(Kept::new(&reader, filter).await);
        }
        let mut resets = 0;
        for _ in 0..120 {
            let done = life.step().await;
            let reader = life.reader().await;
            for kept in &mut kept {
                for event in &done.events {
                    let changes = kept.query.take(&reader, event).await.unwrap();
                    resets += changes.iter().filter(|change| **change == LiveChange::Reset).count();
                    kept.take(&reader, &changes);
                    assert!(kept.query.take(&reader, event).await.unwrap().is_empty());
                }
                kept.agrees(&reader).await;
            }
        }
        assert!(resets < 200, "{resets} times everything was asked anew");
        life.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_missed_resets_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::found(folder.path(), 2, Limits::default()).await;
    let reader = life.reader().await;
    let mut kept = Kept::new(&reader, everything()).await;
    let (first, second) = (life.step().await, life.step().await);
    let changes = kept.query.take(&reader, &second.events[0]).await.unwrap();
    assert_eq!(changes, [LiveChange::Reset]);
    kept.take(&reader, &changes);
    assert!(kept.query.take(&reader, &first.events[0]).await.unwrap().is_empty());
    assert_eq!(kept.client, [first.issue().unwrap(), second.issue().unwrap()].into());
    assert_eq!(kept.query.place(), second.events[0].seq);
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_label_resets_a_list_by_name_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let life = Life::found(folder.path(), 2, Limits::default()).await;
    let reader = life.reader().await;
    let label = life.labels[0];
    let named = LabelTest::Name(TextTest::folded(TextOperator::Eq, "ui"));
    let mut by_name = LiveQuery::new(&reader, Test::Labels(Many::Some(vec![named])).into()).await.unwrap();
    let by_id = LabelTest::Id(Compare::Eq(label));
    let mut by_id = LiveQuery::new(&reader, Test::Labels(Many::Some(vec![by_id])).into()).await.unwrap();
    let rename = crate::command::label::UpdateLabel {
        label,
        if_version: None,
        name: Some("interface".into()),
        color: None,
        description: None,
    };
    let cx = OpContext::new(Principal::trusted_system(life.tenant));
    let done = life.engine.execute(cx, rename).await.unwrap();
    assert_eq!(by_name.take(&reader, &done.events[0]).await.unwrap(), [LiveChange::Reset]);
    assert_eq!(by_id.take(&reader, &done.events[0]).await.unwrap(), []);
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_workflow_resets_a_list_by_name_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let life = Life::found(folder.path(), 2, Limits::default()).await;
    let reader = life.reader().await;
    let workflow = reader.directory().first_workflow().unwrap().id;
    let named = WorkflowTest::Name(TextTest::folded(TextOperator::Eq, "odd jobs"));
    let mut by_name = LiveQuery::new(&reader, Test::Workflow(named).into()).await.unwrap();
    let by_id = Test::Workflow(WorkflowTest::Id(Compare::Eq(workflow)));
    let mut by_id = LiveQuery::new(&reader, by_id.into()).await.unwrap();
    let name = Some("odd jobs".to_owned());
    let rename = UpdateWorkflow { workflow, if_version: None, name, mode: None };
    let cx = OpContext::new(Principal::trusted_system(life.tenant));
    let done = life.engine.execute(cx, rename).await.unwrap();
    assert_eq!(by_name.take(&reader, &done.events[0]).await.unwrap(), [LiveChange::Reset]);
    assert_eq!(by_id.take(&reader, &done.events[0]).await.unwrap(), []);
    life.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_time_moves_is_found_when_it_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut life = Life::found(folder.path(), 2, Limits::default()).await;
    let made = life.step().await.issue().unwrap();
    let reader = life.reader().await;
    let fresh = Test::Time(TimeField::Created, Compare::Gt("-PT1H".parse().unwrap()));
    let mut kept = Kept::new(&reader, Filter::All(vec![fresh.into(), everything()])).await;
    assert_eq!(kept.client, [made].into());
    assert!(kept.query.next_check_at(&reader).is_some_and(|at| at > life.now()));
    assert_eq!(kept.query.check(&reader).await.unwrap(), []);
    life.wait_ms(3_600_001);
    assert_eq!(kept.query.check(&reader).await.unwrap(), [LiveChange::Left(made)]);
    assert!(kept.query.is_empty());
    let calm = LiveQuery::new(&reader, everything()).await.unwrap();
    assert_eq!(calm.next_check_at(&reader), None);
    let past = reader.at(Past::Seq(reader.seq())).await.unwrap();
    assert_eq!(LiveQuery::new(&past, everything()).await.unwrap_err().code(), ErrorCode::InvalidInput);
    life.close().await;
}
