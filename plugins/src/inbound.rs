//! Requests from outside, at an address of an installation: what a plugin answers, and what its caller is told when it does not.
//!
//! An address is a secret that tells nobody anything. To every other, and to one of an installation that takes no part, the
//! answer is the same: there is nothing here. Otherwise the caller is told
//!
//! - what the plugin answered, after what it staged is durable: text or JSON, at most 256 KiB, no redirect;
//! - 413 for a body above a mebibyte, 429 for more than ten requests a second over a while, or eight at once;
//! - 503 with `retry-after` when there is no room, when the plugin says "later", or when it is not known what was saved;
//! - 502 when the plugin failed, or wanted what was refused. What it was stands in the record of its run.
//!
//! Who comes is met before a byte of a body is read, so that who has no address makes nobody wait. It knows no HTTP server.

mod address;
mod gate;
mod headers;

pub(crate) use address::Seal;
pub(crate) use gate::Gate;

use crate::answers::staging::Staged;
use crate::automation::books::Books;
use crate::automation::errand::{Errand, app_principal, invocation_of};
use crate::convert::{self, Sight};
use crate::host::wit::Failure;
use crate::host::{Answer, Stopped, Task, wit};
use crate::service::{Done, Plugins};
use address::Address;
use gate::{Place, Shut};
use mortise_engine::command::plugin::{ChangeAddress, expect_inbound};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::draft::PluginRecord;
use mortise_engine::event::{Actor, Origin};
use mortise_engine::id::InstallationId;
use mortise_engine::model::Installation;
use mortise_engine::{Error, ErrorCode, Result};
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of an answer's body.
const ANSWER_BYTES_MAX: usize = 256 << 10;
/// What may change an address, in the room.
const SALT: &[u8] = b"auto/a";
/// Where addresses begin.
const PATH: &str = "/plugins/in/";
/// A caller comes again after so many seconds.
const AGAIN_S: u32 = 10;

/// A request from outside, as whoever serves HTTP hands it over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboundRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// What stands behind the token in the path; begins with `/`, or is empty.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The headers that are text, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What its caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundAnswer {
    /// The status.
    pub status: u16,
    /// The headers, in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl InboundAnswer {
    fn plain(status: u16, text: &str) -> Self {
        Self { status, headers: headers::sent(&[]), body: text.as_bytes().to_vec() }
    }

    fn later(status: u16, text: &str, seconds: u32) -> Self {
        let wait = [("retry-after".to_owned(), seconds.to_string())];
        Self { headers: headers::sent(&wait), ..Self::plain(status, text) }
    }

    fn nothing_here() -> Self {
        Self::plain(404, "there is nothing here")
    }

    fn shut(why: Shut) -> Self {
        match why {
            Shut::Counted(wait) => {
                let seconds = u32::try_from(wait.as_secs()).unwrap_or(AGAIN_S).saturating_add(1);
                Self::later(429, "too many requests", seconds)
            }
            Shut::Theirs => Self::later(429, "too many requests at once", 1),
            Shut::All => Self::later(503, "others are served at the moment", 1),
        }
    }

    /// What is answered where nobody could be asked.
    fn instead(error: &Error) -> Self {
        if error.code() == ErrorCode::Unavailable {
            return Self::later(503, "not possible at the moment", AGAIN_S);
        }
        tracing::debug!(?error, "a request to an address of a plugin finds nothing");
        Self::nothing_here()
    }
}

/// Somebody at an address that leads somewhere, before their request is read. They have a place until they are answered, or
/// this is dropped.
#[derive(Debug)]
pub struct Caller {
    address: Address,
    _place: Place,
}

impl Plugins {
    /// Answers a request from outside; `token` is what stands behind `/plugins/in/`, up to the next `/`. See the module for
    /// what is answered.
    pub async fn answer_request(&self, token: &str, request: InboundRequest) -> InboundAnswer {
        match Box::pin(self.meet_caller(token)).await {
            Ok(caller) => self.answer_caller(caller, request).await,
            Err(answer) => answer,
        }
    }

    /// Looks at an address before anything else of a request is read: `token` as in [`Plugins::answer_request`].
    ///
    /// # Errors
    ///
    /// What is answered instead: there is nothing here, or too many are.
    pub async fn meet_caller(&self, token: &str) -> std::result::Result<Caller, InboundAnswer> {
        let address = self.0.seal.read(token).ok_or_else(InboundAnswer::nothing_here)?;
        let place = self.0.gate.enter(&address).map_err(InboundAnswer::shut)?;
        Box::pin(self.installation_at(&address)).await.map_err(|error| InboundAnswer::instead(&error))?;
        Ok(Caller { address, _place: place })
    }

    /// Answers the request of somebody who was met.
    pub async fn answer_caller(&self, caller: Caller, request: InboundRequest) -> InboundAnswer {
        if request.body.len() > BODY_BYTES_MAX {
            return InboundAnswer::plain(413, "the body has more than a mebibyte");
        }
        let answer = Box::pin(self.answer_at(&caller.address, request)).await;
        answer.unwrap_or_else(|error| InboundAnswer::instead(&error))
    }

    /// The path of the address of an installation, `/plugins/in/…`. Each time it is written otherwise; all of them lead there,
    /// until the address is changed.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND`, `REJECTED` for a plugin that answers no requests.
    pub async fn inbound_address(&self, principal: &Principal, id: InstallationId) -> Result<String> {
        let (_, installation, room) = self.managed_installation(principal, id).await?;
        expect_inbound(&installation)?;
        let desk = self.0.runner.desks.of(id);
        let _held = desk.lock().await;
        let salt = match room.get(SALT).await?.and_then(|salt| salt.try_into().ok()) {
            Some(salt) => salt,
            None => {
                let (salt, record) = new_salt(id)?;
                room.write(vec![record]).await?;
                salt
            }
        };
        self.path_of(&Address { tenant: principal.tenant(), installation: id, salt })
    }

    /// Changes the address of an installation: the ones before lead nowhere any more. The path of the new one. The log says that
    /// there is one, and by whom.
    ///
    /// # Errors
    ///
    /// As [`Plugins::inbound_address`].
    pub async fn change_inbound_address(&self, cx: OpContext, id: InstallationId) -> Result<Done<String>> {
        let (engine, principal) = (self.engine()?, cx.principal.clone());
        let (_, record) = new_salt(id)?;
        let desk = self.0.runner.desks.of(id);
        let held = desk.lock().await;
        let done = engine.execute(cx, ChangeAddress { id, record }).await?;
        drop(held);
        // As it is kept: a request that is sent again changes nothing.
        Ok(Done::by(&done, self.inbound_address(&principal, id).await?))
    }

    fn path_of(&self, address: &Address) -> Result<String> {
        Ok(format!("{PATH}{}", self.0.seal.token(address)?))
    }

    async fn answer_at(&self, address: &Address, request: InboundRequest) -> Result<InboundAnswer> {
        // Again: much may have happened while the body came in.
        let installation = self.installation_at(address).await?;
        let errand = self.errand_for(address, installation, request).await?;
        Ok(Box::pin(self.answered(&errand)).await)
    }

    /// The installation that an address leads to.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` where it leads nowhere, also because the address was changed; `UNAVAILABLE`.
    async fn installation_at(&self, address: &Address) -> Result<Arc<Installation>> {
        let engine = self.engine()?;
        let system = engine.reader(&Principal::trusted_system(address.tenant)).await?;
        let nothing = || Error::not_found("an address");
        let installation =
            system.directory().installation(address.installation).cloned().ok_or_else(nothing)?;
        let room = engine.plugin_room(address.tenant, address.installation).await?;
        let is_here = installation.is_acting()
            && installation.hooks.inbound
            && engine.plugins_allowed(address.tenant).allows(installation.origin)
            && self.0.catalogue.stopped(&installation).is_none()
            && room.get(SALT).await?.as_deref() == Some(&address.salt);
        is_here.then_some(installation).ok_or_else(nothing)
    }

    async fn errand_for(
        &self,
        address: &Address,
        installation: Arc<Installation>,
        request: InboundRequest,
    ) -> Result<Errand> {
        let engine = self.engine()?;
        let principal = app_principal(address.tenant, &installation, 1, None);
        let sight = Sight::of(engine.reader(&principal).await?);
        let (id, now) = (Uuid::now_v7(), engine.clock().now());
        let InboundRequest { method, path, query, headers, body } = request;
        let about = convert::line(&format!("{method} {path}"), 200);
        let headers = headers::told(headers);
        Ok(Errand {
            actor: convert::actor(&sight, Actor::System, Origin::System),
            sight,
            principal,
            task: Task::Request(wit::inbound::Request { method, path, query, headers, body }),
            invocation: invocation_of(installation.id, &[b"request", id.as_bytes()]),
            attempt: 1,
            mode: if installation.counts() { wit::RunMode::Live } else { wit::RunMode::Shadow },
            installation,
            depth: 0,
            issue: None,
            about,
            request: id,
            now,
        })
    }

    async fn answered(&self, errand: &Errand) -> InboundAnswer {
        let mut returned = match Box::pin(self.errand(errand)).await {
            Ok(returned) => returned,
            Err(_) => return InboundAnswer::later(503, "not possible at the moment", AGAIN_S),
        };
        let staged = std::mem::take(&mut returned.staged);
        let answer = match &returned.outcome {
            Ok(Answer::Response(response)) => match given(response) {
                Some(answer) => self.after(errand, staged, answer).await,
                None => {
                    let plain = InboundAnswer::plain(502, "the plugin's answer cannot be given");
                    let why = Error::rejected("no answer has such a status, or more than 256 KiB");
                    Err((plain, Box::new(why)))
                }
            },
            failed => Ok(failure(failed)),
        };
        let answer = answer.unwrap_or_else(|(answer, error)| {
            returned.refused(&error);
            answer
        });
        self.note(returned.finished);
        answer
    }

    /// The answer, once what was staged with it is durable; otherwise another one, and why.
    async fn after(
        &self,
        errand: &Errand,
        staged: Staged,
        answer: InboundAnswer,
    ) -> std::result::Result<InboundAnswer, (InboundAnswer, Box<Error>)> {
        if errand.mode != wit::RunMode::Live || staged.is_empty() {
            return Ok(answer);
        }
        let Err(error) = Box::pin(self.commit(errand, staged, Books::default())).await else {
            return Ok(answer);
        };
        let told = match error.code() {
            ErrorCode::Unavailable | ErrorCode::Conflict => {
                InboundAnswer::later(503, "not possible at the moment", AGAIN_S)
            }
            _ => InboundAnswer::plain(502, "what the plugin wanted was refused"),
        };
        Err((told, Box::new(error)))
    }
}

/// What a plugin answered, as its caller gets it; none where that cannot be given.
fn given(response: &wit::inbound::Response) -> Option<InboundAnswer> {
    let fits = matches!(response.status, 200..=299 | 400..=599) && response.body.len() <= ANSWER_BYTES_MAX;
    fits.then(|| InboundAnswer {
        status: response.status,
        headers: headers::sent(&response.headers),
        body: response.body.clone(),
    })
}

/// What its caller is told where a plugin answered nothing.
fn failure(outcome: &std::result::Result<Answer, Stopped>) -> InboundAnswer {
    match outcome {
        Ok(Answer::Failed(Failure::Retry(_)))
        | Err(Stopped::Busy { .. } | Stopped::Spent(_) | Stopped::Host(_)) => {
            InboundAnswer::later(503, "not possible at the moment", AGAIN_S)
        }
        _ => InboundAnswer::plain(502, "the plugin failed"),
    }
}

/// What makes another address, and how it is kept.
fn new_salt(id: InstallationId) -> Result<([u8; 8], PluginRecord)> {
    let mut salt = [0; 8];
    getrandom::fill(&mut salt).map_err(Error::internal)?;
    Ok((salt, PluginRecord::Entry(id, SALT.to_vec(), Some(salt.to_vec()))))
}
