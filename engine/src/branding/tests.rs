//! What of a look is taken, and what it comes to.

use super::*;
use crate::model::{CustomDomain, LetterKind, LetterTemplate, SupportLink};
use data_encoding::BASE64;

#[test]
fn the_colours_that_are_built_in_can_be_read() {
    let colors = built_in_colors();
    readable(("text", &colors.text), ("background", &colors.background)).unwrap();
    readable(("accentText", &colors.accent_text), ("accent", &colors.accent)).unwrap();
}

#[test]
fn only_pages_over_tls_and_addresses_of_mail_are_links() {
    for good in ["https://help.example.com/a?b=c#d", "mailto:help@example.com", " https://example.com "] {
        assert!(support_url("url", good).is_ok(), "{good}");
    }
    let long = format!("https://example.com/{}", "x".repeat(600));
    for bad in [
        "",
        "http://example.com",
        "javascript:alert(1)",
        "https://",
        "https://localhost",
        "https://example.com@evil.test",
        "https://example.com/\" onclick=\"x",
        "https://exa mple.com",
        "https://example.com\\@evil.test",
        "mailto:nobody",
        "mailto:a@example.com?bcc=b@example.com",
        "mailto:a@example.com\r\nBcc: b@example.com",
        "data:text/html,x",
        "//example.com",
        &long,
    ] {
        assert!(support_url("url", bad).is_err(), "{bad}");
    }
}

#[test]
fn a_logo_is_an_address_or_a_small_picture_of_a_known_kind() {
    let data = |kind: &str, bytes: &[u8]| format!("data:image/{kind};base64,{}", BASE64.encode(bytes));
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 100]].concat();
    assert!(logo("logo", "https://cdn.example.com/logo.svg", 1024).is_ok());
    assert!(logo("logo", &data("png", &png), 1024).is_ok());
    for bad in [
        data("svg+xml", b"<svg onload=alert(1)>"),
        data("png", b"GIF89a"),
        "data:image/png;base64,***".to_owned(),
        "data:text/html;base64,PHNjcmlwdD4=".to_owned(),
        "http://example.com/logo.png".to_owned(),
        String::new(),
    ] {
        assert!(logo("logo", &bad, 1024).is_err(), "{bad}");
    }
    let large = [png.as_slice(), &[0; 2_000]].concat();
    let refused = logo("logo", &data("png", &large), 1024).unwrap_err();
    assert!(refused.message().contains("at most 1024 bytes"), "{refused}");
}

#[test]
fn a_domain_is_a_name_with_dots() {
    assert_eq!(domain("domain", " Issues.Example.COM. ").unwrap(), "issues.example.com");
    for bad in ["", "localhost", "127.0.0.1", "a..b", "-a.com", "a_.com", "ex ample.com", "x.com/y", "é.com"]
    {
        assert!(domain("domain", bad).is_err(), "{bad}");
    }
}

#[test]
fn a_company_looks_as_it_says_then_as_the_platform_says_then_as_is_built_in() {
    let template = |kind: LetterKind, subject: &str| LetterTemplate {
        kind,
        subject: subject.into(),
        text: "{{text}}".into(),
        html: None,
    };
    let platform = Branding {
        product_name: Some("Vendor".into()),
        sender_name: Some("Vendor's post".into()),
        support_links: Some(vec![SupportLink { label: "Help".into(), url: "https://vendor.test".into() }]),
        templates: Some(vec![
            template(LetterKind::Announcement, "V"),
            template(LetterKind::ProviderAdded, "V"),
        ]),
        ..Branding::default()
    };
    let own = Branding {
        product_name: Some("Acme Issues".into()),
        templates: Some(vec![template(LetterKind::Announcement, "A")]),
        powered_by: Some(false),
        domain: Some(CustomDomain { name: "issues.acme.test".into(), verified_at: None }),
        ..Branding::default()
    };
    let seen = look(Some(&own), &platform);
    assert_eq!((seen.product.as_str(), seen.powered_by, &seen.domain), ("Acme Issues", false, &None));
    assert_eq!(seen.sender_name.as_deref(), Some("Vendor's post"));
    let subjects: Vec<_> = seen.templates.iter().map(|template| template.subject.as_str()).collect();
    assert_eq!(subjects, ["A", "V"]);
    let page = page_look(Some(&own), &platform);
    assert_eq!(page, Look { templates: Vec::new(), ..seen }, "pages look alike, and carry no letters");
    assert_eq!(look(None, &Branding::default()).product, "Mortise");
}
