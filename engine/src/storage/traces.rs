//! What of a data folder is named after a tenant: looked for where all of it should be gone.
//!
//! It does not know what such names stand for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::StorageError;
use crate::id::TenantId;

/// What of a data folder is named after a tenant.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    /// Files and folders that bear its id.
    pub(crate) paths: Vec<PathBuf>,
    /// How many names were looked at.
    pub(crate) looked_at: u64,
}

/// Looks for names with a tenant's id, wherever such names are given: in the folders of a data folder, and among its keys.
/// Blocks.
///
/// # Errors
/// `Io` when a folder cannot be read: then it is not known.
pub(crate) fn traces_of(root: &Path, tenant: TenantId) -> Result<Traces, StorageError> {
    let id = tenant.uuid().to_string();
    let mut traces = Traces::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| StorageError::io(format!("look into {}", folder.display()), source);
        let entries = match fs::read_dir(&folder) {
            // It was removed meanwhile, with what was in it.
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder != root => continue,
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            traces.looked_at = traces.looked_at.saturating_add(1);
            if entry.file_name().to_string_lossy().contains(&id) {
                traces.paths.push(entry.path());
            } else if folder == root || folder.parent() == Some(root) && folder.ends_with("keys") {
                let kind = entry.file_type().map_err(failed)?;
                folders.extend(kind.is_dir().then(|| entry.path()));
            }
        }
    }
    Ok(traces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::durable_file;

    #[test]
    fn a_folder_that_cannot_be_looked_into_is_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(7));
        let missing = traces_of(&folder.path().join("nowhere"), tenant);
        assert!(matches!(missing, Err(StorageError::Io { .. })), "{missing:?}");
        // A path below a file can be neither there nor looked at.
        let file = folder.path().join("file");
        fs::write(&file, "a file").unwrap();
        assert!(durable_file::is_gone(&folder.path().join("nothing")).unwrap());
        assert!(!durable_file::is_gone(&file).unwrap());
        assert!(durable_file::is_gone(&file.join("below")).is_err());
    }

    #[test]
    fn names_with_the_id_are_found_in_every_folder_and_among_the_keys() {
        let folder = tempfile::tempdir().unwrap();
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(7));
        let (id, other) = (tenant.uuid().to_string(), uuid::Uuid::from_u128(8).to_string());
        let named = [format!("mail/{id}"), format!("index/.{id}.old"), format!("keys/tenants/{id}.key")];
        for path in named.iter().chain(&[format!("mail/{other}"), format!("keys/tenants/{other}.key")]) {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        let mut found = traces_of(folder.path(), tenant).unwrap();
        found.paths.sort();
        let mut expected: Vec<_> = named.iter().map(|path| folder.path().join(path)).collect();
        expected.sort();
        assert_eq!((found.paths, found.looked_at), (expected, 9));
    }
}
