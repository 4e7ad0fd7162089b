//! Who brings a message on its way: a mail server, a folder, or what an embedding program has of its own.

use async_trait::async_trait;
use mortise_engine::id::{MailId, TenantId};
use std::fmt;

/// A message in its envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The message: the same however often it is brought.
    pub id: MailId,
    /// The company whose message it is.
    pub tenant: TenantId,
    /// The address that it comes from, its domain in ASCII.
    pub from: String,
    /// The address that it goes to, its domain in ASCII.
    pub to: String,
    /// The message as RFC 5322 writes it. It may hold what lets its reader in.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a message was not brought.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarryError {
    /// Nobody was there to take any message, or none of this sender is taken: all wait, and this one as if it had not been
    /// tried.
    #[error("{0}")]
    Away(String),
    /// This message was refused for now.
    #[error("{0}")]
    Later(String),
    /// This message was refused for good. [`Post`](super::Post) believes it while other messages are taken.
    #[error("{0}")]
    Refused(String),
}

/// Brings messages on their way. Several are brought at once.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// Brings one message. When it answers without an error, somebody else has taken the message over for good.
    ///
    /// # Errors
    ///
    /// [`CarryError`].
    async fn carry(&self, parcel: &Parcel) -> Result<(), CarryError>;
}
