//! The folder of a world that nothing has happened in: made once for a build of the program, and copied for each test.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::cli::mortise_with_input;
use super::{ACME, Company, OTHER, PASSWORD, PEOPLE, email};

/// Puts such a folder here, for this store.
pub(super) fn copy_to(data: &Path, store: &str) {
    let made = made(store);
    copy(&made, data).unwrap_or_else(|error| panic!("cannot copy {}: {error}", made.display()));
}

/// The folder that is copied. Tests are processes of their own: the first that comes makes it, the others wait.
fn made(store: &str) -> PathBuf {
    let program = fs::metadata(env!("CARGO_BIN_EXE_mortise")).unwrap();
    let build = format!("{}-{}-{}", program.mtime(), program.mtime_nsec(), program.size());
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("founded");
    fs::create_dir_all(&all).unwrap();
    let alone = File::create(all.join("lock")).unwrap();
    alone.lock().unwrap();
    let of_build = all.join(&build);
    if !of_build.exists() {
        // Those of earlier builds serve nobody any more.
        for old in fs::read_dir(&all).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
        {
            fs::remove_dir_all(old).unwrap();
        }
    }
    let made = of_build.join(store);
    if !made.exists() {
        let half = of_build.join(format!("{store}.half"));
        let _ = fs::remove_dir_all(&half);
        fs::create_dir_all(&half).unwrap();
        for company in [ACME, OTHER] {
            found(&half.join("data"), store, company);
        }
        fs::rename(half.join("data"), &made).unwrap();
    }
    made
}

fn found(data: &Path, store: &str, company: Company) {
    let name = format!("The company {}", company.canary);
    for (person, _, role) in PEOPLE.into_iter().filter(|(_, of, _)| *of == company) {
        let (slug, email, input) = (company.slug, email(person), format!("{PASSWORD}\n"));
        let tenant =
            ["tenant", "create", slug, "--name", &name, "--tier", "platinum", "--team", company.team];
        let admin = ["--admin-name", person, "--admin-email", &email, "--admin-password-stdin"];
        let member = ["member", "add", "--tenant", slug, "--email", &email, "--name", person];
        let rights = ["--role", role, "--password-stdin"];
        let words: Vec<&str> = if role == "super-admin" {
            [&tenant[..], &admin, &["--store", store]].concat()
        } else {
            [&member[..], &rights].concat()
        };
        let place = ["--data", data.to_str().unwrap()];
        mortise_with_input(&[&words[..], &place].concat(), &input).succeeded();
    }
}

/// Copies a folder with all that is in it, and who may read it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() { copy(&from, &to)? } else { fs::copy(&from, &to).map(drop)? }
    }
    let mode = fs::metadata(from)?.permissions().mode();
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
}
