//! An import, from its first question to its last batch.
//!
//! It takes longer than an access token lasts, so each step is taken with the rights of its moment: a session that ended, a
//! key that was revoked and a role that shrank end it. What is imported, it does not know.

use super::asker::Asker;
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::Command;
use crate::context::OpContext;
use crate::error::Result;
use crate::event::{Origin, Subject};
use crate::id::{SessionId, TeamId, TenantId};
use crate::query::Reader;
use crate::security::{SecurityKind, SecurityNote};
use crate::tenant::Committed;

/// Somebody who imports, for as long as they may. That they do is a security event in their name; teams, people and labels
/// stand in the log in their name, too, but issues and comments in the names of who wrote them elsewhere.
pub struct Importer {
    engine: Engine,
    asker: Asker,
    cx: OpContext,
}

impl std::fmt::Debug for Importer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Importer").field("principal", self.asker.principal()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Lets somebody import, who came in by this session: super admins. Nothing is written by it, but a refusal is noted. A
    /// member without a session and without a key may for an hour.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `UNAUTHENTICATED` when the party is no longer there.
    pub async fn begin_import(&self, cx: OpContext, session: Option<SessionId>) -> Result<Importer> {
        self.may(&cx, Action::Import, None).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let asker = Asker::of(&live, cx.principal.clone(), session);
        Ok(Importer { engine: self.clone(), asker, cx: cx.with_origin(Origin::Import) })
    }
}

impl Importer {
    /// The company.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.asker.principal().tenant()
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Refuses who may not import any more.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when who imports is not signed in any more, `FORBIDDEN` when they may no longer.
    pub async fn expect_may(&self) -> Result<()> {
        self.expect_in().await?;
        self.engine.may(&self.cx, Action::Import, None).await
    }

    /// What is there, for who may still import.
    ///
    /// # Errors
    ///
    /// As [`expect_may`](Self::expect_may) and [`Engine::reader`].
    pub async fn reader(&self) -> Result<Reader> {
        self.expect_may().await?;
        self.engine.reader(self.asker.principal()).await
    }

    /// Writes down who imports, before anything is written: `told` says what, in a few words. The team is none where it is
    /// still to be made.
    ///
    /// # Errors
    ///
    /// As [`expect_may`](Self::expect_may); `UNAVAILABLE` when it could not be written down.
    pub async fn note_beginning(&self, team: Option<TeamId>, told: String) -> Result<()> {
        self.expect_may().await?;
        let live = self.engine.live(self.tenant()).await?;
        let note = SecurityNote::new(SecurityKind::ImportBegan).by(self.cx.principal.actor());
        let note = note.about(team.map(Subject::Team)).from(&self.cx.client_of_request()).saying(told);
        // Whoever asks may go away; what is on its way must arrive.
        let unsaid = "who imports could not be written down; nothing was written, try again in a moment";
        to_the_end(async move { live.tell_first(note, unsaid).await }).await
    }

    /// Writes a part.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when who imports is not signed in any more; else as [`Engine::execute`].
    pub async fn execute<C: Command>(&self, command: C) -> Result<Committed> {
        self.run(self.cx.clone(), command).await
    }

    /// Decides a part as [`execute`](Self::execute) would, and writes nothing.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    pub async fn rehearse<C: Command>(&self, command: C) -> Result<Committed> {
        self.run(self.cx.clone().with_dry_run(true), command).await
    }

    async fn run<C: Command>(&self, cx: OpContext, command: C) -> Result<Committed> {
        self.expect_in().await?;
        self.engine.execute(cx, command).await
    }

    /// Refuses who is not signed in any more.
    async fn expect_in(&self) -> Result<()> {
        let live = self.engine.live(self.tenant()).await?;
        self.asker.expect_in(&live).await
    }
}
