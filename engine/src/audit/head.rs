//! The head: how far a company's log and its security events had come at a moment, to be signed and kept elsewhere.
//!
//! Whoever has one can tell later whether what was before it is still there, unchanged. It does not know keys.

use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::identity::{PublicKeys, read_statement};
use crate::model::{LogPlace, Seq};
use crate::time::Timestamp;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// How far both chains of a company had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Of which company.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// The end of the log.
    pub log: LogPlace,
    /// The end of the security events.
    pub security: LogPlace,
}

impl AuditHead {
    /// The type of its signed form: nothing else that these keys sign has it.
    pub const TYPE: &'static str = "mortise-audit-head+jwt";

    /// The head in its signed form.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` when it was not signed with one of these keys, or was changed since.
    pub fn read(signed: &str, keys: &PublicKeys) -> Result<Self> {
        let claims: Claims = read_statement(Self::TYPE, signed.trim(), keys)
            .map_err(|refusal| Error::invalid("head", format!("cannot use the head: {refusal}")))?;
        claims.try_into()
    }

    /// As it is signed.
    pub(crate) fn claims(&self) -> Claims {
        Claims {
            tenant: self.tenant.to_string(),
            at: self.at.to_string(),
            log: Place::of(self.log),
            security: Place::of(self.security),
        }
    }
}

/// A head as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    tenant: String,
    at: String,
    log: Place,
    security: Place,
}

/// A place as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    seq: u64,
    hash: String,
}

impl Place {
    pub(crate) fn of(place: LogPlace) -> Self {
        Self { seq: place.seq.0, hash: HEXLOWER.encode(&place.hash) }
    }

    pub(crate) fn read(&self) -> Option<LogPlace> {
        let hash = HEXLOWER.decode(self.hash.as_bytes()).ok()?.try_into().ok()?;
        Some(LogPlace { seq: Seq(self.seq), hash })
    }
}

impl TryFrom<Claims> for AuditHead {
    type Error = Error;

    fn try_from(claims: Claims) -> Result<Self> {
        let read = || {
            Some(Self {
                tenant: claims.tenant.parse().ok()?,
                at: claims.at.parse().ok()?,
                log: claims.log.read()?,
                security: claims.security.read()?,
            })
        };
        read().ok_or_else(|| Error::invalid("head", "the signature is good, and what it signs is no head"))
    }
}
