//! `mortise serve`: the engine behind its GraphQL router, until a signal says stop.
//!
//! It does not know what the router answers; how connections are run is `connections`' affair.

mod connections;
mod import;
mod mail;
mod plugins;
mod sign_in;
mod signals;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use clap::Args;
use mortise::graphql::EngineAuthenticator;
use mortise::graphql::beside::Door;
use mortise::graphql::http::{RateLimits, RouterOptions, by_address};
use mortise::{Engine, EngineBuilder};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::place::Place;
use super::{Outcome, output};
use connections::{Drained, Limits, Stop};
use import::ImportFlags;
pub(super) use import::PATH as IMPORT_PATH;
use mail::MailFlags;
use plugins::PluginFlags;
pub(super) use plugins::keys as plugin_keys;
use sign_in::SignInFlags;

/// How to serve.
#[derive(Debug, Args)]
#[command(after_help = "\
SIGTERM or Ctrl-C stops it: requests already accepted are answered first, within the drain time; a second signal
ends it at once. It speaks plain HTTP: put a proxy with TLS before it wherever others can reach the address.

Examples:
  mortise serve --data /var/lib/mortise --listen 127.0.0.1:8080
  MORTISE_DATA=/var/lib/mortise mortise serve --log-format json")]
pub(super) struct ServeFlags {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", env = "MORTISE_LISTEN", default_value = "127.0.0.1:4000")]
    listen: String,
    /// Seconds for accepted requests to be answered after a stop signal
    #[arg(long, value_name = "SECONDS", env = "MORTISE_DRAIN_SECONDS", default_value_t = 30)]
    drain_seconds: u64,
    /// Most connections at once; further ones wait to be accepted
    #[arg(long, value_name = "COUNT", env = "MORTISE_CONNECTIONS_MAX", default_value = "4096")]
    connections_max: NonZeroUsize,
    /// Most stores of companies that are open at once, shared ones and those of single companies: each takes threads, files
    /// and memory; beyond it the least lately used is closed. Four at least
    #[arg(long, value_name = "COUNT", env = "MORTISE_STORES_OPEN_MAX", default_value_t = stores_open_max())]
    stores_open_max: usize,
    /// Serve no GraphiQL page
    #[arg(long, env = "MORTISE_NO_GRAPHIQL")]
    no_graphiql: bool,
    /// Do not tell the schema by introspection
    #[arg(long, env = "MORTISE_NO_INTROSPECTION")]
    no_introspection: bool,
    /// Serve no API for those who run the platform, at /root/graphql
    #[arg(long, env = "MORTISE_NO_ROOT_API")]
    no_root_api: bool,
    /// Serve no /metrics
    #[arg(long, env = "MORTISE_NO_METRICS")]
    no_metrics: bool,
    /// Limit neither bursts nor work nor sign-ins by address: something in front does. Calls of the day are counted
    #[arg(long, env = "MORTISE_NO_RATE_LIMITS")]
    no_rate_limits: bool,
    #[command(flatten)]
    sign_in: SignInFlags,
    #[command(flatten)]
    mail: MailFlags,
    #[command(flatten)]
    import: ImportFlags,
    #[command(flatten)]
    plugins: PluginFlags,
}

/// How many are open unless said.
fn stores_open_max() -> usize {
    mortise::Limits::default().stores_open_max
}

impl ServeFlags {
    /// This engine, within the bounds that were said.
    pub(super) fn bounded(&self, engine: EngineBuilder) -> EngineBuilder {
        let limits = mortise::Limits { stores_open_max: self.stores_open_max, ..mortise::Limits::default() };
        engine.limits(limits)
    }
}

pub(super) async fn run(place: &Place, flags: &ServeFlags) -> anyhow::Result<Outcome> {
    let engine = flags.sign_in.believe(flags.bounded(place.engine())).await?.open().await?;
    let served = serve(&engine, flags, &[]).await;
    engine.close().await;
    served
}

/// Serves this engine until a signal. `hints` are said beside the addresses: a name and a text each.
///
/// # Errors
/// The address cannot be listened on.
pub(super) async fn serve(
    engine: &Engine,
    flags: &ServeFlags,
    hints: &[(&str, &str)],
) -> anyhow::Result<Outcome> {
    let cannot = || format!("cannot listen on {}: choose another address with --listen", flags.listen);
    let listener = TcpListener::bind(&flags.listen).await.with_context(cannot)?;
    let address = listener.local_addr().with_context(cannot)?;
    let options = RouterOptions {
        introspection: !flags.no_introspection,
        graphiql: !flags.no_graphiql,
        metrics: !flags.no_metrics,
        root: !flags.no_root_api,
        rate_limits: RateLimits { on: !flags.no_rate_limits, ..RateLimits::default() },
        proxies: flags.sign_in.proxies(),
        oidc: flags.sign_in.oidc(),
        ..RouterOptions::default()
    };
    let limits = Limits {
        header_timeout: options.limits.header_timeout,
        drain: Duration::from_secs(flags.drain_seconds),
        connections_max: flags.connections_max.get(),
    };
    let (tell, stopping) = watch::channel(false);
    let stop = Announcing { stop: signals::listen()?, tell };
    let door = Door::new(engine.clone(), EngineAuthenticator::new(engine.clone()), options.proxies.clone());
    // It asks who comes before it knows them, as the routes of the router beside its endpoint do.
    let imports = by_address(flags.import.routes(engine, door, stopping), &options);
    let base = format!("http://{}", reachable(address));
    let plugins = flags.plugins.attach(engine).await?;
    let options = RouterOptions { plugins: plugins.clone(), ..options };
    let served = async {
        let (post, mail) = flags.mail.start(engine, flags.sign_in.public_url().unwrap_or(&base)).await?;
        let said = welcome(engine, flags, (address, &base), &[&[("Mail", mail.as_str())], hints].concat());
        if said.is_ok() {
            engine.resume_jobs();
            let router: Router = mortise::graphql::router(engine.clone(), options).merge(imports);
            say_how(&connections::serve(listener, router, &limits, stop).await);
        }
        post.stop().await;
        said.map_err(anyhow::Error::from)
    };
    let served = Box::pin(served).await;
    // However it ended: what is known of runs is written, and nothing acts on an engine that is being closed.
    if let Some(plugins) = plugins {
        plugins.close().await;
    }
    served.map(|()| Outcome::Done)
}

/// Says how it came to its end.
fn say_how(drained: &Drained) {
    match drained {
        Drained::Whole => tracing::info!("stopped; every accepted request was answered"),
        Drained::TimedOut { connections } => {
            tracing::warn!(connections, "stopped; the drain time was not enough for these connections");
        }
        Drained::Cut { connections } => tracing::warn!(connections, "stopped by a second signal"),
    }
}

/// What says stop, and lets those know who would go on for long.
struct Announcing<S> {
    stop: S,
    tell: watch::Sender<bool>,
}

impl<S: Stop> Stop for Announcing<S> {
    async fn next(&mut self) {
        self.stop.next().await;
        self.tell.send_replace(true);
    }
}

/// Says where to look.
fn welcome(
    engine: &Engine,
    flags: &ServeFlags,
    (address, base): (SocketAddr, &str),
    hints: &[(&str, &str)],
) -> std::io::Result<()> {
    let row = |name: &str, text: &str| output::line(format_args!("  {name:<10}{text}"));
    output::line(format_args!("Mortise {} serves {base}\n", env!("CARGO_PKG_VERSION")))?;
    row("GraphQL", &format!("{base}/graphql"))?;
    if !flags.no_graphiql {
        row("GraphiQL", &format!("{base}/graphiql"))?;
    }
    if !flags.no_metrics {
        row("Metrics", &format!("{base}/metrics"))?;
    }
    let folder = std::path::absolute(engine.folder())?;
    row("Data", &folder.display().to_string())?;
    hints.iter().try_for_each(|(name, text)| row(name, text))?;
    output::line("\nCtrl-C stops it; requests already accepted are answered first.")?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "others can reach this address in plain HTTP: put a proxy with TLS before it");
    }
    tracing::info!(%address, data = %folder.display(), tenants = engine.tenants().len(), "listening");
    Ok(())
}

/// An address that a browser on this machine can open.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}
