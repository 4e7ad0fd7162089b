//! Mortise: an embeddable, multi-tenant issue engine, and a GraphQL server around it.
//!
//! This crate is what a program links: the engine ([`Engine`]), the words to speak with it ([`command`], [`query`],
//! [`model`]), and the router that serves it ([`graphql`]). It adds nothing of its own and knows no rules. It installs
//! no logger, allocator, runtime or crypto provider; the binary `mortise`, built on it, does.
//!
//! # Examples
//!
//! An engine in a folder, without a server:
//!
//! ```
//! use mortise::command::issue::CreateIssue;
//! use mortise::context::{OpContext, Principal};
//! use mortise::{Engine, NewTenant};
//!
//! # fn main() -> mortise::Result<()> {
//! # let folder = std::env::temp_dir().join(format!("mortise-facade-example-{}", std::process::id()));
//! # let data = folder.clone();
//! # let example = async move {
//! let engine = Engine::builder(data).open().await?;
//! let acme = engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await?;
//! let us = Principal::trusted_system(acme.tenant.id);
//!
//! if let Some(team) = acme.team {
//!     let command = CreateIssue { title: "Login fails".into(), ..CreateIssue::in_team(team) };
//!     engine.execute(OpContext::new(us.clone()), command).await?;
//! }
//! let found = engine.reader(&us).await?.issue(&"ENG-1".parse().expect("a key is well formed")).await?;
//! assert_eq!(found.map(|issue| issue.title.clone()), Some("Login fails".to_owned()));
//! engine.close().await;
//! # Ok::<(), mortise::Error>(())
//! # };
//! # let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
//! # let done = runtime.block_on(example);
//! # std::fs::remove_dir_all(folder).ok();
//! # done
//! # }
//! ```
//!
//! [`mail`] sends what waits in the outboxes.
//!
//! `examples/axum_nested.rs` shows the router under a path of another server, with that server's own sign-in.

pub use mortise_engine::{
    AdminInvitation, Closing, ColleagueChange, Destination, ErasureReport, GRACE_DAYS_DEFAULT,
    INVITATION_TEMPLATE, Joined, Moved, NewColleague, NewInvitation, NewPlatformKey, Provisioned, Remains,
    Suspension, TenantFilter, TenantSelection, WaitingMail,
};
pub use mortise_engine::{
    ApiKey, AuditExport, AuditPage, AuditRequest, Authenticated, CALLS_LEASE, CallsToday, Challenge,
    ChallengeKind, Client, Committed, Engine, EngineBuilder, Enrolled, Enrolling, Entitlement, Error,
    ErrorCode, Exceeded, ExportOptions, FirstAdmin, Founded, Importer, Limits, NewApiKey, NewSecret,
    NewTenant, NewVisit, Result, Session, SignIn, SignedIn, TenantSettings, Tokens,
};
pub mod mail;

pub use mortise_engine::{
    audit, branding, check, command, context, directory, entitlement, event, filter, id, letter, model,
    outbox, query, saved_view, time,
};

/// The GraphQL API over axum.
pub use mortise_graphql as graphql;

/// Plugins of companies, run as WebAssembly: [`Plugins`](plugins::Plugins) is made in a folder, attached to an engine, given to
/// the router, and closed before the engine is.
///
/// What companies upload is compiled in a process of its own. A program whose `main` begins as
///
/// ```no_run
/// # fn main() -> std::process::ExitCode {
/// if std::env::args_os().nth(1).is_some_and(|word| word == mortise::plugins::WORKER) {
///     return mortise::plugins::worker_main();
/// }
/// # std::process::ExitCode::SUCCESS
/// # }
/// ```
///
/// is one itself:
///
/// ```no_run
/// # async fn example(engine: mortise::Engine) -> mortise::Result<()> {
/// use mortise::graphql::http::RouterOptions;
/// use mortise::plugins::{Plugins, PluginsConfig, own_worker};
///
/// let plugins = Plugins::new(PluginsConfig::in_folder("data/plugins", own_worker()?)?)?;
/// plugins.attach(&engine).await;
/// let options = RouterOptions { plugins: Some(plugins.clone()), ..RouterOptions::default() };
/// let router = mortise::graphql::router(engine.clone(), options);
/// // … serve it …
/// plugins.close().await;
/// engine.close().await;
/// # drop(router);
/// # Ok(())
/// # }
/// ```
pub mod plugins {
    pub use mortise_plugins::{Plugins, PluginsConfig, expect_allowed, worker_main};
    pub use mortise_plugins::{
        automation, backtest, destination, host, inbound, manifest, rehearse, replay, schedule, service,
    };
    pub use mortise_plugins::{settings, signing};

    /// The word by which a program is asked to compile a plugin, and do nothing else.
    pub const WORKER: &str = "compile-plugin";

    /// This program as its own compile worker, for [`PluginsConfig::in_folder`].
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the program cannot tell where it lies.
    pub fn own_worker() -> crate::Result<Vec<std::ffi::OsString>> {
        let this = std::env::current_exe().map_err(|source| {
            crate::Error::unavailable("this program cannot tell where it lies").with_source(source)
        })?;
        Ok(vec![this.into_os_string(), WORKER.into()])
    }
}

/// What an embedding program needs to know of identities: secrets that are never printed, codes of authenticator apps, and
/// issuers whose tokens are believed.
pub mod identity {
    pub use mortise_engine::identity::{
        ApiKeyRecord, ExternalIssuer, JwksSource, JwksUnavailable, MemberFrom, Password, PublicKeys,
        RecoveryCodes, RemoteKeys, SecretText, TenantFrom,
    };
}

/// What can be chosen about storage: the backend, and where the master key comes from; and a place for what is taken in.
pub mod storage {
    pub use mortise_engine::storage::{MasterKeySource, SpoolWriter, Spooled, StoreKind};
}
