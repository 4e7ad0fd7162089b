//! The sessions of a tenant as far as memory needs them: which are open, by member, and which ended lately.
//!
//! A session that ended is remembered until its access tokens have run out. It knows no tokens.

use super::each;
use crate::error::Result;
use crate::id::{MemberId, SessionId};
use crate::identity::Holder;
use crate::rows::{SessionRow, tag};
use crate::storage::TenantStore;
use crate::time::Timestamp;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

/// A session that was ended is remembered until its access tokens have run out.
const ENDED_KEPT_MS: i64 = 15 * 60 * 1000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    /// Oldest first; some of them may have expired since.
    open: FxHashMap<MemberId, Vec<Open>>,
    ended: FxHashMap<SessionId, Timestamp>,
}

/// An open session, and from where it was used last.
#[derive(Debug, Clone, Copy)]
struct Open {
    id: SessionId,
    from: Option<IpAddr>,
}

impl Sessions {
    /// Reads them from their rows.
    pub(super) async fn load(store: &TenantStore, now: Timestamp) -> Result<Self> {
        let mut sessions = Self::default();
        each::<SessionRow>(store, tag::SESSION, |row| sessions.take(&row, now)).await?;
        Ok(sessions)
    }

    fn take(&mut self, row: &SessionRow, now: Timestamp) {
        match (row.ended_at(), row.family.holder) {
            (Some((id, at)), _) if at.plus_millis(ENDED_KEPT_MS) > now => {
                self.ended.insert(id, at);
            }
            (None, Holder::Member { member, .. }) if row.family.is_open(now.millis()) => {
                let address = row.device.as_ref().and_then(|device| device.address.as_deref());
                self.used(member, row.family.session, address.and_then(|address| address.parse().ok()));
            }
            _ => {}
        }
    }

    /// A session begins, or goes on, from this address.
    pub(crate) fn used(&mut self, member: MemberId, id: SessionId, from: Option<IpAddr>) {
        let open = self.open.entry(member).or_default();
        match open.binary_search_by_key(&id, |open| open.id) {
            Ok(place) => open.get_mut(place).into_iter().for_each(|open| open.from = from),
            Err(place) => open.insert(place, Open { id, from }),
        }
    }

    /// A session has ended.
    pub(crate) fn end(&mut self, member: Option<MemberId>, session: SessionId, now: Timestamp) {
        self.ended.insert(session, now);
        if let Some(open) = member.and_then(|member| self.open.get_mut(&member)) {
            open.retain(|open| open.id != session);
        }
    }

    /// Whether a session has ended so recently that an access token of it may still be about.
    pub(crate) fn has_ended(&self, session: SessionId) -> bool {
        self.ended.contains_key(&session)
    }

    /// The sessions of a member, oldest first; some of them may have expired.
    pub(crate) fn of(&self, member: MemberId) -> Vec<SessionId> {
        self.open.get(&member).into_iter().flatten().map(|open| open.id).collect()
    }

    /// Whether a member has a session that was used from this address last.
    pub(crate) fn knows(&self, member: MemberId, address: Option<IpAddr>) -> bool {
        address.is_some() && self.open.get(&member).into_iter().flatten().any(|open| open.from == address)
    }

    /// All members who have sessions.
    pub(crate) fn members(&self) -> Vec<MemberId> {
        self.open.keys().copied().collect()
    }

    /// Forgets sessions whose access tokens have run out.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.ended.retain(|_, at| at.plus_millis(ENDED_KEPT_MS) > now);
        self.open.retain(|_, sessions| !sessions.is_empty());
    }
}
