//! What events are called: names that programs go by.

use super::EventBody;
use crate::model::{
    Installation, InstallationStatus, InvitationStatus, TenantStatus, VersionStatus, Workflow,
};

impl EventBody {
    /// The name of the event, such as `issue.created`; stable.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TenantCreated { .. } => "tenant.provisioned",
            Self::IssueCreated { .. } => "issue.created",
            Self::IssueUpdated { changes } => match changes.as_slice() {
                [only] => only.event_name(),
                _ => "issue.updated",
            },
            Self::CommentCreated { .. } => "comment.created",
            Self::CommentEdited { .. } => "comment.edited",
            Self::CommentDeleted { .. } => "comment.deleted",
            Self::LabelSaved { before: None, .. } => "label.created",
            Self::LabelSaved { .. } => "label.updated",
            Self::MemberSaved { before: None, .. } => "member.joined",
            Self::MemberSaved { .. } => "member.updated",
            Self::TeamSaved { before: None, .. } => "team.created",
            Self::TeamSaved { .. } => "team.updated",
            Self::WorkflowSaved { end: Some(end), .. } if end.canceled => "workflow.migration_canceled",
            Self::WorkflowSaved { before, after, .. } => workflow_event(before.as_deref(), after),
            Self::WorkflowVersionSaved { after, .. } => match after.status {
                VersionStatus::Draft => "workflow.drafted",
                VersionStatus::Published => "workflow.version_published",
                VersionStatus::Discarded => "workflow.draft_discarded",
            },
            Self::KeyCreated { .. } => "key.created",
            Self::KeyRevoked { .. } => "key.revoked",
            Self::ViewSaved { before: None, .. } => "view.created",
            Self::ViewSaved { .. } => "view.updated",
            Self::FavoritesSaved { .. } => "favorites.updated",
            Self::TierChanged { .. } => "tenant.tier_changed",
            Self::EntitlementAgreed { .. } => "tenant.entitlement_agreed",
            Self::SessionRevoked { .. } => "session.revoked",
            Self::SecondFactorSaved { on: true, .. } => "second_factor.enabled",
            Self::SecondFactorSaved { .. } => "second_factor.disabled",
            Self::ProviderSaved { before: None, .. } => "provider.created",
            Self::ProviderSaved { .. } => "provider.updated",
            Self::AccessSaved { .. } => "access.updated",
            Self::VisitBegan { .. } => "visit.began",
            Self::VisitEnded { .. } => "visit.ended",
            Self::MemberLinked { undone: Some(true), .. } => "member.unlinked",
            Self::MemberLinked { .. } => "member.linked",
            Self::TenantStatusChanged { after: TenantStatus::Active, .. } => "tenant.resumed",
            Self::TenantStatusChanged { after: TenantStatus::Suspended, .. } => "tenant.suspended",
            Self::TenantStatusChanged { after: TenantStatus::Closed, .. } => "tenant.closed",
            Self::Announced { .. } => "tenant.announced",
            Self::FirstAdminInvited { .. } => "tenant.invited",
            Self::SecuritySealed { .. } => "security.sealed",
            Self::BrandingSaved { .. } => "branding.updated",
            Self::DomainSaved { .. } => "domain.updated",
            Self::PluginCodeSaved { code } if code.removed_at.is_some() => "plugin.code_removed",
            Self::PluginCodeSaved { .. } => "plugin.uploaded",
            Self::InstallationSaved { before, after } => installation_event(before.as_deref(), after),
            Self::PluginDoneAgain { dropped: true, .. } => "plugin.dropped",
            Self::PluginDoneAgain { .. } => "plugin.redelivered",
            Self::PluginAddressChanged => "plugin.address_changed",
            Self::InvitationForgotten => "invitation.forgotten",
            Self::InvitationSaved { before: None, .. } => "invitation.created",
            Self::InvitationSaved { after, .. } => match after.status {
                InvitationStatus::Open => "invitation.resent",
                InvitationStatus::Accepted => "invitation.accepted",
                InvitationStatus::Withdrawn => "invitation.withdrawn",
            },
        }
    }
}

/// The name of what happened to a workflow.
fn workflow_event(before: Option<&Workflow>, after: &Workflow) -> &'static str {
    let Some(before) = before else { return "workflow.created" };
    if before.published != after.published {
        return "workflow.published";
    }
    match (&before.migration, &after.migration) {
        (None, Some(_)) => "workflow.migrating",
        (Some(_), None) => "workflow.migrated",
        _ => "workflow.updated",
    }
}

/// The name of what happened to an installation.
fn installation_event(before: Option<&Installation>, after: &Installation) -> &'static str {
    let Some(before) = before else { return "plugin.installed" };
    match (before.status, after.status) {
        (was, InstallationStatus::Enabled) if was != InstallationStatus::Enabled => "plugin.enabled",
        (was, InstallationStatus::Removed) if was != InstallationStatus::Removed => "plugin.removed",
        (InstallationStatus::Enabled, InstallationStatus::Disabled) => "plugin.disabled",
        _ if after.acting_stopped.is_some() && before.is_acting() => "plugin.acting_stopped",
        _ if before.acting_stopped.is_some() && after.is_acting() => "plugin.enabled",
        _ if before.digest != after.digest && before.earlier.contains(&after.digest) => "plugin.rolled_back",
        _ if before.digest != after.digest => "plugin.upgraded",
        _ => "plugin.updated",
    }
}
