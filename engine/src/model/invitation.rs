//! An invitation: a person is asked to join the company, by a link in a letter.

use super::{Role, words};
use crate::id::{InvitationId, MemberId, OneTimeId, RootId};
use crate::time::Timestamp;

words! {
    /// How an invitation stands.
    InvitationStatus {
        /// It waits for an answer. It ends by itself.
        0 Open = "OPEN",
        /// Whom it was sent to has joined.
        1 Accepted = "ACCEPTED",
        /// It was taken back.
        2 Withdrawn = "WITHDRAWN",
    }
}

/// The row of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Invitation {
    /// The id.
    #[n(0)]
    pub id: InvitationId,
    /// To which address, in lower case.
    #[n(1)]
    pub email: String,
    /// How whoever invites calls them; they choose their name themselves.
    #[n(2)]
    pub name: Option<String>,
    /// What they may do once they have joined.
    #[n(3)]
    pub role: Role,
    /// How it stands.
    #[n(4)]
    pub status: InvitationStatus,
    /// Who invited them; none: the embedding program, or an operator of the platform.
    #[n(5)]
    pub inviter: Option<MemberId>,
    /// The token of the link that was sent last: the name of its record, not its text.
    #[n(6)]
    pub token: OneTimeId,
    /// Until when it can be accepted.
    #[n(7)]
    pub expires_at: Timestamp,
    /// Who they became.
    #[n(8)]
    pub member: Option<MemberId>,
    /// When it was made.
    #[n(9)]
    pub created_at: Timestamp,
    /// When it last changed, or was sent again.
    #[n(10)]
    pub updated_at: Timestamp,
    /// Counts the changes of this row, from 1.
    #[n(11)]
    pub version: u64,
    /// When its letters were written, those of a day before the last one; none in rows of old.
    #[cbor(n(12), skip_if = "Vec::is_empty")]
    pub letters: Vec<Timestamp>,
    /// Which operator of the platform invited them. Who joins so takes part once a super admin says so.
    #[n(13)]
    pub operator: Option<RootId>,
}

impl Invitation {
    /// How many of its letters were written after this. Rows of old count as one, written when they last changed.
    #[must_use]
    pub fn letters_after(&self, since: Timestamp) -> usize {
        if self.letters.is_empty() {
            return usize::from(self.updated_at > since);
        }
        self.letters.iter().filter(|at| **at > since).count()
    }

    /// When it came to its end, if it has.
    #[must_use]
    pub fn ended_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.status {
            InvitationStatus::Open => Some(self.expires_at).filter(|at| *at <= now),
            InvitationStatus::Accepted | InvitationStatus::Withdrawn => Some(self.updated_at),
        }
    }

    /// Whether it can be accepted; it holds a seat meanwhile.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.status == InvitationStatus::Open && now < self.expires_at
    }
}
