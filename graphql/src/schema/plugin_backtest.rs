//! Backtests: what a plugin would have done to what has happened.

use super::member::MemberNode;
use super::payload::{UserError, settled};
use super::plugin::first;
use super::plugin_code::digest;
use super::plugin_run::PluginField;
use super::plugin_word::{PluginBacktestEffect, PluginBacktestStatus};
use super::scalar::{self, DateTime};
use crate::context::{Asked, plugins};
use crate::error::Result;
use crate::lean::Row;
use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::Error;
use mortise_engine::id::MemberId;
use mortise_plugins::backtest::{Backtest, BacktestFinding, BacktestId, BacktestOf, NewBacktest};

/// What is looked at in a backtest.
#[derive(InputObject)]
pub(crate) struct PluginBacktestInput {
    /// An installed plugin, with its settings: global id, `pin_…`. This or `digest`.
    plugin_id: Option<ID>,
    /// Code that the company has: the hash of its bytes. Settings are those of the plugin's installation, where there is one.
    digest: Option<String>,
    /// Over which issues, in the query language; all unless said.
    #[graphql(default)]
    query: String,
    /// Only what happened at this time or later.
    since: Option<DateTime>,
}

impl PluginBacktestInput {
    fn read(self) -> mortise_engine::Result<NewBacktest> {
        let of = match (self.plugin_id, self.digest) {
            (Some(id), None) => BacktestOf::Installation(scalar::id("input.pluginId", &id)?),
            (None, Some(text)) => BacktestOf::Code(digest("input.digest", &text)?),
            _ => return Err(Error::invalid("input", "name either `pluginId` or `digest`")),
        };
        Ok(NewBacktest { of, filter: self.query, since: self.since.map(|since| since.0) })
    }
}

/// One thing that happened, and would not have, or not so.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PluginBacktestFinding {
    /// The issue, `iss_…`.
    issue_id: ID,
    /// Its key now, such as `ENG-12`.
    key: String,
    /// When it happened.
    at: DateTime,
    /// What it was, such as `issue.transitioned`.
    event: String,
    /// What would have been done.
    effect: PluginBacktestEffect,
    /// The plugin's message; for an amendment what would have changed, in words; for a failure why.
    message: String,
    /// Fields at fault, or those that would have changed, each with the words for it.
    fields: Vec<PluginField>,
    #[graphql(skip)]
    by: Option<MemberId>,
}

#[ComplexObject]
impl PluginBacktestFinding {
    /// Who did it; null for nobody of the company.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Row<MemberNode>>> {
        let asked = Asked::of(ctx)?;
        Ok(self.by.and_then(|id| MemberNode::find(asked.snapshot, id)))
    }
}

impl From<&BacktestFinding> for PluginBacktestFinding {
    fn from(finding: &BacktestFinding) -> Self {
        Self {
            issue_id: scalar::global(finding.issue),
            key: finding.key.clone(),
            at: DateTime(finding.at),
            event: finding.event.clone(),
            effect: finding.effect.into(),
            message: finding.message.clone(),
            fields: finding.fields.iter().map(Into::into).collect(),
            by: finding.by,
        }
    }
}

/// A part of what a backtest found.
#[derive(SimpleObject)]
pub(crate) struct PluginBacktestFindings {
    /// What was found, in the order in which it was.
    nodes: Vec<PluginBacktestFinding>,
    /// Where the next part begins; null at the end of what was found so far.
    next: Option<String>,
}

/// A backtest. It is kept for an hour after its end.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PluginBacktest {
    /// The id, `bkt_…`.
    id: ID,
    /// How far it is.
    status: PluginBacktestStatus,
    /// Why it could not go on, in words.
    why: Option<String>,
    /// Issues to look at.
    total: u64,
    /// Issues looked at.
    done: u64,
    /// Things that happened of which the plugin was asked.
    asked: u64,
    /// Those that it would have denied, also beyond what is listed.
    denied: u64,
    /// Those that it would have amended, likewise.
    amended: u64,
    /// Those at which it would have failed, likewise.
    failed: u64,
    /// Findings that are listed; at most 10,000.
    listed: u64,
    /// When it began.
    began_at: DateTime,
    /// When it ended.
    ended_at: Option<DateTime>,
    #[graphql(skip)]
    own_id: BacktestId,
}

impl From<&Backtest> for PluginBacktest {
    fn from(backtest: &Backtest) -> Self {
        Self {
            id: scalar::global(backtest.id),
            status: backtest.status.into(),
            why: backtest.why.clone(),
            total: backtest.issues_total,
            done: backtest.issues_done,
            asked: backtest.asked,
            denied: backtest.denied,
            amended: backtest.amended,
            failed: backtest.failed,
            listed: backtest.listed,
            began_at: DateTime(backtest.began_at),
            ended_at: backtest.ended_at.map(DateTime),
            own_id: backtest.id,
        }
    }
}

#[ComplexObject]
impl PluginBacktest {
    /// What it found: for who began it, and for super admins. Other admins get no nodes; the counts beside it say how much it is.
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nodes of the part, 1 to 250; 50 unless said. Never more than 100 are given.")]
        first: Option<i32>,
        #[graphql(desc = "The `next` of the part before.")] after: Option<String>,
    ) -> Result<PluginBacktestFindings> {
        let asked = Asked::of(ctx)?;
        let first = self::first(&asked, first)?;
        let from = after.map_or(Ok(0), |text| text.parse());
        let from = from.map_err(|_| Error::invalid("after", "`after` is not a place of this list"))?;
        let principal = &asked.snapshot.viewer().principal;
        let page = plugins(ctx)?.backtest_page(principal, self.own_id, first, from).await?;
        asked.snapshot.give_back(first.saturating_sub(page.findings.len()));
        Ok(PluginBacktestFindings {
            nodes: page.findings.iter().map(Into::into).collect(),
            next: page.next.map(|next| next.to_string()),
        })
    }
}

/// The answer about a backtest.
#[derive(SimpleObject)]
pub(crate) struct PluginBacktestPayload {
    /// Whether it was done. False exactly when there are `userErrors`.
    success: bool,
    /// The backtest, which goes on by itself: ask `pluginBacktest` how far it has come. Null when it was refused.
    backtest: Option<PluginBacktest>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

impl PluginBacktestPayload {
    fn answer(done: mortise_engine::Result<Backtest>) -> Result<Self> {
        let (backtest, user_errors) = settled(done)?;
        let backtest = backtest.as_ref().map(PluginBacktest::from);
        Ok(Self { success: user_errors.is_empty(), backtest, user_errors })
    }
}

/// Queries about backtests.
#[derive(Default)]
pub(crate) struct PluginBacktestQuery;

#[Object]
impl PluginBacktestQuery {
    /// How a backtest stands, and what it found, which is for who began it and for super admins. For admins.
    async fn plugin_backtest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The backtest: `bkt_…`.")] backtest: String,
    ) -> Result<PluginBacktest> {
        let asked = Asked::of(ctx)?;
        let principal = &asked.snapshot.viewer().principal;
        let page = plugins(ctx)?.backtest_page(principal, backtest_id(&backtest)?, 1, 0).await?;
        Ok((&page.backtest).into())
    }
}

/// Mutations of backtests.
#[derive(Default)]
pub(crate) struct PluginBacktestMutation;

#[Object]
impl PluginBacktestMutation {
    /// Begins a backtest: a plugin is asked about everything that has happened to issues, as it would have been asked then.
    /// Nothing is written. One of a company at a time. For admins.
    async fn plugin_backtest_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is looked at.")] input: PluginBacktestInput,
    ) -> Result<PluginBacktestPayload> {
        let asked = Asked::of(ctx)?;
        let new = input.read()?;
        asked.snapshot.charge(super::costs::BACKTEST_UNITS)?;
        let begin = plugins(ctx)?.backtest(&asked.snapshot.viewer().principal, new);
        PluginBacktestPayload::answer(Box::pin(begin).await)
    }

    /// Has a backtest end. What it found so far stays for an hour. For admins.
    async fn plugin_backtest_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The backtest: `bkt_…`.")] backtest: String,
    ) -> Result<PluginBacktestPayload> {
        let asked = Asked::of(ctx)?;
        let (plugins, id) = (plugins(ctx)?, backtest_id(&backtest)?);
        let principal = &asked.snapshot.viewer().principal;
        let canceled = async {
            plugins.cancel_backtest(principal, id).await?;
            plugins.backtest_page(principal, id, 1, 0).await
        };
        PluginBacktestPayload::answer(canceled.await.map(|page| page.backtest))
    }
}

fn backtest_id(text: &str) -> mortise_engine::Result<BacktestId> {
    text.parse().map_err(|error: Error| error.with_field("backtest"))
}
