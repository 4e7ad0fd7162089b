//! Importing at a running server: `POST /import/github?team=KEY&dryRun=1`, with the archive as its body, for super admins of
//! a company. `GET` of the same says whether one may, and how large an archive may be.
//!
//! The archive is taken in whole, sealed, before it is looked at; then each step is told as a line of JSON, the last of which
//! is the account of the import or why there is none. Who hangs up ends it behind the batch that is being written. It does
//! not know what is in an archive.

mod fault;
mod upload;
mod work;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use clap::Args;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use mortise::audit::Format;
use mortise::graphql::beside::{Door, Full, Guest, Refusal, Room};
use mortise::graphql::http::{RequestInfo, read_query};
use mortise::{Engine, Error, Importer};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc, watch};
use tracing::Instrument as _;

use crate::cli::chunks::Chunks;
use crate::import::archive::Archive;
use work::{LINES_AHEAD, Work};

/// Where it is served.
pub(in crate::cli) const PATH: &str = "/import/github";

/// The largest archive unless said, in bytes.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Archives that are there at once, all companies together: those that come, those that wait, and those that are worked on.
/// Each takes room on the disk.
const AT_ONCE: usize = 8;

/// Archives that are worked on at once, all companies together; the others wait in the order in which they were whole. So who
/// sends slowly keeps nobody from the work. Each takes a thread.
const AT_WORK: usize = 4;

/// Imports of one company at once: a second would wait for the first at each batch.
const AT_ONCE_PER_COMPANY: usize = 1;

/// An archive takes a call of the day for each so many bytes that begin.
const BYTES_PER_CALL: u64 = 16 * 1024 * 1024;

/// How often it is asked whether who sends an archive still may.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The longest query that is read, in bytes.
const QUERY_BYTES_MAX: usize = 1024;

/// What companies may import here.
#[derive(Debug, Args)]
pub(super) struct ImportFlags {
    /// Largest archive that super admins may import, in bytes; 0 serves no import
    #[arg(long, value_name = "BYTES", env = "MORTISE_IMPORT_BYTES_MAX", default_value_t = BYTES_MAX)]
    import_bytes_max: u64,
}

impl ImportFlags {
    /// The route, where imports are served. They end when `stopping` says so.
    pub(super) fn routes(&self, engine: &Engine, door: Door, stopping: watch::Receiver<bool>) -> Router {
        if self.import_bytes_max == 0 {
            return Router::new();
        }
        let imports = Arc::new(Imports {
            engine: engine.clone(),
            door,
            room: Room::new(AT_ONCE, AT_ONCE_PER_COMPANY),
            desks: Arc::new(Semaphore::new(AT_WORK)),
            bytes_max: self.import_bytes_max,
            stopping,
        });
        let asking = imports.clone();
        let ask = move |request: Request| {
            let imports = asking.clone();
            async move { imports.ask(request).await }
        };
        let import = move |request: Request| {
            let imports = imports.clone();
            async move { imports.import(request).await }
        };
        Router::new().route(PATH, get(ask).post(import))
    }
}

struct Imports {
    engine: Engine,
    door: Door,
    room: Arc<Room>,
    desks: Arc<Semaphore>,
    bytes_max: u64,
    stopping: watch::Receiver<bool>,
}

impl Imports {
    async fn ask(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let info = self.door.meet(&mut parts);
        let answer = Box::pin(self.say(&parts, &info)).await;
        self.answered(answer, Some(body), &info, &parts).await
    }

    async fn import(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let info = self.door.meet(&mut parts);
        let mut body = Some(body);
        let answer = Box::pin(self.begin(&parts, &mut body, &info)).await;
        self.answered(answer, body, &info, &parts).await
    }

    async fn answered(
        &self,
        answer: Result<Response, Refusal>,
        unread: Option<Body>,
        info: &RequestInfo,
        head: &Parts,
    ) -> Response {
        match answer {
            Ok(response) => self.door.answered(response, info),
            Err(refusal) => self.door.refused(refusal, unread, info, head).await,
        }
    }

    /// Whether one may, where to, and how much.
    async fn say(&self, parts: &Parts, info: &RequestInfo) -> Result<Response, Refusal> {
        let (guest, _) = self.admit(parts, info).await?;
        let slug = &guest.snapshot.reader().tenant().slug;
        let said = json!({ "tenant": slug, "bytesMax": self.bytes_max }).to_string();
        Ok(of_type("application/json", Body::from(said)))
    }

    /// Takes the archive in and begins to import it.
    async fn begin(
        &self,
        parts: &Parts,
        body: &mut Option<Body>,
        info: &RequestInfo,
    ) -> Result<Response, Refusal> {
        let (guest, importer) = self.admit(parts, info).await?;
        let Asked { team, dry_run } = Asked::read(parts.uri.query().unwrap_or_default())?;
        let bytes = upload::announced(parts, body.get_or_insert_default(), self.bytes_max)?;
        let place = Arc::new(self.room.enter(importer.tenant()).map_err(busy)?);
        self.pay(&guest, bytes).await?;
        let tenant = guest.snapshot.reader().tenant().slug.clone();
        // What they saw keeps the company in memory, and an import may take long.
        drop(guest);
        let mut stopping = self.stopping.clone();
        let spooled = tokio::select! {
            taken = upload::take(&self.engine, body, self.bytes_max, place.clone()) => taken?,
            error = shut_out(&importer) => return Err(error.into()),
            error = work::stopped(&mut stopping) => return Err(error.into()),
        };
        *body = None;
        let archive = Archive::spooled(spooled);
        if let Err(error) = importer.expect_may().await {
            archive.let_go().await;
            return Err(error.into());
        }
        let desks = self.desks.clone();
        let work = Work { importer, archive, tenant, team, dry_run, place, desks };
        let (to, given) = mpsc::channel(LINES_AHEAD);
        tokio::spawn(Box::pin(work.run(to, stopping)).in_current_span());
        Ok(of_type(Format::JsonLines.media_type(), Body::new(Chunks::new(given))))
    }

    /// Takes the calls of the day that an archive of so many bytes takes beside its request.
    async fn pay(&self, guest: &Guest, bytes: u64) -> Result<(), Refusal> {
        for _ in 1..bytes.div_ceil(BYTES_PER_CALL) {
            self.door.count(guest).await?;
        }
        Ok(())
    }

    /// Somebody who may import. Who may not has asked, too.
    async fn admit(&self, parts: &Parts, info: &RequestInfo) -> Result<(Guest, Importer), Refusal> {
        let guest = self.door.admit(parts, info).await?;
        self.door.count(&guest).await?;
        let session = guest.snapshot.viewer().session;
        let importer = self.engine.begin_import(guest.context.clone(), session).await?;
        Ok((guest, importer))
    }
}

fn busy(full: Full) -> Refusal {
    Refusal::Busy(match full {
        Full::Company => "another import of the company is under way: try again when it is done",
        Full::All => "the server takes no more archives at the moment: try again in a few minutes",
    })
}

/// Waits until somebody may import no more, and says why.
async fn shut_out(importer: &Importer) -> Error {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        if let Err(error) = importer.expect_may().await {
            return error;
        }
    }
}

fn of_type(media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// What a query string asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    team: String,
    dry_run: bool,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Error> {
        let pairs = read_query(query, QUERY_BYTES_MAX)?;
        let (mut team, mut dry_run) = (None, false);
        for (name, value) in pairs {
            match (name.as_str(), value.as_str()) {
                ("team", _) if team.is_none() => team = Some(value),
                ("dryRun", "" | "1" | "true") => dry_run = true,
                ("dryRun", "0" | "false") => dry_run = false,
                ("dryRun", _) => return Err(Error::invalid("dryRun", "`dryRun` is 1 or 0")),
                _ => return Err(Error::invalid("query", "there is: `team`, once, and `dryRun`")),
            }
        }
        let team = team.filter(|key| !key.is_empty());
        let team = team.ok_or_else(|| Error::invalid("team", "name the key of a team: `team=KEY`"))?;
        Ok(Self { team, dry_run })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_names_a_team_or_is_refused() {
        let read = |query| Asked::read(query).map_err(|error| error.field().unwrap_or_default().to_owned());
        let asked = |team: &str, dry_run| Ok(Asked { team: team.to_owned(), dry_run });
        assert_eq!(read("team=SPEC"), asked("SPEC", false));
        assert_eq!(read("dryRun=1&team=spec"), asked("spec", true));
        assert_eq!(read("team=SPEC&dryRun=0"), asked("SPEC", false));
        for (query, field) in [
            ("", "team"),
            ("team=", "team"),
            ("team=A&team=B", "query"),
            ("team=A&dryRun=perhaps", "dryRun"),
            ("team=A&dryrun=1", "query"),
            ("team=%", "query"),
        ] {
            assert_eq!(read(query), Err(field.to_owned()), "{query}");
        }
    }
}
