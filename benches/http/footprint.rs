//! What a company takes on the disk before it has issues, and how many keys of the store a create writes.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

use anyhow::Context as _;
use mortise_engine::Engine;
use mortise_engine::command::issue::CreateIssue;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::TenantId;
use mortise_engine::storage::StoreKind;
use mortise_engine::storage::{DataFolder, FolderOptions, Scan, Space, StoreOptions, open_store};
use serde::{Deserialize, Serialize};

use crate::words::{Chance, Words};
use crate::{disk, seed};

/// What one create writes into the store, before the store's own overhead.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Written {
    /// Keys that came into being or got another value.
    pub(crate) keys: usize,
    /// Bytes of these keys and their sealed values.
    pub(crate) bytes: usize,
}

/// What a company without issues takes, and what its first issues write.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Footprint {
    /// Bytes on the disk of a folder that holds the company and no issue.
    pub(crate) empty_bytes: u64,
    /// By one create.
    pub(crate) per_create: Written,
    /// By one create with an idempotency key.
    pub(crate) per_keyed_create: Written,
}

/// Measures them in a folder of their own, which is made.
pub(crate) async fn measure(folder: &Path, store: StoreKind) -> anyhow::Result<Footprint> {
    let engine = Engine::builder(folder).store(store).open().await?;
    let (tenant, company) = seed::found(&engine).await?;
    engine.close().await;
    drop(engine);
    let empty_bytes = disk::bytes_of(folder)?;
    let mut written = Vec::new();
    for key in [None, Some("once".to_owned())] {
        let before = entries(folder, store, tenant).await?;
        create(folder, &company, tenant, key).await?;
        let after = entries(folder, store, tenant).await?;
        written.push(changed(&before, &after));
    }
    let [per_create, per_keyed_create] = written.try_into().ok().context("two creates were measured")?;
    Ok(Footprint { empty_bytes, per_create, per_keyed_create })
}

async fn create(
    folder: &Path,
    company: &seed::Company,
    tenant: TenantId,
    key: Option<String>,
) -> anyhow::Result<()> {
    let engine = Engine::builder(folder).open().await?;
    let (words, mut chance) = (Words::new(), Chance::of(1));
    let command = CreateIssue {
        title: words.text(&mut chance, seed::LENGTHS.title),
        description: Some(words.text(&mut chance, seed::LENGTHS.description)),
        priority: seed::PRIORITIES.last().copied(),
        assignees: company.people.first().copied().into_iter().collect(),
        labels: seed::two(&mut chance, &company.labels),
        ..CreateIssue::in_team(*company.teams.first().context("the company has no team")?)
    };
    let cx = OpContext::new(Principal::trusted_system(tenant)).with_idempotency_key(key);
    engine.execute(cx, command).await?;
    engine.close().await;
    Ok(())
}

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// All that the store holds of a tenant, but for the epoch, which changes whenever the tenant is loaded.
async fn entries(folder: &Path, store: StoreKind, tenant: TenantId) -> anyhow::Result<Entries> {
    let data = DataFolder::open(folder, &FolderOptions { kind: store, ..FolderOptions::default() })?;
    let opened = open_store(store, &data.shard(0), &StoreOptions::default())?;
    let mut entries = Entries::new();
    let mut scan = Scan::range(Bound::Unbounded, Bound::Unbounded);
    loop {
        let page = opened.scan(tenant, scan.clone()).await?;
        let last = page.entries.last().map(|(key, _)| key.clone());
        entries.extend(page.entries.into_iter().map(|(key, value)| (key, value.to_vec())));
        match last {
            Some(last) if page.more => scan = scan.after(&last),
            _ => break,
        }
    }
    opened.close().await;
    entries.retain(|key, _| Space::of(key) != Some(Space::Epoch));
    Ok(entries)
}

fn changed(before: &Entries, after: &Entries) -> Written {
    let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    let sizes: Vec<usize> = changed.map(|(key, value)| key.len() + value.len()).collect();
    Written { keys: sizes.len(), bytes: sizes.iter().sum() }
}
