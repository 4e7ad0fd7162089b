//! `mortise import`: issues from elsewhere are brought in.
use clap::{Args, Subcommand};
use super::Outcome;
use super::place::Place;
#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand { /// g
 Github(F) }
#[derive(Debug, Args)]
pub(super) struct F {}
pub(super) async fn run(_: &Place, _: ImportCommand) -> anyhow::Result<Outcome> { Ok(Outcome::Done) }
