//! Puts a manifest into a component, as a custom section behind everything else.
//!
//! The host's own packer reads the manifest first; this one believes it, so that building a guest needs no host.

use std::path::Path;

use anyhow::Context;

/// What the host looks for.
const SECTION: &str = "mortise:manifest";

/// What a component begins with; a plain module has other bytes behind the magic.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Writes `component` with `manifest` into `file`, unless the file is so already; answers its size in bytes.
pub(super) fn into(component: &Path, manifest: &str, file: &Path) -> anyhow::Result<u64> {
    let mut bytes =
        std::fs::read(component).with_context(|| format!("cannot read {}", component.display()))?;
    anyhow::ensure!(
        bytes.starts_with(COMPONENT),
        "{} is no component: is the linker of its .cargo/config.toml `wasm-component-ld`?",
        component.display()
    );
    bytes.extend(section(manifest));
    if std::fs::read(file).ok().as_deref() != Some(bytes.as_slice()) {
        std::fs::write(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(bytes.len().try_into()?)
}

/// A custom section: its kind, its length, the length of its name, its name, its content.
fn section(content: &str) -> Vec<u8> {
    let mut body = length(SECTION.len());
    body.extend_from_slice(SECTION.as_bytes());
    body.extend_from_slice(content.as_bytes());
    let mut section = vec![0];
    section.extend(length(body.len()));
    section.extend(body);
    section
}

/// LEB128: seven bits a byte, the lowest first; the high bit says that more follow.
fn length(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default(); // seven bits fit
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_seven_bits_a_byte() {
        assert_eq!(length(0), [0]);
        assert_eq!(length(127), [0x7f]);
        assert_eq!(length(128), [0x80, 1]);
        assert_eq!(length(624_485), [0xe5, 0x8e, 0x26]);
    }

    #[test]
    fn a_section_holds_its_name_and_the_manifest() {
        let mut expected = vec![0, 19, 16];
        expected.extend_from_slice(b"mortise:manifestab");
        expected[1] = 19;
        assert_eq!(section("ab"), expected);
    }
}
