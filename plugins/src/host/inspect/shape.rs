//! One cheap pass over the bytes: how many of what, how large, how deep. Nothing is kept but names and the manifest.

use super::{MANIFEST_SECTION, Refused, UploadLimits};
use wasmparser::{BinaryReaderError, Encoding, FunctionBody, Parser, Payload};

/// What the pass found.
#[derive(Default)]
pub(super) struct Shape<'a> {
    /// Names of the outermost component's imports.
    pub(super) imports: Vec<&'a str>,
    /// Names of its exports.
    pub(super) exports: Vec<&'a str>,
    /// The content of the manifest section, wherever it lies.
    pub(super) manifest: Option<&'a [u8]>,
    functions: usize,
    modules: usize,
}

/// Passes over the bytes.
pub(super) fn shape<'a>(wasm: &'a [u8], limits: &UploadLimits) -> Result<Shape<'a>, Refused> {
    bound("bytes", wasm.len(), limits.bytes)?;
    if !Parser::is_component(wasm) {
        return Err(if Parser::is_core_wasm(wasm) {
            Refused::CoreModule
        } else {
            Refused::Malformed(String::from("it does not begin as one"))
        });
    }
    let mut shape = Shape::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(malformed)? {
            // `parse_all` goes into what is nested by itself, and says `End` for each.
            Payload::Version { encoding, .. } => {
                depth += 1;
                bound("levels of nesting", depth, limits.nesting)?;
                shape.modules += 1;
                bound("modules", shape.modules, limits.modules)?;
                if depth == 1 && encoding != Encoding::Component {
                    return Err(Refused::CoreModule);
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) => {
                bound("imports", section.count() as usize, limits.names)?;
                for import in section {
                    let name = import.map_err(malformed)?.name.name;
                    if depth == 1 {
                        bound("imports", shape.imports.len() + 1, limits.names)?;
                        shape.imports.push(name);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                bound("exports", section.count() as usize, limits.names)?;
                for export in section {
                    let name = export.map_err(malformed)?.name.name;
                    if depth == 1 {
                        bound("exports", shape.exports.len() + 1, limits.names)?;
                        shape.exports.push(name);
                    }
                }
            }
            Payload::ImportSection(section) => bound("imports", section.count() as usize, limits.names)?,
            Payload::ExportSection(section) => bound("exports", section.count() as usize, limits.names)?,
            Payload::CodeSectionStart { count, .. } => {
                shape.functions = shape.functions.saturating_add(count as usize);
                bound("functions", shape.functions, limits.functions)?;
            }
            Payload::CodeSectionEntry(body) => function(&body, limits)?,
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                bound("bytes of manifest", section.data().len(), limits.manifest_bytes)?;
                match shape.manifest {
                    Some(earlier) if earlier != section.data() => return Err(Refused::Manifests),
                    _ => shape.manifest = Some(section.data()),
                }
            }
            _ => {}
        }
    }
    Ok(shape)
}

/// One function: its length, its locals, and both together.
fn function(body: &FunctionBody<'_>, limits: &UploadLimits) -> Result<(), Refused> {
    let len = body.range().len();
    bound("bytes in one function", len, limits.function_bytes)?;
    let mut locals = 0_u64;
    for group in body.get_locals_reader().map_err(malformed)? {
        let (count, _) = group.map_err(malformed)?;
        locals = locals.saturating_add(count.into());
        bound("locals in one function", locals, limits.locals)?;
    }
    let weight = (len as u64).saturating_mul(locals);
    bound("bytes times locals in one function", weight, limits.function_weight)
}

/// Not more than the limit.
fn bound<N: TryInto<u64>>(what: &'static str, found: N, limit: N) -> Result<(), Refused> {
    let (found, limit) = (found.try_into().unwrap_or(u64::MAX), limit.try_into().unwrap_or(u64::MAX));
    if found > limit { Err(Refused::Over { what, found, limit }) } else { Ok(()) }
}

fn malformed(error: BinaryReaderError) -> Refused {
    Refused::Malformed(format!("{} at byte {}", error.message(), error.offset()))
}
