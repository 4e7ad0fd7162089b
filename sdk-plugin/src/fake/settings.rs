//! Fake settings.

pub(crate) fn get(key: &str) -> Option<String> {
    super::state::with(|host| host.settings.get(key).map(ToString::to_string))
}

pub(crate) fn all() -> String {
    super::state::with(|host| host.settings.to_string())
}
