//! Operators of the platform and their keys: who may speak to the platform's own API.
//!
//! A platform key is made by whoever can open the data folder, and opens nothing of any company: neither its content nor a
//! way to become one of its people. It does not know what is done with one.

use super::Engine;
use super::sessions::secret;
use crate::command;
use crate::context::Operator;
use crate::error::{Error, ErrorCode, Result};
use crate::id::{ApiKeyId, RootId};
use crate::identity::{ApiKeyRecord, Holder, Namespace, Password, PresentedApiKey, SecretText};
use crate::model::{KeyScope, Network};
use crate::time::Timestamp;
use std::net::IpAddr;

/// A platform key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlatformKey {
    /// The operator in whose name it acts.
    pub root: RootId,
    /// What it is for.
    pub name: String,
    /// How far it reaches: see [`Operator::reach`].
    pub scope: KeyScope,
    /// When it stops working; never unless said.
    pub expires_at: Option<Timestamp>,
    /// From where it may be used; from everywhere when there are none.
    pub networks: Vec<Network>,
}

impl Engine {
    /// Makes a platform key. Its text is shown this once and kept nowhere. Whoever calls this vouches for the operator.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for an operator who is not there, `INVALID_INPUT` for the name, the end or the networks, `CONFLICT` when
    /// there are too many keys.
    pub async fn create_platform_key(&self, new: NewPlatformKey) -> Result<(ApiKeyRecord, SecretText)> {
        let NewPlatformKey { root, name, scope, expires_at, networks } = new;
        let name = command::name("name", "the name", &name, self.limits())?;
        let now = self.clock().now();
        if expires_at.is_some_and(|at| at <= now) {
            return Err(Error::invalid("expiresAt", "the key would have ended already"));
        }
        if networks.len() > self.limits().key_networks_max {
            let message = format!("at most {} networks can be named", self.limits().key_networks_max);
            return Err(Error::invalid("networks", message));
        }
        if self.0.platform.root(root).await?.is_none() {
            return Err(Error::not_found(format!("root operator {root}")));
        }
        let (id, holder) = (ApiKeyId::generate(), Holder::Root { root });
        let ends_ms = expires_at.map(Timestamp::millis);
        let (mut record, text) = ApiKeyRecord::create(id, holder, name, now.millis(), ends_ms, &secret()?);
        record.scope = Some(scope);
        record.networks = Some(networks).filter(|networks| !networks.is_empty());
        self.0.platform.add_key(record.clone(), now).await?;
        Ok((record, text))
    }

    /// All platform keys, the newest first, those that are over included.
    #[must_use]
    pub fn platform_keys(&self) -> Vec<ApiKeyRecord> {
        self.0.platform.keys.all()
    }

    /// Revokes a platform key: it stops working at once, the jobs that were begun by it end, and the tokens of its visits
    /// are refused. Any key may revoke itself; others, one of scope `ADMIN` may.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, `FORBIDDEN`; `UNAVAILABLE` when it could not be saved: it does not work, and is to be revoked again.
    pub async fn revoke_platform_key(&self, by: &Operator, id: ApiKeyId) -> Result<ApiKeyRecord> {
        if by.key() != Some(id) {
            by.expect(KeyScope::Admin, "revoke another platform key")?;
        }
        let revoked = self.0.platform.revoke_key(id, self.clock().now()).await?;
        // What it has begun goes no further: whoever took the key may have begun it.
        for job in self.jobs().iter().filter(|job| job.key == Some(id)) {
            self.0.platform.cancel_job(job.id, self.clock().now()).await?;
        }
        tracing::info!(key = %id, operator = ?by.root(), by = ?by.key(), "a platform key was revoked");
        Ok(revoked)
    }

    /// Which operator a platform key speaks for, that comes from this address. No token and no key of a company's people is
    /// one.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`.
    pub async fn authenticate_operator(&self, bearer: &str, address: Option<IpAddr>) -> Result<Operator> {
        let refuse = || Error::new(ErrorCode::Unauthenticated, "the platform key is not valid; make another");
        let presented = PresentedApiKey::parse(bearer).map_err(|error| refuse().with_source(error))?;
        if presented.namespace() != Namespace::Platform {
            return Err(refuse());
        }
        let record = self.0.platform.keys.get(presented.id()).ok_or_else(refuse)?;
        let now = self.clock().now();
        let checked = record.check(&presented, now.millis()).and_then(|()| record.check_address(address));
        checked.map_err(|refusal| refuse().with_source(refusal))?;
        let Holder::Root { root } = record.holder else { return Err(refuse()) };
        self.0.platform.note_key_use(record.id, now).await;
        Ok(Operator::by_key(root, record.id, record.reach()))
    }

    /// Whether there is such a platform key, and nobody has revoked it.
    pub(super) fn is_platform_key(&self, id: ApiKeyId) -> bool {
        self.0.platform.keys.get(id).is_some_and(|key| key.revoked_ms.is_none())
    }

    /// Makes an operator of the platform.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for the address or password, `CONFLICT` when the address is taken.
    pub async fn create_root(&self, email: &str, name: &str, password: Password) -> Result<RootId> {
        let email = command::email("email", email)?;
        let name = command::name("name", "the name", name, self.limits())?;
        let hash = self.hash(password).await?;
        self.0.platform.create_root(email, name, hash, self.clock().now()).await
    }

    /// The operator of the platform with this address, for who vouches for them.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the platform's store cannot be read.
    pub async fn root_by_email(&self, email: &str) -> Result<Option<RootId>> {
        Ok(self.0.platform.root_by_email(email).await?.map(|root| root.id))
    }

    /// The name of an operator, for who has proven to be one.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the platform's store cannot be read.
    pub async fn operator_name(&self, root: RootId) -> Result<Option<String>> {
        Ok(self.0.platform.root(root).await?.map(|root| root.name))
    }
}
