//! What is to be sent by mail: a value that a change carries, kept in the same batch as the change.
//!
//! Whoever follows the outbox sends it and removes it. This module knows no templates and no mail server.

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Which template makes it.
    pub template: &'static str,
    /// To which address.
    pub to: String,
    /// What the template fills in, by name. Some of it is secret.
    pub values: Vec<(String, String)>,
}

impl std::fmt::Debug for OutboxMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboxMail").field("template", &self.template).finish_non_exhaustive()
    }
}
