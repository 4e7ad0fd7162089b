//! From an upload to a plugin that is ready: looked at, compiled in a process of its own, kept, installed, loaded.

use std::time::Instant;

use serde_json::json;

use crate::Options;
use crate::company::{Company, guest};
use crate::report::Figure;
use crate::usage::median;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for name in options.languages().iter().map(|language| language.guest()) {
        let wasm = guest(options.guests.as_deref(), name)?;
        let mut took = Vec::new();
        for _ in 0..if options.quick { 1 } else { 5 } {
            // In a folder of its own: nothing was compiled there.
            let company = Company::found().await?;
            let began = Instant::now();
            company.install(wasm.clone(), json!({})).await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
            company.close().await;
        }
        println!("upload: {name}: {} KiB, ready after {took:.0?} ms", wasm.len() / 1_024);
        figures.push(Figure::new(format!("from upload to ready, {name}"), median(took), "ms"));
    }
    Ok(figures)
}
