//! `mortise demo`: a prepared company on the first start, and then a server like any other.
//!
//! It does not know what the company works on: that is `company`'s.

mod company;
mod found;
mod views;

use anyhow::Context as _;
use clap::Args;
use mortise::Engine;

use super::Outcome;
use super::place::Place;
use super::serve::{self, ServeFlags};

/// The data folder when none is said.
const DATA_DEFAULT: &str = "data/demo";

/// The company's slug.
const SLUG: &str = "acme";

/// The password of everybody in the demo. It is in this file for all to read: the demo is not for secrets.
const PASSWORD: &str = "acme-demo-2026";

/// How to serve the demo.
#[derive(Debug, Args)]
#[command(after_help = "\
The company is made on the first start, in ./data/demo unless --data says otherwise; later starts find what was
changed. Remove the folder to begin anew. Everybody in it has the same, public password: it is not for real work.

Examples:
  mortise demo
  mortise demo --listen 127.0.0.1:0 --data /tmp/demo")]
pub(super) struct DemoFlags {
    #[command(flatten)]
    serve: ServeFlags,
}

pub(super) async fn run(place: &Place, flags: &DemoFlags) -> anyhow::Result<Outcome> {
    let place = place.or_in(DATA_DEFAULT);
    prepare(&place).await?;
    let engine = flags.serve.bounded(place.engine()).open().await?;
    let email = company::address(company::FIRST);
    let hints = [("Company", SLUG), ("Address", email.as_str()), ("Password", PASSWORD)];
    let served = serve::serve(&engine, &flags.serve, &hints).await;
    engine.close().await;
    served
}

/// Makes the company where there is none.
async fn prepare(place: &Place) -> anyhow::Result<()> {
    let look = async |engine: &Engine| {
        Ok((engine.tenant_by_slug(SLUG).is_some(), engine.tenants().len(), engine.clock().now()))
    };
    let (there, tenants, now) = place.with_engine(look).await?;
    if there {
        return Ok(());
    }
    anyhow::ensure!(
        tenants == 0,
        "{} is the data folder of other companies: choose another one for the demo with --data",
        place.data().display()
    );
    found::found(place, now).await.context("cannot prepare the demo's company")
}

#[cfg(test)]
mod tests;
