//! What the plugin's authors read of a run. Lines beyond the budget of a call are dropped and counted.

pub use crate::bindings::imports::mortise::plugin::log::Level;

/// Writes a line with fields.
pub fn write(level: Level, message: &str, fields: &[(&str, &str)]) {
    let fields: Vec<(String, String)> =
        fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    super::ask!(log::write(level, message, &fields));
}

/// A detail.
pub fn debug(message: &str) {
    write(Level::Debug, message, &[]);
}

/// What was done.
pub fn info(message: &str) {
    write(Level::Info, message, &[]);
}

/// What somebody should look at.
pub fn warn(message: &str) {
    write(Level::Warn, message, &[]);
}

/// What went wrong.
pub fn error(message: &str) {
    write(Level::Error, message, &[]);
}
