use super::*;
use std::fs;
use tempfile::TempDir;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn folder() -> (TempDir, PathBuf) {
    let temp = TempDir::new().unwrap();
    let folder = temp.path().join("keys/signing");
    (temp, folder)
}

fn only_file(folder: &Path) -> PathBuf {
    let mut files = file::key_files(folder).unwrap();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn the_first_start_makes_one_key_and_the_second_loads_it() {
    let (_temp, folder) = folder();
    let kid = SigningKeys::open(&folder, NOW).unwrap().current_kid(NOW).to_owned();
    let again = SigningKeys::open(&folder, NOW + DAY).unwrap();
    assert_eq!(again.current_kid(NOW + DAY), kid);
    assert_eq!(again.jwks().keys.len(), 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_what_is_made() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_temp, folder) = folder();
    SigningKeys::open(&folder, NOW).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&only_file(&folder)), 0o600);
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_open_to_others_is_refused_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_temp, folder) = folder();
    SigningKeys::open(&folder, NOW).unwrap();
    let file = only_file(&folder);
    for (path, mode, mended, command) in [
        (&file, 0o640, 0o600, "chmod 600"),
        (&file, 0o604, 0o600, "chmod 600"),
        (&folder, 0o755, 0o700, "chmod 700"),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let error = SigningKeys::open(&folder, NOW).unwrap_err();
        assert!(matches!(error, SigningKeyError::Exposed { .. }), "{error}");
        assert!(error.to_string().contains(command), "{error}");
        fs::set_permissions(path, fs::Permissions::from_mode(mended)).unwrap();
    }
    SigningKeys::open(&folder, NOW).unwrap();
}

#[test]
fn a_next_key_is_published_at_once_and_signs_only_from_its_time_on() {
    let (_temp, folder) = folder();
    let first = SigningKeys::open(&folder, NOW).unwrap().current_kid(NOW).to_owned();
    let next = SigningKeys::add_next(&folder, NOW + DAY).unwrap();
    let keys = SigningKeys::open(&folder, NOW).unwrap();
    assert_eq!(keys.jwks().keys.len(), 2);
    assert_eq!(keys.current_kid(NOW), first);
    assert_eq!(keys.current_kid(NOW + DAY - 1), first);
    assert_eq!(keys.current_kid(NOW + DAY), next);
    assert!(keys.find(&first).is_some(), "the previous key still verifies");
}

#[test]
fn a_superseded_key_is_retired_only_after_its_time() {
    let (_temp, folder) = folder();
    let first = SigningKeys::open(&folder, NOW).unwrap().current_kid(NOW).to_owned();
    SigningKeys::add_next(&folder, NOW + DAY).unwrap();
    let superseded_for = |ms| NOW + DAY + ms;
    assert_eq!(
        SigningKeys::retire_superseded(&folder, superseded_for(SUPERSEDED_KEY_KEPT_MS - 1)).unwrap(),
        0
    );
    assert_eq!(SigningKeys::retire_superseded(&folder, superseded_for(SUPERSEDED_KEY_KEPT_MS)).unwrap(), 1);
    assert_eq!(SigningKeys::retire_superseded(&folder, i64::MAX).unwrap(), 0, "the last key stays");
    assert!(SigningKeys::open(&folder, NOW).unwrap().find(&first).is_none());
}

#[test]
fn a_clock_set_back_still_finds_a_key() {
    let (_temp, folder) = folder();
    let keys = SigningKeys::open(&folder, NOW).unwrap();
    assert_eq!(keys.current_kid(0), keys.current_kid(NOW));
}

#[test]
fn damaged_and_misnamed_keys_are_refused_by_name() {
    let (_temp, folder) = folder();
    SigningKeys::open(&folder, NOW).unwrap();
    let good = only_file(&folder);
    let bytes = fs::read(&good).unwrap();
    let refused = |why: &str| {
        let error = SigningKeys::open(&folder, NOW).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    for damaged in [&b""[..], &bytes[..bytes.len() - 1], b"-----BEGIN PRIVATE KEY-----", &[0; 2000]] {
        fs::write(&good, damaged).unwrap();
        refused("cannot load the signing key");
    }
    fs::write(&good, &bytes).unwrap();
    for name in ["key.pk8", "x-y.pk8", "1-anotherkid.pk8"] {
        let misnamed = folder.join(name);
        fs::rename(&good, &misnamed).unwrap();
        refused(name);
        fs::rename(&misnamed, &good).unwrap();
    }
    SigningKeys::open(&folder, NOW).unwrap();
}

#[test]
fn a_key_left_unfinished_by_a_crash_is_ignored_and_replaced() {
    let (_temp, folder) = folder();
    SigningKeys::open(&folder, NOW).unwrap();
    fs::write(folder.join("unfinished.tmp"), b"half").unwrap();
    assert_eq!(SigningKeys::open(&folder, NOW).unwrap().jwks().keys.len(), 1);
    SigningKeys::add_next(&folder, NOW + 1).unwrap();
    assert!(!folder.join("unfinished.tmp").exists());
}

#[test]
fn a_folder_takes_no_more_keys_than_can_be_loaded() {
    let (_temp, folder) = folder();
    for at in 0..SIGNING_KEYS_MAX as i64 {
        SigningKeys::add_next(&folder, at).unwrap();
    }
    let error = SigningKeys::add_next(&folder, NOW).unwrap_err();
    assert!(matches!(error, SigningKeyError::TooMany { .. }), "{error}");
    assert_eq!(SigningKeys::open(&folder, NOW).unwrap().jwks().keys.len(), SIGNING_KEYS_MAX);
    fs::write(folder.join("1-one-too-many.pk8"), b"").unwrap();
    SigningKeys::open(&folder, NOW).unwrap_err();
}

#[test]
fn the_public_set_holds_no_private_part_and_debug_prints_only_kids() {
    let (_temp, folder) = folder();
    let keys = SigningKeys::open(&folder, NOW).unwrap();
    let jwks = serde_json::to_value(keys.jwks()).unwrap();
    let members: Vec<_> = jwks["keys"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    assert_eq!(format!("{keys:?}"), format!("[{:?}]", keys.current_kid(NOW)));
}
