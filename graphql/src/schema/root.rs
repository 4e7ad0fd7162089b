//! The schema of those who run the platform: companies and how they stand, their people, visits, jobs, platform keys. It is
//! another schema than that of the companies' people, and shows nothing of what is in a company.
//!
//! `graphql/root.graphql` is this schema as text; a test keeps it true. Requests need an [`Operator`] among their data.

mod choose;
mod colleague;
mod colleague_mutation;
mod domain;
mod job;
mod job_mutation;
mod key;
mod page;
mod plugin;
mod sold;
mod tenant;
mod tenant_mutation;
#[cfg(test)]
mod tests;
mod visit;
mod word;

use super::payload::settled as answered;
use crate::context;
use crate::error::Result;
use async_graphql::{Context, EmptySubscription, MergedObject, SDLExportOptions, SchemaBuilder};
use mortise_engine::context::Operator;
use mortise_engine::{Engine, Error, ErrorCode};

/// What those who run the platform can ask.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct RootQuery(
    tenant::TenantQuery,
    sold::SoldQuery,
    domain::DomainQuery,
    colleague::MemberQuery,
    job::JobQuery,
    key::KeyQuery,
    plugin::PluginQuery,
);

/// What those who run the platform can change.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct RootMutation(
    tenant_mutation::TenantMutation,
    sold::SoldMutation,
    domain::DomainMutation,
    colleague_mutation::MemberMutation,
    visit::VisitMutation,
    job_mutation::JobMutation,
    key::KeyMutation,
    plugin::PluginMutation,
);

/// The schema of those who run the platform.
pub type RootSchema = async_graphql::Schema<RootQuery, RootMutation, EmptySubscription>;

/// The schema over this engine, to be finished.
#[must_use]
pub fn builder(engine: Engine) -> SchemaBuilder<RootQuery, RootMutation, EmptySubscription> {
    bare().data(engine)
}

/// The schema as text, in a fixed order.
#[must_use]
pub fn sdl() -> String {
    let options =
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    bare().finish().sdl_with_options(options)
}

fn bare() -> SchemaBuilder<RootQuery, RootMutation, EmptySubscription> {
    RootSchema::build(RootQuery::default(), RootMutation::default(), EmptySubscription)
}

/// Who asks, and the engine that is asked.
struct Asked<'a> {
    engine: &'a Engine,
    operator: &'a Operator,
}

impl<'a> Asked<'a> {
    fn of(ctx: &Context<'a>) -> Result<Self> {
        let operator = ctx.data_opt::<Operator>().ok_or_else(|| {
            Error::new(ErrorCode::Unauthenticated, "send a platform key as `Authorization: Bearer …`")
        })?;
        Ok(Self { engine: context::engine(ctx)?, operator })
    }
}
