//! `mortise mail`: what waits to be sent, and what could not be.

use clap::{Args, Subcommand};
use mortise::Engine;
use serde_json::json;

use super::place::{Place, tenant};
use super::{Outcome, output};

/// What can be asked about mail.
#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// List messages that could not be sent, and count those that wait
    List(ListFlags),
}

/// Whose mail.
#[derive(Debug, Args)]
#[command(after_help = "\
What a message said is gone once it was given up. The server must be stopped.

Example:
  mortise mail list --tenant acme")]
pub(super) struct ListFlags {
    /// The company
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, command: MailCommand) -> anyhow::Result<Outcome> {
    let MailCommand::List(flags) = command;
    place.with_existing(async |engine| list(engine, &flags).await).await?;
    Ok(Outcome::Done)
}

async fn list(engine: &Engine, flags: &ListFlags) -> anyhow::Result<()> {
    let id = tenant(engine, &flags.tenant)?.id;
    let (waiting, lost) = (engine.mail_waiting(id).await?, engine.lost_mail(id).await?);
    let time = |at: Option<mortise::time::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    if flags.json {
        let lost: Vec<_> = lost
            .iter()
            .map(|mail| {
                json!({
                    "id": mail.id.to_string(), "letter": mail.template, "to": mail.to, "tries": mail.tries,
                    "why": mail.why, "writtenAt": time(mail.written_at), "lostAt": time(mail.lost_at),
                })
            })
            .collect();
        return output::json(&json!({ "waiting": waiting, "lost": lost }));
    }
    output::line(format_args!("{waiting} messages wait; {} could not be sent", lost.len()))?;
    let rows: Vec<Vec<String>> = lost
        .into_iter()
        .map(|mail| vec![time(mail.lost_at), mail.template, mail.to, mail.tries.to_string(), mail.why])
        .collect();
    if !rows.is_empty() {
        output::table(&["Given up", "Letter", "To", "Tries", "Why"], &rows)?;
    }
    Ok(())
}
