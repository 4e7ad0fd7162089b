//! How long the texts of an archive may be that are kept while it is looked at, or that the engine takes no longer.
//!
//! Each function reads one sort; an error is a phrase. It does not know where in an archive a text stands.

/// The longest account name accepted, in bytes. The source allows 39, and more for its applications.
const MAX_LOGIN_BYTES: usize = 255;

/// The longest name and colour of a label, and the longest id, in bytes. The source allows 50 characters of a name.
const MAX_NAME_BYTES: usize = 255;

/// The longest description of a label, in bytes. The source allows 100 characters.
const MAX_DESCRIPTION_BYTES: usize = 1024;

/// The longest name of a repository, `owner/name`, in bytes. The source allows 39 characters and 100.
const MAX_REPO_BYTES: usize = 200;

/// The most names in one list of an item.
pub(super) const MAX_NAMES: usize = 100;

/// The name of an account.
pub(super) fn login(text: &str) -> Result<String, String> {
    if (1..=MAX_LOGIN_BYTES).contains(&text.len()) {
        return line(text, MAX_LOGIN_BYTES);
    }
    Err(format!("a name of {} bytes, expected 1 to {MAX_LOGIN_BYTES}", text.len()))
}

/// The name or colour of a label.
pub(super) fn name(text: &str) -> Result<String, String> {
    short(text, MAX_NAME_BYTES)
}

/// What a label is for.
pub(super) fn description(text: &str) -> Result<String, String> {
    // The engine takes all characters but this one.
    short(text, MAX_DESCRIPTION_BYTES).map(|text| text.replace('\0', " "))
}

/// An id that becomes part of one of ours.
pub(super) fn id(text: &str) -> Result<String, String> {
    line(text, MAX_NAME_BYTES)
}

/// The name of a repository.
pub(super) fn repo(text: &str) -> Result<String, String> {
    line(text, MAX_REPO_BYTES)
}

fn line(text: &str, max: usize) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("a name with a line break or another control character".to_owned());
    }
    short(text, max)
}

fn short(text: &str, max: usize) -> Result<String, String> {
    if text.len() > max {
        return Err(format!("a text of {} bytes, expected at most {max}", text.len()));
    }
    Ok(text.to_owned())
}
