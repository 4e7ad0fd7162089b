//! The fake clock.

pub(crate) fn now() -> String {
    super::state::with(|host| host.now.clone())
}
