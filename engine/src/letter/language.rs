//! The languages that letters are written in, and their words: this is the one place to add another.
//!
//! A language is a folder beside this file with a text for every letter, in two forms: `LETTER.txt`, whose first line is
//! the subject, and `LETTER.html`, a part of a document. It does not know who reads which.

use crate::model::LetterKind;

/// A language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LetterLanguage {
    /// English.
    #[default]
    English,
}

/// The built-in words of a letter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// With the subject in the first line.
    pub(super) text: &'static str,
    pub(super) html: &'static str,
}

impl LetterLanguage {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English];

    /// The language for who asks for this one by its code (`en`, `en-GB`): English, where there is no other.
    #[must_use]
    pub const fn of(_code: Option<&str>) -> Self {
        Self::English
    }

    /// Its code, as documents name it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// What stands under every letter before the name of the program.
    pub(super) const fn powered_by(self) -> &'static str {
        match self {
            Self::English => "Powered by",
        }
    }

    /// The words of a letter.
    pub(super) const fn words(self, kind: LetterKind) -> Words {
        match (self, kind) {
            (Self::English, LetterKind::PasswordReset) => Words {
                text: include_str!("en/password_reset.txt"),
                html: include_str!("en/password_reset.html"),
            },
            (Self::English, LetterKind::Invitation) => {
                Words { text: include_str!("en/invitation.txt"), html: include_str!("en/invitation.html") }
            }
            (Self::English, LetterKind::ProviderAdded) => Words {
                text: include_str!("en/provider_added.txt"),
                html: include_str!("en/provider_added.html"),
            },
            (Self::English, LetterKind::Announcement) => Words {
                text: include_str!("en/announcement.txt"),
                html: include_str!("en/announcement.html"),
            },
            (Self::English, LetterKind::PluginFails) => Words {
                text: include_str!("en/plugin_fails.txt"),
                html: include_str!("en/plugin_fails.html"),
            },
        }
    }
}
