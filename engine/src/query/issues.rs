//! Lists of issues: filter, order, page, exact total.

use super::Reader;
use super::prepare::Wish;
use crate::error::{Error, Result};
use crate::filter::{Asking, Filter, Sort, SortKey};
use crate::id::IssueId;
use crate::model::Issue;
use crate::view::{self, Conditions, CursorKey, IssueQuery, Page, Position};
use std::sync::Arc;

/// A page of a list: `first` behind `after`, or `last` before `before`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// So many from the start, or behind a cursor.
    First(usize, Option<String>),
    /// So many from the end, or before a cursor.
    Last(usize, Option<String>),
}

/// Which issues, in which order, which page.
#[derive(Debug, Clone)]
pub struct IssuePageRequest {
    /// Which.
    pub filter: Filter,
    /// In which order; newest first when empty.
    pub sort: Vec<Sort>,
    /// Which page.
    pub window: Window,
}

/// A page of issues.
#[derive(Debug)]
pub struct IssueList {
    /// The issues, in order.
    pub issues: Vec<Arc<Issue>>,
    /// The cursor of each, for the next page.
    pub cursors: Cursors,
    /// How well each matches the texts that the filter searches; none where no text was searched for it.
    pub relevance: Vec<Option<f32>>,
    /// How many pass the filter in all.
    pub total: u64,
    /// Whether there are more behind the last.
    pub has_next: bool,
    /// Whether there are more before the first.
    pub has_previous: bool,
}

/// The cursors of a page, sealed when they are asked for: most pages are asked for one or two.
#[derive(Debug, Clone)]
pub struct Cursors {
    pub(super) key: CursorKey,
    pub(super) list: [u8; 16],
    pub(super) positions: Vec<Position>,
}

impl Cursors {
    /// The cursor of the issue at this place of the page, from 0; none beyond its end.
    #[must_use]
    pub fn of(&self, index: usize) -> Option<String> {
        self.positions.get(index).map(|position| self.key.seal(self.list, position))
    }
}

/// The order when none is asked for: newest first.
pub(super) const NEWEST_FIRST: &[Sort] =
    &[Sort { key: SortKey::Created, descending: true, nulls_first: false }];

impl Reader {
    /// A page of issues.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a page size or cursor that breaks a rule, `TOO_COSTLY` for a filter or an order that is too
    /// large or takes more reading than the limits allow, `UNAVAILABLE` when the store cannot be read.
    pub async fn issues(&self, request: &IssuePageRequest) -> Result<IssueList> {
        let sort = if request.sort.is_empty() { NEWEST_FIRST } else { &request.sort };
        view::validate_sort(sort, self.limits())?;
        view::validate(&request.filter, self.limits())?;
        let hash = self.list_hash(&Conditions::of(&request.filter), sort);
        let key = self.live.cursor_key();
        let page = self.page(&request.window, key, hash)?;
        let wish = Wish { best: best(sort, &page), ..Wish::default() };
        let prepared = self.prepare_for(&request.filter, wish).await?;
        let query = IssueQuery { question: prepared.question(&self.directory), sort, page };
        let (found, relevance) = self.with_view(prepared.seen(), |view, sight| {
            let found = view.query(sight, &query)?;
            let score = |id: &IssueId| query.question.looked.scores.get(&view.ordinal_of(*id)?).copied();
            let relevance: Vec<_> = found.ids.iter().map(score).collect();
            Ok::<_, Error>((found, relevance))
        })?;
        let rows = self.rows(&found.ids).await?;
        // A row may have been changed since the view was asked; it is shown as it is now.
        let rows = rows.into_iter().zip(found.positions.into_iter().zip(relevance));
        let (issues, (positions, relevance)) = rows.filter_map(|(issue, rest)| Some((issue?, rest))).unzip();
        Ok(IssueList {
            issues,
            cursors: Cursors { key: key.clone(), list: hash, positions },
            relevance,
            total: found.total,
            has_next: found.has_next,
            has_previous: found.has_previous,
        })
    }

    /// How many issues pass a filter.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` for a filter that is too large or takes more reading than the limits allow, `UNAVAILABLE` when the
    /// store cannot be read.
    pub async fn count(&self, filter: &Filter) -> Result<u64> {
        view::validate(filter, self.limits())?;
        let prepared = self.prepare(filter).await?;
        let question = prepared.question(&self.directory);
        self.with_view(prepared.seen(), |view, sight| view.count(sight, &question))
    }

    /// Who asks, and when: at the moment that this reader sees.
    pub(super) fn asking(&self) -> Asking {
        let now = self.moment.map_or_else(|| self.live.now(), |moment| moment.at);
        Asking { now, me: self.policy.member(), zone: self.zone.clone().unwrap_or_else(|| self.live.zone()) }
    }

    /// What tells this list from any other: its conditions, its order, and the moment of the past that is seen, so that a
    /// cursor of the past opens there alone.
    pub(super) fn list_hash(&self, conditions: &Conditions, sort: &[Sort]) -> [u8; 16] {
        let mut hash = conditions.query_hash(sort);
        if let Some(moment) = self.moment {
            let mut hasher = blake3::Hasher::new_derive_key("mortise list of the past 1");
            hasher.update(&hash).update(&moment.place.0.to_be_bytes()).finalize_xof().fill(&mut hash);
        }
        hash
    }

    fn page(&self, window: &Window, key: &CursorKey, hash: [u8; 16]) -> Result<Page> {
        let max = self.limits().page_size_max;
        let size = |field: &str, size: usize| {
            if (1..=max).contains(&size) {
                return Ok(size);
            }
            Err(Error::invalid(field, format!("`{field}` is {size}: ask for 1 to {max} at once")))
        };
        let open = |field: &str, cursor: &Option<String>| {
            cursor.as_deref().map(|text| key.open(hash, text)).transpose().map_err(|e| e.with_field(field))
        };
        Ok(match window {
            Window::First(n, after) => Page::First(size("first", *n)?, open("after", after)?),
            Window::Last(n, before) => Page::Last(size("last", *n)?, open("before", before)?),
        })
    }
}

/// How many that match best are enough for a page: for the first page of an order that begins with them.
fn best(sort: &[Sort], page: &Page) -> Option<usize> {
    let begins = sort
        .first()
        .is_some_and(|step| step.key == SortKey::Relevance && step.descending && !step.nulls_first);
    match page {
        // One more tells whether there is a next page.
        Page::First(size, None) if begins => Some(size.saturating_add(1)),
        _ => None,
    }
}
