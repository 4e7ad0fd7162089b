//! What the look at an upload says.

use crate::guests::{GET, Guest, automation};
use crate::world::World;
use mortise_plugins::host::{Digest, Export, Refused, UploadLimits};
use wasm_encoder::{ComponentSection, CustomSection};

fn with_section(mut wasm: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    CustomSection { name: name.into(), data: data.into() }.append_to_component(&mut wasm);
    wasm
}

#[tokio::test]
async fn it_names_what_the_component_is_and_asks_for() {
    let world = World::new();
    let get = "(call $get (i32.const 0) (i32.const 5) (i32.const 512)) (i32.const 16)";
    let wasm = Guest { imports: GET, validate: get, ..Guest::default() }.component();
    let wasm = with_section(wasm, "mortise:manifest", b"id = 'x'");
    let found = world.host.inspect(&wasm, &UploadLimits::own()).unwrap();
    assert_eq!(found.digest, Digest::of(&wasm));
    assert_eq!(found.size, wasm.len());
    assert_eq!(found.imports, ["issues"]);
    assert_eq!(found.exports, [Export::Workflow]);
    assert_eq!(found.manifest.as_deref(), Some(b"id = 'x'".as_slice()));
    assert_eq!(found.contract, "1.0.0");
    let found = world.host.inspect(&automation("", "(i32.const 16)"), &UploadLimits::own()).unwrap();
    assert_eq!((found.imports.len(), found.exports, found.manifest), (0, vec![Export::Automation], None));
}

#[tokio::test]
async fn it_refuses_what_is_too_much_of_anything() {
    let world = World::new();
    let inspect = |wasm: &[u8], limits: UploadLimits| world.host.inspect(wasm, &limits).unwrap_err();
    let wasm = Guest::default().component();
    let own = UploadLimits::own;
    let over = |refused, expected: &str| {
        let Refused::Over { what, found, limit } = refused else { panic!("{refused:?}") };
        assert!(what == expected && found > limit, "{what} {found} {limit}");
    };
    over(inspect(&vec![0; 50 << 20], own()), "bytes");
    let data = format!(r#"(data (i32.const 0) "{}")"#, "x".repeat(3 << 20));
    over(inspect(&Guest { more: data, pages: 64, ..Guest::default() }.component(), own()), "bytes");
    over(inspect(&wasm, UploadLimits { functions: 3, ..own() }), "functions");
    over(inspect(&wasm, UploadLimits { function_bytes: 30, ..own() }), "bytes in one function");
    over(inspect(&wasm, UploadLimits { nesting: 1, ..own() }), "levels of nesting");
    over(inspect(&wasm, UploadLimits { modules: 1, ..own() }), "modules");
    over(inspect(&wasm, UploadLimits { names: 2, ..own() }), "exports");
    let locals = "(local i64 i32) ".repeat(1500);
    let locals = Guest { more: format!("(func {locals})"), ..Guest::default() }.component();
    over(inspect(&locals, own()), "locals in one function");
    let manifest = with_section(wasm, "mortise:manifest", &[b' '; 70_000]);
    over(inspect(&manifest, own()), "bytes of manifest");
}

#[tokio::test]
async fn it_refuses_what_is_no_plugin() {
    let world = World::new();
    let inspect = |wasm: &[u8]| world.host.inspect(wasm, &UploadLimits::own()).unwrap_err();
    let component = |text: &str| wat::parse_str(format!("(component {text})")).unwrap();
    assert!(matches!(inspect(b""), Refused::Malformed(_)));
    assert!(matches!(inspect(b"(component)"), Refused::Malformed(_)), "text is not taken for a component");
    assert!(matches!(inspect(&[0xa5; 1 << 20]), Refused::Malformed(_)));
    assert_eq!(inspect(&wat::parse_str("(module)").unwrap()), Refused::CoreModule);
    assert_eq!(inspect(&component("")), Refused::NoExports);
    let wasi = r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func))))"#;
    assert_eq!(
        inspect(&component(wasi)).to_string(),
        "imports `wasi:cli/exit@0.2.0`, which Mortise does not offer"
    );
    let newer = r#"(import "mortise:plugin/log@2.0.0" (instance (export "write" (func))))"#;
    assert!(matches!(inspect(&component(newer)), Refused::Contract { .. }));
    let good = Guest::default().component();
    assert!(matches!(inspect(&good[..good.len() - 1]), Refused::Malformed(_)));
    let twice = with_section(with_section(good, "mortise:manifest", b"a"), "mortise:manifest", b"b");
    assert_eq!(inspect(&twice), Refused::Manifests);
}
