//! Opening, refusing and migrating data folders.

use std::fs;

use super::format::{Migrations, Step, check_and_migrate};
use super::*;

fn short_wait(kind: StoreKind) -> FolderOptions {
    FolderOptions { kind, lock_wait: Duration::from_millis(50) }
}

#[test]
fn a_new_folder_gets_its_layout_for_the_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("a/b/data");
    let folder = DataFolder::open(&root, &FolderOptions::default()).unwrap();
    for name in FOLDERS {
        assert!(root.join(name).is_dir(), "{name}");
    }
    assert!(folder.shard(3).ends_with("shards/03"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_second_open_is_refused_after_a_bounded_wait_naming_the_holder() {
    let place = tempfile::tempdir().unwrap();
    let first = DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap();
    let error = DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap_err();
    assert!(matches!(error, StorageError::Locked { holder: crate::storage::Holder::ThisProcess, .. }));
    let text = error.to_string();
    assert!(text.contains(&format!("pid {}", std::process::id())), "{text}");
    assert!(text.contains("stop it or choose another --data"), "{text}");
    drop(first);
    DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap();
}

#[test]
fn a_waiting_open_gets_the_folder_when_the_holder_lets_go() {
    let place = tempfile::tempdir().unwrap();
    let first = DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap();
    let letting_go = std::thread::spawn(move || {
        #[expect(clippy::disallowed_methods, reason = "the holder stays for a while")]
        std::thread::sleep(Duration::from_millis(100));
        drop(first);
    });
    DataFolder::open(place.path(), &FolderOptions::default()).unwrap();
    letting_go.join().unwrap();
}

#[test]
fn another_store_kind_is_refused_saying_which_one_to_use() {
    let place = tempfile::tempdir().unwrap();
    drop(DataFolder::open(place.path(), &short_wait(StoreKind::Fjall)).unwrap());
    let error = DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap_err().to_string();
    assert!(error.contains("its stores are fjall, not sled; open it with --store fjall"), "{error}");
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let text = "version = 99\nstore = sled\n";
    fs::write(place.path().join("FORMAT"), text).unwrap();
    let error = DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap_err().to_string();
    assert!(error.contains("format 99, this program knows up to 1; use the newer program"), "{error}");
    assert_eq!(fs::read_to_string(place.path().join("FORMAT")).unwrap(), text);
}

#[test]
fn an_unreadable_format_file_is_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("FORMAT"), "?").unwrap();
    let error = DataFolder::open(place.path(), &short_wait(StoreKind::Sled)).unwrap_err();
    assert!(matches!(error, StorageError::Format { .. }), "{error}");
}

/// Renames `old` to `new`, in two moves with an interruption between them for as long as `interrupt` lies there.
fn rename_old(root: &Path) -> Result<(), StorageError> {
    if root.join("old").exists() {
        fs::rename(root.join("old"), root.join("half")).unwrap();
    }
    if root.join("interrupt").exists() {
        return Err(StorageError::unavailable("interrupted"));
    }
    if root.join("half").exists() {
        fs::rename(root.join("half"), root.join("new")).unwrap();
    }
    Ok(())
}

fn count_run(root: &Path) -> Result<(), StorageError> {
    let runs = fs::read_to_string(root.join("runs")).unwrap_or_default();
    fs::write(root.join("runs"), runs + "x").unwrap();
    Ok(())
}

#[test]
fn an_older_folder_migrates_step_by_step_and_goes_on_after_an_interruption() {
    static STEPS: [Step; 2] =
        [Step { from: 2, to: 3, run: count_run }, Step { from: 1, to: 2, run: rename_old }];
    let migrations = Migrations { newest: 3, steps: &STEPS };
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    let format = || fs::read_to_string(root.join("FORMAT")).unwrap();
    fs::write(root.join("FORMAT"), "version = 1\nstore = sled\n").unwrap();
    fs::write(root.join("old"), "content").unwrap();
    fs::write(root.join("interrupt"), "").unwrap();

    let Err(StorageError::Unavailable { .. }) = check_and_migrate(root, StoreKind::Sled, migrations) else {
        panic!("the interrupted step must fail the opening");
    };
    assert!(format().starts_with("version = 1"), "an unfinished step leaves the version");

    fs::remove_file(root.join("interrupt")).unwrap();
    check_and_migrate(root, StoreKind::Sled, migrations).unwrap();
    check_and_migrate(root, StoreKind::Sled, migrations).unwrap();
    assert!(format().starts_with("version = 3"));
    assert_eq!(fs::read_to_string(root.join("new")).unwrap(), "content");
    assert_eq!(fs::read_to_string(root.join("runs")).unwrap(), "x", "a finished step runs once");
}

#[test]
fn a_folder_too_old_to_migrate_is_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("FORMAT"), "version = 1\nstore = sled\n").unwrap();
    let migrations = Migrations { newest: 2, steps: &[] };
    let error = check_and_migrate(place.path(), StoreKind::Sled, migrations).unwrap_err().to_string();
    assert!(error.contains("no longer migrates"), "{error}");
}
