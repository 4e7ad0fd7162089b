//! The schema: queries and mutations by noun, each in the file of its noun.
//!
//! A noun has its object (`issue`), its queries and mutations, and the inputs that become commands. What all have in
//! common is beside them: pages, payloads, ids, enums. `graphql/schema.graphql` is this schema as text; a test keeps it
//! true.

mod abilities;
mod access;
mod api_key;
mod approval_mutation;
mod audit;
mod batch;
mod branding;
mod comment;
mod comment_mutation;
mod costs;
mod done;
mod entitlement;
mod filter;
mod group_key;
mod history;
mod invitation;
mod issue;
mod issue_groups;
mod issue_input;
mod issue_mutation;
mod issue_query;
mod issue_sort;
mod issue_transition;
mod label;
mod label_mutation;
mod language;
mod member;
mod member_mutation;
mod migration;
mod node;
mod page;
mod payload;
mod plugin;
mod plugin_amendment;
mod plugin_backlog;
mod plugin_backtest;
mod plugin_catalogue;
mod plugin_code;
mod plugin_input;
mod plugin_mutation;
mod plugin_payload;
mod plugin_permissions;
mod plugin_rehearsal;
mod plugin_replay;
mod plugin_run;
mod plugin_word;
mod provider;
mod rate_limit;
mod relation;
mod relation_mutation;
pub mod root;
mod saved_view;
mod saved_view_input;
mod saved_view_mutation;
mod scalar;
mod search;
mod search_facet;
mod search_hit;
mod second_factor;
mod session;
mod sight;
mod sign_in;
mod similar;
mod source;
mod team;
mod team_mutation;
mod tenant;
mod timeline;
mod transition;
mod visit;
mod wish;
mod word;
mod workflow;
mod workflow_input;
mod workflow_mutation;
mod workflow_state;
mod workflow_version;

#[cfg(test)]
mod tests;

pub(crate) use costs::prices;

use async_graphql::{
    EmptySubscription, MergedObject, ObjectType, SDLExportOptions, SchemaBuilder, SubscriptionType,
};
use mortise_engine::Engine;
use mortise_plugins::Plugins;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    member::MemberQuery,
    invitation::InvitationQuery,
    tenant::TenantQuery,
    team::TeamQuery,
    label::LabelQuery,
    workflow::WorkflowQuery,
    issue_query::IssueQuery,
    issue_groups::IssueGroupsQuery,
    comment::CommentQuery,
    saved_view::SavedViewQuery,
    language::LanguageQuery,
    search::SearchQuery,
    similar::SimilarQuery,
    node::NodeQuery,
    rate_limit::RateLimitQuery,
    sign_in::SignInQuery,
    session::SessionQuery,
    api_key::ApiKeyQuery,
    second_factor::SecondFactorQuery,
    access::AccessQuery,
    provider::ProviderQuery,
    visit::VisitQuery,
    audit::AuditQuery,
    branding::BrandingQuery,
    plugin::PluginQuery,
    plugin_code::PluginCodeQuery,
    plugin_run::PluginRunQuery,
    plugin_backtest::PluginBacktestQuery,
    plugin_catalogue::PluginCatalogueQuery,
);

/// What can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    sign_in::SignInMutation,
    issue_mutation::IssueMutation,
    comment_mutation::CommentMutation,
    relation_mutation::RelationMutation,
    saved_view_mutation::SavedViewMutation,
    team_mutation::TeamMutation,
    label_mutation::LabelMutation,
    member_mutation::MemberMutation,
    invitation::InvitationMutation,
    workflow_mutation::WorkflowMutation,
    session::SessionMutation,
    api_key::ApiKeyMutation,
    second_factor::SecondFactorMutation,
    access::AccessMutation,
    provider::ProviderMutation,
    visit::VisitMutation,
    branding::BrandingMutation,
    approval_mutation::ApprovalMutation,
    plugin_mutation::PluginMutation,
    plugin_replay::PluginReplayMutation,
    plugin_backlog::PluginBacklogMutation,
    plugin_backtest::PluginBacktestMutation,
    plugin_rehearsal::PluginRehearsalMutation,
);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The schema over this engine, to be finished. Requests need a [`Snapshot`](crate::Snapshot) among their data; without
/// one, nobody is signed in.
#[must_use]
pub fn builder(engine: Engine) -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    bare().data(engine)
}

/// This schema, with plugins that can be asked about; without, their fields say that there are none.
#[must_use]
pub fn with_plugins<Q, M, S>(
    schema: SchemaBuilder<Q, M, S>,
    plugins: Option<&Plugins>,
) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    match plugins {
        Some(plugins) => schema.data(plugins.clone()),
        None => schema,
    }
}

/// The schema over this engine, for a program that executes requests itself. Through HTTP, use
/// [`router`](crate::router): it brings the guards.
#[must_use]
pub fn schema(engine: Engine) -> Schema {
    builder(engine).finish()
}

/// The schema as text, in a fixed order.
#[must_use]
pub fn sdl() -> String {
    let options =
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    bare().finish().sdl_with_options(options)
}

fn bare() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<node::Node>()
        .register_output_type::<timeline::TimelineEvent>()
}
