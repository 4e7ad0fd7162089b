//! Uploads that want to do harm: some are refused before anybody compiles them, some keep the compiler busy.

use crate::guests::Guest;
use crate::ifs::ifs;
use crate::measure::of_forms;
use crate::world::{Company, World};
use mortise_engine::ErrorCode;
use mortise_plugins::manifest::pack;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Ifs and locals of a component that is as hard to compile as one may be, in the short form and in the long one.
const HARD: ((u32, u32), (u32, u32)) = ((500, 500), (8_000, 500));

/// The manifest of a guard that is asked about everything but comments.
pub(crate) fn manifest(id: &str, name: &str) -> String {
    format!(
        r#"id = "{id}"
name = "{name}"
version = "1.0.0"
contract = "1.0"
description = "Made by somebody who means no good."

[hooks]
validate = ["create", "update", "transition"]

[permissions]
issues-read = true
"#
    )
}

/// Uploads, one after the other, until then; all of them once in any case. Gives how often each was answered how.
pub(crate) async fn flood(
    world: &World,
    company: &Company,
    round: usize,
    until: Instant,
) -> BTreeMap<String, u32> {
    let mut answers = BTreeMap::new();
    for number in 0.. {
        for (what, wasm, refused) in bad(round, number) {
            let answer =
                Box::pin(world.plugins.upload(company.cx(), wasm)).await.map_err(|error| error.code());
            if refused {
                assert!(matches!(answer, Err(ErrorCode::InvalidInput)), "{what}: {answer:?}");
            }
            let answer = answer.map_or_else(|code| format!("{code:?}"), |_| "taken".to_owned());
            *answers.entry(format!("{what}: {answer}")).or_default() += 1;
        }
        if Instant::now() >= until {
            break;
        }
    }
    answers
}

/// What is uploaded, and whether it must be refused whatever else goes on. No two that are compiled are alike.
fn bad(round: usize, number: usize) -> Vec<(&'static str, Vec<u8>, bool)> {
    let id = format!("hostile.bomb-{round}-{number}");
    let packed = |wasm: Vec<u8>| pack(&wasm, &manifest(&id, "Bomb")).unwrap();
    let mut cut = packed(Guest::default().component());
    cut.truncate(cut.len() / 2);
    let (hard, locals) = of_forms(HARD.0, HARD.1);
    vec![
        ("a bomb of ifs", packed(ifs(40_000, 1_000)), true),
        ("a bomb of locals", packed(ifs(14_000, 20_000)), true),
        ("noise", vec![0xa5; 1 << 20], true),
        ("half a component", cut, true),
        ("as hard as it may be", packed(ifs(hard, locals)), false),
    ]
}
