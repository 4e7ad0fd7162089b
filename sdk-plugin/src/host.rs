//! What the host grants: one module for each interface of the contract. What the manifest did not ask for, or the company
//! did not grant, is refused when the plugin is enabled.
//!
//! In a component these call the host; in a test they call the [`fake`](crate::fake) one of the test's thread.

pub mod clock;
pub mod commands;
pub mod http;
pub mod issues;
pub mod kv;
pub mod log;
pub mod random;
pub mod secrets;
pub mod settings;

/// Calls the host's function of the contract in a component, and the fake host's in a test.
macro_rules! ask {
    ($interface:ident :: $function:ident ( $($argument:expr),* )) => {{
        #[cfg(target_arch = "wasm32")]
        { crate::bindings::imports::mortise::plugin::$interface::$function($($argument),*) }
        #[cfg(not(target_arch = "wasm32"))]
        { crate::fake::$interface::$function($($argument),*) }
    }};
}
pub(crate) use ask;
