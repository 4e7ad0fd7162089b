//! Lists of issues for guests: by the query language, as far as they may be told.

use super::{Reading, invalid, not_of_this_list};
use crate::convert::{Bounds, for_guest};
use crate::host::wit::issues::Page;
use crate::host::wit::{Error, Quota};
use mortise_engine::language::Query;
use mortise_engine::query::{IssueList, IssuePageRequest, Window};

/// Issues of one page, whatever the guest asks for.
const PAGE_MAX: u32 = 100;

/// Counting ends here.
const COUNT_MAX: u64 = 100_000;

/// Issues that are looked at one by one to count those that whoever asks sees too.
const COUNTED_SINGLY_MAX: usize = 2_000;

/// So many of them take what one issue takes that is handed out.
const COUNTED_SINGLY_PER_UNIT: usize = 10;

/// So many that pass a filter, and are put in order to find a page, take what one issue takes that is handed out.
const SORTED_PER_UNIT: u64 = 1_000;

impl Reading {
    /// `issues.query`; `budget` is how many issues may still be looked at.
    ///
    /// # Errors
    ///
    /// As the contract says.
    pub(crate) async fn query(
        &self,
        filter: &str,
        limit: u32,
        after: Option<&str>,
        budget: u32,
    ) -> Result<Page, Error> {
        self.expect_read()?;
        let query = self.read(filter)?;
        let limit = limit.clamp(1, PAGE_MAX).min(budget);
        if limit == 0 {
            return Err(Error::QuotaExceeded(Quota::QueryCost));
        }
        let list = self.page(&query, usize::try_from(limit).unwrap_or(1), after.map(str::to_owned)).await?;
        let cost = cost_of(list.issues.len(), list.total);
        let last = list.issues.len().checked_sub(1).filter(|_| list.has_next);
        let next = last.and_then(|last| list.cursors.of(last));
        let mut items = Vec::with_capacity(list.issues.len());
        for row in list.issues.iter().filter(|row| self.sight.sees(row.id)) {
            items.extend(self.told(row, self.bounds.and(Bounds::LISTED)).await?);
        }
        Ok(Page { items, next, cost })
    }

    /// `issues.count`; `budget` is how many issues may still be looked at.
    ///
    /// # Errors
    ///
    /// As the contract says; over the query cost where so many would have to be looked at one by one.
    pub(crate) async fn count(&self, filter: &str, budget: u32) -> Result<u32, Error> {
        self.expect_read()?;
        let query = self.read(filter)?;
        let counted = if self.sight.is_the_apps() {
            self.sight.app().count(&query.filter).await.map_err(|error| for_guest(&error))?
        } else {
            self.count_singly(&query, budget).await?
        };
        Ok(u32::try_from(counted.min(COUNT_MAX)).unwrap_or(u32::MAX))
    }

    /// Counts those that whoever asks sees as well.
    async fn count_singly(&self, query: &Query, budget: u32) -> Result<u64, Error> {
        let budget = usize::try_from(budget).unwrap_or(usize::MAX);
        let most = budget.saturating_mul(COUNTED_SINGLY_PER_UNIT).min(COUNTED_SINGLY_MAX);
        let (mut seen, mut looked, mut after) = (0_u64, 0_usize, None);
        loop {
            let list = self.page(query, PAGE_MAX as usize, after).await?;
            seen += list.issues.iter().filter(|row| self.sight.sees(row.id)).count() as u64;
            looked = looked.saturating_add(list.issues.len());
            after = list.issues.len().checked_sub(1).and_then(|last| list.cursors.of(last));
            if !list.has_next || after.is_none() {
                return Ok(seen);
            }
            if looked >= most {
                return Err(Error::QuotaExceeded(Quota::QueryCost));
            }
        }
    }

    fn read(&self, filter: &str) -> Result<Query, Error> {
        self.sight.app().parse_query(filter).map_err(|errors| {
            let said = errors.iter().map(|error| format!("at {}: {}", error.start, error.message));
            invalid("filter", said.collect::<Vec<_>>().join("; "))
        })
    }

    async fn page(&self, query: &Query, size: usize, after: Option<String>) -> Result<IssueList, Error> {
        let goes_on = after.is_some();
        let request = IssuePageRequest {
            filter: query.filter.clone(),
            sort: query.sort.clone(),
            window: Window::First(size, after),
        };
        let page = Box::pin(self.sight.app().issues(&request)).await;
        page.map_err(|error| match error.field() {
            Some("after") if goes_on => not_of_this_list(),
            _ => for_guest(&error),
        })
    }
}

/// What a page takes: the issues of it, and what it took to find them.
fn cost_of(page: usize, total: u64) -> u32 {
    let page = u64::try_from(page).unwrap_or(u64::MAX);
    u32::try_from(page.saturating_add(total / SORTED_PER_UNIT)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_many_takes_more_than_a_page_of_few() {
        assert_eq!((cost_of(0, 0), cost_of(7, 7)), (1, 7));
        assert_eq!(cost_of(7, 100_000), 107);
        assert_eq!(cost_of(usize::MAX, u64::MAX), u32::MAX);
    }
}
