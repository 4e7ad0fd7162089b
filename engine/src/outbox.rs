//! What is to be sent by mail: a value that a change carries, kept in the same batch as the change.
//!
//! Whoever follows the outbox sends it and removes it: see [`Engine::next_mail`](crate::Engine::next_mail). This module
//! knows no words of letters and no mail server.

use crate::time::Timestamp;

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Which letter it is: the word of a [`LetterKind`](crate::model::LetterKind).
    pub template: &'static str,
    /// To which address.
    pub to: String,
    /// What the letter fills in, by name. Some of it is secret. `token` is what its link carries, and after `expires_at` it
    /// is not sent any more.
    pub values: Vec<(String, String)>,
}

impl OutboxMail {
    /// A letter of this kind to this address, with these values.
    pub(crate) fn of<'v>(
        template: &'static str,
        to: String,
        values: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { template, to, values: values.collect() }
    }
}

impl std::fmt::Debug for OutboxMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboxMail").field("template", &self.template).finish_non_exhaustive()
    }
}

/// A message that was not sent, and is not tried any more. What it said is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostMail {
    /// The message.
    pub id: crate::id::MailId,
    /// Which letter it was.
    pub template: String,
    /// To whom.
    pub to: String,
    /// When it was written.
    pub written_at: Option<Timestamp>,
    /// When it was given up.
    pub lost_at: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// Why.
    pub why: String,
}

/// What became of a message that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFate {
    /// It was taken over by whoever brings it on. It is removed.
    Sent,
    /// It was refused for now. It is tried again, not before this.
    Later(Timestamp, String),
    /// It was refused for good.
    Lost(String),
    /// Nothing became of it: nobody could be reached. It comes again in its turn, as if it had not been tried.
    NotTried,
}

/// What became of mail since the engine was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailCounts {
    /// Messages that were taken over.
    pub sent: u64,
    /// Tries that were put off.
    pub deferred: u64,
    /// Messages that were given up.
    pub lost: u64,
    /// Companies that have mail waiting, as far as that is known: whoever sends mail looks at all of them at its start.
    pub companies_waiting: usize,
}
