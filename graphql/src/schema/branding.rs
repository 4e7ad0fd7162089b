//! How companies show themselves: what everybody sees before signing in, and what a super admin says of it.

use super::payload::{Outcome, UserError};
use super::scalar::DateTime;
use super::word::LetterKind;
use crate::context::{Asked, engine, text_units};
use crate::error::Result;
use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use mortise_engine::access::Action;
use mortise_engine::command::branding::UpdateBranding;
use mortise_engine::letter::{self, LetterLanguage, Look, Placeholder};
use mortise_engine::{Committed, model};

/// How a company's pages and letters look. What the company does not say is the platform's.
#[derive(SimpleObject)]
pub(crate) struct Branding {
    /// The short name of the company that was asked for by its domain, for `signIn`; null when there is none.
    tenant: Option<String>,
    /// What the product is called.
    product_name: String,
    /// Its logo: an `https://…` address, or a small picture as `data:image/…`.
    logo: Option<String>,
    /// Its colours.
    colors: BrandColors,
    /// Where people find help.
    support_links: Vec<SupportLink>,
    /// Whether to say what the product is made with.
    powered_by: bool,
}

/// Colours as `#rrggbb`; each text has a contrast of at least 4.5:1 to its ground.
#[derive(SimpleObject)]
pub(crate) struct BrandColors {
    /// The ground of a page.
    background: String,
    /// Text on that ground.
    text: String,
    /// The ground of a button.
    accent: String,
    /// Text on a button.
    accent_text: String,
}

/// A place where people find help.
#[derive(SimpleObject)]
pub(crate) struct SupportLink {
    /// How it is called.
    label: String,
    /// `https://…` or `mailto:…`.
    url: String,
}

/// What a company itself has said of how it shows itself. A null is not said: there the platform's holds.
#[derive(SimpleObject)]
pub(crate) struct BrandingSettings {
    /// Whether the company's tier includes a look of its own. What was said is kept in any case.
    included: bool,
    /// What the product is called.
    product_name: Option<String>,
    /// Its logo.
    logo: Option<String>,
    /// Its colours.
    colors: Option<BrandColors>,
    /// Where people find help.
    support_links: Option<Vec<SupportLink>>,
    /// The name that letters come from.
    sender_name: Option<String>,
    /// The address that answers to letters go to.
    reply_to: Option<String>,
    /// Whether it is said what the product is made with.
    powered_by: Option<bool>,
    /// The letters, in the words that are used: its own, the platform's, or built in.
    letters: Vec<LetterWords>,
    /// The domain under which its people come.
    custom_domain: Option<CustomDomain>,
    /// When it last changed.
    updated_at: Option<DateTime>,
    /// Counts its changes: for `ifVersion`.
    version: u64,
}

/// A letter in the words that are used for it.
#[derive(SimpleObject)]
pub(crate) struct LetterWords {
    /// Which letter.
    kind: LetterKind,
    /// The placeholders it knows, to be written as `{{name}}`.
    placeholders: Vec<String>,
    /// Whether these are the company's own words.
    own: bool,
    /// Its subject.
    subject: String,
    /// Its plain text.
    text: String,
    /// The same as a part of an HTML document; null when it is made from the text.
    html: Option<String>,
}

/// A domain that is to lead to the company.
#[derive(SimpleObject)]
pub(crate) struct CustomDomain {
    /// The domain.
    domain: String,
    /// Whether it was seen to be the company's own. Until then it leads nowhere.
    verified: bool,
    /// What is to stand in a TXT record of the domain, to show whose it is.
    challenge: String,
}

/// What to change in how the company shows itself. What is not said stays; null takes the company's own away.
#[derive(InputObject)]
pub(crate) struct BrandingUpdateInput {
    /// What the product is called.
    product_name: MaybeUndefined<String>,
    /// Its logo: `https://…`, or a PNG, JPEG, GIF or WebP of at most 16 KiB as `data:image/…;base64,…`.
    logo: MaybeUndefined<String>,
    /// Its colours, all of them. Text needs a contrast of 4.5:1 (WCAG 2.2).
    colors: MaybeUndefined<BrandColorsInput>,
    /// Where people find help; at most 5.
    support_links: MaybeUndefined<Vec<SupportLinkInput>>,
    /// The name that letters come from.
    sender_name: MaybeUndefined<String>,
    /// The address that answers to letters go to.
    reply_to: MaybeUndefined<String>,
    /// The letters that have words of the company's own, all of them; one of a kind.
    letters: MaybeUndefined<Vec<LetterInput>>,
    /// Whether it is said what the product is made with.
    powered_by: MaybeUndefined<bool>,
}

/// Colours as `#rrggbb`.
#[derive(InputObject)]
pub(crate) struct BrandColorsInput {
    /// The ground of a page.
    background: String,
    /// Text on that ground.
    text: String,
    /// The ground of a button.
    accent: String,
    /// Text on a button.
    accent_text: String,
}

/// A place where people find help.
#[derive(InputObject)]
pub(crate) struct SupportLinkInput {
    /// How it is called.
    label: String,
    /// `https://…` or `mailto:name@example.com`.
    url: String,
}

/// A letter in the company's own words.
#[derive(InputObject)]
pub(crate) struct LetterInput {
    /// Which letter.
    kind: LetterKind,
    /// Its subject, of one line.
    subject: String,
    /// Its plain text, at most 8 KiB. A letter with a link says `{{link}}`; `{{link}}` and `{{code}}` stand between white
    /// space.
    text: String,
    /// The same as a part of an HTML document, at most 8 KiB; made from the text unless given. Elements of text, lists,
    /// tables, pictures and links, each closed; no styles, scripts, comments and forms.
    html: Option<String>,
}

/// The answer to a change of how the company shows itself.
#[derive(SimpleObject)]
pub(crate) struct BrandingPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// What the company has said then; null when it was refused or rehearsed.
    branding_settings: Option<BrandingSettings>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl BrandingPayload {
    async fn answer(
        asked: &Asked<'_>,
        done: mortise_engine::Result<Committed>,
        dry_run: bool,
    ) -> Result<Self> {
        asked.snapshot.catch_up();
        let outcome = Outcome::of(asked.snapshot, done)?;
        let success = outcome.errors.is_empty();
        let branding_settings = if success && !dry_run { Some(settings(asked).await?) } else { None };
        Ok(Self {
            success,
            branding_settings,
            user_errors: outcome.errors,
            sync_cursor: outcome.sync_cursor,
            events: outcome.events,
        })
    }
}

impl From<model::BrandColors> for BrandColors {
    fn from(colors: model::BrandColors) -> Self {
        let model::BrandColors { background, text, accent, accent_text } = colors;
        Self { background, text, accent, accent_text }
    }
}

impl From<BrandColorsInput> for model::BrandColors {
    fn from(colors: BrandColorsInput) -> Self {
        let BrandColorsInput { background, text, accent, accent_text } = colors;
        Self { background, text, accent, accent_text }
    }
}

impl From<model::SupportLink> for SupportLink {
    fn from(link: model::SupportLink) -> Self {
        Self { label: link.label, url: link.url }
    }
}

impl Branding {
    fn of(look: Look, tenant: Option<String>) -> Self {
        Self {
            tenant,
            product_name: look.product,
            logo: look.logo,
            colors: look.colors.into(),
            support_links: look.support_links.into_iter().map(SupportLink::from).collect(),
            powered_by: look.powered_by,
        }
    }
}

/// What the company of who asks has said.
async fn settings(asked: &Asked<'_>) -> Result<BrandingSettings> {
    let id = asked.snapshot.viewer().principal.tenant();
    // The newest record: the snapshot's own is of before the change.
    let tenant = asked.engine.reader(&asked.snapshot.viewer().principal).await?.tenant().clone();
    let own = tenant.branding.as_deref().cloned().unwrap_or_default();
    let custom_domain = match &own.domain {
        Some(domain) => Some(CustomDomain {
            domain: domain.name.clone(),
            verified: domain.verified_at.is_some(),
            challenge: asked.engine.domain_challenge(id, &domain.name).await?,
        }),
        None => None,
    };
    let included = asked.engine.has_own_look(&tenant);
    let shown = own.templates.as_deref().filter(|_| included).unwrap_or_default();
    let letters = letters(&asked.engine.look(Some(&tenant)), shown);
    asked.snapshot.charge(letters.len())?;
    Ok(BrandingSettings {
        included,
        letters,
        custom_domain,
        updated_at: own.updated_at.map(DateTime),
        version: own.version(),
        product_name: own.product_name,
        logo: own.logo,
        colors: own.colors.map(BrandColors::from),
        support_links: own.support_links.map(|links| links.into_iter().map(SupportLink::from).collect()),
        sender_name: own.sender_name,
        reply_to: own.reply_to,
        powered_by: own.powered_by,
    })
}

fn letters(look: &Look, own: &[model::LetterTemplate]) -> Vec<LetterWords> {
    let letter = |kind: &model::LetterKind| {
        let words = letter::words(*kind, LetterLanguage::default(), look);
        LetterWords {
            kind: (*kind).into(),
            placeholders: Placeholder::of(*kind).iter().map(|place| place.word().to_owned()).collect(),
            own: own.iter().any(|template| template.kind == *kind),
            subject: words.subject,
            text: words.text,
            html: words.html,
        }
    };
    model::LetterKind::ALL.iter().map(letter).collect()
}

/// Queries about how companies show themselves.
#[derive(Default)]
pub(crate) struct BrandingQuery;

#[Object]
impl BrandingQuery {
    /// How a company's pages look, for who is not signed in too: the company is named by its short name, or by the host that
    /// was asked, not by both. Without either, the company of who asks. A company that is not here looks like the platform.
    async fn branding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The company's short name, such as `acme`.")] tenant: Option<String>,
        #[graphql(desc = "The host that a browser shows, such as `issues.acme.example`.")] host: Option<
            String,
        >,
    ) -> Result<Branding> {
        let engine = engine(ctx)?;
        let of_own = tenant.is_none() && host.is_none();
        let named = engine.tenant_shown(tenant.as_deref(), host.as_deref())?;
        let slug = host.and(named.as_ref()).map(|tenant| tenant.slug.clone());
        let asked = Asked::of(ctx).ok();
        let own = asked.as_ref().filter(|_| of_own);
        let own = own.map(|asked| asked.snapshot.reader().tenant().clone());
        let look = engine.page_look(named.or(own).as_deref());
        let units = 1 + text_units(look.logo.as_ref().map_or(0, String::len));
        asked.map_or(Ok(()), |asked| asked.snapshot.charge(units))?;
        Ok(Branding::of(look, slug))
    }

    /// What the company itself has said of how it shows itself. For super admins.
    async fn branding_settings(&self, ctx: &Context<'_>) -> Result<BrandingSettings> {
        let asked = Asked::of(ctx)?;
        asked.snapshot.reader().policy().authorize(Action::ManageBranding, (), None)?;
        settings(&asked).await
    }
}

/// Mutations of how the company shows itself.
#[derive(Default)]
pub(crate) struct BrandingMutation;

#[Object]
impl BrandingMutation {
    /// Changes how the company shows itself. For super admins; the tier Platinum includes it.
    async fn branding_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: BrandingUpdateInput,
        #[graphql(desc = "The `version` it was read at; another one is a `CONFLICT`.")] if_version: Option<
            u64,
        >,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<BrandingPayload> {
        let asked = Asked::of(ctx)?;
        let update = UpdateBranding {
            if_version,
            product_name: wish(input.product_name),
            logo: wish(input.logo),
            colors: wish(input.colors).map(|colors| colors.map(Into::into)),
            support_links: wish(input.support_links).map(|links| links.map(support_links)),
            sender_name: wish(input.sender_name),
            reply_to: wish(input.reply_to),
            templates: wish(input.letters).map(|letters| letters.map(templates)),
            powered_by: wish(input.powered_by),
        };
        let done = asked.engine.update_branding(asked.operation(idempotency_key, dry_run), update).await;
        BrandingPayload::answer(&asked, done, dry_run).await
    }

    /// Says under which domain the company's people come. It leads nowhere until whoever runs the platform has seen that it
    /// is the company's own: by the challenge in a TXT record of it. For super admins; the tier Platinum includes it.
    async fn custom_domain_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The domain, such as `issues.acme.example`; null for none.")] domain: Option<String>,
        #[graphql(
            desc = "A name for this one change: sent again within 24 hours it has effect once and gets the same answer, but no `events`: nothing is written again."
        )]
        idempotency_key: Option<String>,
        #[graphql(desc = "Decide and answer, and write nothing.", default = false)] dry_run: bool,
    ) -> Result<BrandingPayload> {
        let asked = Asked::of(ctx)?;
        let done = asked.engine.set_custom_domain(asked.operation(idempotency_key, dry_run), domain).await;
        BrandingPayload::answer(&asked, done, dry_run).await
    }
}

/// What is not said, what is taken away, and what is given.
fn wish<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

fn support_links(links: Vec<SupportLinkInput>) -> Vec<model::SupportLink> {
    links.into_iter().map(|link| model::SupportLink { label: link.label, url: link.url }).collect()
}

fn templates(letters: Vec<LetterInput>) -> Vec<model::LetterTemplate> {
    let template = |letter: LetterInput| model::LetterTemplate {
        kind: letter.kind.into(),
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
    };
    letters.into_iter().map(template).collect()
}
