//! Approval of a move: who asked for it, and who gave it. It lies with the issue and ends when the issue leaves its state.

use crate::id::{MemberId, StateId};
use crate::time::Timestamp;

/// Approval of one move out of an issue's present state, while it is being given.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Approval {
    /// The state that the move leads to.
    #[n(0)]
    pub to: StateId,
    /// Who asked for it; none: the program that embeds the engine. They cannot approve it.
    #[n(1)]
    pub requester: Option<MemberId>,
    /// When it was asked for.
    #[n(2)]
    pub requested_at: Timestamp,
    /// Who approved, in the order in which they did, each once.
    #[cbor(n(3), skip_if = "Vec::is_empty")]
    pub grants: Vec<ApprovalGrant>,
}

/// One member's approval. Whether it counts follows from the role they have when the issue is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct ApprovalGrant {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// When.
    #[n(1)]
    pub at: Timestamp,
}
