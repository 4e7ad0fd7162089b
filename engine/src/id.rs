//! Typed ids: one list makes every kind, so that an id of one thing never passes for another's.
//!
//! Inside, an id is a UUIDv7 (RFC 9562 §5.7) of 16 bytes: new rows sort after old ones. Outside, it is a
//! *global id*: a prefix that names the kind and 26 characters of base32 (`iss_…`), so that a wrong kind is
//! refused before anything is looked up. An id says nothing of its tenant: every lookup is by (tenant, id).
//! This module knows nothing of what the ids stand for.

use data_encoding::{Encoding, Specification};
use std::{fmt, str::FromStr, sync::LazyLock};
use uuid::Uuid;

/// Lower-case base32 in the alphabet of RFC 4648 §7: the text sorts as the bytes do.
#[expect(clippy::unwrap_used, reason = "the specification is a constant, and a test exercises it")]
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghijklmnopqrstuv");
    specification.encoding().unwrap()
});

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is not {wanted} id: expected `{prefix}_` and 26 characters")]
pub struct ParseIdError {
    shown: String,
    wanted: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of the global id, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, later in order than those made before it in this process.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id with these bytes.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as a UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes, in storage order.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0u8; 26];
                BASE32.encode_mut(self.0.as_bytes(), &mut text);
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse($prefix, text).map(Self).ok_or_else(|| ParseIdError {
                    shown: text.chars().take(48).collect(),
                    wanted: $noun,
                    prefix: $prefix,
                })
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(self.0.as_bytes())?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                Uuid::from_slice(bytes).map(Self).map_err(minicbor::decode::Error::custom)
            }
        }
    )*};
}

ids! {
    /// An entry for an API key.
    ApiKeyId = "key", "an API key";
    /// A comment on an issue.
    CommentId = "cmt", "a comment";
    /// A plugin in a company.
    InstallationId = "pin", "an installation";
    /// An invitation.
    InvitationId = "inv", "an invitation";
    /// An issue.
    IssueId = "iss", "an issue";
    /// A label.
    LabelId = "lbl", "a label";
    /// A one-time token.
    OneTimeId = "otp", "a one-time token";
    /// A change of many tenants, made by those who run the platform.
    JobId = "job", "a job";
    /// An identity provider of a tenant.
    ProviderId = "idp", "an identity provider";
    /// A message on its way out.
    MailId = "mail", "a message";
    /// A person, or a service account, in one tenant.
    MemberId = "usr", "a member";
    /// An operator of the platform.
    RootId = "root", "a root operator";
    /// A signed-in session.
    SessionId = "ses", "a session";
    /// A state of a workflow.
    StateId = "st", "a workflow state";
    /// A team.
    TeamId = "team", "a team";
    /// A saved view.
    ViewId = "view", "a saved view";
    /// A tenant: one customer company.
    TenantId = "ten", "a tenant";
    /// A workflow: states and the moves between them.
    WorkflowId = "wf", "a workflow";
    /// A version of a workflow.
    WorkflowVersionId = "wfv", "a workflow version";
}

impl MemberId {
    /// Nobody: the id of all zeros. What the embedding program itself makes stands under it, and no member has it.
    pub const NOBODY: Self = Self(Uuid::nil());
}

impl WorkflowVersionId {
    /// The id of a workflow's first version: the workflow's own. Others are drawn.
    #[must_use]
    pub const fn first_of(workflow: WorkflowId) -> Self {
        Self(workflow.0)
    }
}

fn parse(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    if digits.len() != 26 {
        return None;
    }
    let mut bytes = [0u8; 16];
    let length = BASE32.decode_mut(digits.as_bytes(), &mut bytes).ok()?;
    (length == 16).then(|| Uuid::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_global_id_reads_back_as_the_same_id() {
        let id = IssueId::generate();
        assert_eq!(id.to_string().parse::<IssueId>().unwrap(), id);
        assert_eq!(id.to_string().len(), "iss_".len() + 26);
    }

    #[test]
    fn an_id_of_another_kind_is_refused_before_any_lookup() {
        let text = TeamId::generate().to_string();
        let error = text.parse::<IssueId>().unwrap_err();
        assert!(error.to_string().contains("not an issue id"), "{error}");
    }

    #[test]
    fn texts_sort_as_the_ids_do() {
        let (a, b) = (IssueId::generate(), IssueId::generate());
        assert!(a < b && a.to_string() < b.to_string());
    }

    #[test]
    fn broken_texts_are_refused() {
        for text in
            ["", "iss", "iss_", "iss_zz", "iss_é0000000000000000000000000", "iss_WWWWWWWWWWWWWWWWWWWWWWWWWW"]
        {
            assert!(text.parse::<IssueId>().is_err(), "{text}");
        }
    }
}
