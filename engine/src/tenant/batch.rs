//! One change as a batch of the store: the log's records, the rows, the answer to the idempotency key.

use crate::directory::DirectoryRow;
use crate::draft::{PluginRecord, RowWrite, SideRecord, Stamped};
use crate::error::{Error, Result};
use crate::identity::{OneTimeRecord, SecondFactor};
use crate::log::{ChainHash, LogRecord};
use crate::model::{Comment, Issue};
use crate::rows::{
    self, ApiKeyRow, BesideProvider, CommentPlace, FollowerCursor, IdempotencyRecord, LongText, OutboxRow,
    PasswordRow, PluginEntry, PluginPart, SessionRow,
};
use crate::storage::{Batch, HeadCondition, encode};
use crate::time::Timestamp;

/// The batch, and the chain hash after it.
pub(super) fn of(
    head: HeadCondition,
    stamped: &Stamped,
    records: &[SideRecord],
    now: Timestamp,
    answer: Option<(&[u8; 32], &IdempotencyRecord)>,
    chain: ChainHash,
) -> Result<(Batch, ChainHash)> {
    let mut batch = Batch::following(head);
    let mut chain = chain;
    for event in &stamped.events {
        let record = LogRecord::of(event, &chain, salt()?)?;
        chain = record.hash();
        batch.log(encode(&record)?);
    }
    for row in &stamped.rows {
        put_row(&mut batch, row)?;
    }
    for record in records {
        put_record(&mut batch, record, now)?;
    }
    if let Some((scope, record)) = answer {
        batch.insert(rows::idempotency(scope), record)?;
    }
    Ok((batch, chain))
}

pub(super) fn salt() -> Result<[u8; 16]> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|e| Error::internal(format!("no randomness for a salt: {e}")))?;
    Ok(salt)
}

fn put_row(batch: &mut Batch, row: &RowWrite) -> Result<()> {
    match row {
        RowWrite::Issue { before, after, description } => {
            // Rows of issues are small: their long texts lie apart, so no parts of an older value can be there.
            batch.insert(rows::issue(after.id), &**after)?;
            if let Some(description) = description {
                put_description(batch, before.as_deref(), after, description.as_deref())?;
            }
        }
        RowWrite::Comment { before, after } => put_comment(batch, before.is_none(), after)?,
        RowWrite::Directory(row) => match row {
            DirectoryRow::Label(label) => batch.insert(rows::label(label.id), &**label)?,
            DirectoryRow::Member(member) => batch.insert(rows::member(member.id), &**member)?,
            DirectoryRow::Team(team) => batch.insert(rows::team(team.id), &**team)?,
            // Workflows and filters of views may be large, so that older ones may have parts.
            DirectoryRow::Workflow(workflow) => batch.put(rows::workflow(workflow.id), &**workflow)?,
            DirectoryRow::WorkflowVersion(version) => {
                batch.put(rows::workflow_version(version.id), &**version)?
            }
            DirectoryRow::View(view) => batch.put(rows::view(view.id), &**view)?,
            DirectoryRow::Favorites(favorites) => {
                batch.put(rows::favorites(favorites.member), &**favorites)?
            }
            DirectoryRow::Provider(provider) => batch.put(rows::provider(provider.id), &**provider)?,
            // Of fixed size but for a reason and a name, which have bounds: never in parts.
            DirectoryRow::Access(access) => batch.insert(rows::access(), &**access)?,
            DirectoryRow::Visit(visit) => batch.insert(rows::visit(visit.id), &**visit)?,
            DirectoryRow::Invitation(invitation) => {
                batch.insert(rows::invitation(invitation.id), &**invitation)?
            }
            // Manifests and settings may be large, so that older ones may have parts.
            DirectoryRow::PluginCode(code) => batch.put(rows::plugin_code(code.digest), &**code)?,
            DirectoryRow::Installation(installation) => {
                batch.put(rows::installation(installation.id), &**installation)?
            }
            DirectoryRow::InvitationGone(id) => batch.delete(rows::invitation(*id)),
            // Their rows hold secrets, and come with the change as records.
            DirectoryRow::Key(_) | DirectoryRow::SecondFactor(..) => {}
        },
    }
    Ok(())
}

/// A long description lies beside the row; a short one inside it.
fn put_description(
    batch: &mut Batch,
    before: Option<&Issue>,
    after: &Issue,
    text: Option<&str>,
) -> Result<()> {
    match text {
        Some(text) if after.has_long_description() => {
            let (key, text) = (rows::long_text(after.id), LongText { text: text.to_owned() });
            if before.is_some() { batch.put(key, &text)? } else { batch.insert(key, &text)? }
        }
        _ if before.is_some_and(Issue::has_long_description) => batch.delete(rows::long_text(after.id)),
        _ => {}
    }
    Ok(())
}

fn put_comment(batch: &mut Batch, new: bool, comment: &Comment) -> Result<()> {
    let key = rows::comment(comment.issue, comment.id);
    if new {
        batch.insert(key, comment)?;
        batch.insert(rows::comment_place(comment.id), &CommentPlace { issue: comment.issue })?;
    } else {
        batch.put(key, comment)?;
    }
    Ok(())
}

fn put_record(batch: &mut Batch, record: &SideRecord, now: Timestamp) -> Result<()> {
    match record {
        SideRecord::Password(member, Some(phc)) => {
            batch.put(rows::password(*member), &PasswordRow { phc: phc.clone(), set_at: Some(now) })?;
        }
        SideRecord::Password(member, None) => batch.delete(rows::password(*member)),
        SideRecord::ApiKey(id, bytes) => {
            batch.put(rows::api_key(*id), &ApiKeyRow { record: read("an API key", bytes)? })?;
        }
        SideRecord::Session(id, bytes) => {
            batch.put(rows::session(*id), &read::<SessionRow>("a session", bytes)?)?;
        }
        SideRecord::SecondFactor(member, bytes) => {
            batch.put(rows::second_factor(*member), &read::<SecondFactor>("a second factor", bytes)?)?;
        }
        SideRecord::OneTime(id, Some(bytes)) => {
            batch.insert(rows::one_time(*id), &read::<OneTimeRecord>("a one-time token", bytes)?)?;
        }
        SideRecord::OneTime(id, None) => batch.delete(rows::one_time(*id)),
        SideRecord::BesideProvider(provider, name, None) => {
            batch.delete(rows::beside_provider(*provider, name));
        }
        SideRecord::BesideProvider(provider, name, Some(bytes)) => {
            let beside = read::<BesideProvider>("what lies beside a provider", bytes)?;
            batch.put(rows::beside_provider(*provider, name), &beside)?;
        }
        SideRecord::Mail(place, mail) => {
            let row = OutboxRow {
                template: mail.template.to_owned(),
                to: mail.to.clone(),
                values: mail.values.clone(),
                written_at: Some(now),
                tried: None,
                lost_at: None,
            };
            batch.insert(rows::outbox(*place), &row)?;
        }
        SideRecord::SecurityDropped(dropped) => super::security::put_dropped(batch, dropped)?,
        SideRecord::Plugin(record) => put_plugin_record(batch, record)?,
    }
    Ok(())
}

/// Adds a record of the host of plugins to a batch.
pub(crate) fn put_plugin_record(batch: &mut Batch, record: &PluginRecord) -> Result<()> {
    match record {
        PluginRecord::Entry(installation, name, Some(value)) => {
            let entry = PluginEntry { value: value.clone() };
            batch.put(rows::plugin_entry(*installation, name), &entry)?;
        }
        PluginRecord::Entry(installation, name, None) => {
            batch.delete(rows::plugin_entry(*installation, name))
        }
        PluginRecord::Place(follower, seq) => {
            batch.insert(rows::follower(follower), &FollowerCursor { seq: *seq })?;
        }
        PluginRecord::Part(digest, part, Some(bytes)) => {
            batch.insert(rows::plugin_part(*digest, *part), &PluginPart { bytes: bytes.clone() })?;
        }
        PluginRecord::Part(digest, part, None) => batch.delete(rows::plugin_part(*digest, *part)),
    }
    Ok(())
}

/// A record that came with a change as bytes.
fn read<'b, T: minicbor::Decode<'b, ()>>(what: &str, bytes: &'b [u8]) -> Result<T> {
    minicbor::decode(bytes).map_err(|e| Error::internal(format!("the record of {what}: {e}")))
}
