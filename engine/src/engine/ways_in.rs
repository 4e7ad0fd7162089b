//! The ways in that a company leaves open: passwords, second factors, identity providers; and what a change of them ends.
//!
//! A session goes on only by a way that is still open. It does not know how somebody proves who they are.

use super::sessions::{commit, ended_rows};
use super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::Command;
use crate::command::access::UpdateAccess;
use crate::command::provider::{UnlinkMember, UpdateProvider};
use crate::context::OpContext;
use crate::error::Result;
use crate::id::{MemberId, ProviderId};
use crate::model::{Member, Role};
use crate::rows::{self, BesideProvider};
use crate::storage::Batch;
use crate::tenant::{Committed, LiveTenant};

impl Engine {
    /// Changes how the company's people may sign in. Sessions end at once that the new rules would not let begin: of those
    /// without a second factor when one is required, and by password when passwords open no door. Sessions by a provider
    /// go on.
    ///
    /// # Errors
    ///
    /// As the command.
    pub async fn update_access(&self, cx: OpContext, update: UpdateAccess) -> Result<Committed> {
        let closes = update.second_factor_required == Some(true) || update.password_sign_in == Some(false);
        self.close_ways(cx, update, closes).await
    }

    /// Changes an identity provider, or takes it away; then the sessions end that began by it.
    ///
    /// # Errors
    ///
    /// As the command.
    pub async fn update_provider(&self, cx: OpContext, update: UpdateProvider) -> Result<Committed> {
        let closes = update.delete;
        self.close_ways(cx, update, closes).await
    }

    /// Takes apart a member and whom an identity provider knows as them. The next who comes from there with the member's
    /// address is the member: for somebody whom the provider has given a new name.
    ///
    /// # Errors
    ///
    /// As the command.
    pub async fn unlink_member(&self, cx: OpContext, mut unlink: UnlinkMember) -> Result<Committed> {
        self.may(&cx, Action::ManageAccess, None).await?;
        let engine = self.clone();
        to_the_end(async move {
            let live = engine.live(cx.principal.tenant()).await?;
            let _turn = live.proofs_turn().await;
            let back = rows::beside_provider(unlink.provider, unlink.member.as_bytes());
            unlink.name = match live.store().get::<BesideProvider>(&back).await? {
                Some(BesideProvider::Name(name)) => Some(name),
                _ => None,
            };
            live.execute(&cx, &unlink).await
        })
        .await
    }

    /// Makes a change, and where it closes a way in, ends the sessions that came by it.
    async fn close_ways<C: Command>(&self, cx: OpContext, command: C, closes: bool) -> Result<Committed> {
        let engine = self.clone();
        to_the_end(async move {
            let live = engine.live(cx.principal.tenant()).await?;
            let done = live.execute(&cx, &command).await?;
            if closes && !cx.dry_run {
                let members = live.sessions().lock().members();
                for member in members {
                    engine.end_barred_sessions(&live, member).await?;
                }
            }
            Ok(done)
        })
        .await
    }

    /// Ends the sessions of a member whose way in is closed.
    async fn end_barred_sessions(&self, live: &LiveTenant, id: MemberId) -> Result<()> {
        let _turn = live.sessions_turn().await;
        let Some(member) = live.directory().member(id).cloned() else { return Ok(()) };
        let (open, now) = (live.sessions().lock().of(id), self.clock().now());
        let mut barred = ended_rows(live, &open, now).await?;
        barred.retain(|row| is_barred(live, &member, row.provider));
        if barred.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        for row in &barred {
            batch.put(rows::session(row.family.session), row)?;
        }
        commit(live, batch).await?;
        let mut sessions = live.sessions().lock();
        barred.iter().for_each(|row| sessions.end(Some(id), row.family.session, now));
        Ok(())
    }
}

/// Whether the way is closed by which somebody came: by this provider, else by password. A second factor is asked of
/// those alone who come by password; passwords of super admins always open the door.
pub(super) fn is_barred(live: &LiveTenant, member: &Member, provider: Option<ProviderId>) -> bool {
    let directory = live.directory();
    if let Some(provider) = provider {
        return directory.provider(provider).is_none_or(|provider| provider.deleted_at.is_some());
    }
    let access = directory.access();
    let lacks_factor = access.second_factor_required && !directory.has_second_factor(member.id);
    lacks_factor || (!access.password_sign_in && member.role != Role::SuperAdmin)
}
