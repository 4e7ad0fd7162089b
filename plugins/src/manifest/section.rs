//! The section of a component that holds its manifest: finding it, and putting one in.
//!
//! A component is walked from section to section at its top, none of which is opened. Whether it is valid is not judged.

use super::{Manifest, ManifestError};
use wasmparser::BinaryReader;

/// The name of the custom section.
pub const SECTION: &str = "mortise:manifest";

/// What a component begins with; a plain module has another number behind its name.
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";
const MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Sections at the top of a component that are walked: those of Python have some hundreds.
const SECTIONS_MAX: usize = 100_000;

/// One section at the top: where it lies with its head, and what it holds if it is a manifest.
struct Section<'a> {
    whole: &'a [u8],
    manifest: Option<&'a [u8]>,
}

/// The one manifest of a component.
pub(super) fn find(wasm: &[u8]) -> Result<&[u8], ManifestError> {
    let sections = sections(wasm)?;
    let mut found = sections.into_iter().filter_map(|section| section.manifest);
    let manifest = found.next().ok_or(ManifestError::Missing)?;
    if found.next().is_some() { Err(ManifestError::Twice) } else { Ok(manifest) }
}

/// The component with this manifest behind it, in place of any that it had.
///
/// # Errors
///
/// [`ManifestError`] for bytes that are no component, and for a manifest that cannot be read.
pub fn pack(component: &[u8], manifest: &str) -> Result<Vec<u8>, ManifestError> {
    Manifest::parse(manifest.as_bytes())?;
    let mut packed = COMPONENT.to_vec();
    for section in sections(component)?.iter().filter(|section| section.manifest.is_none()) {
        packed.extend_from_slice(section.whole);
    }
    let mut content = Vec::new();
    write_length(&mut content, SECTION.len());
    content.extend_from_slice(SECTION.as_bytes());
    content.extend_from_slice(manifest.as_bytes());
    packed.push(0);
    write_length(&mut packed, content.len());
    packed.extend(content);
    Ok(packed)
}

fn sections(wasm: &[u8]) -> Result<Vec<Section<'_>>, ManifestError> {
    let refused = ManifestError::NotAComponent;
    let Some(body) = wasm.strip_prefix(COMPONENT.as_slice()) else {
        let is_module = wasm.starts_with(&MODULE);
        return Err(refused(if is_module {
            "it is a plain module: build it for the component model, with the SDK's linker"
        } else {
            "it does not begin as one"
        }));
    };
    let cut = |_| refused("it ends in the middle of a section");
    let mut reader = BinaryReader::new(body, 0);
    let mut sections = Vec::new();
    while !reader.eof() {
        if sections.len() == SECTIONS_MAX {
            return Err(refused("it has more sections than are looked at"));
        }
        let start = reader.original_position();
        let id = reader.read_u8().map_err(cut)?;
        let length = reader.read_var_u32().map_err(cut)?;
        let content = reader.read_bytes(usize::try_from(length).unwrap_or(usize::MAX)).map_err(cut)?;
        let whole = body.get(start..reader.original_position()).unwrap_or_default();
        sections.push(Section { whole, manifest: if id == 0 { manifest(content) } else { None } });
    }
    Ok(sections)
}

/// What a custom section holds, if it is a manifest.
fn manifest(content: &[u8]) -> Option<&[u8]> {
    let mut reader = BinaryReader::new(content, 0);
    let length = usize::try_from(reader.read_var_u32().ok()?).ok()?;
    (reader.read_bytes(length).ok()? == SECTION.as_bytes())
        .then(|| content.get(reader.original_position()..))?
}

/// A length as WebAssembly writes one: seven bits a byte, the lowest first.
fn write_length(to: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            to.push(low);
            return;
        }
        to.push(low | 0x80);
    }
}
