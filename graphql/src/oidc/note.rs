//! What a browser carries between the two halves of signing in: in a cookie, sealed by the company's own key.
//!
//! It does not know the protocol's messages.

use mortise_engine::id::{ProviderId, TenantId};
use mortise_engine::identity::NoteKey;
use mortise_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What cookies are called, with a part of the `state` behind it: two that are begun beside each other keep apart.
const COOKIE: &str = "mortise_sign_in_";

/// Browsers take a cookie whose name begins so over TLS alone, for this very host and all its pages: no neighbouring host can
/// plant one (RFC 6265bis, 4.1.3.2).
const OF_THIS_HOST: &str = "__Host-";

/// Characters of the random part of a `state` in the cookie's name.
const IN_NAME: usize = 12;

/// The name of the cookie that belongs to a `state`; none of one that is none of ours.
pub(super) fn cookie_name(state: &str, secure: bool) -> Option<String> {
    let random = state.splitn(3, '.').nth(2)?.get(..IN_NAME)?;
    is_plain(random).then(|| format!("{}{COOKIE}{random}", prefix(secure)))
}

/// Whether a cookie of this name is one of ours.
pub(super) fn is_ours(name: &str, secure: bool) -> bool {
    let random = name.strip_prefix(prefix(secure)).and_then(|name| name.strip_prefix(COOKIE));
    random.is_some_and(|random| random.len() == IN_NAME && is_plain(random))
}

const fn prefix(secure: bool) -> &'static str {
    if secure { OF_THIS_HOST } else { "" }
}

fn is_plain(random: &str) -> bool {
    random.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// How long somebody may take at the provider, in milliseconds.
pub(super) const AT_PROVIDER_MS: i64 = 10 * 60 * 1000;

/// What the note is sealed for.
const PURPOSE: &str = "oidc";

/// Between `start` and `callback`. It is not printed: the verifier is a secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    provider: String,
    /// The whole `state`, which must come back.
    pub(super) state: String,
    /// What the provider must repeat in its token.
    pub(super) nonce: String,
    /// The secret behind the challenge that the provider was shown (RFC 7636).
    pub(super) verifier: String,
    /// What the client that began named itself by.
    pub(super) challenge: String,
    expires_ms: i64,
}

/// What is said once at the beginning, and must be the same at the end.
pub(super) struct Begun {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) challenge: String,
}

impl Note {
    pub(super) fn new(provider: ProviderId, begun: Begun, now: Timestamp) -> Self {
        let expires_ms = now.plus_millis(AT_PROVIDER_MS).millis();
        let Begun { state, nonce, verifier, challenge } = begun;
        Self { provider: provider.to_string(), state, nonce, verifier, challenge, expires_ms }
    }

    /// The note as a cookie's value; none when the system gives no random bytes.
    pub(super) fn seal(&self, key: &NoteKey) -> Option<String> {
        let json = serde_json::to_vec(self).ok()?;
        key.seal(PURPOSE, &json).ok()
    }

    /// The note in a cookie, if it is of this company, in time, and of this `state`.
    pub(super) fn open(key: &NoteKey, cookie: &str, state: &str, now: Timestamp) -> Option<Self> {
        let note: Self = serde_json::from_slice(&key.open(PURPOSE, cookie)?).ok()?;
        (note.state == state && now.millis() < note.expires_ms).then_some(note)
    }

    /// The provider that the browser was sent to.
    pub(super) fn provider(&self) -> Option<ProviderId> {
        self.provider.parse().ok()
    }
}

/// The `state` of a visit to a provider: it names the company and the provider, so that whoever comes back is looked up, and
/// is otherwise random.
pub(super) fn state(tenant: TenantId, provider: ProviderId, random: &str) -> String {
    format!("{tenant}.{provider}.{random}")
}

/// The company and the provider that a `state` names. It proves nothing: the note does.
pub(super) fn named(state: &str) -> Option<(TenantId, ProviderId)> {
    let mut parts = state.splitn(3, '.');
    let (tenant, provider) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().map(|_| (tenant, provider))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_note_opens_for_its_state_and_in_time_alone() {
        let (key, provider) = (NoteKey::new(&[1; 32]), ProviderId::generate());
        let [state, nonce, verifier, challenge] =
            ["a.b.c", "nonce", "verifier", "challenge"].map(str::to_owned);
        let note = Note::new(provider, Begun { state, nonce, verifier, challenge }, NOW);
        let cookie = note.seal(&key).unwrap();
        let open = |key: &NoteKey, state: &str, now| Note::open(key, &cookie, state, now);
        assert_eq!(open(&key, "a.b.c", NOW).unwrap().provider(), Some(provider));
        assert!(open(&key, "a.b.d", NOW).is_none());
        assert!(open(&NoteKey::new(&[2; 32]), "a.b.c", NOW).is_none());
        assert!(open(&key, "a.b.c", NOW.plus_millis(AT_PROVIDER_MS)).is_none());
    }

    #[test]
    fn a_cookie_is_named_by_its_state_and_belongs_to_this_host_alone() {
        let state = |random| state(TenantId::generate(), ProviderId::generate(), random);
        let name = cookie_name(&state("abcdefghijklmnop"), true).unwrap();
        assert_eq!(name, "__Host-mortise_sign_in_abcdefghijkl");
        assert_ne!(cookie_name(&state("bbcdefghijklmnop"), true).unwrap(), name);
        for random in ["short", "abcdefg; x=1; y", "äbcdefghijklmnop"] {
            assert_eq!(cookie_name(&state(random), true), None, "{random}");
        }
        assert!(is_ours(&name, true) && !is_ours(&name, false));
        for other in
            ["", "session", "__Host-mortise_sign_in_", "__Host-mortise_sign_in_abc; Path=/x", &name[1..]]
        {
            assert!(!is_ours(other, true), "{other}");
        }
        assert!(!is_ours(&format!("{name}m"), true));
    }

    #[test]
    fn a_state_names_company_and_provider() {
        let (tenant, provider) = (TenantId::generate(), ProviderId::generate());
        assert_eq!(named(&state(tenant, provider, "x.y")), Some((tenant, provider)));
        for text in ["", "..", "a.b.c", &format!("{provider}.{tenant}.x"), &format!("{tenant}.{provider}")] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
