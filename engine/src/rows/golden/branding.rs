//! Golden files of how a company shows itself.

use super::samples::{at, logged, uuid};
use super::{Actor, EventBody, check};
use crate::event::Subject;
use crate::id::MemberId;
use crate::model::{BrandColors, Branding, CustomDomain, LetterKind, LetterTemplate, SupportLink};

pub(super) fn branding() -> Branding {
    Branding {
        product_name: Some("Acme Issues".into()),
        logo: Some("https://cdn.acme.example/logo.png".into()),
        colors: Some(BrandColors {
            background: "#ffffff".into(),
            text: "#111111".into(),
            accent: "#223344".into(),
            accent_text: "#eeeeee".into(),
        }),
        support_links: Some(vec![SupportLink {
            label: "Help".into(),
            url: "mailto:help@acme.example".into(),
        }]),
        sender_name: Some("Acme".into()),
        reply_to: Some("help@acme.example".into()),
        templates: Some(vec![LetterTemplate {
            kind: LetterKind::Announcement,
            subject: "{{subject}}".into(),
            text: "{{text}}".into(),
            html: Some("<p>{{text}}</p>".into()),
        }]),
        powered_by: Some(false),
        domain: Some(domain()),
        updated_at: Some(at(3)),
        version: Some(4),
        begun: None,
    }
}

fn domain() -> CustomDomain {
    CustomDomain { name: "issues.acme.example".into(), verified_at: Some(at(2)) }
}

#[test]
fn events_of_branding_are_stored_as_ever() {
    let by = Actor::Member(MemberId::from_uuid(uuid(4)));
    let (before, after) = (Box::default(), Box::new(branding()));
    let saved = EventBody::BrandingSaved { before, after };
    check("event_branding_saved", &logged(by, Subject::Tenant, saved));
    let saved = EventBody::DomainSaved { before: None, after: Some(domain()), version: 5 };
    check("event_domain_saved", &logged(by, Subject::Tenant, saved));
}
