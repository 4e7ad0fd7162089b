//! What went wrong with an import, as whoever asked for it may read it.
//!
//! What lies underneath (files, systems) goes to the server's own log. It does not know when it is said.

use mortise::id::TenantId;
use mortise::{Error, ErrorCode};
use serde_json::{Value, json};

use crate::import::error::{ArchiveError, ErrorKind};

/// Code and message of a failure; what is our fault is logged here.
pub(super) fn told(error: &anyhow::Error, tenant: TenantId) -> Value {
    let (code, message) = words(error);
    if matches!(code, ErrorCode::Internal | ErrorCode::Unavailable) {
        tracing::error!(tenant.id = %tenant, ?error, "an import failed");
    } else {
        tracing::info!(tenant.id = %tenant, code = code.as_str(), message, "an import was refused");
    }
    json!({ "code": code.as_str(), "message": message })
}

/// The sentences of an error down to the first that is worded for others, and its code.
fn words(error: &anyhow::Error) -> (ErrorCode, String) {
    let mut said = Vec::new();
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<Error>() {
            said.push(error.message().to_owned());
            return (error.code(), said.join(": "));
        }
        if let Some(fault) = cause.downcast_ref::<ArchiveError>() {
            if matches!(fault.kind, ErrorKind::Read | ErrorKind::Changed) {
                said.push("what was taken in cannot be read again; try once more".to_owned());
                return (ErrorCode::Unavailable, said.join(": "));
            }
            said.push(fault.to_string());
            return (ErrorCode::InvalidInput, said.join(": "));
        }
        said.push(cause.to_string());
    }
    (ErrorCode::Internal, Error::internal("").message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::error::Position;
    use anyhow::Context as _;

    #[test]
    fn a_failure_says_what_is_worded_for_others_and_nothing_below_it() {
        let secret = || std::io::Error::other("/var/lib/mortise/spool/0");
        let full = Error::unavailable("the store is full").with_source(secret());
        let full = Err::<(), _>(full).context("cannot import issues").unwrap_err();
        assert_eq!(words(&full), (ErrorCode::Unavailable, "cannot import issues: the store is full".into()));
        let gone = anyhow::Error::new(ArchiveError::read(secret(), Position::START)).context("cannot import");
        assert!(!words(&gone).1.contains("spool"), "{gone:#}");
        let broken = ArchiveError::new(ErrorKind::Syntax, "expected `,`", Position::START);
        let (code, message) = words(&anyhow::Error::new(broken).context("nothing was written"));
        assert_eq!(code, ErrorCode::InvalidInput);
        assert_eq!(message, "nothing was written: expected `,` (line 1, column 1, byte 0)");
        let (code, message) = words(&anyhow::Error::new(secret()).context("reading"));
        assert!(code == ErrorCode::Internal && !message.contains("spool"), "{message}");
    }
}
