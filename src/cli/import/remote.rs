//! An import at a running server: it is asked first whether one may, then the archive is sent, and what comes of it is told
//! line by line.
//!
//! The key goes to that server alone, and over the network only behind TLS. It does not know what is in an archive.

mod lines;
mod sending;

use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, Response, StatusCode};
use indicatif::ProgressBar;
use mortise::graphql::OutboundError;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::timeout;

use super::GithubFlags;
use crate::cli::progress::{bytes_read, issues_written};
use crate::cli::remote::Keyed;
use crate::cli::serve::IMPORT_PATH;
use lines::Lines;

/// How long the server may say nothing: it may be busy, and tells of large steps alone.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The longest line, in bytes: the last has the names of all people in the archive.
const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The media type of what is sent.
const JSON: &str = "application/json";

/// The longest refusal that is read, in bytes.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// Whether a running server is asked, and which. The environment does not name it: the server and the key that it names are
/// for those who run the platform, whose keys open nothing of a company.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "A running server instead of the data folder")]
pub(in crate::cli) struct CompanyServerFlags {
    /// Address of the server, such as https://tracker.example.com or http://127.0.0.1:4000
    #[arg(long, value_name = "URL", requires = "token_file")]
    server: Option<String>,
    /// File whose first line is an API key of scope ADMIN (`mortise token create`), or an access token, of a super admin
    #[arg(long, value_name = "FILE", requires = "server")]
    token_file: Option<PathBuf>,
}

impl CompanyServerFlags {
    /// The server, if one is named.
    ///
    /// # Errors
    /// The address or the file of the key cannot be used.
    pub(super) async fn server(&self) -> anyhow::Result<Option<Keyed>> {
        let (Some(server), Some(file)) = (&self.server, &self.token_file) else { return Ok(None) };
        Keyed::open(server, IMPORT_PATH, file.clone()).await.map(Some)
    }
}

/// What a server says of imports.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    tenant: String,
    bytes_max: u64,
}

/// A line of an import that is under way.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Read { read: u64, of: u64 },
    Written { written: u64, of: u64 },
    Report { report: Value },
    Error { error: Fault },
}

/// Why there is no account.
#[derive(Debug, Deserialize)]
struct Fault {
    code: String,
    message: String,
}

/// Imports, and answers the account of it.
///
/// # Errors
/// The file cannot be read, or the server cannot be reached, refuses or fails.
pub(super) async fn import(server: &Keyed, flags: &GithubFlags) -> anyhow::Result<Value> {
    let letters = !flags.team.is_empty() && flags.team.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ensure!(letters, "`{}` is no key of a team: it has 2 to 7 letters and digits", flags.team);
    let file = sending::Sending::open(&flags.file).await?;
    let terms = terms(server).await?;
    if let Some(named) = flags.tenant.as_deref().filter(|named| *named != terms.tenant) {
        bail!("the key is of the company `{}`, and --tenant names `{named}`", terms.tenant);
    }
    ensure!(
        file.bytes() <= terms.bytes_max,
        "the archive has {} bytes, and the server takes at most {}: see `mortise serve --import-bytes-max`",
        file.bytes(),
        terms.bytes_max
    );
    let dry_run = u8::from(flags.dry_run);
    let url = format!("{}?team={}&dryRun={dry_run}", server.url, flags.team);
    let (body, taken) = file.body();
    let request = server.request(Request::post(url)).header(CONTENT_TYPE, JSON).body(body)?;
    let answer = answered(server.outbound.begin(request), taken).await?;
    told(accepted(answer).await?).await
}

/// The head of an answer, which comes some time after the last bytes were taken, or before.
async fn answered(
    answer: impl Future<Output = Result<Response<Incoming>, OutboundError>>,
    mut taken: watch::Receiver<u64>,
) -> anyhow::Result<Response<Incoming>> {
    let mut answer = pin!(answer);
    loop {
        tokio::select! {
            answer = &mut answer => return answer.context(
                "cannot import: the server broke the sending off; it may have refused the archive and not been heard, \
                 because it has too much to do, or takes none so large or so slow: try again in a few minutes",
            ),
            more = timeout(PATIENCE, taken.changed()) => match more {
                Ok(Ok(())) => {}
                Ok(Err(_)) => break,
                Err(_) => bail!("cannot import: the server takes nothing more of the archive; nothing was written"),
            },
        }
    }
    let answer = timeout(PATIENCE, answer).await;
    let answer = answer.context("the server took the archive and does not answer; run the import again")?;
    answer.context("cannot import: the server broke off")
}

/// Asks whether one may import, before anything is sent.
async fn terms(server: &Keyed) -> anyhow::Result<Terms> {
    let url = &server.url;
    let request = server.request(Request::get(url)).header(CONTENT_TYPE, JSON).body(Vec::new())?;
    let answer = server.outbound.send(request).await?;
    refuse(answer.status(), answer.body(), url)?;
    serde_json::from_slice(answer.body()).with_context(|| format!("{url} answers no terms of imports"))
}

/// The answer, of a server that imports.
async fn accepted(answer: Response<Incoming>) -> anyhow::Result<Lines> {
    let status = answer.status();
    let mut lines = Lines::of(answer.into_body());
    if status != StatusCode::OK {
        let body = timeout(PATIENCE, lines.next(REFUSAL_BYTES_MAX)).await??.unwrap_or_default();
        refuse(status, &body, "the server")?;
    }
    Ok(lines)
}

/// Fails with what an answer says that is no good one.
fn refuse(status: StatusCode, body: &[u8], url: &str) -> anyhow::Result<()> {
    let said = serde_json::from_slice::<Value>(body).ok();
    let message = said.as_ref().and_then(|said| said.pointer("/errors/0/message")).and_then(Value::as_str);
    match (status, message) {
        (StatusCode::OK, _) => Ok(()),
        (StatusCode::UNAUTHORIZED, _) => {
            bail!(
                "the server does not accept this key: it takes an API key, or an access token, of a super admin"
            )
        }
        (StatusCode::FORBIDDEN, Some(message)) => {
            bail!("{message}: it takes a super admin, with an API key of scope ADMIN or an access token")
        }
        (StatusCode::NOT_FOUND, None) => bail!("{url} is not served: see `mortise serve --import-bytes-max`"),
        (_, Some(message)) => bail!("{message}"),
        (status, None) => bail!("{url} answers {status}, and no more"),
    }
}

/// Shows how far it has come, until it is done.
async fn told(mut lines: Lines) -> anyhow::Result<Value> {
    let mut reading: Option<ProgressBar> = None;
    let mut writing: Option<ProgressBar> = None;
    let cut = "the server broke off; run the import again, it goes on where it stopped";
    let done = loop {
        let line = timeout(PATIENCE, lines.next(LINE_BYTES_MAX)).await.context(cut)?.context(cut)?;
        let line = line.context(cut)?;
        match serde_json::from_slice(&line)
            .context("the server tells of the import in words that are not known")?
        {
            Line::Read { read, of } => {
                reading.get_or_insert_with(|| bytes_read("2/3", of)).set_position(read);
            }
            Line::Written { written, of } => {
                reading.take().iter().for_each(ProgressBar::finish_and_clear);
                writing.get_or_insert_with(|| issues_written("3/3", of)).set_position(written);
            }
            Line::Report { report } => break Ok(report),
            Line::Error { error: Fault { code, message } } => {
                break Err(anyhow::anyhow!("{message} ({code})"));
            }
        }
    };
    reading.iter().chain(&writing).for_each(ProgressBar::finish_and_clear);
    done
}
