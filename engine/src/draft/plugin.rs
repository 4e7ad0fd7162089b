//! What a draft writes about plugins: their code, their installations, and what their host keeps for them.

use super::{Draft, SideRecord};
use crate::access::Authorized;
use crate::event::{EventBody, Subject};
use crate::id::InstallationId;
use crate::model::{Digest, Installation, PluginCode, Seq};
use std::sync::Arc;

/// A record of the host of plugins, written with a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PluginRecord {
    /// Something kept for an installation under this name, of at most 400 bytes; none takes it away.
    Entry(InstallationId, Vec<u8>, Option<Vec<u8>>),
    /// How far an installation has come in the log: the place of the follower of this name.
    Place(String, Seq),
    /// A part of the bytes of a plugin's code; none takes it away.
    Part(Digest, u32, Option<Vec<u8>>),
}

impl Draft {
    /// The code of a plugin as it becomes, of which the bytes come as records.
    pub fn save_plugin_code(&mut self, _permit: &Authorized<()>, code: PluginCode) {
        self.push(Subject::Tenant, EventBody::PluginCodeSaved { code: Box::new(code) });
    }

    /// An installation as it becomes.
    pub fn save_installation(&mut self, permit: Authorized<Option<Arc<Installation>>>, after: Installation) {
        let before = permit.into_resource().map(|i| Box::new(Installation::clone(&i)));
        let subject = Subject::Installation(after.id);
        self.push(subject, EventBody::InstallationSaved { before, after: Box::new(after) });
    }

    /// What somebody had an installation do again, or let go.
    pub fn plugin_done_again(
        &mut self,
        permit: &Authorized<Option<Arc<Installation>>>,
        events: Vec<Seq>,
        dropped: bool,
    ) {
        if let Some(installation) = permit.resource() {
            let subject = Subject::Installation(installation.id);
            self.push(subject, EventBody::PluginDoneAgain { events, dropped });
        }
    }

    /// That an installation has another address for requests from outside.
    pub fn plugin_address_changed(&mut self, permit: &Authorized<Option<Arc<Installation>>>) {
        if let Some(installation) = permit.resource() {
            self.push(Subject::Installation(installation.id), EventBody::PluginAddressChanged);
        }
    }

    /// Records of the host of plugins that are written with this change. They may be all that it writes.
    pub fn keep_for_plugins(&mut self, records: impl IntoIterator<Item = PluginRecord>) {
        self.records.extend(records.into_iter().map(SideRecord::Plugin));
    }
}
