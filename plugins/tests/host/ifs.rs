//! Components that are small to send and large to compile.

use crate::guests::wrap;
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, MemorySection, MemoryType,
    Module, TypeSection, ValType,
};

/// A component with one function of this many ifs over this many locals.
pub(crate) fn ifs(count: u32, locals: u32) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut exports = ExportSection::new();
    let hooks =
        ["amend", "validate", "next-states"].map(|hook| format!("mortise:plugin/workflow@1.0.0#{hook}"));
    for (name, index) in hooks.iter().map(String::as_str).zip(0..) {
        functions.function(0);
        exports.export(name, ExportKind::Func, index);
        let mut body = Function::new([(locals, ValType::I32)]);
        for i in 0..if index == 1 { count } else { 0 } {
            let mut sink = body.instructions();
            sink.local_get(1 + i % locals).if_(BlockType::Empty);
            sink.local_get(1 + (i * 7) % locals)
                .i32_const(1)
                .i32_add()
                .local_set(1 + (i * 13) % locals)
                .end();
        }
        body.instructions().i32_const(16).end();
        code.function(&body);
    }
    functions.function(1);
    exports.export("cabi_realloc", ExportKind::Func, 3).export("memory", ExportKind::Memory, 0);
    let mut body = Function::new([]);
    body.instructions().i32_const(4096).end();
    code.function(&body);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
    wrap("workflow-plugin", module.finish())
}
