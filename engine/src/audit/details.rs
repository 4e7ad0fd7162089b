//! What is told of an event besides who and when: which fields, and values that say who may do what. Never the content of
//! issues, comments and views: the log is read by those who run the company, not by those who work on its issues.

use super::entry::AuditDetail;
use crate::event::{Amendment, EventBody};
use crate::id::TeamId;
use crate::model::{IdentityProvider, Installation, Member, PluginPermissions, Visit};
use std::fmt::Display;

/// The details of an event.
pub(super) fn of(body: &EventBody) -> Vec<AuditDetail> {
    let mut told = Told::default();
    match body {
        EventBody::TenantCreated { name, tier, .. } => {
            told.is("name", name);
            told.is("tier", tier);
        }
        EventBody::IssueUpdated { changes } => changes.iter().for_each(|c| told.is("field", c.field())),
        EventBody::CommentCreated { comment } => told.is("comment", comment.id),
        EventBody::CommentEdited { comment, .. } | EventBody::CommentDeleted { comment, .. } => {
            told.is("comment", comment);
        }
        EventBody::LabelSaved { before, after } => {
            told.became("name", before.as_ref().map(|l| &l.name), &after.name);
        }
        EventBody::TeamSaved { before, after } => {
            told.became("key", before.as_ref().map(|t| &t.key), &after.key);
            told.became("name", before.as_ref().map(|t| &t.name), &after.name);
        }
        EventBody::WorkflowSaved { before, after, end } => {
            told.became("name", before.as_ref().map(|w| &w.name), &after.name);
            end.iter().filter(|end| end.left > 0).for_each(|end| told.is("left", end.left));
        }
        EventBody::MemberSaved { before, after } => member(&mut told, before.as_deref(), after),
        EventBody::KeyCreated { member, name, expires_at, scope, networks } => {
            told.is("member", member);
            told.is("name", name);
            scope.iter().for_each(|scope| told.is("scope", scope));
            expires_at.iter().for_each(|at| told.is("expiresAt", at));
            networks.iter().flatten().for_each(|network| told.is("network", network));
        }
        EventBody::KeyRevoked { member }
        | EventBody::SessionRevoked { member }
        | EventBody::SecondFactorSaved { member, .. } => told.is("member", member),
        EventBody::ProviderSaved { before, after } => provider(&mut told, before.as_deref(), after),
        EventBody::AccessSaved { before, after } => {
            let required = &before.second_factor_required;
            told.became("secondFactorRequired", Some(required), &after.second_factor_required);
            told.became("passwordSignIn", Some(&before.password_sign_in), &after.password_sign_in);
        }
        EventBody::VisitBegan { visit: told_of } | EventBody::VisitEnded { visit: told_of } => {
            visit(&mut told, told_of);
        }
        EventBody::MemberLinked { provider, .. } => told.is("provider", provider),
        EventBody::SecuritySealed { sealed, dropped } => {
            told.is("sealed", sealed.seq);
            told.is("dropped", dropped.seq);
        }
        EventBody::PluginCodeSaved { code } => {
            told.is("plugin", &code.plugin);
            told.is("version", &code.version);
            told.is("digest", code.digest);
            told.is("origin", code.origin);
        }
        EventBody::InstallationSaved { before, after } => installation(&mut told, before.as_deref(), after),
        EventBody::PluginDoneAgain { events, .. } => events.iter().for_each(|seq| told.is("event", seq)),
        _ => {}
    }
    told.0
}

/// Which plugins amended an event, each by its installation with the fields that are different because of it.
pub(super) fn amended(by: &[Amendment]) -> impl Iterator<Item = AuditDetail> {
    by.iter().map(|one| AuditDetail {
        name: "amendedBy",
        from: None,
        to: Some(format!("{}: {}", one.installation, one.fields.join(", "))),
    })
}

#[derive(Default)]
struct Told(Vec<AuditDetail>);

impl Told {
    fn is(&mut self, name: &'static str, value: impl Display) {
        self.0.push(AuditDetail { name, from: None, to: Some(value.to_string()) });
    }

    /// Told if it changed.
    fn became<T: Display + PartialEq>(&mut self, name: &'static str, from: Option<&T>, to: &T) {
        if from != Some(to) {
            let from = from.map(ToString::to_string);
            self.0.push(AuditDetail { name, from, to: Some(to.to_string()) });
        }
    }
}

fn member(told: &mut Told, before: Option<&Member>, after: &Member) {
    told.became("name", before.map(|m| &m.name), &after.name);
    told.became("role", before.map(|m| &m.role), &after.role);
    told.became("status", before.map(|m| &m.status), &after.status);
    let email = |member: &Member| member.email.clone().unwrap_or_default();
    told.became("email", before.map(email).as_ref(), &email(after));
    if before.is_some_and(|before| before.access_version != after.access_version) {
        told.is("field", "password or rights: older tokens stopped working");
    }
}

fn provider(told: &mut Told, before: Option<&IdentityProvider>, after: &IdentityProvider) {
    told.became("name", before.map(|p| &p.name), &after.name);
    told.became("issuer", before.map(|p| &p.issuer), &after.issuer);
    let domains = |provider: &IdentityProvider| provider.domains.join(" ");
    told.became("domains", before.map(domains).as_ref(), &domains(after));
    told.became("createsMembers", before.map(|p| &p.creates_members), &after.creates_members);
    if after.deleted_at.is_some() {
        told.is("field", "taken away");
    }
}

fn visit(told: &mut Told, visit: &Visit) {
    told.is("operator", &visit.root_name);
    told.is("reason", &visit.reason);
    told.is("scope", visit.scope);
    told.is("until", visit.ended_at.unwrap_or(visit.ends_at));
}

/// Settings are told of, and not told: they are the company's own affair.
fn installation(told: &mut Told, before: Option<&Installation>, after: &Installation) {
    told.became("plugin", before.map(|i| &i.plugin), &after.plugin);
    told.became("name", before.map(|i| &i.name), &after.name);
    told.became("version", before.map(|i| &i.code_version), &after.code_version);
    told.became("digest", before.map(|i| &i.digest), &after.digest);
    told.became("status", before.map(|i| &i.status), &after.status);
    told.became("mode", before.map(|i| &i.mode), &after.mode);
    told.became("onFailure", before.map(|i| &i.on_failure), &after.on_failure);
    told.became("order", before.map(|i| &i.order), &after.order);
    let granted = |i: &Installation| i.granted.beyond(&PluginPermissions::default()).join(", ");
    told.became("granted", before.map(granted).as_ref(), &granted(after));
    let all = || "all".to_owned();
    let words = |ids: &Vec<TeamId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let teams = |i: &Installation| i.teams.as_ref().map_or_else(all, words);
    told.became("teams", before.map(teams).as_ref(), &teams(after));
    let secret = |i: &Installation, name: &String| match i.hosts_of(name) {
        None => name.clone(),
        Some(hosts) => format!("{name} ({})", hosts.join(", ")),
    };
    let secrets =
        |i: &Installation| i.secrets.iter().map(|name| secret(i, name)).collect::<Vec<_>>().join(" ");
    told.became("secrets", Some(&before.map(secrets).unwrap_or_default()), &secrets(after));
    if before.is_some_and(|before| before.settings != after.settings) {
        told.is("field", "settings");
    }
    let stopped =
        after.stopped.as_ref().filter(|why| before.is_none_or(|b| b.stopped.as_ref() != Some(*why)));
    stopped.into_iter().for_each(|reason| told.is("reason", reason));
    let acted = before.is_none_or(|before| before.acting_stopped.is_none());
    after.acting_stopped.iter().filter(|_| acted).for_each(|reason| told.is("reason", reason));
}
