//! The bounds of single imports: those that the contract names, and those that a budget counts.

use super::super::state::State;
use super::super::wit::{Error, FieldError, Quota};

/// Ids, entries or issues asked for at once.
pub(super) const PAGE: usize = 100;
/// Bytes of a key.
pub(super) const KEY: usize = 256;
/// Bytes of a value.
pub(super) const VALUE: usize = 64 << 10;
/// Random bytes at once.
pub(super) const RANDOM: usize = 1_024;
/// What a count is reckoned at, in issues looked at: it is answered from the index, however many there are.
pub(super) const COUNTING: u32 = 10;
/// Bytes that one call has signed and verified: four times the largest request from outside.
const HASHED: usize = 4 << 20;

/// Not more than the contract says of this parameter.
pub(super) fn at_most(parameter: &str, found: usize, limit: usize) -> Result<(), Error> {
    if found <= limit {
        return Ok(());
    }
    let message = format!("{found} is over the limit of {limit}");
    Err(Error::Invalid(vec![FieldError { key: String::from(parameter), message }]))
}

impl State {
    /// Room for one more staged command.
    pub(super) fn stage(&mut self) -> Result<(), Error> {
        spend(&mut self.used.staged_commands, self.budget.staged_commands, Quota::Commands, "change anything")
    }

    /// Room for one more write to the key-value room.
    pub(super) fn keep(&mut self) -> Result<(), Error> {
        spend(&mut self.kv_writes, self.budget.kv_writes, Quota::KvKeys, "write entries")
    }

    /// Whether anything more may be looked at. What that was is known afterwards: see [`looked_at`](Self::looked_at).
    pub(super) fn may_look(&self) -> Result<(), Error> {
        if self.used.query_cost < self.budget.query_cost {
            return Ok(());
        }
        Err(Error::QuotaExceeded(Quota::QueryCost))
    }

    /// So many were looked at. It follows from question and answer alone, so that a replay comes to the same.
    pub(super) fn looked_at(&mut self, cost: u32) {
        self.used.query_cost = self.used.query_cost.saturating_add(cost);
    }

    /// Room to look at so many, all or none of them.
    pub(super) fn look_at(&mut self, issues: usize) -> Result<(), Error> {
        let wanted = self.used.query_cost.saturating_add(u32::try_from(issues).unwrap_or(u32::MAX));
        if wanted > self.budget.query_cost {
            return Err(Error::QuotaExceeded(Quota::QueryCost));
        }
        self.used.query_cost = wanted;
        Ok(())
    }

    /// Room to hash so many bytes.
    pub(super) fn hash(&mut self, bytes: usize) -> Result<(), Error> {
        let wanted = self.hashed.saturating_add(bytes);
        if wanted > HASHED {
            return Err(Error::QuotaExceeded(Quota::Bytes));
        }
        self.hashed = wanted;
        Ok(())
    }

    /// Room for one more request to the outside.
    pub(super) fn go_out(&mut self) -> Result<(), Error> {
        spend(&mut self.used.http_calls, self.budget.http_calls, Quota::HttpCalls, "send requests")
    }
}

/// Uses one; where there never was any, says so, since retrying at another time will not help.
fn spend(used: &mut u32, limit: u32, quota: Quota, what: &str) -> Result<(), Error> {
    if limit == 0 {
        return Err(Error::Denied(format!("this kind of call cannot {what}")));
    }
    if *used >= limit {
        return Err(Error::QuotaExceeded(quota));
    }
    *used += 1;
    Ok(())
}
