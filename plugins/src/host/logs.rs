//! What a guest logs: bounded, and cleaned, since its text is somebody else's. It knows nothing of where it is shown.

use super::budget::{Budget, Used};
use super::task::LogLine;
use super::wit::log::Level;

/// Keeps a line, or what of it the budget has room for; counts the rest.
pub(super) fn keep(
    logs: &mut Vec<LogLine>,
    used: &mut Used,
    budget: &Budget,
    (level, message, fields): (Level, &str, &[(String, String)]),
) {
    let bytes = message.len() + fields.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    if used.log_lines >= budget.log_lines || used.log_bytes >= budget.log_bytes {
        used.log_lines_dropped = used.log_lines_dropped.saturating_add(1);
        used.log_bytes_dropped = used.log_bytes_dropped.saturating_add(bytes);
        return;
    }
    let mut room = budget.log_bytes - used.log_bytes;
    let message = clean(message, &mut room);
    let mut kept = Vec::new();
    for (key, value) in fields {
        // A field with no room for it, or one too many of empty ones, is left out.
        if room == 0 || kept.len() >= FIELDS {
            break;
        }
        kept.push((clean(key, &mut room), clean(value, &mut room)));
    }
    let left = budget.log_bytes - used.log_bytes - room;
    used.log_bytes_dropped = used.log_bytes_dropped.saturating_add(bytes.saturating_sub(left));
    used.log_bytes = budget.log_bytes - room;
    used.log_lines += 1;
    logs.push(LogLine { level, message, fields: kept });
}

/// Fields of one line.
const FIELDS: usize = 32;

/// The text without what could act on a terminal or hide in a page, cut to the room there is.
fn clean(text: &str, room: &mut usize) -> String {
    let mut kept = String::with_capacity(text.len().min(*room));
    for c in text.chars().filter(|c| is_harmless(*c)) {
        if c.len_utf8() > *room {
            *room = 0;
            break;
        }
        *room -= c.len_utf8();
        kept.push(c);
    }
    kept
}

/// Line ends and tabs stay; other control characters go, and those that turn the direction of writing.
fn is_harmless(c: char) -> bool {
    matches!(c, '\n' | '\t')
        || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(budget: &Budget, lines: &[&str]) -> (Vec<LogLine>, Used) {
        let (mut logs, mut used) = (Vec::new(), Used::default());
        for line in lines {
            keep(&mut logs, &mut used, budget, (Level::Info, line, &[]));
        }
        (logs, used)
    }

    #[test]
    fn control_characters_are_taken_out() {
        let (logs, _) = log(&Budget::workflow(), &["a\u{1b}[31mb\r\u{202e}c\nd"]);
        assert_eq!(logs[0].message, "a[31mbc\nd");
    }

    #[test]
    fn what_is_over_the_budget_is_cut_and_counted() {
        let budget = Budget { log_lines: 2, log_bytes: 10, ..Budget::workflow() };
        let (logs, used) = log(&budget, &["1234567é89", "x", "y"]);
        assert_eq!(logs[0].message, "1234567é8");
        assert_eq!((used.log_lines, used.log_lines_dropped, used.log_bytes_dropped), (1, 2, 3));
        let (logs, used) = log(&budget, &["1", "2", "3", "4"]);
        assert_eq!((logs.len(), used.log_lines_dropped, used.log_bytes_dropped), (2, 2, 2));
    }
}
