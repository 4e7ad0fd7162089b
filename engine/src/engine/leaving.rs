//! Removing members: with them goes all that opens the door for them.
//!
//! It does not know what removes somebody from the tables, which the command decides.

use super::{Engine, to_the_end};
use crate::access::Policy;
use crate::command::member::RemoveMember;
use crate::command::session::RevokeSessions;
use crate::context::{OpContext, Principal};
use crate::directory::{Directory, DirectoryRow};
use crate::draft::RowWrite;
use crate::error::Result;
use crate::event::Subject;
use crate::id::MemberId;
use crate::model::MemberStatus;
use crate::tenant::Committed;

impl Engine {
    /// Removes a member: their access ends at once, their sessions and API keys are ended for good, and what they wrote
    /// stays. They belong to no team any more.
    ///
    /// # Errors
    ///
    /// As the command. `UNAVAILABLE` when it is not known what was saved: the access has ended if the member is removed, and
    /// asked again it ends the rest.
    pub async fn remove_member(&self, cx: OpContext, member: MemberId) -> Result<Committed> {
        let engine = self.clone();
        // Boxed: callers hold it. Whoever asked may be gone before the last key is revoked.
        to_the_end(Box::pin(async move {
            let (rehearsal, tenant) = (cx.dry_run, cx.principal.tenant());
            let (origin, request) = (cx.origin, cx.request);
            let asker = cx.principal.clone();
            let mut done = engine.execute(cx, RemoveMember { member }).await?;
            engine.tell_what_is_seen(&asker, &mut done).await?;
            if !rehearsal {
                let ours = OpContext::new(Principal::trusted_system(tenant)).with_origin(origin);
                engine.end_proofs(OpContext { request, ..ours }, member).await?;
            }
            Ok(done)
        }))
        .await
    }

    /// Leaves out of an answer the private teams that a member was taken out of and that who asked does not know of.
    async fn tell_what_is_seen(&self, asker: &Principal, done: &mut Committed) -> Result<()> {
        let live = self.live(asker.tenant()).await?;
        let directory = live.directory();
        let Ok(policy) = Policy::of(asker, &live.record(), &directory) else { return Ok(()) };
        let scope = policy.scope(&directory);
        let seen = |subject: &Subject| !matches!(subject, Subject::Team(id) if !scope.sees_team(*id));
        done.subjects.retain(seen);
        done.events.retain(|event| seen(&event.subject));
        done.rows.retain(
            |row| !matches!(row, RowWrite::Directory(DirectoryRow::Team(team)) if !scope.sees_team(team.id)),
        );
        Ok(())
    }

    /// Ends the keys and sessions of a member who was removed, in the name of the company and as a part of the same request:
    /// were they taken back one day, these must not open the door. Of one who has been taken back already, as when a request
    /// of old is repeated, nothing is ended.
    async fn end_proofs(&self, ours: OpContext, member: MemberId) -> Result<()> {
        let tenant = ours.principal.tenant();
        let gone = |directory: &Directory| {
            directory.member(member).is_some_and(|member| member.status == MemberStatus::Removed)
        };
        let directory = self.live(tenant).await?.directory();
        let keys = directory.api_keys().filter(|key| key.member == member && !key.revoked);
        for key in keys.map(|key| key.key).collect::<Vec<_>>() {
            if !gone(&self.live(tenant).await?.directory()) {
                return Ok(());
            }
            self.revoke_api_key(ours.clone(), key).await?;
        }
        if gone(&self.live(tenant).await?.directory()) {
            self.revoke_sessions(ours, RevokeSessions::new(member, None, None)).await?;
        }
        Ok(())
    }
}
