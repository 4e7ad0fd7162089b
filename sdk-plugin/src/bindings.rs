//! What is generated of the contract: the values and imports once, and for each thing that a plugin may export a module of
//! its own, so that a component exports just what its plugin is.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    clippy::indexing_slicing,
    clippy::missing_safety_doc,
    clippy::panic,
    clippy::unwrap_used,
    clippy::allow_attributes_without_reason,
    reason = "generated; what can be said of it is said in the contract"
)]

pub mod imports {
    wit_bindgen::generate!({
        inline: "package local:sdk; world imports { include mortise:plugin/net-imports@1.0.0; }",
        path: "wit",
        generate_all,
        additional_derives: [PartialEq],
    });
}

/// One module for each interface that can be exported; its types are those of [`imports`].
macro_rules! exports {
    ($($name:ident = $world:literal, $interface:literal, $macro:literal, $module:literal;)*) => {$(
        pub mod $name {
            wit_bindgen::generate!({
                inline: $world,
                path: "wit",
                pub_export_macro: true,
                default_bindings_module: $module,
                export_macro_name: $macro,
                additional_derives: [PartialEq],
                with: {
                    "mortise:plugin/types@1.0.0": crate::bindings::imports::mortise::plugin::types,
                    $interface: generate,
                },
                type_section_suffix: $macro,
            });
        }
    )*};
}

exports! {
    workflow = "package local:sdk; world exports-workflow { export mortise:plugin/workflow@1.0.0; }",
        "mortise:plugin/workflow@1.0.0", "export_workflow", "mortise_sdk::bindings::workflow";
    automation = "package local:sdk; world exports-automation { export mortise:plugin/automation@1.0.0; }",
        "mortise:plugin/automation@1.0.0", "export_automation", "mortise_sdk::bindings::automation";
    scheduled = "package local:sdk; world exports-scheduled { export mortise:plugin/scheduled@1.0.0; }",
        "mortise:plugin/scheduled@1.0.0", "export_scheduled", "mortise_sdk::bindings::scheduled";
    inbound = "package local:sdk; world exports-inbound { export mortise:plugin/inbound@1.0.0; }",
        "mortise:plugin/inbound@1.0.0", "export_inbound", "mortise_sdk::bindings::inbound";
    lifecycle = "package local:sdk; world exports-lifecycle { export mortise:plugin/lifecycle@1.0.0; }",
        "mortise:plugin/lifecycle@1.0.0", "export_lifecycle", "mortise_sdk::bindings::lifecycle";
}
