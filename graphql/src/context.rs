//! What a resolver knows of the request it answers: who asks, what they see, and where the engine is.
//!
//! It knows no field of any type.

mod next_states;

use crate::error::{ApiError, Result};
use crate::http::RequestInfo;
use crate::lean::Rows;
use async_graphql::Context;
use mortise_engine::access::Action;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::directory::Directory;
use mortise_engine::event::Origin;
use mortise_engine::id::{MemberId, SessionId};
use mortise_engine::query::Reader;
use mortise_engine::{Client, Engine, Error, ErrorCode};
use mortise_plugins::Plugins;
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who asks: what an [`Authenticator`](crate::http::Authenticator) of this API answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Proven by the engine, or vouched for by the embedding program.
    pub principal: Principal,
    /// Their session, where the engine keeps it; `signOut` ends it.
    pub session: Option<SessionId>,
}

impl Viewer {
    /// Somebody whom the embedding program vouches for.
    #[must_use]
    pub const fn external(principal: Principal) -> Self {
        Self { principal, session: None }
    }
}

/// What one request may show, in units: a node is one, and so is each KiB of a long text. Lists inside lists multiply, so
/// the page size alone bounds nothing.
const REQUEST_UNITS_MAX: usize = 20_000;

/// What one request sees: the tenant as its viewer may read it, and the small tables. Copies are handles to the same.
///
/// Objects read the small tables while they are written out, without waiting. The tables are never older than the rows
/// beside them: `rows` takes the newest after every read.
#[derive(Clone)]
pub struct Snapshot(Arc<Inner>);

struct Inner {
    viewer: Viewer,
    reader: Reader,
    directory: RwLock<Arc<Directory>>,
    budget: AtomicUsize,
    next_states: next_states::NextStates,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("viewer", &self.0.viewer).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// What this viewer sees now. Put it into the data of one request that is executed without the HTTP endpoint.
    ///
    /// # Errors
    ///
    /// As [`Engine::reader`].
    pub async fn take(engine: &Engine, viewer: Viewer) -> mortise_engine::Result<Self> {
        let reader = engine.reader(&viewer.principal).await?;
        let directory = RwLock::new(reader.directory().clone());
        let budget = AtomicUsize::new(REQUEST_UNITS_MAX);
        let next_states = next_states::NextStates::default();
        Ok(Self(Arc::new(Inner { viewer, reader, directory, budget, next_states })))
    }

    /// Who asks.
    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.0.viewer
    }

    /// The member who asks; none for the embedding program itself.
    #[must_use]
    pub fn member(&self) -> Option<MemberId> {
        self.0.viewer.principal.member()
    }

    /// The reader that every row comes through.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// The small tables.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.read().clone()
    }

    /// Takes this many units from what the request may show.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` when there are not so many left.
    pub(crate) fn charge(&self, units: usize) -> mortise_engine::Result<()> {
        let left =
            self.0.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(units));
        left.map(drop).map_err(|_| {
            let message = format!(
                "this asks for more than {REQUEST_UNITS_MAX} nodes and KiB of text: ask for smaller pages"
            );
            Error::new(ErrorCode::TooCostly, message)
        })
    }

    /// These rows as a list, each of which is charged for. They are made first: it is for lists that have bounds.
    ///
    /// # Errors
    ///
    /// As [`charge`](Self::charge).
    pub(crate) fn charged<T>(&self, rows: impl IntoIterator<Item = T>) -> Result<Rows<T>> {
        let rows: Rows<T> = rows.into_iter().collect();
        self.charge(rows.0.len())?;
        Ok(rows)
    }

    /// Gives back units that were taken and not needed.
    pub(crate) fn give_back(&self, units: usize) {
        self.0.budget.fetch_add(units, Ordering::Relaxed);
    }

    /// Settles what was taken before it was known: so many units were `taken`, and so many `needed`.
    ///
    /// # Errors
    ///
    /// As [`charge`](Self::charge), where more was needed.
    pub(crate) fn settle(&self, taken: usize, needed: usize) -> mortise_engine::Result<()> {
        self.give_back(taken.saturating_sub(needed));
        self.charge(needed.saturating_sub(taken))
    }

    /// Units that were taken so far.
    #[must_use]
    pub fn shown(&self) -> usize {
        REQUEST_UNITS_MAX.saturating_sub(self.0.budget.load(Ordering::Relaxed))
    }

    /// Reads rows, and then the small tables they may speak of. Every read of rows goes through here.
    pub(crate) async fn rows<T>(&self, read: impl Future<Output = mortise_engine::Result<T>>) -> Result<T> {
        self.charge(1)?;
        let rows = read.await?;
        self.catch_up();
        Ok(rows)
    }

    /// Takes the newest small tables.
    pub(crate) fn catch_up(&self) {
        let newest = self.0.reader.refreshed().directory().clone();
        let mut directory = self.0.directory.write();
        if !Arc::ptr_eq(&newest, &directory) {
            *directory = newest;
        }
    }
}

/// What a text of so many bytes counts for.
pub(crate) const fn text_units(bytes: usize) -> usize {
    bytes / 1024
}

/// The parts a resolver works with.
pub(crate) struct Asked<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) snapshot: &'a Snapshot,
    info: Option<&'a RequestInfo>,
}

impl<'a> Asked<'a> {
    /// The parts of this request.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when nobody is signed in.
    pub(crate) fn of(ctx: &Context<'a>) -> Result<Self> {
        let snapshot = ctx.data_opt::<Snapshot>().ok_or_else(|| {
            let message =
                "nobody is signed in: use signIn, then send the access token as `Authorization: Bearer …`";
            Error::new(ErrorCode::Unauthenticated, message)
        })?;
        Ok(Self { engine: engine(ctx)?, snapshot, info: ctx.data_opt::<RequestInfo>() })
    }

    /// Refuses who does not manage plugins.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(crate) fn expect_plugins_managed(&self) -> Result<()> {
        Ok(self.snapshot.reader().policy().authorize(Action::ManagePlugins, (), None).map(drop)?)
    }

    /// What a question carries besides its own content, where a refusal of it is noted.
    pub(crate) fn question(&self) -> OpContext {
        self.operation(None, false)
    }

    /// What a change carries besides its own content.
    pub(crate) fn operation(&self, idempotency_key: Option<String>, dry_run: bool) -> OpContext {
        OpContext::new(self.snapshot.viewer().principal.clone())
            .with_origin(Origin::Api)
            .with_idempotency_key(idempotency_key)
            .with_dry_run(dry_run)
            .with_client(self.info.map(RequestInfo::client).unwrap_or_default())
    }
}

/// The engine behind this schema.
pub(crate) fn engine<'a>(ctx: &Context<'a>) -> Result<&'a Engine> {
    ctx.data_opt::<Engine>()
        .ok_or_else(|| ApiError::from(Error::internal("the schema was built without an engine")))
}

/// The plugins behind this schema.
///
/// # Errors
///
/// `REJECTED` where there are none.
pub(crate) fn plugins<'a>(ctx: &Context<'a>) -> Result<&'a Plugins> {
    ctx.data_opt::<Plugins>().ok_or_else(|| ApiError::from(Error::rejected("this server runs no plugins")))
}

/// What asks, as far as it says and can be seen.
pub(crate) fn client(ctx: &Context<'_>) -> Client {
    ctx.data_opt::<RequestInfo>().map(RequestInfo::client).unwrap_or_default()
}
