//! Live queries: somebody watches lists of all kinds while issues change, and each event is held against each list.
//!
//! It changes issues, so it comes last.

use std::cell::RefCell;

use anyhow::Context as _;
use mortise_engine::command::issue::{IssuePatch, UpdateIssue};
use mortise_engine::context::OpContext;
use mortise_engine::event::Event;
use mortise_engine::filter::SortKey;
use mortise_engine::model::{Issue, Priority, Seq};
use mortise_engine::query::Window;

use super::lists::KINDS;
use super::pages::make;
use super::subject::Subject;
use crate::ask::Watched;
use crate::filters::{all, down, open};
use crate::report::Figures;
use crate::timing::{Outcome, once_each};
use crate::words::Chance;
use crate::work::Work;

/// Lists of each kind that are watched.
const LISTS_OF_KIND: usize = 5;

/// Issues that are changed once: the newest.
const CHANGED: usize = 200;

/// Each event against each list.
pub(super) async fn live(of: &Subject) -> anyhow::Result<Figures> {
    let outcome = match watch(of).await? {
        Some(lists) => {
            let lists: Vec<RefCell<Watched>> = lists.into_iter().map(RefCell::new).collect();
            let events = happen(of).await?;
            let each = |event| lists.iter().map(move |list| (list, event));
            let asked: Vec<(&RefCell<Watched>, &Event)> = events.iter().flat_map(each).collect();
            #[expect(clippy::await_holding_refcell_ref, reason = "one after the other, in one task")]
            let ask = async |(list, event): &(&RefCell<Watched>, &Event)| {
                list.borrow_mut().take(&of.asker, event).await.map(Some)
            };
            once_each(&asked, ask, |concerned: &u64| *concerned).await?
        }
        None => Outcome::not_yet(),
    };
    Ok(Figures { work: Work::Live, what: "an event against a list that is watched".to_owned(), outcome })
}

/// Lists of all kinds; none when lists cannot be watched.
async fn watch(of: &Subject) -> anyhow::Result<Option<Vec<Watched>>> {
    let (mut chance, mut lists) = (Chance::of(2), Vec::new());
    for kind in KINDS.iter().flat_map(|kind| std::iter::repeat_n(kind, LISTS_OF_KIND)) {
        let list = make(of, kind, &mut chance)?;
        let Some(list) = of.asker.watch(&list.filter).await? else { return Ok(None) };
        lists.push(list);
    }
    Ok(Some(lists))
}

/// Changes some issues, one by one, and reads what was written of it.
async fn happen(of: &Subject) -> anyhow::Result<Vec<Event>> {
    let before = of.asker.reader().await?.seq();
    let newest = Window::First(CHANGED, None);
    let newest = of.asker.page(&all([open()]), &[down(SortKey::Created)], &newest).await?;
    let mut chance = Chance::of(3);
    for issue in newest.issues {
        let change = UpdateIssue::new(issue.id.into(), patch(of, &issue, &mut chance));
        of.asker.engine.execute(OpContext::new(of.asker.us.clone()), change).await?;
    }
    events_after(of, before).await
}

/// Another state, another priority, one label more.
fn patch(of: &Subject, issue: &Issue, chance: &mut Chance) -> IssuePatch {
    let others = of.company.states.iter().map(|(state, _)| *state).filter(|state| *state != issue.state);
    IssuePatch {
        state: chance.pick(&others.collect::<Vec<_>>()).copied(),
        priority: chance.pick(Priority::ALL).copied(),
        added_labels: chance.pick(&of.company.labels).copied().into_iter().collect(),
        ..IssuePatch::default()
    }
}

async fn events_after(of: &Subject, mut place: Seq) -> anyhow::Result<Vec<Event>> {
    let reader = of.asker.reader().await?;
    let mut events = Vec::new();
    while place < reader.seq() {
        let page = reader.events(place, CHANGED).await?;
        place = page.last().context("the log ends before its end")?.seq;
        events.extend(page);
    }
    Ok(events)
}
