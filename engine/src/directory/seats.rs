//! How many seats of a company are taken. How many there are is not known here.

use super::Directory;
use crate::model::MemberStatus;
use crate::time::Timestamp;

impl Directory {
    /// The seats that are taken now: those of active people, and those that open invitations hold. Service accounts hold
    /// none, nor does who is suspended, removed, or known from an import alone.
    #[must_use]
    pub fn seats_taken(&self, now: Timestamp) -> u64 {
        let people = self.members().filter(|member| member.holds_a_seat()).count();
        let invited = self.invitations().filter(|invitation| invitation.is_open(now)).count();
        people.saturating_add(invited) as u64
    }

    /// Those who are known from an import alone.
    #[must_use]
    pub fn ghosts(&self) -> usize {
        self.members().filter(|member| member.status == MemberStatus::Ghost).count()
    }
}
