//! What a reader can see. A scope is itself a filter that every read passes through.

/// What of a tenant's issues a party can see. Made by the policy only; `Scope::system` is for the engine's own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope(());

impl Scope {
    /// The whole tenant: what every member of a company sees, as there are no private teams.
    pub(super) const fn tenant() -> Self {
        Self(())
    }

    /// The whole tenant, for the engine's own work; the reason is for the reader of the code.
    #[must_use]
    pub(crate) const fn system(_reason: &'static str) -> Self {
        Self(())
    }
}
