//! Guests in Python: componentize-py, from PyPI, at the version of the guest's `requirements.txt`.

use std::path::{Path, PathBuf};

use super::{Components, Guest, target};
use crate::step::Step;
use crate::test::guests::unchanged::Inputs;

/// Builds every guest that has changed; each takes about twenty seconds.
pub(super) fn build(guests: &[Guest]) -> anyhow::Result<Components> {
    let target = target()?;
    let mut components = Components::new();
    for guest in in_python(guests) {
        let component = target.join(format!("{}.component.wasm", guest.name));
        let inputs =
            Inputs::of(std::slice::from_ref(&guest.folder), target.join(format!("{}.inputs", guest.name)))?;
        if !inputs.made(&component) {
            let tools = install(guest, &target)?;
            Step::new(tools.join("componentize-py"))
                .args(["--quiet", "--wit-path", "wit", "--world", "plugin", "componentize", "app"])
                .args(["--stub-wasi", "--output"])
                .args([&component])
                .within(&guest.folder)
                .run()?;
            inputs.note()?;
        }
        components.insert(guest.name.clone(), component);
    }
    Ok(components)
}

/// Their tests, on the Python that is here.
pub(super) fn check(guests: &[Guest]) -> anyhow::Result<()> {
    in_python(guests).try_for_each(|guest| {
        Step::new("python3")
            .args(["-B", "-m", "unittest", "--quiet"]) // without leaving compiled files in the sources
            .within(&guest.folder)
            .run()
    })
}

/// An environment apart from the machine's own packages; answers where its programs lie.
fn install(guest: &Guest, target: &Path) -> anyhow::Result<PathBuf> {
    let environment = target.join("python");
    let tools = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    if !tools.join("pip").exists() {
        anyhow::ensure!(
            Step::new("python3").args(["-m", "venv"]).args([&environment]).run().is_ok(),
            "cannot make a virtual environment, which guests in Python are built in; install Python 3.10 or \
             later with venv, for example with `apt-get install python3-venv`"
        );
    }
    Step::new(tools.join("pip"))
        .args(["install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"])
        .within(&guest.folder)
        .run()?;
    Ok(tools)
}

fn in_python(guests: &[Guest]) -> impl Iterator<Item = &Guest> {
    guests.iter().filter(|guest| guest.has("requirements.txt"))
}
