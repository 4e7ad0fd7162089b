//! The audit log over plain HTTP, as a file: `GET /audit/export`.
//!
//! It is given in parts, as fast as it is taken, and each part by the rights of its moment: a session that ended, a key that
//! was revoked and a role that shrank end it, visibly unfinished; and so does who takes nothing for a minute. Few are given
//! at once, by a task of each, so that who does not take them holds nothing. What is in it, the engine decides.

use crate::beside::{Door, Place, Refusal, Room};
use crate::http::{RequestInfo, read_query};
use async_graphql::futures_util::stream::{self, Stream, StreamExt as _};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use http::request::Parts;
use http::{HeaderValue, header};
use mortise_engine::audit::{AuditFilter, Format, subject_named};
use mortise_engine::{AuditExport, Engine, Error, ExportOptions, Result};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

/// Exports that are given at once, all companies together.
const AT_ONCE: usize = 32;

/// Exports that one company is given at once.
const AT_ONCE_PER_COMPANY: usize = 2;

/// How long an export may take.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// How long a part may wait to be taken.
const PART_PATIENCE: Duration = Duration::from_secs(60);

/// The longest query that is read, in bytes.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// The route `audit/export`.
pub(crate) fn routes(engine: Engine, door: Door) -> Router {
    let exports = Arc::new(Exports { engine, door, room: Room::new(AT_ONCE, AT_ONCE_PER_COMPANY) });
    Router::new().route(
        "/audit/export",
        get(move |request: Request| {
            let exports = exports.clone();
            async move { exports.answer(request).await }
        }),
    )
}

struct Exports {
    engine: Engine,
    door: Door,
    room: Arc<Room>,
}

impl Exports {
    async fn answer(&self, request: Request) -> Response {
        let (mut parts, _) = request.into_parts();
        let info = self.door.meet(&mut parts);
        match Box::pin(self.begin(&parts, &info)).await {
            Ok(response) => self.door.answered(response, &info),
            Err(refusal) => self.door.refused(refusal, None, &info, &parts).await,
        }
    }

    async fn begin(&self, parts: &Parts, info: &RequestInfo) -> std::result::Result<Response, Refusal> {
        let guest = self.door.admit(parts, info).await?;
        let options = options(parts.uri.query().unwrap_or_default())?;
        let busy = |_| Refusal::Busy("other exports are under way: try again in a while");
        let place = self.room.enter(guest.context.principal.tenant()).map_err(busy)?;
        self.door.count(&guest).await?;
        let format = options.format;
        let session = guest.snapshot.viewer().session;
        let export = self.engine.export_audit(&guest.context, options, session).await?;
        let slug = &guest.snapshot.reader().tenant().slug;
        let name = format!("attachment; filename=\"audit-{slug}.{}\"", format.name());
        let (to, given) = mpsc::channel(1);
        tokio::spawn(give(parts_of(export), to, place).in_current_span());
        let mut response = Response::new(Body::from_stream(stream::try_unfold(given, taken)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
        if let Ok(name) = HeaderValue::from_str(&name) {
            headers.insert(header::CONTENT_DISPOSITION, name);
        }
        Ok(response)
    }
}

/// What comes next of an export; none at its end.
type Next = Result<Option<Bytes>>;

/// The parts of an export, of which some may be empty.
fn parts_of(export: AuditExport) -> impl Stream<Item = Result<String>> + Send {
    stream::try_unfold(
        export,
        |mut export| async move { Ok(export.next().await?.map(|text| (text, export))) },
    )
}

/// Gives an export for as long as its parts are taken.
async fn give(parts: impl Stream<Item = Result<String>> + Send, to: mpsc::Sender<Next>, _place: Place) {
    let until = Instant::now() + PATIENCE;
    let mut parts = pin!(parts);
    // Whoever is gone takes no empty part either, so nothing else would tell.
    while !to.is_closed() {
        let next = match parts.next().await.transpose() {
            Ok(Some(text)) if text.is_empty() && Instant::now() < until => continue,
            Ok(_) if Instant::now() >= until => {
                Err(Error::unavailable("the export took too long: ask for less at once"))
            }
            next => next.map(|text| text.map(Bytes::from)),
        };
        if let Err(error) = &next {
            if error.code() == mortise_engine::ErrorCode::Internal {
                tracing::error!(?error, "an export failed inside the engine");
            } else {
                tracing::info!(%error, "an export was broken off");
            }
        }
        let over = !matches!(next, Ok(Some(_)));
        let taken = timeout_at(until.min(Instant::now() + PART_PATIENCE), to.send(next)).await;
        if over || !matches!(taken, Ok(Ok(()))) {
            return;
        }
    }
}

/// The next part. An error breaks the answer off, so that whoever takes it sees that it is not whole.
async fn taken(mut given: mpsc::Receiver<Next>) -> Result<Option<(Bytes, mpsc::Receiver<Next>)>> {
    let gone = || Err(Error::unavailable("the export was not taken in time"));
    let next = given.recv().await.unwrap_or_else(gone)?;
    Ok(next.map(|part| (part, given)))
}

/// What a query string asks for.
fn options(query: &str) -> Result<ExportOptions> {
    let pairs = read_query(query, QUERY_BYTES_MAX)?;
    let (mut format, mut proof, mut filter) = (Format::JsonLines, false, AuditFilter::default());
    let bad = |field: &str, error: &dyn std::fmt::Display| Error::invalid(field, error.to_string());
    for (name, value) in &pairs {
        match name.as_str() {
            "format" => {
                let unknown = || Error::invalid("format", "`format` is `csv` or `jsonl`");
                format = Format::named(value).ok_or_else(unknown)?;
            }
            "proof" => proof = matches!(value.as_str(), "" | "1" | "true"),
            "kind" => filter.kinds.push(value.clone()),
            "actor" => filter.actor = Some(value.parse().map_err(|e: Error| e.with_field("actor"))?),
            "subject" => filter.subject = Some(subject_named(value).map_err(|e| e.with_field("subject"))?),
            "address" => filter.address = Some(value.parse().map_err(|e| bad("address", &e))?),
            "from" => filter.from = Some(value.parse().map_err(|e| bad("from", &e))?),
            "to" => filter.to = Some(value.parse().map_err(|e| bad("to", &e))?),
            _ => {
                let message =
                    "there is: `format`, `proof`, `kind`, `actor`, `subject`, `address`, `from` and `to`";
                return Err(Error::invalid("query", message));
            }
        }
    }
    Ok(ExportOptions { filter, format, proof })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mortise_engine::id::TenantId;

    #[test]
    fn a_query_string_is_read_whole_or_refused() {
        let read =
            options("format=csv&kind=sign_in&kind=key.used&address=192.0.2.0%2F24&from=2026-01-01T00:00:00Z");
        let read = read.unwrap();
        assert_eq!((read.format, read.filter.kinds.len(), read.proof), (Format::Csv, 2, false));
        assert!(read.filter.address.is_some() && read.filter.from.is_some());
        for (query, field) in [
            ("format=xml", "format"),
            ("actor=nobody", "actor"),
            ("subject=cmt_1", "subject"),
            ("address=here", "address"),
            ("from=yesterday", "from"),
            ("formt=csv", "query"),
            ("a=%", "query"),
        ] {
            assert_eq!(options(query).unwrap_err().field(), Some(field), "{query}");
        }
    }

    #[tokio::test]
    async fn what_ends_without_its_last_part_is_broken_off() {
        let (to, given) = mpsc::channel(1);
        to.send(Ok(Some(Bytes::from_static(b"a part")))).await.unwrap();
        drop(to);
        let (part, given) = taken(given).await.unwrap().unwrap();
        assert_eq!(part, "a part");
        assert!(taken(given).await.is_err(), "who gave it is gone");
        let (to, given) = mpsc::channel(1);
        to.send(Ok(None)).await.unwrap();
        assert!(taken(given).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_export_that_holds_nothing_is_not_read_on_when_nobody_takes_it_any_more() {
        let place = Room::new(1, 1).enter(TenantId::generate()).unwrap();
        let (to, given) = mpsc::channel(1);
        let mut given = Some(given);
        let mut read = 0;
        let empty = stream::iter(0..1_000).map(|_| {
            read += 1;
            if read == 3 {
                drop(given.take());
            }
            Ok(String::new())
        });
        give(empty, to, place).await;
        assert_eq!(read, 3);
    }
}
