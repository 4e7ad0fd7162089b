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
    for (text, html) in [("Hello {{code}}", None), ("{{link}}", Some("<p>{{code}}</p>"))] {
        assert!(refused(PasswordReset, text, html).contains("does not say `{{link}}`"), "{text}");
    }
    for html in [
        "<a href={{name}}>",
        "<a title=\"{{name}}\">x</a>",
        "<a href='{{text}}'>",
        "<a {{name}}>",
        "<a title=\"x\" {{name}}>",
        "<img src=\"https://a.example/{{name}}\">",
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
        "<!-- all that follows",
        "<textarea>",
        "<video src=\"https://a.example\">",
        "<{{name}}>",
        "1 < 2",
    ] {
        assert!(refused(Announcement, "ok", Some(html)).contains("letters carry"), "{html}");
    }
    for html in [
        "<p onclick=\"x\">a</p>",
        "<p style=\"display: none\">a</p>",
        "<a href=\"javascript:x\">a</a>",
        "<img src=\"http://a.example/a.png\">",
    ] {
        assert!(refused(Announcement, "ok", Some(html)).contains("is not allowed"), "{html}");
    }
    for html in
        ["<p", "<a href=x\"><img title=\">\" src=https://a.example>", "<p title='x'>", "<p title=\">\">"]
    {
        assert!(refused(Announcement, "ok", Some(html)).contains("is no tag"), "{html}");
    }
    for html in ["<p>", "</p>", "<b><i>x</b></i>", "</div></main>"] {
        let refused = refused(Announcement, "ok", Some(html));
        assert!(
            refused.contains("order in which they began") || refused.contains("letters carry"),
            "{html}: {refused}"
        );
    }
}

#[test]
fn what_lets_a_reader_in_becomes_no_part_of_somebody_elses_address() {
    for text in [
        "https://evil.example/?{{code}} {{link}}",
        "{{link}}.evil.example",
        "{{name}}{{code}} {{link}}",
        "{{link}}{{code}}",
        "({{code}}) {{link}}",
        "{{link}} https://evil.example/?\u{200b}{{code}}",
    ] {
        assert!(refused(LetterKind::PasswordReset, text, None).contains("touches other text"), "{text}");
    }
    for html in [
        "{{link}} https://evil.example/?{{code}}",
        "{{link}} https://evil.example/?<b>{{code}}</b>",
        "{{link}} https://evil.example/?<b></b>{{code}}",
        "{{link}} <code>{{code}}</code>.evil.example",
        "{{link}} https://evil.example/?<img src=\"https://a.example\">{{code}}",
    ] {
        assert!(refused(LetterKind::PasswordReset, "{{link}}", Some(html)).contains("touches"), "{html}");
    }
    for html in [
        "{{link}} https://evil.example/?<table>{{code}}</table>",
        "{{link}} https://evil.example/?<table><tr><b>{{code}}</b></tr></table>",
        "{{link}} https://evil.example/?<td>{{code}}</td>",
        "{{link}} https://evil.example/?<tr><td>{{code}}</td></tr>",
    ] {
        assert!(
            refused(LetterKind::PasswordReset, "{{link}}", Some(html)).contains("a table has none"),
            "{html}"
        );
    }
    for html in [
        "<a href=\"https://evil.example/?{{link}}\">x</a>",
        "<a href=\"https://evil.example/?{{code}}\">x</a>",
        "<img src=\"{{link}}\">",
        "<a title=\"{{link}}\">x</a>",
    ] {
        assert!(
            refused(LetterKind::PasswordReset, "{{link}}", Some(html)).contains("inside a tag"),
            "{html}"
        );
    }
    let hidden = "<a href=x\"><img title=\">\" src=https://evil.example/?{{code}}>";
    assert!(refused(LetterKind::PasswordReset, "{{link}}", Some(hidden)).contains("is no tag"));
    let good = LetterTemplate {
        kind: LetterKind::PasswordReset,
        subject: "{{ company }}".into(),
        text: "Here:\n{{link}}\nor {{code}}\n".into(),
        html: Some(
            "<table><tr><td><a class=\"button\" title=\"x\" href=\"{{ link }}\">{{name}}</a><br/><td></td></tr></table>"
                .replace("<br/><td></td>", "<br/></td><td>{{code}}</td>"),
        ),
    };
    assert_eq!(check(&good), Ok(()));
    let look = Look { templates: vec![good], ..look() };
    let letter = write(LetterKind::PasswordReset, LetterLanguage::English, &look, hostile).unwrap();
    let link = "href=\"https://tracker.example.com/password-reset#token=mot_1\">&lt;b&gt;";
    assert!(letter.html.contains(link), "{}", letter.html);
}

#[test]
fn words_that_were_taken_under_former_rules_leave_the_built_in_ones() {
    let former = LetterTemplate {
        kind: LetterKind::PasswordReset,
        subject: "S".into(),
        text: "https://evil.example/?{{code}}".into(),
        html: None,
    };
    let look = Look { templates: vec![former], ..look() };
    let letter = write(LetterKind::PasswordReset, LetterLanguage::English, &look, hostile).unwrap();
    assert!(!letter.text.contains("evil.example"), "{}", letter.text);
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
