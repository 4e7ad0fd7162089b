//! Looking at an upload: what it is, what it asks for, and whether it is small enough to be compiled. It compiles and
//! runs nothing, and it does not judge whether the code is valid: the compiler does that, in its own process.

mod names;
mod shape;

use super::digest::Digest;
use super::task::Export;

/// The custom section that holds the manifest, in the component or in a module of it.
pub(super) const MANIFEST_SECTION: &str = "mortise:manifest";

/// What an upload may be made of. Sizes alone do not help: 200 KiB of the wrong code take a compiler gigabytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Bytes of the whole component.
    pub bytes: usize,
    /// Bytes of the manifest.
    pub manifest_bytes: usize,
    /// Components and modules inside one another.
    pub nesting: usize,
    /// Core modules and components in it, all levels together.
    pub modules: usize,
    /// Functions, all modules together.
    pub functions: usize,
    /// Bytes of the largest function.
    pub function_bytes: usize,
    /// Local variables of one function.
    pub locals: u64,
    /// Bytes of a function times its locals: what makes a compiler slow.
    pub function_weight: u64,
    /// Imports and exports of any one module or component.
    pub names: usize,
}

impl UploadLimits {
    /// For plugins that the operator of the platform offers.
    #[must_use]
    pub fn curated() -> Self {
        Self { bytes: 4 << 20, ..Self::own() }
    }

    /// For what a company uploads itself.
    #[must_use]
    pub fn own() -> Self {
        Self {
            bytes: 2 << 20,
            manifest_bytes: 64 << 10,
            nesting: 4,
            modules: 64,
            functions: 20_000,
            function_bytes: 128 << 10,
            locals: 2_000,
            function_weight: 64 << 20,
            names: 1_000,
        }
    }

    /// For languages that bring their interpreter.
    #[must_use]
    pub fn large() -> Self {
        Self {
            bytes: 20 << 20,
            modules: 128,
            functions: 60_000,
            function_bytes: 512 << 10,
            function_weight: 256 << 20,
            names: 10_000,
            ..Self::own()
        }
    }
}

/// What an upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// Its name.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: usize,
    /// Imported interfaces, such as `issues` or `kv`, sorted: the honest list of what it can ask for.
    pub imports: Vec<String>,
    /// Exported interfaces, sorted.
    pub exports: Vec<Export>,
    /// The content of its manifest section.
    pub manifest: Option<Vec<u8>>,
    /// The version of the contract that it was made for, such as `1.0.0`.
    pub contract: String,
}

/// Why an upload is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// One of the [`UploadLimits`].
    #[error("the component has {found} {what}, the limit is {limit}")]
    Over {
        /// What there is too much of, such as `bytes` or `functions`.
        what: &'static str,
        /// How much there is; counting stops soon after the limit.
        found: u64,
        /// How much there may be.
        limit: u64,
    },
    /// Not WebAssembly, or broken.
    #[error("not a WebAssembly component: {0}")]
    Malformed(String),
    /// A core module instead of a component.
    #[error("a core module, not a component: link it with wasm-component-ld")]
    CoreModule,
    /// It imports what the contract does not have, WASI for instance.
    #[error("imports `{0}`, which Mortise does not offer")]
    Import(String),
    /// It was made for a version of the contract that this host does not speak.
    #[error("made for version {found} of the contract, this host speaks {spoken}")]
    Contract {
        /// The version that it names.
        found: String,
        /// The newest that this host speaks.
        spoken: &'static str,
    },
    /// It exports none of the contract's hooks.
    #[error("exports none of workflow, automation, scheduled, inbound and lifecycle")]
    NoExports,
    /// It has several manifests.
    #[error("has several different manifests")]
    Manifests,
}

/// Looks at it.
pub(super) fn inspect(wasm: &[u8], limits: &UploadLimits) -> Result<Inspected, Refused> {
    let shape = shape::shape(wasm, limits)?;
    let names = names::sort(&shape.imports, &shape.exports)?;
    Ok(Inspected {
        digest: Digest::of(wasm),
        size: wasm.len(),
        imports: names.imports,
        exports: names.exports,
        manifest: shape.manifest.map(<[u8]>::to_vec),
        contract: names.contract,
    })
}
