//! How a server's mail goes out: the flags about it.
//!
//! It does not know what is written to whom.

use anyhow::Context as _;
use clap::Args;
use mortise::Engine;
use mortise::mail::{MailFolder, Post, Running, Sender, Smtp, SmtpUrl};
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Names of flags, as the help groups them.
const HEADING: &str = "Mail";

/// Whom messages come from where nobody has said: nobody who could be answered.
const SENDER_DEFAULT: &str = "no-reply@mortise.invalid";

/// See the module.
#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct MailFlags {
    /// Mail server that messages go out by: smtps://USER:PASSWORD@HOST, or smtp://… with STARTTLS; characters such as `@`
    /// are written as %40 [default: none; messages are files in DATA/mail, the newest 1000 of them]
    #[arg(
        long,
        value_name = "URL",
        env = "MORTISE_SMTP_URL",
        hide_env_values = true,
        requires = "mail_from"
    )]
    smtp_url: Option<Hidden>,
    /// Certificates (PEM) that the mail server is trusted by, beside those that this machine trusts
    #[arg(long, value_name = "FILE", env = "MORTISE_SMTP_CA", requires = "smtp_url")]
    smtp_ca: Option<PathBuf>,
    /// Whom messages come from: `Name <name@example.com>`
    #[arg(long, value_name = "SENDER", env = "MORTISE_MAIL_FROM")]
    mail_from: Option<Sender>,
}

/// A text that holds a password: it is not shown, also where it is wrong.
#[derive(Clone)]
struct Hidden(String);

impl FromStr for Hidden {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl MailFlags {
    /// Starts to bring mail. `address` is where people reach this server. Answers where mail goes, too.
    ///
    /// # Errors
    /// The mail server's address is none, or the certificates cannot be read or used.
    pub(super) async fn start(&self, engine: &Engine, address: &str) -> anyhow::Result<(Running, String)> {
        let sender = match &self.mail_from {
            Some(sender) => sender.clone(),
            None => SENDER_DEFAULT.parse()?,
        };
        let Some(Hidden(url)) = &self.smtp_url else {
            let folder = MailFolder::of(engine);
            let shown = std::path::absolute(folder.path())?;
            let post = Post::new(engine, sender, address, folder);
            return Ok((post.start(), format!("{} (as files)", shown.display())));
        };
        let url: SmtpUrl = url.parse().context("--smtp-url")?;
        let shown = url.to_string();
        let (authorities, hello) = (self.smtp_ca.clone(), sender.domain().to_owned());
        let smtp = tokio::task::spawn_blocking(move || {
            let read = |path: PathBuf| {
                std::fs::read(&path)
                    .with_context(|| format!("cannot read the certificates in {}", path.display()))
            };
            let authorities = authorities.map(read).transpose()?;
            anyhow::Ok(Smtp::new(url, authorities.as_deref(), &hello)?)
        });
        Ok((Post::new(engine, sender, address, smtp.await??).start(), shown))
    }
}
