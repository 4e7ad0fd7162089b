//! The tenants' data keys: one small wrapped file each, outside the store.
//!
//! Destroying a tenant's file makes all its values unreadable at once, in backups of the store too. It does not know
//! the master key's source.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::blocking::off_the_runtime;
use super::master_key::MasterKey;
use super::seal::{DataKey, random_secret};
use super::{StorageError, durable_file};
use crate::id::TenantId;

/// The first byte of a key file.
const KEY_FILE_VERSION: u8 = 1;

/// Stands in front of the tenant id in a wrapped key's associated data, so no other wrapped secret passes for one.
const WRAP_CONTEXT: &[u8] = b"mortise tenant data key 1";

/// The folder of wrapped data keys, with the master key that opens them. Clones share it.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<Ring>);

#[derive(Debug)]
struct Ring {
    folder: PathBuf,
    master: MasterKey,
}

impl KeyRing {
    /// The keys in a folder, wrapped by this master key. The folder is created with the first key.
    pub fn new(folder: PathBuf, master: MasterKey) -> Self {
        Self(Arc::new(Ring { folder, master }))
    }

    /// Makes and keeps a key for a new tenant. Durable when it returns.
    ///
    /// # Errors
    /// `Key` when the tenant has one already, `Io` when it cannot be written.
    pub async fn create(&self, tenant: TenantId) -> Result<DataKey, StorageError> {
        self.off_the_runtime(move |ring| ring.create(tenant)).await
    }

    /// A tenant's key.
    ///
    /// # Errors
    /// `Key` when it is missing (never made, or erased) or was wrapped by another master key.
    pub async fn open(&self, tenant: TenantId) -> Result<DataKey, StorageError> {
        self.off_the_runtime(move |ring| ring.open(tenant)).await
    }

    /// Destroys a tenant's key for good. A missing one is no error, so it may be repeated.
    ///
    /// # Errors
    /// `Io` when the file cannot be overwritten or removed.
    pub async fn destroy(&self, tenant: TenantId) -> Result<(), StorageError> {
        self.off_the_runtime(move |ring| durable_file::destroy(&ring.path(tenant))).await
    }

    /// Whether a tenant has no key: then nothing that was sealed for it opens any more, anywhere.
    ///
    /// # Errors
    /// `Io` when it cannot be looked for.
    pub async fn is_gone(&self, tenant: TenantId) -> Result<bool, StorageError> {
        self.off_the_runtime(move |ring| durable_file::is_gone(&ring.path(tenant))).await
    }

    async fn off_the_runtime<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Ring) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let ring = Arc::clone(&self.0);
        off_the_runtime(move || work(&ring)).await
    }
}

impl Ring {
    fn path(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(format!("{}.key", tenant.uuid()))
    }

    fn create(&self, tenant: TenantId) -> Result<DataKey, StorageError> {
        let path = self.path(tenant);
        if path.exists() {
            return Err(missing_or_bad(tenant, "it exists already; a tenant's key is made once"));
        }
        durable_file::create_folder(&self.folder)?;
        let secret = random_secret()?;
        let mut content = vec![KEY_FILE_VERSION];
        content.extend_from_slice(&self.master.wrap(&associated(tenant), &secret)?);
        durable_file::replace(&path, &content)?;
        Ok(DataKey::from_secret(secret))
    }

    fn open(&self, tenant: TenantId) -> Result<DataKey, StorageError> {
        let content = match std::fs::read(self.path(tenant)) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(missing_or_bad(
                    tenant,
                    "it is missing: the tenant was erased, or keys/tenants was lost",
                ));
            }
            Err(error) => {
                return Err(StorageError::io(format!("read the data key of {}", tenant.uuid()), error));
            }
        };
        match content.split_first() {
            Some((&KEY_FILE_VERSION, wrapped)) => {
                self.master.unwrap(&associated(tenant), wrapped).map(DataKey::from_secret).ok_or_else(|| {
                    missing_or_bad(tenant, "the master key does not open it; use the one it was made with")
                })
            }
            Some((version, _)) => {
                Err(missing_or_bad(tenant, &format!("its file has version {version}, this program knows 1")))
            }
            None => Err(missing_or_bad(tenant, "its file is empty; restore it from a backup")),
        }
    }
}

fn associated(tenant: TenantId) -> Vec<u8> {
    [WRAP_CONTEXT, tenant.as_bytes()].concat()
}

fn missing_or_bad(tenant: TenantId, reason: &str) -> StorageError {
    StorageError::Key { what: format!("the data key of tenant {}", tenant.uuid()), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> TenantId {
        TenantId::from_uuid(uuid::Uuid::now_v7())
    }

    #[tokio::test]
    async fn a_tenants_key_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::new(folder.path().join("tenants"), MasterKey::generate().unwrap());
        let id = tenant();
        let made = ring.create(id).await.unwrap();
        assert_eq!(**ring.open(id).await.unwrap().secret(), **made.secret());
        assert!(ring.create(id).await.is_err());
    }

    #[tokio::test]
    async fn a_destroyed_key_is_gone_and_destroying_again_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::new(folder.path().join("tenants"), MasterKey::generate().unwrap());
        let id = tenant();
        ring.create(id).await.unwrap();
        assert!(!ring.is_gone(id).await.unwrap());
        ring.destroy(id).await.unwrap();
        assert!(ring.is_gone(id).await.unwrap());
        ring.destroy(id).await.unwrap();
        let error = ring.open(id).await.unwrap_err().to_string();
        assert!(error.contains("it is missing"), "{error}");
    }

    #[tokio::test]
    async fn another_master_key_or_another_tenants_file_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenants");
        let ring = KeyRing::new(path.clone(), MasterKey::generate().unwrap());
        let (one, two) = (tenant(), tenant());
        ring.create(one).await.unwrap();
        std::fs::copy(path.join(format!("{}.key", one.uuid())), path.join(format!("{}.key", two.uuid())))
            .unwrap();
        assert!(matches!(ring.open(two).await, Err(StorageError::Key { .. })));
        let other = KeyRing::new(path, MasterKey::generate().unwrap());
        assert!(matches!(other.open(one).await, Err(StorageError::Key { .. })));
    }
}
