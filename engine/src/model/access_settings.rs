//! How the people of a company may sign in. It knows no passwords and no codes.

use crate::time::Timestamp;

/// A company's own rules of signing in; none of them loosens what the engine asks for anyway.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct AccessSettings {
    /// Whether nobody signs in with a password alone: who has no second factor sets one up on the way in.
    #[n(0)]
    pub second_factor_required: bool,
    /// Whether a password opens the door at all. Without it people come by an identity provider; super admins may still
    /// use theirs, so that a provider that fails locks nobody out for good.
    #[n(1)]
    pub password_sign_in: bool,
    /// When this last changed; none when it never did.
    #[n(2)]
    pub updated_at: Option<Timestamp>,
    /// Counts the changes.
    #[n(3)]
    pub version: u64,
}

impl Default for AccessSettings {
    /// A password is enough.
    fn default() -> Self {
        Self { second_factor_required: false, password_sign_in: true, updated_at: None, version: 0 }
    }
}
