//! How people sign in to a server: the flags about identity providers, foreign issuers and proxies.
//!
//! It does not know how anybody is proven.

use anyhow::Context as _;
use clap::Args;
use mortise::EngineBuilder;
use mortise::graphql::{Allowed, HttpJwks, OidcOptions, Outbound};
use mortise::identity::{ExternalIssuer, MemberFrom, RemoteKeys, TenantFrom};
use mortise::model::Network;

/// Names of flags, as the help groups them.
const HEADING: &str = "Signing in";

/// See the module.
#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct SignInFlags {
    /// Address under which others reach this server, such as https://tracker.example.com: for links in messages, and needed
    /// for sign-in by identity providers
    #[arg(long, value_name = "URL", env = "MORTISE_PUBLIC_URL")]
    public_url: Option<String>,
    /// Page to which people come back from an identity provider [default: the public address]
    #[arg(long, value_name = "URL", env = "MORTISE_RETURN_TO", requires = "public_url")]
    return_to: Option<String>,
    /// Let requests to identity providers and issuers go to private addresses and plain HTTP
    #[arg(long, env = "MORTISE_ALLOW_PRIVATE_PROVIDERS")]
    allow_private_providers: bool,
    /// Network of a proxy whose word on a client's address is believed; may be repeated
    #[arg(long, value_name = "CIDR", env = "MORTISE_TRUSTED_PROXIES", value_delimiter = ',')]
    trusted_proxy: Vec<Network>,
    /// Issuer of a vendor's own tokens that are believed, as their `iss` names it
    #[arg(long, value_name = "ISS", env = "MORTISE_ISSUER", requires_all = ["issuer_keys", "issuer_audience"])]
    trust_issuer: Option<String>,
    /// Where that issuer's keys are: a JSON Web Key Set, https://…, or a file
    #[arg(long, value_name = "URL|FILE", env = "MORTISE_ISSUER_KEYS")]
    issuer_keys: Option<String>,
    /// The `aud` of that issuer's tokens for this server
    #[arg(long, value_name = "AUD", env = "MORTISE_ISSUER_AUDIENCE")]
    issuer_audience: Option<String>,
    /// The claim that names the company, by slug or id
    #[arg(long, value_name = "CLAIM", env = "MORTISE_ISSUER_COMPANY_CLAIM", default_value = "company")]
    issuer_company_claim: String,
    /// A company, as that issuer's tokens name it, for which it may speak; may be repeated [default: all]
    #[arg(
        long,
        value_name = "SLUG|ID",
        env = "MORTISE_ISSUER_COMPANIES",
        value_delimiter = ',',
        requires = "trust_issuer"
    )]
    issuer_company: Vec<String>,
    /// The claim that names the member, by address
    #[arg(long, value_name = "CLAIM", env = "MORTISE_ISSUER_EMAIL_CLAIM", default_value = "email")]
    issuer_email_claim: String,
    /// The claim that names the member by id (usr_…), instead of an address
    #[arg(long, value_name = "CLAIM", env = "MORTISE_ISSUER_MEMBER_CLAIM")]
    issuer_member_claim: Option<String>,
}

impl SignInFlags {
    /// This engine, believing the issuer that is named.
    ///
    /// # Errors
    /// The file of keys cannot be read, or not one of its keys can be used.
    pub(super) async fn believe(&self, builder: EngineBuilder) -> anyhow::Result<EngineBuilder> {
        let (Some(issuer), Some(from), Some(audience)) =
            (&self.trust_issuer, &self.issuer_keys, &self.issuer_audience)
        else {
            return Ok(builder);
        };
        let keys = if from.contains("://") {
            RemoteKeys::new(HttpJwks::new(from, Outbound::new(self.allowed())))
        } else {
            let path = from.clone();
            let json = tokio::task::spawn_blocking(move || std::fs::read(path)).await?;
            let json = json.with_context(|| format!("cannot read the keys in {from}"))?;
            RemoteKeys::fixed(&json).with_context(|| format!("cannot use the keys in {from}"))?
        };
        let member = match &self.issuer_member_claim {
            Some(claim) => MemberFrom::Id(claim.clone()),
            None => MemberFrom::Email(self.issuer_email_claim.clone()),
        };
        let tenant = TenantFrom::Claim(self.issuer_company_claim.clone());
        let issuer = ExternalIssuer::new(issuer, audience, keys, tenant, member);
        Ok(builder.external_issuer(match self.issuer_company.is_empty() {
            true => issuer,
            false => issuer.only_for(self.issuer_company.clone()),
        }))
    }

    /// The address under which others reach this server, if it was said.
    pub(super) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The proxies that are believed.
    pub(super) fn proxies(&self) -> Vec<Network> {
        self.trusted_proxy.clone()
    }

    /// How people come back from identity providers, if they can.
    pub(super) fn oidc(&self) -> Option<OidcOptions> {
        let url = self.public_url.as_ref()?;
        let return_to = self.return_to.clone();
        Some(OidcOptions { return_to, allowed: self.allowed(), ..OidcOptions::new(url) })
    }

    const fn allowed(&self) -> Allowed {
        Allowed { private_addresses: self.allow_private_providers }
    }
}
