//! Pages of an issue's history, read along the chain of its events, the newest first.

use super::page::{self, PageArguments};
use super::timeline::{self, IssueHistoryItem};
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{PageInfo, Row};
use async_graphql::{Context, Object, SimpleObject};
use mortise_engine::Error;
use mortise_engine::event::{Event, Subject};
use mortise_engine::model::{Issue, Seq};
use mortise_engine::query::Window;
use std::str::FromStr;
use std::sync::Arc;

/// A place in a history: an event, and how many of its items lie before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    seq: Seq,
    item: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.seq, self.item)
    }
}

impl FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (seq, item) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { seq: Seq(seq.parse()?), item: item.parse()? })
    }
}

/// An item of a history with its cursor.
#[derive(Clone, SimpleObject)]
pub(crate) struct IssueHistoryEdge {
    /// Names this place in the history: pass it as `after` to continue from here.
    cursor: String,
    /// The item.
    node: IssueHistoryItem,
}

/// A page of an issue's history, in the order in which it is shown.
pub(crate) struct IssueHistoryConnection {
    issue: Arc<Issue>,
    edges: Vec<IssueHistoryEdge>,
    has_next_page: bool,
    has_previous_page: bool,
}

/// A page of an issue's history.
#[Object]
impl IssueHistoryConnection {
    /// The items of this page, each with its cursor.
    async fn edges(&self) -> &[IssueHistoryEdge] {
        &self.edges
    }

    /// The items of this page.
    async fn nodes(&self) -> Vec<IssueHistoryItem> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }

    /// Where this page lies in the list.
    async fn page_info(&self) -> Row<PageInfo<Snapshot>> {
        let cursor = |edge: Option<&IssueHistoryEdge>| edge.map(|edge| edge.cursor.clone());
        Row(PageInfo::new(
            (self.has_previous_page, self.has_next_page),
            (cursor(self.edges.first()), cursor(self.edges.last())),
        ))
    }

    /// How many items there are over all pages. They are counted only when asked for, by reading the whole history.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<usize> {
        let asked = Asked::of(ctx)?;
        let mut chain = Chain::from(&asked, &self.issue, None);
        let mut total = 0usize;
        while let Some(event) = chain.next().await? {
            total = total.saturating_add(timeline::count(&event));
        }
        Ok(total)
    }
}

/// A page of an issue's history.
///
/// # Errors
///
/// `INVALID_INPUT` for page arguments that cannot be used, `UNAVAILABLE` when the store cannot be read.
pub(crate) async fn page_of_history(
    asked: &Asked<'_>,
    issue: &Arc<Issue>,
    arguments: PageArguments,
) -> Result<IssueHistoryConnection> {
    let (first, after) = match arguments.window(asked.engine.limits())? {
        Window::First(first, after) | Window::Last(first, after) => (first, after),
    };
    let after = after.map(|text| page::cursor::<Place>("after", &text)).transpose()?;
    let mut chain = Chain::from(asked, issue, after.map(|place| place.seq));
    let mut edges = Vec::new();
    while edges.len() <= first {
        let Some(event) = chain.next().await? else { break };
        let seen = after.filter(|place| place.seq == event.seq).map_or(0, |place| place.item);
        let items = timeline::items(asked.snapshot, &event).into_iter().enumerate().skip(seen);
        edges.extend(items.map(|(index, node)| {
            let place = Place { seq: event.seq, item: index.saturating_add(1) };
            IssueHistoryEdge { cursor: place.to_string(), node }
        }));
    }
    let has_next_page = edges.len() > first;
    edges.truncate(first);
    let has_previous_page = after.is_some();
    Ok(IssueHistoryConnection { issue: issue.clone(), edges, has_next_page, has_previous_page })
}

/// The events about an issue, newest first, read a handful at a time.
struct Chain<'a> {
    asked: &'a Asked<'a>,
    issue: &'a Issue,
    next: Option<Seq>,
    read: std::vec::IntoIter<Event>,
}

/// Events that are read at once.
const READ_AT_ONCE: usize = 50;

impl<'a> Chain<'a> {
    /// From this event on, or from the newest.
    fn from(asked: &'a Asked<'a>, issue: &'a Issue, start: Option<Seq>) -> Self {
        Self { asked, issue, next: start.or(Some(issue.last_event)), read: Vec::new().into_iter() }
    }

    async fn next(&mut self) -> Result<Option<Event>> {
        if self.read.len() == 0
            && let Some(from) = self.next.take()
        {
            let reader = self.asked.snapshot.reader();
            let events =
                self.asked.snapshot.rows(reader.history(self.issue, Some(from), READ_AT_ONCE)).await?;
            self.asked.snapshot.charge(events.len())?;
            self.next = events.last().and_then(|event| event.previous);
            self.read = events.into_iter();
        }
        let Some(event) = self.read.next() else { return Ok(None) };
        if event.subject != Subject::Issue(self.issue.id) {
            // The cursor came from elsewhere.
            return Err(Error::invalid("after", "`after` is not a cursor of this list").into());
        }
        Ok(Some(event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nonsense_is_refused() {
        let place = Place { seq: Seq(17), item: 2 };
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        for text in ["", "17", "17.", ".2", "a.b", "17.2.3", "-1.0"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
