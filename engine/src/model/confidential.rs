//! Confidential issues: who sees one.

use crate::id::MemberId;

/// That an issue is confidential: beside super admins it is seen by who made it, who works on it, and these people.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Confidential {
    /// Who else is let in, in order of id.
    #[n(0)]
    pub participants: Vec<MemberId>,
}
