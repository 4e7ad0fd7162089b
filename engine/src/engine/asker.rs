//! Who asked for something that takes longer than an access token lasts, and whether they are still signed in.
//!
//! It does not know what was asked for, nor whether they may.

use crate::context::Principal;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Actor;
use crate::id::SessionId;
use crate::rows::{self, SessionRow};
use crate::tenant::LiveTenant;
use crate::time::Timestamp;

/// For so long somebody is believed who has neither a session nor a key that could be asked whether they go on: who came by
/// a token of an external issuer, or by the word of the embedding program.
const WITHOUT_SESSION_MS: i64 = 60 * 60 * 1000;

/// Who asked, and by what they were let in.
pub(super) struct Asker {
    principal: Principal,
    session: Option<SessionId>,
    /// Their rights when they asked; older tokens stop working when these change.
    access: Option<u64>,
    since: Timestamp,
}

impl Asker {
    /// Somebody who asks now.
    pub(super) fn of(live: &LiveTenant, principal: Principal, session: Option<SessionId>) -> Self {
        let access = access_of(live, &principal);
        Self { principal, session, access, since: live.now() }
    }

    /// Who it is.
    pub(super) const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Refuses who was signed out, or whose session, key or visit is over. That an access token is not fresh any more is no
    /// reason.
    pub(super) async fn expect_in(&self, live: &LiveTenant) -> Result<()> {
        let now = live.now();
        let is_in = match self.principal.actor() {
            Actor::System | Actor::Plugin(_) => true,
            Actor::Member(_) => {
                let same = access_of(live, &self.principal) == self.access;
                same && match self.session {
                    // Memory forgets one that ended when its access tokens have run out; its row stays longer.
                    Some(id) => {
                        let row = live.store().get::<SessionRow>(&rows::session(id)).await?;
                        row.is_some_and(|row| row.family.is_open(now.millis()))
                    }
                    None => now < self.since.plus_millis(WITHOUT_SESSION_MS),
                }
            }
            Actor::Key(id, _) => live.api_key(id).await?.is_some_and(|key| key.is_open(now.millis())),
            Actor::Root(_) => self
                .session
                .is_none_or(|id| live.directory().visit(id).is_some_and(|visit| visit.is_open(now))),
        };
        if is_in {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Unauthenticated, "who asked for this is not signed in any more"))
    }
}

/// Which change of a member's rights is the last; none for others.
fn access_of(live: &LiveTenant, principal: &Principal) -> Option<u64> {
    let Actor::Member(id) = principal.actor() else { return None };
    live.directory().member(id).map(|member| member.access_version)
}
