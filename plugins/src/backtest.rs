//! What a plugin would have done to what has happened: each issue's history is gone through from its beginning, imported history
//! included, and the plugin is asked about every step as it would have been asked then. Nothing is written.
//!
//! The issue is as it was then. What the plugin reads beside it is as it is now: other issues, people, teams, its own memory.

mod finding;
mod jobs;
mod past;
mod walk;

pub use finding::{BacktestEffect, BacktestFinding};
pub(crate) use jobs::Backtests;
pub use jobs::{Backtest, BacktestId, BacktestStatus};

use crate::service::Plugins;
use jobs::UnderWay;
use mortise_engine::context::Principal;
use mortise_engine::filter::Filter;
use mortise_engine::id::{InstallationId, MemberId};
use mortise_engine::model::{Digest, Installation, InstallationStatus, OnFailure, PluginCode, PluginMode};
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, Result};
use std::sync::Arc;
use walk::Walk;

/// Findings of one page.
const PAGE_MAX: usize = 250;

/// Which plugin is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BacktestOf {
    /// One that is installed, enabled or not, with its settings.
    Installation(InstallationId),
    /// Code that the company has. Settings and member are those of the plugin's installation, where there is one; else it has
    /// no settings, and sees what whoever asks sees.
    Code(Digest),
}

/// A backtest that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBacktest {
    /// Of which plugin.
    pub of: BacktestOf,
    /// Over which issues, in the query language; all when empty.
    pub filter: String,
    /// Only what happened at this time or later.
    pub since: Option<Timestamp>,
}

/// A part of what a backtest found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacktestPage {
    /// How it stands.
    pub backtest: Backtest,
    /// What was found, in the order in which it was; nothing for those who are told of the counts alone.
    pub findings: Vec<BacktestFinding>,
    /// Where the next page begins; none at the end of what was found so far.
    pub next: Option<usize>,
}

impl Plugins {
    /// Begins a backtest. It goes on behind the scenes: one of a company at a time, two in all.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND` for a plugin that is not there, `ENTITLEMENT_EXCEEDED` for one
    /// that the company may not have any more, `INVALID_INPUT` for a filter that cannot be read and settings that do not fit, `REJECTED` for a version that
    /// was withdrawn and is not run, for a plugin that takes no part in changes, or while another runs; `UNAVAILABLE`.
    pub async fn backtest(&self, principal: &Principal, new: NewBacktest) -> Result<Backtest> {
        let engine = self.engine()?;
        let asker = engine.reader(principal).await?;
        // Who may not is told so.
        let installations = engine.installations(principal).await?;
        let (installation, is_there) = of(&asker, &installations, new.of, engine.clock().now())?;
        self.expect_may_run(asker.tenant(), installation.origin, installation.digest)?;
        self.expect_settings(&asker, &installation)?;
        let hooks = &installation.hooks;
        if hooks.amend.is_empty() && hooks.validate.is_empty() {
            return Err(Error::rejected("the plugin takes no part in changes: there is nothing to look for"));
        }
        let filter = filter_of(&asker, &new.filter)?;
        let code = self.load(principal.tenant(), installation.digest).await?;
        let app = match is_there {
            true => engine.reader(&app_of(principal, &installation)).await?,
            false => asker.clone(),
        };
        let job = self.0.backtests.begin(principal.tenant(), principal.member(), engine.clock().now())?;
        let job = UnderWay::new(job, engine.clock().clone());
        let state = job.state.lock().clone();
        let walk = Walk::new(self.clone(), engine, (asker, app), installation, code, job);
        self.0.backtests.spawn(async move { Box::pin(walk.go(filter, new.since)).await });
        Ok(state)
    }

    /// How a backtest stands, with what it found: `first` findings from this place on; at most 250. It went through what its
    /// starter sees. So they are told what it found, and who sees everything is; other admins are told of how it stands and
    /// of the counts alone.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND` for one that is not there, or not any more.
    pub async fn backtest_page(
        &self,
        principal: &Principal,
        id: BacktestId,
        first: usize,
        from: usize,
    ) -> Result<BacktestPage> {
        let reader = self.manager(principal).await?;
        let job = self.0.backtests.get(principal.tenant(), id)?;
        let backtest = job.state.lock().clone();
        if !job.is_told_to(&reader) {
            return Ok(BacktestPage { backtest, findings: Vec::new(), next: None });
        }
        let found = job.findings.lock();
        let page: Vec<_> = found.iter().skip(from).take(first.clamp(1, PAGE_MAX)).cloned().collect();
        let end = from.saturating_add(page.len());
        // Who began it may have lost sight of some since.
        let everything = reader.policy().scope(reader.directory()).is_everything();
        let findings = page.into_iter().filter(|finding| everything || reader.sees(finding.issue)).collect();
        let next = (end < found.len()).then_some(end);
        Ok(BacktestPage { backtest, findings, next })
    }

    /// Refuses settings that this code does not take: it would be asked with what nobody would install it with.
    fn expect_settings(&self, asker: &Reader, installation: &Installation) -> Result<()> {
        let Some(code) = asker.plugin_code(installation.digest) else { return Ok(()) };
        let settings =
            serde_json::from_str(&installation.settings).unwrap_or_else(|_| crate::settings::none());
        self.0.known.of(&code)?.check(&settings).map_err(|error| {
            let message = format!(
                "{}. A backtest asks with the settings that there are: install or upgrade it with such as fit, in shadow mode or \
                 disabled, and have that looked at",
                error.message()
            );
            Error::invalid(error.field().unwrap_or("settings").to_owned(), message)
        })
    }

    /// Has a backtest end. What it found so far stays for an hour.
    ///
    /// # Errors
    ///
    /// As [`Plugins::backtest_page`].
    pub async fn cancel_backtest(&self, principal: &Principal, id: BacktestId) -> Result<()> {
        self.engine()?.installations(principal).await?;
        self.0.backtests.get(principal.tenant(), id)?.cancel();
        Ok(())
    }
}

fn app_of(asker: &Principal, installation: &Installation) -> Principal {
    crate::automation::errand::app_principal(asker.tenant(), installation, 1, asker.member())
}

fn filter_of(asker: &Reader, text: &str) -> Result<Filter> {
    let query = asker.parse_query(text).map_err(|errors| {
        let said = errors.iter().map(|error| format!("at {}: {}", error.start, error.message));
        Error::invalid("filter", said.collect::<Vec<_>>().join("; "))
    })?;
    Ok(query.filter)
}

/// The plugin as an installation; whether it is one.
fn of(
    asker: &Reader,
    installations: &[Arc<Installation>],
    of: BacktestOf,
    now: Timestamp,
) -> Result<(Arc<Installation>, bool)> {
    let there = |i: &&Arc<Installation>| i.status != InstallationStatus::Removed;
    match of {
        BacktestOf::Installation(id) => {
            let found = installations.iter().filter(there).find(|i| i.id == id);
            Ok((found.cloned().ok_or_else(|| Error::not_found(format!("installation {id}")))?, true))
        }
        BacktestOf::Code(digest) => {
            let code = asker.plugin_code(digest).filter(|code| code.removed_at.is_none());
            let code = code.ok_or_else(|| Error::not_found(format!("plugin code {digest}")))?;
            let installed = installations.iter().filter(there).find(|i| i.plugin == code.plugin);
            let is_there = installed.is_some();
            let made = installed.map_or_else(|| made_up(&code, asker, now), |i| Installation::clone(i));
            Ok((Arc::new(with_code(made, &code)), is_there))
        }
    }
}

/// An installation that would run this code.
fn with_code(installation: Installation, code: &PluginCode) -> Installation {
    Installation {
        origin: code.origin,
        digest: code.digest,
        code_version: code.version.clone(),
        hooks: code.hooks.clone(),
        granted: code.permissions.clone(),
        ..installation
    }
}

fn made_up(code: &PluginCode, asker: &Reader, now: Timestamp) -> Installation {
    Installation {
        id: InstallationId::generate(),
        plugin: code.plugin.clone(),
        name: code.name.clone(),
        origin: code.origin,
        digest: code.digest,
        code_version: code.version.clone(),
        earlier: Vec::new(),
        hooks: code.hooks.clone(),
        granted: code.permissions.clone(),
        settings: "{}".into(),
        teams: None,
        order: 0,
        mode: PluginMode::Shadow,
        on_failure: OnFailure::Open,
        status: InstallationStatus::Disabled,
        stopped: None,
        member: asker.viewer().map_or(MemberId::NOBODY, |member| member.id),
        secrets: Vec::new(),
        created_at: now,
        updated_at: now,
        version: 1,
        acts_after: asker.seq(),
        acting_stopped: None,
        secret_hosts: Vec::new(),
    }
}
