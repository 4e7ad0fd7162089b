//! What guests say, in words for people. It decides nothing.

use mortise::plugins::host::wit::http::{HeaderValue, Method, Request};
use mortise::plugins::host::wit::{Edit, Failure, Value, Verdict};
use mortise::plugins::host::{Answer, Stopped};

/// Characters of a response's body that are shown.
const BODY_CHARS_MAX: usize = 200;

/// What came of a call in one word, as scripts expect it: `allow`, `deny`, `edits`, `next-states`, `done`, `retry`,
/// `permanent`, the status of a response, or why it was stopped, such as `cpu`.
pub(super) fn word(outcome: &Result<Answer, Stopped>) -> String {
    match outcome {
        Ok(Answer::Edits(_)) => "edits".to_owned(),
        Ok(Answer::Verdict(Verdict::Allow)) => "allow".to_owned(),
        Ok(Answer::Verdict(Verdict::Deny(_))) => "deny".to_owned(),
        Ok(Answer::NextStates(_)) => "next-states".to_owned(),
        Ok(Answer::Done) => "done".to_owned(),
        Ok(Answer::Failed(Failure::Retry(_))) => "retry".to_owned(),
        Ok(Answer::Failed(Failure::Permanent(_))) => "permanent".to_owned(),
        Ok(Answer::Response(response)) => response.status.to_string(),
        Err(stopped) => stopped.kind().to_owned(),
    }
}

/// The same, with all that was said: a line for each thing.
pub(super) fn details(outcome: &Result<Answer, Stopped>) -> Vec<String> {
    match outcome {
        Ok(Answer::Edits(edits)) if edits.is_empty() => vec!["nothing to change with it".to_owned()],
        Ok(Answer::Edits(edits)) => edits.iter().map(edit).collect(),
        Ok(Answer::Verdict(Verdict::Deny(denial))) => {
            let fields = denial.fields.iter().map(|field| format!("{}: {}", field.key, field.message));
            std::iter::once(denial.message.clone()).chain(fields).collect()
        }
        Ok(Answer::NextStates(lists)) => lists
            .iter()
            .flatten()
            .map(|next| {
                let why = next.why_not.as_deref().unwrap_or("no reason");
                if next.enabled { next.state.key.clone() } else { format!("not {}: {why}", next.state.key) }
            })
            .collect(),
        Ok(Answer::Failed(Failure::Retry(why) | Failure::Permanent(why))) => vec![why.clone()],
        Ok(Answer::Response(response)) => {
            let text: String = String::from_utf8_lossy(&response.body).chars().take(BODY_CHARS_MAX).collect();
            vec![format!("{} bytes: {text}", response.body.len())]
        }
        Ok(Answer::Done | Answer::Verdict(Verdict::Allow)) => Vec::new(),
        Err(stopped) => vec![stopped.to_string()],
    }
}

/// Whether the guest came to an end by itself and did not say no.
pub(super) const fn is_fine(outcome: &Result<Answer, Stopped>) -> bool {
    !matches!(outcome, Err(_) | Ok(Answer::Failed(_)))
}

/// One change of an issue.
pub(super) fn edit(edit: &Edit) -> String {
    let maybe = |value: Option<&str>| value.map_or_else(|| "nothing".to_owned(), str::to_owned);
    match edit {
        Edit::SetTitle(to) => format!("title becomes {to:?}"),
        Edit::SetDescription(to) => format!("description becomes {} bytes", to.len()),
        Edit::SetKind(to) => format!("kind becomes {}", lower(to)),
        Edit::SetPriority(to) => format!("priority becomes {}", lower(to)),
        Edit::SetAssignees(to) if to.is_empty() => "assignees become nobody".to_owned(),
        Edit::SetAssignees(to) => format!("assignees become {}", to.join(", ")),
        Edit::SetEstimate(to) => format!("estimate becomes {}", maybe(to.map(|n| n.to_string()).as_deref())),
        Edit::SetStartDate(to) => format!("start date becomes {}", maybe(to.as_deref())),
        Edit::SetDueDate(to) => format!("due date becomes {}", maybe(to.as_deref())),
        Edit::SetParent(to) => format!("parent becomes {}", maybe(to.as_deref())),
        Edit::AddLabel(label) => format!("gets the label {label}"),
        Edit::RemoveLabel(label) => format!("loses the label {label}"),
        Edit::SetField(field) => format!("{} becomes {}", field.key, value(&field.value)),
        Edit::ClearField(key) => format!("{key} becomes nothing"),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Time(text) | Value::Day(text) | Value::Reference(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(is) => is.to_string(),
        Value::References(texts) | Value::Texts(texts) => texts.join(", "),
        Value::Json(json) => json.clone(),
    }
}

/// A request to the outside, with its secrets by name.
pub(super) fn request(request: &Request) -> String {
    let header = |(name, value): &(String, HeaderValue)| match value {
        HeaderValue::Text(_) => None,
        HeaderValue::Secret(secret) => Some(format!("{name} with the secret {}", secret.secret)),
    };
    let secrets: Vec<String> = request.headers.iter().filter_map(header).collect();
    let with = if secrets.is_empty() { String::new() } else { format!(", {}", secrets.join(", ")) };
    let bytes = request.body.as_ref().map_or(0, Vec::len);
    format!("{} {}, {bytes} bytes{with}", method(request.method), request.url)
}

/// The method as HTTP writes it.
pub(super) const fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
        Method::Head => "HEAD",
    }
}

/// The word of the contract for a value of an enum with one word.
pub(super) fn lower(value: &impl std::fmt::Debug) -> String {
    let shown = format!("{value:?}").to_lowercase();
    shown.rsplit("::").next().unwrap_or_default().to_owned()
}
