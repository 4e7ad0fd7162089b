//! Random documents over the toy schema: aliases, repeated keys, fragments, conditions, directives, stock fields.

/// What may be selected on a type: the field with its arguments, and the type below it (empty for a leaf).
type Selectable = (&'static str, &'static str);

const QUERY: &[Selectable] = &[
    ("issues", "Issue"),
    ("maybe(first: 3)", "Issue"),
    ("issue(number: 2)", "Issue"),
    ("page(first: 3)", "Page"),
    ("nodes", "Node"),
];
const ISSUE: &[Selectable] = &[
    ("id", ""),
    ("title", ""),
    ("subtitle", ""),
    ("score", ""),
    ("priority", ""),
    ("labels", ""),
    ("patron", ""),
    ("assignee", "Member"),
    ("creator", "Member"),
    ("watchers", "Member"),
    ("told", "Member"),
    ("told(first: 2)", "Member"),
    ("told(first: $two)", "Member"),
    ("parent", "Issue"),
    ("children", "Issue"),
    ("slow", ""),
    ("times(factor: 2)", ""),
    ("soft", ""),
    ("hard", ""),
    ("team(first: 2)", "Member"),
    ("extra", "Extra"),
];
const MEMBER: &[Selectable] =
    &[("id", ""), ("name", ""), ("issues", "Issue"), ("deputy", "Member"), ("hard", ""), ("boss", "Member")];
const EXTRA: &[Selectable] = &[("text", ""), ("creator", "Member")];
const NODE: &[Selectable] = &[("id", "")];
const PAGE: &[Selectable] =
    &[("edges", "Edge"), ("nodes", "Issue"), ("pageInfo", "Info"), ("totalCount", "")];
const EDGE: &[Selectable] = &[("cursor", ""), ("node", "Issue")];
const INFO: &[Selectable] = &[("hasNextPage", ""), ("startCursor", ""), ("endCursor", "")];

/// How deep selections nest; the stock path grows exponentially with it.
const DEPTH_MAX: usize = 4;

/// A stream of documents, the same for the same seed.
pub(super) struct Documents {
    state: u64,
    fragments: Vec<(String, String)>,
}

impl Documents {
    pub(super) fn seeded(seed: u64) -> Documents {
        Documents { state: seed, fragments: Vec::new() }
    }

    /// One document; some are invalid, which both paths must say alike.
    pub(super) fn generate(&mut self) -> String {
        self.fragments.clear();
        let body = self.selections("Query", DEPTH_MAX);
        let mut document: String = body;
        for (name, definition) in &self.fragments {
            document += &format!(" fragment {name} on {definition}");
        }
        let variables: Vec<&str> =
            [("$yes", "$yes: Boolean!"), ("$no", "$no: Boolean!"), ("$two", "$two: Int")]
                .into_iter()
                .filter_map(|(variable, definition)| document.contains(variable).then_some(definition))
                .collect();
        if variables.is_empty() { document } else { format!("query({}) {document}", variables.join(", ")) }
    }

    /// SplitMix64.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn selections(&mut self, on: &str, depth: usize) -> String {
        let count = 1 + self.below(4);
        let selections: Vec<String> = (0..count).map(|_| self.selection(on, depth)).collect();
        format!("{{ {} }}", selections.join(" "))
    }

    fn selection(&mut self, on: &str, depth: usize) -> String {
        let fragment = depth > 0 && self.one_in(6);
        if fragment { self.fragment(on, depth - 1) } else { self.field(on, depth) }
    }

    fn field(&mut self, on: &str, depth: usize) -> String {
        if self.one_in(12) {
            return "__typename".to_owned();
        }
        let selectable = fields(on);
        let (field, below) = selectable.get(self.below(selectable.len())).unwrap();
        // Hard failures wipe out much of the answer, so they are rarer than the rest.
        if (!below.is_empty() && depth == 0) || (*field == "hard" && !self.one_in(4)) {
            return "__typename".to_owned();
        }
        let alias = match self.below(24) {
            0..3 => format!("my_{}: ", field.split('(').next().unwrap_or_default()),
            3 => "x: ".to_owned(),
            _ => String::new(),
        };
        let directive = self.directive();
        let below = if below.is_empty() { String::new() } else { self.selections(below, depth - 1) };
        format!("{alias}{field}{directive} {below}")
    }

    fn fragment(&mut self, on: &str, depth: usize) -> String {
        let condition = match on {
            "Issue" | "Member" if self.one_in(3) => "Node",
            "Node" if self.one_in(2) => "Issue",
            "Node" if self.one_in(2) => "Member",
            same => same,
        };
        let (directive, body) = (self.directive(), self.selections(condition, depth));
        let name = graphql_name(condition);
        match self.below(3) {
            0 if condition == on => format!("...{directive} {body}"),
            1 => {
                let fragment = format!("F{}", self.fragments.len());
                self.fragments.push((fragment.clone(), format!("{name} {body}")));
                format!("...{fragment}{directive}")
            }
            _ => format!("... on {name}{directive} {body}"),
        }
    }

    fn directive(&mut self) -> &'static str {
        match self.below(20) {
            0 => " @include(if: $yes)",
            1 => " @include(if: $no)",
            2 => " @skip(if: $no)",
            3 => " @skip(if: true)",
            _ => "",
        }
    }
}

fn fields(on: &str) -> &'static [Selectable] {
    match on {
        "Query" => QUERY,
        "Issue" => ISSUE,
        "Member" => MEMBER,
        "Extra" => EXTRA,
        "Node" => NODE,
        "Page" => PAGE,
        "Edge" => EDGE,
        _ => INFO,
    }
}

fn graphql_name(on: &str) -> &str {
    match on {
        "Page" => "IssueConnection",
        "Edge" => "IssueEdge",
        "Info" => "PageInfo",
        same => same,
    }
}
