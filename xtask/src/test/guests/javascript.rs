//! Guests in JavaScript: componentize-qjs, from npm, at the version of the guest's lock file.

use super::{Components, Guest, target};
use crate::step::Step;
use crate::test::guests::unchanged::Inputs;

/// Builds every guest that has changed.
pub(super) fn build(guests: &[Guest]) -> anyhow::Result<Components> {
    let target = target()?;
    let mut components = Components::new();
    for guest in in_javascript(guests) {
        let component = target.join(format!("{}.component.wasm", guest.name));
        let inputs =
            Inputs::of(std::slice::from_ref(&guest.folder), target.join(format!("{}.inputs", guest.name)))?;
        if !inputs.made(&component) {
            install(guest)?;
            Step::new("npm")
                .args(["run", "--silent", "component", "--", "--output"])
                .args([&component])
                .within(&guest.folder)
                .run()?;
            inputs.note()?;
        }
        components.insert(guest.name.clone(), component);
    }
    Ok(components)
}

/// Their tests, on Node.
pub(super) fn check(guests: &[Guest]) -> anyhow::Result<()> {
    in_javascript(guests)
        .try_for_each(|guest| Step::new("npm").args(["test", "--silent"]).within(&guest.folder).run())
}

/// Exactly what the lock file says.
fn install(guest: &Guest) -> anyhow::Result<()> {
    anyhow::ensure!(
        Step::new("npm").args(["--version"]).succeeds(),
        "there is no `npm`, which guests in JavaScript are built with; install Node.js 20 or later"
    );
    Step::new("npm").args(["ci", "--no-audit", "--no-fund"]).within(&guest.folder).run()
}

fn in_javascript(guests: &[Guest]) -> impl Iterator<Item = &Guest> {
    guests.iter().filter(|guest| guest.has("package.json"))
}
