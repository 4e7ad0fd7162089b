//! What letters say, and what nobody can make them say.

use super::*;

fn look() -> Look {
    let [background, text, accent, accent_text] =
        ["#ffffff", "#000000", "#000000", "#ffffff"].map(str::to_owned);
    Look {
        product: "Mortise".into(),
        logo: None,
        colors: BrandColors { background, text, accent, accent_text },
        support_links: Vec::new(),
        sender_name: None,
        reply_to: None,
        powered_by: true,
        templates: Vec::new(),
        domain: None,
    }
}

/// Values with everything in them that could become markup or a header.
fn hostile(place: Placeholder) -> Option<&'static str> {
    Some(match place {
        Placeholder::Link => "https://tracker.example.com/password-reset#token=mot_1",
        Placeholder::Code => "mot_1",
        Placeholder::Expires => "2026-01-31 10:00 UTC",
        _ => "<b>\"Eve\" & 'co'</b>\r\nBcc: all@example.com",
    })
}

#[test]
fn every_built_in_letter_can_be_read_and_filled_in_every_language() {
    for language in LetterLanguage::ALL {
        for kind in LetterKind::ALL {
            let LetterWords { subject, text, html } = built_in(*kind, *language);
            let template = LetterTemplate { kind: *kind, subject, text, html };
            assert_eq!(check(&template), Ok(()), "{kind}");
            let letter = write(*kind, *language, &look(), hostile).unwrap();
            assert!(!letter.subject.is_empty() && letter.text.len() > 100, "{letter:?}");
            assert!(!letter.text.contains("{{") && !letter.html.contains("{{"), "{kind}");
        }
    }
}

#[test]
fn what_is_filled_in_becomes_neither_a_header_nor_markup() {
    for kind in LetterKind::ALL {
        let letter = write(*kind, LetterLanguage::English, &look(), hostile).unwrap();
        assert!(!letter.subject.as_str().contains(['\r', '\n']), "{:?}", letter.subject);
        assert!(!letter.html.contains("<b>") && !letter.html.contains("\"Eve\""), "{}", letter.html);
    }
    let line = Line::of("a\r\nBcc: b\u{2028}c\u{202e}d\0");
    assert_eq!(line.as_str(), "a  Bcc: b cd");
    assert_eq!(Line::of(&"x".repeat(10_000)).as_str().len(), 200);
}

#[track_caller]
fn refused(kind: LetterKind, text: &str, html: Option<&str>) -> String {
    let template =
        LetterTemplate { kind, subject: "S".into(), text: text.into(), html: html.map(str::to_owned) };
    let (part, fault) = check(&template).unwrap_err();
    format!("{part}: {fault}")
}

#[test]
fn a_template_that_cannot_be_filled_safely_is_refused_with_the_reason() {
    use LetterKind::{Announcement, PasswordReset};
    let unknown = refused(Announcement, "{{token}}", None);
    let expected = "text: it has no placeholder `token`: this letter knows `product`, `company`, `name`, `subject`, `text`";
    assert_eq!(unknown, expected);
    assert_eq!(refused(Announcement, "{{name", None), "text: it has a `{{` without its `}}`");
    assert!(refused(PasswordReset, "Hello", None).contains("neither `{{link}}` nor `{{code}}`"));
    for html in [
        "<a href={{name}}>",
        "<a title=\"{{name}}\">",
        "<a href='{{text}}'>",
        "<a title='>' {{name}}>",
        "<a title=\">\" {{name}}>",
        "<{{name}}>",
    ] {
        assert!(refused(Announcement, "ok", Some(html)).contains("inside a tag"), "{html}");
    }
    for html in [
        "<script>",
        "<SCRIPT src=x>",
        "<iframe",
        "<form action=x>",
        "<style>{{text}}</style>",
        "<svg/onload=x>",
    ] {
        assert!(refused(Announcement, "ok", Some(html)).contains("letters carry"), "{html}");
    }
    let good = LetterTemplate {
        kind: PasswordReset,
        subject: "{{ company }}".into(),
        text: "{{link}}".into(),
        html: Some("<formula><a title=\"x\" href=\"{{link}}\">{{name}}</a>".into()),
    };
    assert_eq!(check(&good), Ok(()));
}

#[test]
fn a_template_of_ones_own_stands_in_the_same_frame() {
    let template = LetterTemplate {
        kind: LetterKind::Announcement,
        subject: "News".into(),
        text: "One <two>\n\n{{text}}".into(),
        html: None,
    };
    let support = SupportLink { label: "Help".into(), url: "mailto:help@example.com".into() };
    let look = Look { templates: vec![template], support_links: vec![support], powered_by: false, ..look() };
    let letter = write(LetterKind::Announcement, LetterLanguage::English, &look, |_| Some("a & b")).unwrap();
    assert_eq!(letter.text, "One <two>\n\na & b\n\n-- \nMortise\nHelp: help@example.com\n");
    assert!(letter.html.contains("<p>One &lt;two&gt;</p>\n<p>a &amp; b</p>"), "{}", letter.html);
    assert!(!letter.html.contains("Powered by"));
}

#[test]
fn a_letter_without_a_value_it_needs_is_not_written() {
    let missing = write(LetterKind::PasswordReset, LetterLanguage::English, &look(), |_| None);
    assert_eq!(missing, Err(LetterFault::Missing("company")));
}
