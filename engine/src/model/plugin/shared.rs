//! Manifests, held once in a process. Companies mostly have the same plugins, and a manifest is the largest part of what is
//! kept of one.
//!
//! It shows in memory alone: stored bytes are those of any other text. It knows no rows.

use super::Digest;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, Weak};

/// So many texts may be there, whether anybody has them or not.
const FEW: usize = 64;

static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(|| Mutex::new(Texts::default()));

/// This text, as all have it who ask for the same.
pub(super) fn text(text: &str) -> Arc<str> {
    let digest = Digest::of(text.as_bytes());
    TEXTS.lock().shared(digest, text)
}

/// Encodes it as any other text.
pub(super) fn encode<C, W: minicbor::encode::Write>(
    text: &str,
    e: &mut minicbor::Encoder<W>,
    _: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    e.str(text)?.ok()
}

/// Decodes a text that others may have, too.
pub(super) fn decode<C>(
    d: &mut minicbor::Decoder<'_>,
    _: &mut C,
) -> Result<Arc<str>, minicbor::decode::Error> {
    d.str().map(text)
}

/// Texts by their hash: nobody can make two that have the same, so nobody is given a text of another company. Who asked for one
/// keeps it alive; this does not.
#[derive(Default)]
struct Texts {
    by_hash: FxHashMap<Digest, Weak<str>>,
    /// How many there may be before those are looked for that nobody has any more.
    room: usize,
}

impl Texts {
    fn shared(&mut self, digest: Digest, text: &str) -> Arc<str> {
        if let Some(there) = self.by_hash.get(&digest).and_then(Weak::upgrade) {
            return there;
        }
        if self.by_hash.len() >= self.room {
            self.let_go();
        }
        let text = Arc::<str>::from(text);
        self.by_hash.insert(digest, Arc::downgrade(&text));
        text
    }

    /// Lets go of what nobody has any more; its bytes are in memory until then. All are looked at, so this is not done again
    /// before they have doubled.
    fn let_go(&mut self) {
        self.by_hash.retain(|_, text| text.strong_count() > 0);
        self.room = FEW.max(self.by_hash.len().saturating_mul(2));
        self.by_hash.shrink_to(self.room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PluginCode, PluginHooks, PluginOrigin, PluginPermissions};

    fn code(manifest: &str) -> PluginCode {
        PluginCode {
            digest: Digest::of(b"code"),
            plugin: "acme.sweeper".into(),
            name: "Sweeper".into(),
            version: "1.0.0".into(),
            origin: PluginOrigin::Own,
            bytes: 4,
            manifest: manifest.into(),
            hooks: PluginHooks::default(),
            permissions: PluginPermissions::default(),
            uploader: None,
            uploaded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            removed_at: None,
        }
    }

    /// A row as it comes from the store.
    fn opened(manifest: &str) -> PluginCode {
        let bytes = minicbor::to_vec(code(manifest)).unwrap();
        minicbor::decode(&bytes).unwrap()
    }

    fn ask(texts: &mut Texts, text: &str) -> Arc<str> {
        texts.shared(Digest::of(text.as_bytes()), text)
    }

    #[test]
    fn rows_with_one_text_hold_it_once() {
        let (one, other) = (opened("one text"), opened("one text"));
        assert!(Arc::ptr_eq(&one.manifest, &other.manifest));
        assert_eq!((&one, &*one.manifest), (&code("one text"), "one text"));
        let made = code("one text");
        assert!(!Arc::ptr_eq(&one.manifest, &made.manifest));
        assert!(Arc::ptr_eq(&one.manifest, &made.sharing().manifest), "what is made joins what was opened");
    }

    #[test]
    fn rows_with_other_texts_have_their_own() {
        let (one, other) = (opened("a text"), opened("a text, and more"));
        assert!(!Arc::ptr_eq(&one.manifest, &other.manifest));
        assert_eq!((&*one.manifest, &*other.manifest), ("a text", "a text, and more"));
    }

    #[test]
    fn a_text_goes_with_its_last_row() {
        let (one, other) = (opened("a text of two"), opened("a text of two"));
        let text = Arc::downgrade(&one.manifest);
        drop(one);
        assert_eq!(text.strong_count(), 1);
        drop(other);
        assert_eq!(text.strong_count(), 0, "nothing holds it but rows");
        assert_eq!(&*opened("a text of two").manifest, "a text of two", "and it comes back");
    }

    #[test]
    fn what_is_gone_is_let_go() {
        let mut texts = Texts::default();
        let held: Vec<_> = (0..FEW).map(|n| ask(&mut texts, &format!("held {n}"))).collect();
        for n in 0..10 * FEW {
            drop(ask(&mut texts, &format!("gone {n}")));
            assert!(texts.by_hash.len() <= 2 * FEW, "{}", texts.by_hash.len());
        }
        for (n, text) in held.iter().enumerate() {
            assert!(Arc::ptr_eq(text, &ask(&mut texts, &format!("held {n}"))), "what is held stays");
        }
        drop(held);
        texts.let_go();
        assert!(texts.by_hash.is_empty());
    }
}
