//! What is signed of an export as a whole: the digest of every byte before its last line.
//!
//! The records of an export prove their places in their chains, and a chain needs no secret: whoever has one end can go on
//! with it, or begin later. So whoever gives an export out signs it from its first byte to its last. It does not know keys.

use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::identity::{PublicKeys, read_statement};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is signed, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportSeal {
    /// Of which company.
    pub(crate) tenant: String,
    /// When its last line was written.
    at: String,
    /// Which entries it holds, in words.
    pub(crate) what: String,
    /// BLAKE3 of all lines before the last, in hexadecimal.
    blake3: String,
}

impl ExportSeal {
    /// The type of its signed form: nothing else that these keys sign has it.
    pub(crate) const TYPE: &'static str = "mortise-audit-export+jwt";

    /// The seal in its signed form.
    pub(super) fn read(signed: &str, keys: &PublicKeys) -> Result<Self> {
        read_statement(Self::TYPE, signed, keys)
            .map_err(|refusal| Error::invalid("export", format!("cannot use its last line: {refusal}")))
    }
}

/// The digest of the lines that were given, or read, so far.
#[derive(Default)]
pub(crate) struct LinesDigest(Box<blake3::Hasher>);

impl LinesDigest {
    /// These lines come next.
    pub(crate) fn take(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }

    /// What is to be signed of all that was taken.
    pub(crate) fn seal(&self, tenant: TenantId, at: Timestamp, what: String) -> ExportSeal {
        ExportSeal { tenant: tenant.to_string(), at: at.to_string(), what, blake3: self.digest() }
    }

    /// Whether what was taken is what was signed.
    pub(super) fn fits(&self, seal: &ExportSeal) -> bool {
        self.digest() == seal.blake3
    }

    fn digest(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}
