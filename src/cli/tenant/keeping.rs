//! Where a company's data is kept, and that it is kept no more: `mortise tenant move`, `mortise tenant erase`.
//!
//! It does not know how either is done.

use std::collections::BTreeSet;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use mortise::model::{Placement, Tier};
use mortise::{Destination, Engine, ErasureReport, Remains};
use serde_json::{Value, json};

use super::super::output;
use super::super::place::{Place, tenant};
use super::super::remote::{Desk, Remote};
use super::operator;
use super::standing::How;

/// A company to be moved.
#[derive(Debug, Args)]
#[command(after_help = "\
Interrupted, the company has moved or it has not: run it again. A server holds its data folder: while it runs, name it
with --server, and the company works meanwhile. A server chooses the shard itself, so `shard:NUMBER` is for the data
folder. `tier`, `shared` and `semi-dedicated` are those of the built-in table.

Examples:
  mortise tenant move acme --to tier
  mortise tenant move acme --to dedicated
  mortise tenant move acme --to shard:7 --json
  mortise tenant move acme --to tier --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct MoveFlags {
    /// The company
    slug: String,
    /// Where its tier belongs (`tier`), a store shared by many (`shared`) or by few (`semi-dedicated`), one of its own
    /// (`dedicated`), or the shared store of this number (`shard:NUMBER`)
    #[arg(long, value_name = "PLACE", value_parser = destination)]
    to: Destination,
    #[command(flatten)]
    how: How,
}

/// Companies to be erased.
#[derive(Debug, Args)]
#[command(after_help = "\
All of it is removed: its data key first, then rows, log, search index and files. There is no way back.
Interrupted, it goes on at the next start, or when this is run again.
Only a company that was closed and whose grace is over is erased, unless --confirm says its name once more.
--due goes on when one cannot be erased, and fails at the end.

Examples:
  mortise tenant erase acme
  mortise tenant erase acme --confirm acme
  mortise tenant erase --due --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct EraseFlags {
    /// The company
    #[arg(required_unless_present = "due", conflicts_with = "due")]
    slug: Option<String>,
    /// All whose grace is over
    #[arg(long)]
    due: bool,
    /// The same name once more: erase it at once, however it stands. In the data folder alone
    #[arg(long, value_name = "SLUG", conflicts_with_all = ["due", "server"])]
    confirm: Option<String>,
    #[command(flatten)]
    how: How,
}

fn destination(text: &str) -> Result<Destination, String> {
    let shard = text.strip_prefix("shard:").and_then(|number| number.parse().ok());
    match (text, shard) {
        ("tier", _) => Ok(Destination::Home),
        ("shared", _) => Ok(Destination::HomeOf(Tier::Basic)),
        ("semi-dedicated", _) => Ok(Destination::HomeOf(Tier::Premium)),
        ("dedicated", _) => Ok(Destination::At(Placement::Dedicated)),
        (_, Some(number)) => Ok(Destination::At(Placement::Shard(number))),
        _ => Err("write `tier`, `shared`, `semi-dedicated`, `dedicated`, or `shard:NUMBER`".to_owned()),
    }
}

/// Where a company may be founded, beside where its tier belongs.
pub(super) fn home() -> impl clap::builder::TypedValueParser<Value = Destination> {
    PossibleValuesParser::new(["shared", "semi-dedicated", "dedicated"]).try_map(|word| destination(&word))
}

/// The word of a server's API for a place.
///
/// # Errors
/// It has none.
pub(super) fn home_word(to: &Destination) -> anyhow::Result<&'static str> {
    Ok(match to {
        Destination::Home => "TIER",
        Destination::HomeOf(Tier::Basic) => "SHARED",
        Destination::HomeOf(Tier::Premium) => "SEMI_DEDICATED",
        Destination::HomeOf(Tier::Platinum) | Destination::At(Placement::Dedicated) => "DEDICATED",
        Destination::At(Placement::Shard(_)) => {
            anyhow::bail!("a server chooses the shard itself: say `shared` or `semi-dedicated`")
        }
    })
}

/// Moves a company, and says how that went.
///
/// # Errors
/// As the engine or the server says: a store fails, or there is no such company.
pub(super) async fn relocate(place: &Place, flags: MoveFlags) -> anyhow::Result<()> {
    let MoveFlags { slug, to, how } = flags;
    match how.at.desk(place).await? {
        Desk::Folder(place) => {
            place.with_existing(async |engine| move_here(engine, &slug, to, how.json).await).await
        }
        Desk::Server(remote) => move_there(&remote, &slug, &to, how.json).await,
    }
}

async fn move_there(remote: &Remote, slug: &str, to: &Destination, json: bool) -> anyhow::Result<()> {
    let to = home_word(to)?;
    let document = "mutation($id: ID!, $to: Home!) {
        tenantMove(id: $id, to: $to) { tenant { slug placement } pausedMs userErrors { message } } }";
    let id = remote.tenant_id(slug).await?;
    let moved = remote.change(document, json!({ "id": id, "to": to })).await?;
    let placement = moved.pointer("/tenant/placement").and_then(Value::as_str).unwrap_or_default();
    let paused_ms = moved.get("pausedMs").and_then(Value::as_f64).unwrap_or_default();
    if json {
        return output::json(&json!({ "tenant": slug, "to": placement, "pausedMs": paused_ms }));
    }
    Ok(output::line(format_args!("{slug}: lives in {placement}; writes waited {paused_ms:.0} ms"))?)
}

async fn move_here(engine: &Engine, slug: &str, to: Destination, json: bool) -> anyhow::Result<()> {
    let moved = engine.move_tenant(tenant(engine, slug)?.id, to).await?;
    let (slug, paused_ms) = (&moved.tenant.slug, moved.paused.as_secs_f64() * 1_000.0);
    if json {
        return output::json(&json!({
            "tenant": slug,
            "from": moved.from.to_string(),
            "to": moved.to.to_string(),
            "entries": moved.entries,
            "bytes": moved.bytes,
            "pausedMs": paused_ms,
            "seconds": moved.took.as_secs_f64(),
        }));
    }
    if moved.from == moved.to {
        return Ok(output::line(format_args!("{slug}: lives there already ({})", moved.to))?);
    }
    let (from, to, entries, seconds) = (&moved.from, &moved.to, moved.entries, moved.took.as_secs_f64());
    Ok(output::line(format_args!(
        "{slug}: moved from {from} to {to}, {entries} entries in {seconds:.1} s; writes waited {paused_ms:.0} ms"
    ))?)
}

/// Erases companies, and says of each what is gone. One that cannot be erased keeps none of the others.
///
/// # Errors
/// The name was not said twice, or as the engine or the server says of one of them.
pub(super) async fn erase(place: &Place, flags: EraseFlags) -> anyhow::Result<()> {
    let EraseFlags { slug, confirm, how, .. } = flags;
    let told = match how.at.desk(place).await? {
        Desk::Folder(place) => {
            place.with_existing(async |engine| erase_here(engine, slug, confirm, how.json).await).await?
        }
        Desk::Server(remote) => erase_there(&remote, slug, how.json).await?,
    };
    if how.json {
        output::json(&told.erased)?;
    }
    match told.failed.as_slice() {
        [] => Ok(()),
        failed => anyhow::bail!("not erased: {}", failed.join("; ")),
    }
}

/// What came of erasing companies.
#[derive(Default)]
struct Told {
    erased: Vec<Value>,
    failed: Vec<String>,
    json: bool,
}

impl Told {
    /// Says at once what came of one.
    fn say(&mut self, slug: &str, done: anyhow::Result<Value>) -> anyhow::Result<()> {
        match done {
            Ok(company) => {
                let removed = company.get("removed").and_then(Value::as_array).into_iter().flatten();
                let removed: Vec<_> = removed.filter_map(Value::as_str).collect();
                let what = match removed.as_slice() {
                    [] => "was erased already".to_owned(),
                    some => format!("erased ({})", some.join(", ")),
                };
                if !self.json {
                    output::line(format_args!("{slug}: {what}; nothing of it is left"))?;
                }
                self.erased.push(company);
            }
            Err(error) => self.failed.push(format!("{slug}: {error:#}")),
        }
        Ok(())
    }
}

async fn erase_here(
    engine: &Engine,
    slug: Option<String>,
    confirm: Option<String>,
    json: bool,
) -> anyhow::Result<Told> {
    let mut told = Told { json, ..Told::default() };
    let Some(slug) = slug else {
        for due in engine.tenants_to_erase() {
            let done = engine.erase_closed_tenant(&operator(), due.id, &due.slug).await;
            told.say(&due.slug, done.map(|report| as_json(&report)).map_err(Into::into))?;
        }
        return Ok(told);
    };
    // One whose erasure was interrupted is among the others no more. It goes on since the folder was opened, so it may be
    // through with it by now.
    let begun = engine.tenants_being_erased().into_iter().find(|tenant| tenant.slug == slug);
    if begun.is_none()
        && engine.tenant_by_slug(&slug).is_none()
        && let Some(report) = finished(engine, &slug)
    {
        told.say(&slug, Ok(as_json(&report)))?;
        return Ok(told);
    }
    let report = match (begun, confirm) {
        (Some(begun), _) => {
            let erased = engine.erase_tenant(begun.id).await;
            finished(engine, &slug).map_or(erased, Ok)?
        }
        (None, Some(confirm)) => {
            anyhow::ensure!(
                confirm == slug,
                "cannot erase `{slug}`: --confirm says `{confirm}`; nothing was changed"
            );
            engine.erase_tenant(tenant(engine, &slug)?.id).await?
        }
        (None, None) => engine.erase_closed_tenant(&operator(), tenant(engine, &slug)?.id, &slug).await?,
    };
    told.say(&slug, Ok(as_json(&report)))?;
    Ok(told)
}

/// The erasure of this company that was taken up when the folder was opened, if it is through.
fn finished(engine: &Engine, slug: &str) -> Option<ErasureReport> {
    engine.resumed_erasures().into_iter().find(|report| report.slug == slug)
}

async fn erase_there(remote: &Remote, slug: Option<String>, json: bool) -> anyhow::Result<Told> {
    let mut told = Told { json, ..Told::default() };
    if let Some(slug) = slug {
        let id = remote.tenant_id(&slug).await?;
        told.say(&slug, Ok(erase_one(remote, &id, &slug).await?))?;
        return Ok(told);
    }
    let mut tried = BTreeSet::new();
    loop {
        // A server names some of them at once: it is asked again until it names no other.
        let data = remote.ask("{ tenantsToErase { id slug } }", json!({})).await?;
        let due = data.get("tenantsToErase").and_then(Value::as_array).cloned().unwrap_or_default();
        let text = |tenant: &Value, field: &str| tenant.get(field)?.as_str().map(str::to_owned);
        let named = |tenant: &Value| Some((text(tenant, "id")?, text(tenant, "slug")?));
        let fresh: Vec<_> = due.iter().filter_map(named).filter(|(id, _)| !tried.contains(id)).collect();
        if fresh.is_empty() {
            return Ok(told);
        }
        for (id, slug) in fresh {
            let done = erase_one(remote, &id, &slug).await;
            told.say(&slug, done)?;
            tried.insert(id);
        }
    }
}

async fn erase_one(remote: &Remote, id: &str, slug: &str) -> anyhow::Result<Value> {
    let document = "mutation($id: ID!, $slug: String!) {
        tenantErase(id: $id, slug: $slug) { removed userErrors { message } } }";
    let done = remote.change(document, json!({ "id": id, "slug": slug })).await?;
    Ok(json!({ "tenant": slug, "id": id, "removed": done.get("removed") }))
}

fn as_json(erased: &ErasureReport) -> Value {
    let removed: Vec<_> = erased.removed.iter().copied().map(Remains::as_str).collect();
    json!({
        "tenant": erased.slug,
        "id": erased.tenant.to_string(),
        "from": erased.placement.to_string(),
        "removed": removed,
        "lookedAt": erased.looked_at,
        "resumed": erased.resumed,
        "seconds": erased.took.as_secs_f64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_word_or_the_number_of_a_shard() {
        assert_eq!(destination("tier"), Ok(Destination::Home));
        assert_eq!(destination("semi-dedicated"), Ok(Destination::HomeOf(Tier::Premium)));
        assert_eq!(destination("shard:7"), Ok(Destination::At(Placement::Shard(7))));
        for text in ["", "shard", "shard:", "shard:-1", "shard:70000", "platinum"] {
            assert!(destination(text).is_err(), "{text}");
        }
    }
}
