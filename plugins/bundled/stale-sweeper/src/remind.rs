//! The first look: issues that nobody has touched for long get their reminder, the longest untouched first.

use crate::{CHANGED, Run, memory};
use bundled_common::{fill, values};
use mortise_sdk::prelude::*;

/// Pages of the question that one run reads. Issues that were reminded of already are passed over.
const PAGES: usize = 4;
/// Issues of a page: with long descriptions a page stays below what one host call may carry.
const PAGE: u32 = 50;

/// Writes reminders. Says how many.
pub(crate) fn remind(run: &mut Run<'_>) -> Result<usize, Error> {
    let filter = filter(run);
    let (mut after, mut reminded) = (None::<String>, 0);
    for _ in 0..PAGES {
        if run.left == 0 {
            break;
        }
        let page = host::issues::query(&filter, PAGE, after.as_deref())?;
        for issue in &page.items {
            if run.left == 0 {
                break;
            }
            let ours = run.settings.only.fits(issue) && !run.settings.exempt.spares(issue);
            if ours && host::kv::get(&memory::key(&issue.id))?.is_none() {
                if !run.takes(CHANGED) {
                    return Ok(reminded);
                }
                write(run, issue)?;
                reminded += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(reminded)
}

fn write(run: &mut Run<'_>, issue: &Issue) -> Result<(), Error> {
    run.left -= 1;
    let (days, then) = (run.settings.after_days.to_string(), run.settings.then_days.to_string());
    let values = [("days", days.as_str()), ("then", then.as_str()), ("key", issue.key.as_str())];
    let text = fill(run.settings.reminder(), &values);
    let label = run.settings.label.clone();
    if let Some(label) = run.teams.label(&issue.team, label.as_deref())? {
        // Whoever was faster has touched it: then it is not stale, and nothing of this run happens.
        host::commands::update_issue_at(&issue.id, &[Edit::AddLabel(label.id)], &issue.revision)?;
    }
    host::commands::add_comment(&issue.id, &text)?;
    memory::remember(issue, run.call, run.settings.then_days)
}

/// The question for untouched issues.
pub(crate) fn filter(run: &Run<'_>) -> String {
    let settings = &run.settings;
    let mut filter = format!("is:open updated<-{}d", settings.after_days);
    // Words of the language itself; the settings' schema lets no others in.
    let mut add = |field: &str, words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| word.trim().to_lowercase()).collect();
        if !words.is_empty() {
            filter.push_str(&format!(" {field}{}", words.join(",")));
        }
    };
    add("category:", &settings.categories);
    add("-type:", &settings.exempt.kinds);
    add("-priority:", &settings.exempt.priorities);
    for part in [("-label:", values(&settings.exempt.labels)), ("-team:", values(&settings.exempt.teams))] {
        if !part.1.is_empty() {
            filter.push_str(&format!(" {}{}", part.0, part.1));
        }
    }
    format!("{filter} {} sort:updated", settings.only.query())
}
