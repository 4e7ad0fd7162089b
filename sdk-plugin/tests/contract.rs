//! The contract inside of this package is the frozen one of the repository, byte for byte.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

fn texts(folder: &str) -> io::Result<BTreeMap<String, String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        texts.insert(entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?);
    }
    Ok(texts)
}

#[test]
fn the_copy_is_the_contract() -> io::Result<()> {
    let (ours, frozen) = (texts("wit")?, texts("../wit/v1")?);
    assert_eq!(ours.keys().collect::<Vec<_>>(), frozen.keys().collect::<Vec<_>>());
    for (file, text) in &frozen {
        assert!(ours.get(file) == Some(text), "sdk-plugin/wit/{file} differs: copy wit/v1/{file} over it");
    }
    Ok(())
}
