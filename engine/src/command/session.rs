//! Commands on sessions.

use super::member::existing;
use super::{Command, World};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::id::{MemberId, SessionId};
use crate::identity::Holder;
use crate::rows::SessionRow;

/// Ends sessions of a member: see [`Engine::revoke_sessions`](crate::Engine::revoke_sessions), which reads their rows.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RevokeSessions {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// Which; all but `spared` when none.
    #[n(1)]
    pub session: Option<SessionId>,
    /// The one that goes on: that of who asks.
    #[cbor(skip)]
    pub spared: Option<SessionId>,
    /// The rows as they become.
    #[cbor(skip)]
    pub(crate) rows: Vec<(SessionId, Vec<u8>)>,
}

impl Command for RevokeSessions {
    fn operation(&self) -> &'static str {
        "sessionRevoke"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        let permit = world.policy.authorize(Action::ManageSignIn, member.clone(), Some(member.id))?;
        if let Some(one) = self.session.filter(|_| self.rows.is_empty()) {
            return Err(Error::not_found(format!("session {one}")));
        }
        let mut draft = Draft::new();
        for (id, bytes) in &self.rows {
            self.matching(world, *id, bytes)?;
            draft.revoke_session(&permit, *id, bytes.clone());
        }
        Ok(draft)
    }
}

impl RevokeSessions {
    /// Ends this session of a member; all but `spared` when none is named.
    #[must_use]
    pub const fn new(member: MemberId, session: Option<SessionId>, spared: Option<SessionId>) -> Self {
        Self { member, session, spared, rows: Vec::new() }
    }

    /// Refuses a row that is another's, or that has not ended.
    fn matching(&self, world: &World<'_>, id: SessionId, bytes: &[u8]) -> Result<()> {
        let row: SessionRow = minicbor::decode(bytes).map_err(|e| Error::internal(e.to_string()))?;
        let holder = Holder::Member { tenant: world.tenant.id, member: self.member };
        let fits = row.family.session == id && row.family.holder == holder && row.family.revoked_ms.is_some();
        if fits {
            Ok(())
        } else {
            Err(Error::internal("the row of an ended session is another's, or goes on"))
        }
    }
}
