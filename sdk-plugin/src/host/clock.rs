//! The time. It stands still during a call.

/// Now, as RFC 3339 in UTC with milliseconds, such as `2026-01-31T09:00:00.000Z`; sorts as text.
#[must_use]
pub fn now() -> String {
    super::ask!(clock::now())
}
