//! Commands on visits: an operator of the platform looks into a company, in its sight.

use super::{Command, World, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Actor, Subject};
use crate::id::{RootId, SessionId};
use crate::model::{KeyScope, Visit};

/// Characters of the reason of a visit.
const REASON_CHARS_MAX: usize = 500;

/// The shortest reason, in characters: a word is none.
const REASON_CHARS_MIN: usize = 10;

/// Begins a visit: see [`Engine::begin_visit`](crate::Engine::begin_visit), which knows the operator.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct BeginVisit {
    /// The id.
    #[cbor(skip)]
    pub(crate) id: SessionId,
    /// Which operator.
    #[n(1)]
    pub root: RootId,
    /// How they are called.
    #[n(2)]
    pub root_name: String,
    /// Why.
    #[n(3)]
    pub reason: String,
    /// How far it reaches.
    #[n(4)]
    pub scope: KeyScope,
    /// For how long, in milliseconds.
    #[n(5)]
    pub lasts_ms: i64,
    /// The token that the operator shows, as the bytes of its record.
    #[cbor(skip)]
    pub(crate) proof: (crate::id::OneTimeId, Vec<u8>),
}

impl Command for BeginVisit {
    fn operation(&self) -> &'static str {
        "visitBegin"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        if world.cx.principal.actor() != Actor::Root(self.root) {
            return Err(Error::forbidden("visit a company: only operators of the platform do"));
        }
        let reason = text::line("reason", "the reason", &self.reason, REASON_CHARS_MAX)?;
        if reason.chars().count() < REASON_CHARS_MIN {
            let message = format!("say why in at least {REASON_CHARS_MIN} characters: the company reads it");
            return Err(Error::invalid("reason", message));
        }
        let max = world.limits.visit_max_ms;
        if !(1..=max).contains(&self.lasts_ms) {
            let message = format!("a visit lasts at most {} minutes", max / 60_000);
            return Err(Error::invalid("minutes", message));
        }
        let visits_max = world.limits.visits_max;
        if world.directory.visits().count() >= visits_max {
            return Err(Error::rejected(format!("a company is visited at most {visits_max} times in all")));
        }
        let visit = Visit {
            id: self.id,
            root: self.root,
            root_name: self.root_name.clone(),
            reason,
            scope: self.scope,
            began_at: world.now,
            ends_at: world.now.plus_millis(self.lasts_ms),
            ended_at: None,
        };
        let mut draft = Draft::new();
        draft.issue_one_time(self.proof.0, self.proof.1.clone());
        draft.begin_visit(visit);
        Ok(draft)
    }
}

/// Ends a visit before its time: a super admin of the company does, or the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode)]
pub struct EndVisit {
    /// Which.
    #[n(0)]
    pub visit: SessionId,
}

impl Command for EndVisit {
    fn operation(&self) -> &'static str {
        "visitEnd"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        world.policy.authorize(Action::ManageAccess, (), None)?;
        let missing = || Error::not_found(format!("visit {}", self.visit));
        let visit = world.directory.visit(self.visit).cloned().ok_or_else(missing)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Session(visit.id));
        if visit.is_open(world.now) {
            draft.end_visit(world.policy.authorize(Action::ManageAccess, visit, None)?, world.now);
        }
        Ok(draft)
    }
}
