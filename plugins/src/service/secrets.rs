//! Secrets of an installation, as people set them: a value, and the hosts that it may be sent to. Nobody is shown a value.

use super::lifecycle::existing;
use super::{Done, Plugins};
use crate::answers::staging::outside::grant_of;
use crate::destination::HostPattern;
use mortise_engine::command::plugin::{RemoveSecret, SetSecret};
use mortise_engine::context::OpContext;
use mortise_engine::id::InstallationId;
use mortise_engine::model::Installation;
use mortise_engine::{Error, Result};
use std::sync::Arc;
use zeroize::Zeroizing;

impl Plugins {
    /// Sets a secret of an installation, which is used by its name and shown to nobody. It may be sent where the one before
    /// might; a new one to all hosts that were granted.
    ///
    /// # Errors
    ///
    /// As [`Plugins::change`]; `INVALID_INPUT` for a name that the manifest does not have.
    pub async fn set_secret(
        &self,
        cx: OpContext,
        id: InstallationId,
        name: &str,
        value: Zeroizing<String>,
    ) -> Result<Done<Arc<Installation>>> {
        self.set_bound_secret(cx, id, name, value, None).await
    }

    /// The same, and says the hosts that it may be sent to: such as were granted, or are among those; at most 20. With an empty
    /// list it is sent nowhere, and signs alone.
    ///
    /// # Errors
    ///
    /// As [`Plugins::set_secret`]; `INVALID_INPUT` for a host that was not granted (field `hosts`), and for a value that no header
    /// can carry where hosts are named (field `value`).
    pub async fn set_bound_secret(
        &self,
        cx: OpContext,
        id: InstallationId,
        name: &str,
        value: Zeroizing<String>,
        hosts: Option<Vec<String>>,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let before = existing(&reader, id)?;
        let hosts = hosts.map(|hosts| bound(&before, &hosts)).transpose()?;
        if hosts.as_ref().is_some_and(|hosts| !hosts.is_empty()) {
            expect_fits_header(&value)?;
        }
        let set = SetSecret { id, name: name.to_owned(), value: value.as_bytes().to_vec(), hosts };
        let done = self.engine()?.set_plugin_secret(cx, set).await?;
        Ok(Done::by(&done, existing(&reader.refreshed(), id)?))
    }

    /// Takes a secret away.
    ///
    /// # Errors
    ///
    /// As [`Plugins::set_secret`].
    pub async fn remove_secret(
        &self,
        cx: OpContext,
        id: InstallationId,
        name: &str,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let done = self.engine()?.execute(cx, RemoveSecret { id, name: name.to_owned() }).await?;
        Ok(Done::by(&done, existing(&reader.refreshed(), id)?))
    }
}

/// Refuses what no header can carry, of a secret that is to be sent. One that signs alone may be a key of several lines.
fn expect_fits_header(value: &str) -> Result<()> {
    if value.bytes().any(|byte| byte != b'\t' && byte.is_ascii_control()) {
        let message = "the value has a line break or another control character, which no header can carry: take it out; or name \
                       no host, where the plugin only signs with it";
        return Err(Error::invalid("value", message));
    }
    Ok(())
}

/// Hosts as they are kept: each once, among those that were granted.
fn bound(installation: &Installation, hosts: &[String]) -> Result<Vec<String>> {
    let granted = grant_of(installation).hosts;
    let mut bound: Vec<String> = Vec::new();
    for host in hosts {
        let host = host.parse::<HostPattern>().map_err(|error| Error::invalid("hosts", error.to_string()))?;
        if !granted.iter().any(|granted| granted.includes(&host)) {
            let message = format!("`{host}` is not among the hosts that `{}` was granted", installation.name);
            return Err(Error::invalid("hosts", message));
        }
        let host = host.to_string();
        if !bound.contains(&host) {
            bound.push(host);
        }
    }
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_to_a_host_has_no_line_breaks() {
        for value in ["xoxb-1", "two words", "ümlaut", "a\tb"] {
            assert!(expect_fits_header(value).is_ok(), "{value:?}");
        }
        for value in ["xoxb-1\n", "a\rb", "a\0", "a\u{7f}"] {
            assert_eq!(expect_fits_header(value).unwrap_err().field(), Some("value"), "{value:?}");
        }
    }
}
