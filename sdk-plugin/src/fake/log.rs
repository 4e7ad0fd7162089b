//! The fake log.

use super::LogLine;
use crate::host::log::Level;

pub(crate) fn write(level: Level, message: &str, fields: &[(String, String)]) {
    let line = LogLine { level, message: message.to_owned(), fields: fields.to_vec() };
    super::state::with(|host| host.logs.push(line));
}
