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

use crate::cli::remote::is_this_machine;

/// Names of flags, as the help groups them.
const HEADING: &str = "Mail";

/// Whom messages come from where nobody has said: nobody who could be answered.
const SENDER_DEFAULT: &str = "no-reply@mortise.invalid";

/// See the module.
#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct MailFlags {
    /// Mail server that messages go out by: smtps://USER:PASSWORD@HOST, or smtp://… with STARTTLS; characters such as `@`
    /// are written as %40. It needs --public-url, for links [default: none; messages are files in DATA/mail, a folder for each
    /// company with the newest 1000]
    #[arg(
        long,
        value_name = "URL",
        env = "MORTISE_SMTP_URL",
        hide_env_values = true,
        requires_all = ["mail_from", "public_url"]
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
    /// The mail server's address is none, links would not lead here safely, or the certificates cannot be read or used.
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
        leads_here(address)?;
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

/// Refuses an address for links that would give away what they carry, or lead nowhere: a link holds what lets its reader in.
fn leads_here(address: &str) -> anyhow::Result<()> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let safe = scheme == "https" || (scheme == "http" && is_this_machine(name));
    let plain =
        !name.is_empty() && !rest.contains(|c: char| matches!(c, '?' | '#' | '@') || c.is_whitespace());
    anyhow::ensure!(
        safe && plain,
        "--public-url {address}: links in mail lead there and let their readers in; give https://HOST, without `?` and `#`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_mail_server_it_is_said_where_letters_are() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::builder(folder.path()).open().await.unwrap();
        let flags = MailFlags { smtp_url: None, smtp_ca: None, mail_from: None };
        let (post, said) = flags.start(&engine, "http://127.0.0.1:4000").await.unwrap();
        assert_eq!(said, format!("{} (as files)", folder.path().join("mail").display()));
        post.stop().await;
        let smtp = Some(Hidden("smtps://localhost".to_owned()));
        let flags = MailFlags { smtp_url: smtp, mail_from: Some("a@example.com".parse().unwrap()), ..flags };
        let refused = flags.start(&engine, "http://issues.example.com").await.unwrap_err();
        assert!(refused.to_string().contains("--public-url"), "{refused}");
        engine.close().await;
    }

    #[test]
    fn links_lead_to_a_safe_page_or_to_this_machine() {
        for good in [
            "https://issues.example.com",
            "https://example.com/issues/",
            "http://localhost:4000",
            "http://[::1]:1",
        ] {
            assert!(leads_here(good).is_ok(), "{good}");
        }
        for bad in [
            "http://issues.example.com",
            "issues.example.com",
            "https://",
            "https://issues.example.com/?x=",
            "https://issues.example.com/#",
            "https://me@evil.example",
            "http://127.0.0.1.evil.example",
            "ftp://example.com",
        ] {
            assert!(leads_here(bad).is_err(), "{bad}");
        }
    }
}
