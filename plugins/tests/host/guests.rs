//! Guests in the text of core modules, made components of the contract's worlds.

use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Parts of a guest of world `workflow-plugin`. It allows everything, where nothing else is said.
#[derive(Default)]
pub(crate) struct Guest {
    /// Imports, in the text format.
    pub(crate) imports: &'static str,
    /// The body of `validate`, which leaves the address of a verdict.
    pub(crate) validate: &'static str,
    /// The body of `cabi_realloc`.
    pub(crate) realloc: &'static str,
    /// Anything more: functions, tables, data.
    pub(crate) more: String,
    /// Pages of memory, 2 if it is 0.
    pub(crate) pages: u32,
}

/// The address of 64 bytes of zeros: `allow`, an empty list, `ok`.
pub(crate) const ZEROS: &str = "(i32.const 16)";

/// Gives out memory and never takes it back.
pub(crate) const BUMP: &str = "
    (local $p i32)
    (local.set $p (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
    (global.set $top (i32.add (local.get $p) (local.get 3)))
    (if (i32.gt_u (global.get $top) (i32.shl (memory.size) (i32.const 16)))
      (then (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1))))))
    (local.get $p)";

/// Imports whose core signatures the tests use.
pub(crate) const GET: &str =
    r#"(import "mortise:plugin/issues@1.0.0" "get" (func $get (param i32 i32 i32)))"#;
pub(crate) const LOG: &str =
    r#"(import "mortise:plugin/log@1.0.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;

impl Guest {
    /// The component.
    pub(crate) fn component(&self) -> Vec<u8> {
        let or = |text: &'static str, default: &'static str| if text.is_empty() { default } else { text };
        let module = format!(
            r#"(module {imports}
            (memory (export "memory") {pages})
            (global $top (mut i32) (i32.const 8192))
            (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
            (func (export "mortise:plugin/workflow@1.0.0#amend") (param i32) (result i32) {ZEROS})
            (func (export "mortise:plugin/workflow@1.0.0#validate") (param i32) (result i32) {validate})
            (func (export "mortise:plugin/workflow@1.0.0#next-states") (param i32) (result i32) {ZEROS})
            {more})"#,
            imports = self.imports,
            pages = if self.pages == 0 { 2 } else { self.pages },
            realloc = or(self.realloc, BUMP),
            validate = or(self.validate, ZEROS),
            more = self.more,
        );
        component("workflow-plugin", &module)
    }
}

/// A guest of world `automation-plugin`, whose `on-event` has this body and leaves the address of a result.
pub(crate) fn automation(imports: &str, on_event: &str) -> Vec<u8> {
    automation_of("automation-plugin", imports, on_event)
}

/// The same in a world that has secrets and requests too.
pub(crate) fn automation_with_net(imports: &str, on_event: &str) -> Vec<u8> {
    automation_of("test:worlds/acting", imports, on_event)
}

fn automation_of(world: &str, imports: &str, on_event: &str) -> Vec<u8> {
    let module = format!(
        r#"(module {imports}
        (memory (export "memory") 2)
        (global $top (mut i32) (i32.const 8192))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {BUMP})
        (func (export "mortise:plugin/automation@1.0.0#on-event") (param i32) (result i32) {on_event}))"#
    );
    component(world, &module)
}

/// A core module in the text format as a component of a world.
pub(crate) fn component(world: &str, text: &str) -> Vec<u8> {
    let module = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"));
    wrap(world, module)
}

/// A world of these tests, of the parts of the contract.
const OWN_WORLDS: &str = "package test:worlds; world acting {
    include mortise:plugin/net-imports@1.0.0;
    export mortise:plugin/automation@1.0.0;
}";

/// A core module as a component of a world.
pub(crate) fn wrap(world: &str, module: Vec<u8>) -> Vec<u8> {
    try_wrap(world, module).unwrap_or_else(|error| panic!("{error:#}"))
}

/// As [`wrap`], for modules that may not fit.
pub(crate) fn try_wrap(world: &str, mut module: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/v1");
    let (package, _) = resolve.push_dir(contract).unwrap();
    resolve.push_str("worlds.wit", OWN_WORLDS).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().module(&module).map_err(|error| format!("{error:#}"))?;
    encoder.validate(false).encode().map_err(|error| format!("{error:#}"))
}
