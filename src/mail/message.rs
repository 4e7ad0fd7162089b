//! From a letter to a message: headers, both forms of its text, an envelope.
//!
//! What stands in a header is a [`Line`](mortise_engine::letter::Line) or an address that was read as one, so that nobody's
//! name becomes a header of its own.

use super::address;
use super::carrier::Parcel;
use super::sender::Sender;
use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use mortise_engine::WaitingMail;
use mortise_engine::letter::Letter;
use std::time::{Duration, SystemTime};

/// Says that no program need answer (RFC 3834): automatic replies do not come back.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The message of a letter.
///
/// # Errors
///
/// Why there can be none, however often it is tried.
pub(super) fn parcel(mail: &WaitingMail, letter: &Letter, sender: &Sender) -> Result<Parcel, String> {
    let to = address::read(&mail.to)?;
    let written = SystemTime::UNIX_EPOCH
        + Duration::from_millis(u64::try_from(mail.written_at.millis()).unwrap_or_default());
    let mut message = Message::builder()
        .from(sender.mailbox(letter.sender_name.as_ref()))
        .to(Mailbox::new(None, to.clone()))
        .subject(letter.subject.as_str())
        .date(written)
        .message_id(Some(format!("<{}@{}>", mail.id, sender.domain())))
        .header(AutoSubmitted);
    // An address that was taken and cannot be written leaves answers with the sender.
    if let Some(reply_to) = letter.reply_to.as_deref().and_then(|text| address::read(text).ok()) {
        message = message.reply_to(Mailbox::new(None, reply_to));
    }
    let both = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    let message = message.multipart(both).map_err(|error| error.to_string())?;
    let (from, to, bytes) = (sender.address(), to.to_string(), message.formatted());
    Ok(Parcel { id: mail.id, tenant: mail.tenant.id, from, to, bytes })
}
