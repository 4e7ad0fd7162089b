//! Which kind of thing an id names, told by how the schema calls the place where it stands.

/// Inputs that describe a kind of thing.
const INPUTS: &[(&str, &str)] = &[
    ("CommentCollectionFilter", "cmt"),
    ("CommentFilter", "cmt"),
    ("IssueCollectionFilter", "iss"),
    ("IssueFilter", "iss"),
    ("NullableIssueFilter", "iss"),
    ("LabelCollectionFilter", "lbl"),
    ("LabelFilter", "lbl"),
    ("MemberCollectionFilter", "usr"),
    ("MemberFilter", "usr"),
    ("NullableMemberFilter", "usr"),
    ("PastStateFilter", "st"),
    ("TargetStateFilter", "st"),
    ("TeamFilter", "team"),
    ("WorkflowFilter", "wf"),
    ("WorkflowStateFilter", "st"),
    ("WorkflowVersionFilter", "wfv"),
];

/// Fields that name a kind of thing, whatever they are called.
const FIELDS: &[(&str, &str, &str)] = &[("StateMapInput", "from", "st"), ("StateMapInput", "to", "st")];

/// Fields of inputs that need not be said, and are when another is: without them nothing is looked at.
const TOGETHER: &[(&str, &str)] = &[("WorkflowCreateInput", "states"), ("WorkflowCreateInput", "initial")];

/// Whether this field of an input is said though it need not be.
pub(crate) fn goes_along(input: &str, field: &str) -> bool {
    TOGETHER.contains(&(input, field))
}

/// Inputs whose ids are of another system: they name nothing here.
const ELSEWHERE: &[&str] = &["SourceFilter"];

/// Whether ids in this input are of another system.
pub(crate) fn is_elsewhere(input: &str) -> bool {
    ELSEWHERE.contains(&input)
}

/// What things are called in names such as `teamId`, `addedLabelIds`, `labelCreate`.
const NAMES: &[(&str, &str)] = &[
    ("actor", "usr"),
    ("api", "key"),
    ("assignee", "usr"),
    ("comment", "cmt"),
    ("identity", "idp"),
    ("invitation", "inv"),
    ("issue", "iss"),
    ("job", "job"),
    ("label", "lbl"),
    ("member", "usr"),
    ("node", "iss"),
    ("nodes", "iss"),
    ("participant", "usr"),
    ("platform", "key"),
    ("plugin", "pin"),
    ("provider", "idp"),
    ("relatedissue", "iss"),
    ("service", "usr"),
    ("session", "ses"),
    ("similarissues", "iss"),
    ("state", "st"),
    ("subject", "iss"),
    ("team", "team"),
    ("tenant", "ten"),
    ("tenants", "ten"),
    ("view", "view"),
    ("visit", "visit"),
    ("workflow", "wf"),
    ("workflowversion", "wfv"),
];

/// The kind of thing, as its ids begin; none when the name says nothing.
pub(crate) fn of(field: &str, steps: &[(Option<&str>, &str)]) -> Option<&'static str> {
    let (within, name) = *steps.last()?;
    if within.is_some_and(|input| input.ends_with("Comparator")) {
        // `{ labels: { some: { id: { eq } } } }`: the input around `id` says what it is.
        let (around, name) = *steps.get(steps.len().checked_sub(2)?)?;
        let around = around.filter(|_| name == "id")?;
        return INPUTS.iter().find(|(input, _)| *input == around).map(|(_, kind)| *kind);
    }
    if let Some((_, _, kind)) = FIELDS.iter().find(|(of, field, _)| Some(*of) == within && *field == name) {
        return Some(kind);
    }
    if matches!(name, "id" | "ids") {
        return named(first_word(field));
    }
    if matches!(name, "parentId") {
        return named(first_word(field));
    }
    let name = name.strip_suffix("Ids").or_else(|| name.strip_suffix("Id"))?;
    let verbs = ["added", "removed", "add", "remove", "assign"];
    named(name).or_else(|| verbs.iter().find_map(|verb| named(name.strip_prefix(verb)?)))
}

fn named(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// `issue` of `issueBatchUpdate`; fields that are called as a whole stay whole.
fn first_word(field: &str) -> &str {
    if NAMES.iter().any(|(known, _)| *known == field.to_ascii_lowercase()) {
        return field;
    }
    let end = field.find(|letter: char| letter.is_ascii_uppercase()).unwrap_or(field.len());
    &field[..end]
}

/// A text that an argument of this name takes, or a field of this input.
pub(crate) fn text(within: Option<&str>, name: &str) -> &'static str {
    match (within, name) {
        // A state is called as its moves call it.
        (Some("WorkflowStateInput"), "key") => "issue",
        (_, "color") => "#d73a4a",
        (_, "email") => "new@example.com",
        (_, "key") => "NEW",
        (_, "digest") => "0000000000000000000000000000000000000000000000000000000000000000",
        (_, "run") => "run_00000000000000000000000000",
        (_, "password") => "mortar and tenon, dovetail",
        (_, "reason") => "ticket 4711: they asked for it",
        _ => "issue",
    }
}
