//! Which entries are asked for.

use super::AuditEntry;
use crate::error::{Error, Result};
use crate::event::{Actor, Subject};
use crate::id::{
    ApiKeyId, InstallationId, IssueId, LabelId, MemberId, ProviderId, RootId, SessionId, TeamId, TenantId,
    ViewId, WorkflowId,
};
use crate::model::Network;
use crate::security::SecurityKind;
use crate::time::Timestamp;
use std::str::FromStr;

/// Kinds that one filter names.
const KINDS_MAX: usize = 50;

/// Bytes of the name of a kind.
const KIND_BYTES_MAX: usize = 60;

/// What names of both chains begin with. No whole name is of both.
const SHARED_WORDS: [&str; 4] = ["key", "second_factor", "session", "visit"];

/// Which of the two chains may hold what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainsAsked {
    pub(crate) log: bool,
    pub(crate) security: bool,
}

/// Whose doings are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode)]
pub enum AuditActor {
    /// Those of a member, and of programs in their name.
    #[n(0)]
    Member(#[n(0)] MemberId),
    /// Those of a program with this key.
    #[n(1)]
    Key(#[n(0)] ApiKeyId),
    /// Those of an operator of the platform.
    #[n(2)]
    Root(#[n(0)] RootId),
}

impl FromStr for AuditActor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let by_prefix = match text.split_once('_').map(|(prefix, _)| prefix) {
            Some(MemberId::PREFIX) => text.parse().ok().map(Self::Member),
            Some(ApiKeyId::PREFIX) => text.parse().ok().map(Self::Key),
            Some(RootId::PREFIX) => text.parse().ok().map(Self::Root),
            _ => None,
        };
        let message = "name a member (`usr_…`), an API key (`key_…`) or an operator (`root_…`) by id";
        by_prefix.ok_or_else(|| Error::invalid("actorId", message))
    }
}

/// What a global id names in the log.
///
/// # Errors
///
/// `INVALID_INPUT` for a text that is no id of a thing that events are about.
pub fn subject_named(text: &str) -> Result<Subject> {
    let by_prefix = match text.split_once('_').map(|(prefix, _)| prefix) {
        Some(IssueId::PREFIX) => text.parse().ok().map(Subject::Issue),
        Some(LabelId::PREFIX) => text.parse().ok().map(Subject::Label),
        Some(MemberId::PREFIX) => text.parse().ok().map(Subject::Member),
        Some(TeamId::PREFIX) => text.parse().ok().map(Subject::Team),
        Some(WorkflowId::PREFIX) => text.parse().ok().map(Subject::Workflow),
        Some(ApiKeyId::PREFIX) => text.parse().ok().map(Subject::Key),
        Some(ViewId::PREFIX) => text.parse().ok().map(Subject::View),
        Some(SessionId::PREFIX) => text.parse().ok().map(Subject::Session),
        Some(ProviderId::PREFIX) => text.parse().ok().map(Subject::Provider),
        Some(InstallationId::PREFIX) => text.parse().ok().map(Subject::Installation),
        Some(TenantId::PREFIX) => text.parse::<TenantId>().ok().map(|_| Subject::Tenant),
        _ => None,
    };
    let message = "name an issue, member, team, key, session or another thing of the log by its global id";
    by_prefix.ok_or_else(|| Error::invalid("subjectId", message))
}

/// Which entries: those for which all that is said is true.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode)]
pub struct AuditFilter {
    /// Of one of these kinds: `sign_in.failed`, or `sign_in` for all that begin so. All unless said.
    #[n(0)]
    pub kinds: Vec<String>,
    /// Done by this party.
    #[n(1)]
    pub actor: Option<AuditActor>,
    /// From this address or network.
    #[n(2)]
    pub address: Option<Network>,
    /// About this.
    #[n(3)]
    pub subject: Option<Subject>,
    /// Written down at this moment or later.
    #[n(4)]
    pub from: Option<Timestamp>,
    /// Written down before this moment.
    #[n(5)]
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Refuses what is no filter.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT`, naming the field.
    pub fn check(&self) -> Result<()> {
        if self.kinds.len() > KINDS_MAX {
            return Err(Error::invalid("kinds", format!("at most {KINDS_MAX} kinds can be named at once")));
        }
        let shape = |kind: &str| {
            (1..=KIND_BYTES_MAX).contains(&kind.len())
                && kind.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.'))
        };
        match self.kinds.iter().find(|kind| !shape(kind)) {
            Some(_) => {
                let message = "a kind is such as `sign_in.failed`, or `sign_in` for all that begin so";
                Err(Error::invalid("kinds", message))
            }
            None => Ok(()),
        }
    }

    /// Whether an entry is asked for.
    #[must_use]
    pub fn passes(&self, entry: &AuditEntry) -> bool {
        self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| is_of(entry.kind, kind)))
            && self.actor.is_none_or(|actor| entry.actor.is_some_and(|by| is_by(by, actor)))
            && self.subject.is_none_or(|subject| entry.subject == Some(subject))
            && self.address.is_none_or(|network| {
                let address = entry.address.as_deref().and_then(|address| address.parse().ok());
                address.is_some_and(|address| network.contains(address))
            })
    }

    /// Which of the two chains may hold entries of these kinds.
    pub(crate) fn chains(&self) -> ChainsAsked {
        let mut chains = ChainsAsked { log: self.kinds.is_empty(), security: self.kinds.is_empty() };
        for kind in &self.kinds {
            let of_security = SecurityKind::ALL.iter().any(|known| is_of(known.as_str(), kind));
            chains.security |= of_security;
            chains.log |= !of_security || SHARED_WORDS.contains(&kind.as_str());
        }
        chains
    }

    /// What tells a list of this filter from any other.
    pub(crate) fn list_hash(&self) -> [u8; 16] {
        let bytes = minicbor::to_vec(self).unwrap_or_default();
        let mut hash = [0; 16];
        let mut hasher = blake3::Hasher::new_derive_key("mortise list of the audit log 1");
        hasher.update(&bytes).finalize_xof().fill(&mut hash);
        hash
    }
}

fn is_of(kind: &str, wanted: &str) -> bool {
    kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_by(by: Actor, wanted: AuditActor) -> bool {
    match wanted {
        AuditActor::Member(member) => by.member() == Some(member),
        AuditActor::Key(key) => matches!(by, Actor::Key(by, _) if by == key),
        AuditActor::Root(root) => by == Actor::Root(root),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All names that events of the log have: they are written in these two files alone.
    fn names_of_the_log() -> Vec<&'static str> {
        let sources = [include_str!("../event/name.rs"), include_str!("../event/change.rs")];
        let words = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        words.filter(|word| word.contains('.') && !word.contains(' ')).collect()
    }

    #[test]
    fn a_kind_is_looked_for_wherever_it_may_be() {
        let names = names_of_the_log();
        assert!(names.contains(&"issue.created") && names.contains(&"approval.granted"), "{names:?}");
        let chains =
            |kind: &str| AuditFilter { kinds: vec![kind.to_owned()], ..AuditFilter::default() }.chains();
        for name in names {
            let (word, _) = name.split_once('.').unwrap();
            assert_eq!(chains(name), ChainsAsked { log: true, security: false }, "{name}");
            assert!(chains(word).log, "{word}");
        }
        for kind in SecurityKind::ALL {
            let (word, _) = kind.as_str().split_once('.').unwrap();
            assert_eq!(chains(kind.as_str()), ChainsAsked { log: false, security: true }, "{kind:?}");
            assert!(chains(word).security, "{word}");
        }
        assert_eq!(chains("sign_in"), ChainsAsked { log: false, security: true });
        let both =
            AuditFilter { kinds: vec!["key.used".into(), "key.created".into()], ..AuditFilter::default() };
        assert_eq!(both.chains(), ChainsAsked { log: true, security: true });
        assert_eq!(AuditFilter::default().chains(), ChainsAsked { log: true, security: true });
    }
}
