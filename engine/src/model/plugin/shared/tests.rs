use super::super::{Digest, PluginCode, PluginOrigin};
use super::*;
use crate::model::HookPoint;

fn code(manifest: &str) -> PluginCode {
    PluginCode {
        digest: Digest::of(b"code"),
        plugin: "acme.sweeper".into(),
        name: "Sweeper".into(),
        version: "1.0.0".into(),
        origin: PluginOrigin::Own,
        bytes: 4,
        manifest: manifest.into(),
        hooks: PluginHooks { validate: vec![HookPoint::Create], ..PluginHooks::default() }.into(),
        permissions: Arc::default(),
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

fn ask(texts: &mut Pool<str>, text: &str) -> Arc<str> {
    let hash = HASHES.hash_one(text);
    texts.get(hash).unwrap_or_else(|| {
        let text = Arc::from(text);
        texts.keep(hash, &text);
        text
    })
}

#[test]
fn rows_with_one_text_hold_it_once() {
    let (one, other) = (opened("one text"), opened("one text"));
    assert!(Arc::ptr_eq(&one.manifest, &other.manifest));
    assert!(Arc::ptr_eq(&one.hooks, &other.hooks) && Arc::ptr_eq(&one.name, &other.name));
    assert_eq!((&one, &*one.manifest), (&code("one text"), "one text"));
    let made = code("one text");
    assert!(!Arc::ptr_eq(&one.manifest, &made.manifest));
    let made = made.sharing();
    assert!(Arc::ptr_eq(&one.manifest, &made.manifest), "what is made joins what was opened");
    assert!(Arc::ptr_eq(&one.hooks, &made.hooks));
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
    let mut texts = Pool::<str>::default();
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
