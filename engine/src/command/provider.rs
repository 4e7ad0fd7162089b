//! Commands on identity providers.

use super::member::existing;
use super::{Command, World, notice, text};
use crate::access::Action;
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::{MemberId, ProviderId};
use crate::model::{IdentityProvider, LetterKind};

/// Bytes of an issuer's URL, a client's id or secret, and the name of a claim.
const VALUE_BYTES_MAX: usize = 512;

/// Domains of one provider.
const DOMAINS_MAX: usize = 20;

/// Adds an identity provider. The client's secret is kept beside it, and never in the log.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct CreateProvider {
    /// How it is called where people choose it.
    #[n(0)]
    pub name: String,
    /// Its issuer's URL, `https://…`.
    #[n(1)]
    pub issuer: String,
    /// The name under which it knows this installation.
    #[n(2)]
    pub client_id: String,
    /// The secret of that name; none for a client without one.
    #[n(3)]
    pub client_secret: Option<String>,
    /// The domains whose addresses it may vouch for.
    #[n(4)]
    pub domains: Vec<String>,
    /// A claim that must name one of the domains too.
    #[n(5)]
    pub domain_claim: Option<String>,
    /// Whether who is not there yet becomes a member on first coming.
    #[n(6)]
    pub creates_members: bool,
}

/// Changes an identity provider, or takes it away. What is not said stays. The issuer stays in any case: another one knows
/// other people under the same names.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct UpdateProvider {
    /// Which.
    #[n(0)]
    pub provider: ProviderId,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
    /// How it is called.
    #[n(2)]
    pub name: Option<String>,
    /// The name under which it knows this installation.
    #[n(3)]
    pub client_id: Option<String>,
    /// The new secret of that name.
    #[n(4)]
    pub client_secret: Option<String>,
    /// The domains whose addresses it may vouch for.
    #[n(5)]
    pub domains: Option<Vec<String>>,
    /// A claim that must name one of the domains too; the inner none takes it away.
    #[n(6)]
    pub domain_claim: Option<Option<String>>,
    /// Whether who is not there yet becomes a member on first coming.
    #[n(7)]
    pub creates_members: Option<bool>,
    /// Takes it away: nobody comes by it any more.
    #[n(8)]
    pub delete: bool,
}

impl UpdateProvider {
    /// A change of this provider that changes nothing yet.
    #[must_use]
    pub const fn of(provider: ProviderId) -> Self {
        Self {
            provider,
            if_version: None,
            name: None,
            client_id: None,
            client_secret: None,
            domains: None,
            domain_claim: None,
            creates_members: None,
            delete: false,
        }
    }
}

impl Command for CreateProvider {
    fn operation(&self) -> &'static str {
        "providerCreate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.authorize(Action::ManageAccess, None, None)?;
        let max = world.limits.providers_max;
        if world.directory.providers().filter(|p| p.deleted_at.is_none()).count() >= max {
            return Err(Error::rejected(format!("a company has at most {max} identity providers")));
        }
        let provider = IdentityProvider {
            id: ProviderId::generate(),
            name: text::line("name", "the provider's name", &self.name, world.limits.name_chars_max)?,
            issuer: issuer(&self.issuer)?,
            client_id: value("clientId", &self.client_id)?,
            domains: domains(&self.domains)?,
            domain_claim: self.domain_claim.as_deref().map(|c| value("domainClaim", c)).transpose()?,
            creates_members: self.creates_members,
            created_at: world.now,
            updated_at: world.now,
            deleted_at: None,
            version: 1,
        };
        let mut draft = Draft::new();
        let values = [("provider", provider.name.as_str())];
        for letter in notice::to_super_admins(world, LetterKind::ProviderAdded, &values) {
            draft.send(letter);
        }
        draft.save_provider(permit, provider, Some(secret(self.client_secret.as_deref())?));
        Ok(draft)
    }
}

impl Command for UpdateProvider {
    fn operation(&self) -> &'static str {
        "providerUpdate"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let missing = || Error::not_found(format!("identity provider {}", self.provider));
        let before = world.directory.provider(self.provider).filter(|p| p.deleted_at.is_none()).cloned();
        let permit = world.policy.authorize(Action::ManageAccess, before.clone(), None)?;
        let before = before.ok_or_else(missing)?;
        world.expect_version(&format!("provider {}", before.name), self.if_version, before.version)?;
        let mut after = IdentityProvider::clone(&before);
        if let Some(name) = &self.name {
            after.name = text::line("name", "the provider's name", name, world.limits.name_chars_max)?;
        }
        if let Some(id) = &self.client_id {
            after.client_id = value("clientId", id)?;
        }
        if let Some(wanted) = &self.domains {
            after.domains = domains(wanted)?;
        }
        if let Some(claim) = &self.domain_claim {
            after.domain_claim = claim.as_deref().map(|c| value("domainClaim", c)).transpose()?;
        }
        after.creates_members = self.creates_members.unwrap_or(after.creates_members);
        after.deleted_at = self.delete.then_some(world.now);
        let secret = self.client_secret.as_deref().map(|text| secret(Some(text))).transpose()?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Provider(after.id));
        if after == *before && secret.is_none() {
            return Ok(draft);
        }
        someone_still_comes_in(world, &after)?;
        after.version = after.version.saturating_add(1);
        after.updated_at = world.now;
        draft.save_provider(permit, after, secret);
        Ok(draft)
    }
}

/// The last provider stays while passwords open no door.
fn someone_still_comes_in(world: &World<'_>, after: &IdentityProvider) -> Result<()> {
    let others = world.directory.providers().filter(|p| p.deleted_at.is_none() && p.id != after.id).count();
    if after.deleted_at.is_some() && others == 0 && !world.directory.access().password_sign_in {
        let message = "this is the only way in: let people sign in with passwords before you take it away";
        return Err(Error::rejected(message));
    }
    Ok(())
}

/// Whoever a provider knows under this name is this member: see [`Engine`](crate::Engine).
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub(crate) struct LinkMember {
    #[n(0)]
    pub(crate) member: MemberId,
    #[n(1)]
    pub(crate) provider: ProviderId,
    /// The name's place beside the provider.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) name: [u8; 16],
    /// The link to keep, and the way back.
    #[cbor(skip)]
    pub(crate) link: (Vec<u8>, Vec<u8>),
}

impl Command for LinkMember {
    fn operation(&self) -> &'static str {
        "memberLink"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let member = existing(world, self.member)?;
        let permit = world.policy.authorize(Action::ManageSignIn, member, None)?;
        let mut draft = Draft::new();
        draft.link_member(&permit, (self.provider, self.name), self.link.clone());
        Ok(draft)
    }
}

/// Takes apart a member and whom an identity provider knows as them: see
/// [`Engine::unlink_member`](crate::Engine::unlink_member), which reads the name.
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct UnlinkMember {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// At which provider.
    #[n(1)]
    pub provider: ProviderId,
    /// Under which name the provider knows them, if it does.
    #[cbor(skip)]
    pub(crate) name: Option<[u8; 16]>,
}

impl UnlinkMember {
    /// Of this member at this provider.
    #[must_use]
    pub const fn new(member: MemberId, provider: ProviderId) -> Self {
        Self { member, provider, name: None }
    }
}

impl Command for UnlinkMember {
    fn operation(&self) -> &'static str {
        "memberUnlink"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        world.policy.authorize(Action::ManageAccess, (), None)?;
        let member = existing(world, self.member)?;
        if world.directory.provider(self.provider).is_none() {
            return Err(Error::not_found(format!("identity provider {}", self.provider)));
        }
        let permit = world.policy.authorize(Action::ManageSignIn, member, None)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Member(self.member));
        if let Some(name) = self.name {
            draft.unlink_member(&permit, (self.provider, name));
        }
        Ok(draft)
    }
}

/// The URL of an issuer: secure, or on this machine, without a query (`OpenID` Connect Discovery §3).
fn issuer(text: &str) -> Result<String> {
    let text = value("issuer", text)?;
    let secure = text.strip_prefix("https://");
    // An address on this machine is refused where requests go out, unless the operator allows it.
    let local = text
        .strip_prefix("http://")
        .filter(|rest| rest.starts_with("127.0.0.1:") || rest.starts_with("localhost:"));
    let host = secure.or(local).map(|rest| rest.split('/').next().unwrap_or_default());
    let fits = host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && !text.contains(['?', '#', '\\'])
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(text);
    }
    Err(Error::invalid("issuer", "an issuer is a URL such as https://login.example.com, without a query"))
}

/// Domains in lower case, each once.
fn domains(texts: &[String]) -> Result<Vec<String>> {
    if texts.is_empty() || texts.len() > DOMAINS_MAX {
        let message = format!("name 1 to {DOMAINS_MAX} domains whose addresses the provider may vouch for");
        return Err(Error::invalid("domains", message));
    }
    let mut domains = Vec::with_capacity(texts.len());
    for text in texts {
        let domain = value("domains", text)?.to_lowercase();
        let label =
            |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !domain.contains('.') || !domain.split('.').all(label) {
            return Err(Error::invalid("domains", "a domain is written as example.com"));
        }
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

fn value(field: &str, text: &str) -> Result<String> {
    text::line(field, &format!("`{field}`"), text, VALUE_BYTES_MAX)
}

/// The secret of a client as it is kept beside its provider.
fn secret(text: Option<&str>) -> Result<Vec<u8>> {
    let text = text.map(|text| value("clientSecret", text)).transpose()?;
    minicbor::to_vec(crate::rows::BesideProvider::Secret(text)).map_err(|e| Error::internal(e.to_string()))
}
