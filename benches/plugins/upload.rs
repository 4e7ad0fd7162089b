//! From an upload to a plugin that is ready: looked at, compiled in a process of its own, kept, installed, loaded.

use std::time::Instant;

use serde_json::json;

use crate::Options;
use crate::company::{Company, guest};

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    for name in ["estimate-gate-rust", "estimate-gate-js"] {
        let company = Company::found().await?;
        let wasm = guest(options, name)?;
        let bytes = wasm.len();
        let began = Instant::now();
        company.install(wasm, json!({})).await?;
        println!("upload: {name}, {bytes} bytes: ready after {} ms", began.elapsed().as_millis());
        company.close().await;
    }
    Ok(())
}
