//! Mail: what waits in companies' outboxes is written as messages and brought to a mail server, or into a folder.
//!
//! [`Post`] does it: it asks the engine for the next message, has a [`Carrier`] bring it, and tells the engine what became of
//! it. A message is brought at least once, under the same `Message-ID` for the same sender. It knows no words of letters
//! and no rules of who is written to: that is the engine's.
//!
//! # Examples
//!
//! ```no_run
//! use mortise::mail::{MailFolder, Post, Sender};
//!
//! # async fn example(engine: mortise::Engine) -> Result<(), Box<dyn std::error::Error>> {
//! let sender: Sender = "Issues <no-reply@example.com>".parse()?;
//! let running = Post::new(&engine, sender, "https://issues.example.com", MailFolder::of(&engine)).start();
//! // … until the program ends:
//! running.stop().await;
//! # Ok(())
//! # }
//! ```

mod address;
mod carrier;
mod files;
mod message;
mod post;
mod sender;
mod smtp;

#[cfg(test)]
mod tests;

pub use carrier::{Carrier, CarryError, Parcel};
pub use files::MailFolder;
pub use post::{Pace, Post, PostCounts, Running};
pub use sender::{ParseSenderError, Sender};
pub use smtp::{ParseSmtpUrlError, Smtp, SmtpError, SmtpUrl};
