//! Every place of a request where an id may stand, and a request with an id in it.

use serde_json::{Map, Value, json};

use super::kind;
use super::schema::{Argument, Field, Schema};
use crate::isolation::nobodys;

/// A place in the arguments of a field: the steps that lead to it.
pub(crate) struct Place<'a> {
    /// The root field that gives the object whose field it is; none for a root field itself.
    through: Option<&'a Field>,
    field: &'a Field,
    steps: Vec<Step<'a>>,
}

/// The argument, or the field of an input of that name.
#[derive(Clone, Copy)]
struct Step<'a> {
    /// The input that holds it; none for an argument.
    within: Option<&'a str>,
    argument: &'a Argument,
}

impl<'a> Place<'a> {
    /// All places of a field where an id may stand.
    pub(crate) fn all(schema: &'a Schema, through: Option<&'a Field>, field: &'a Field) -> Vec<Self> {
        Self::of("ID", schema, through, field)
    }

    /// All places of a field where a value of this type may stand.
    pub(crate) fn of(
        kind: &str,
        schema: &'a Schema,
        through: Option<&'a Field>,
        field: &'a Field,
    ) -> Vec<Self> {
        let mut places = Vec::new();
        for argument in &field.arguments {
            walk(schema, kind, vec![Step { within: None, argument }], &mut |steps| {
                places.push(Self { through, field, steps });
            });
        }
        places
    }

    /// The field with nothing but what must be given.
    pub(crate) const fn plain(through: Option<&'a Field>, field: &'a Field) -> Self {
        Self { through, field, steps: Vec::new() }
    }

    /// The kind of thing whose id belongs here.
    pub(crate) fn kind(&self) -> &'static str {
        let names: Vec<_> =
            self.steps.iter().map(|step| (step.within, step.argument.name.as_str())).collect();
        kind::of(&self.field.name, &names).unwrap_or_else(|| {
            panic!("teach the matrix which kind of thing {self} names: see matrix/kind.rs")
        })
    }

    /// Whether it is in a filter, which is taken in many places and read by one function.
    pub(crate) fn is_in_filter(&self) -> bool {
        self.steps.iter().any(|step| step.argument.shape.of == "IssueFilter")
    }

    /// Whether the list of issues itself is asked.
    pub(crate) fn is_of_issues(&self) -> bool {
        self.through.is_none() && self.field.name == "issues"
    }

    /// Whether the id is compared by anything but equality, or a text by anything but what it contains.
    pub(crate) fn is_compared_otherwise(&self) -> bool {
        let Some(last) = self.steps.last() else { return false };
        let name = last.argument.name.as_str();
        match last.argument.shape.of.as_str() {
            "String" => {
                last.within.is_some_and(|of| of.ends_with("Comparator")) && name != "containsIgnoreCase"
            }
            _ => last.within.is_some() && matches!(name, "neq" | "in" | "nin"),
        }
    }

    /// How the last step is called in the schema: what must not be missing from the matrix.
    pub(crate) fn slot(&self) -> String {
        let name = |step: &Step<'_>| match step.within {
            Some(input) => format!("{input}.{}", step.argument.name),
            None => format!("{}({})", self.field.name, step.argument.name),
        };
        match self.steps.as_slice() {
            // A comparator is the same everywhere: what it compares tells its places apart.
            [.., around, last] if last.within.is_some_and(|input| input.ends_with("Comparator")) => {
                format!("{}.{}", name(around), last.argument.name)
            }
            [.., last] => name(last),
            [] => String::new(),
        }
    }

    /// The document and variables of a request with this id in this place. Everything else that must be given is ours.
    pub(crate) fn request(
        &self,
        schema: &Schema,
        root: &str,
        id: &str,
        ours: &dyn Fn(&str) -> String,
    ) -> (String, Value) {
        self.request_of(schema, root, id, ours, 1)
    }

    /// The same, which asks for answers so many objects deep.
    pub(crate) fn request_of(
        &self,
        schema: &Schema,
        root: &str,
        id: &str,
        ours: &dyn Fn(&str) -> String,
        depth: usize,
    ) -> (String, Value) {
        let mut given: Vec<(&Argument, Value)> = Vec::new();
        for argument in &self.field.arguments {
            let value = match self.steps.split_first() {
                Some((first, rest)) if first.argument.name == argument.name => {
                    Some(self.filled(schema, argument, rest, id, ours))
                }
                _ if argument.name == "dryRun" => Some(json!(true)),
                _ if argument.required => Some(self.usual(schema, argument, None, ours)),
                _ => None,
            };
            given.extend(value.map(|value| (argument, value)));
        }
        let declared: String =
            given.iter().map(|(a, _)| format!("${}: {} ", a.name, a.shape.written)).collect();
        let passed: String = given.iter().map(|(a, _)| format!("{0}: ${0} ", a.name)).collect();
        let gives = &self.field.gives.of;
        let selection = match schema.get(gives).kind.as_str() {
            "OBJECT" => format!("{{ {} }}", schema.selection(gives, depth)),
            "INTERFACE" | "UNION" => "{ __typename }".to_owned(),
            _ => String::new(),
        };
        let within = |text: &str| if text.is_empty() { String::new() } else { format!("({text})") };
        let asked = format!("{}{} {selection}", self.field.name, within(&passed));
        let asked = match self.through {
            Some(outer) => {
                let kind = kind::of(&outer.name, &[(None, "id")]).unwrap_or_default();
                format!("{}(id: {:?}) {{ {asked} }}", outer.name, ours(kind))
            }
            None => asked,
        };
        let document = format!("{root}{} {{ {asked} }}", within(&declared));
        let variables: Map<String, Value> = given.into_iter().map(|(a, v)| (a.name.clone(), v)).collect();
        (document, Value::Object(variables))
    }

    /// A value with the id at the end of these steps.
    fn filled(
        &self,
        schema: &Schema,
        argument: &Argument,
        steps: &[Step<'_>],
        id: &str,
        ours: &dyn Fn(&str) -> String,
    ) -> Value {
        let mut value = match steps.split_first() {
            None => json!(id),
            Some((next, rest)) => {
                let input = schema.get(&argument.shape.of);
                let others = input.inputs.iter().filter(|field| {
                    // A new thing that chooses its id has the same in every answer.
                    let chosen = field.name == "id" && argument.shape.of.ends_with("CreateInput");
                    let along = kind::goes_along(&argument.shape.of, &field.name);
                    (field.required || chosen || along)
                        && !input.is_one_of
                        && field.name != next.argument.name
                });
                let mut fields: Map<String, Value> = others
                    .map(|field| {
                        (field.name.clone(), self.usual(schema, field, Some(&argument.shape.of), ours))
                    })
                    .collect();
                let inner = self.filled(schema, next.argument, rest, id, ours);
                fields.insert(next.argument.name.clone(), inner);
                Value::Object(fields)
            }
        };
        for _ in 0..argument.shape.lists {
            value = json!([value]);
        }
        value
    }

    /// A value that is taken.
    fn usual(
        &self,
        schema: &Schema,
        argument: &Argument,
        within: Option<&str>,
        ours: &dyn Fn(&str) -> String,
    ) -> Value {
        let ty = schema.get(&argument.shape.of);
        let mut value = match (ty.kind.as_str(), argument.shape.of.as_str()) {
            ("ENUM", _) => json!(ty.words[0]),
            ("INPUT_OBJECT", name) => {
                let required = ty.inputs.iter().filter(|field| field.required);
                let fields =
                    required.map(|field| (field.name.clone(), self.usual(schema, field, Some(name), ours)));
                Value::Object(fields.collect())
            }
            (_, "ID") => {
                let kind = kind::of(&self.field.name, &[(within, argument.name.as_str())]);
                let own = ours(kind.unwrap_or_else(|| panic!("which kind of thing is {}?", argument.name)));
                json!(if argument.required { own } else { nobodys(&own) })
            }
            (_, "Int" | "Float") => json!(1),
            (_, "Boolean") => json!(true),
            _ => json!(kind::text(within, &argument.name)),
        };
        for _ in 0..argument.shape.lists {
            value = json!([value]);
        }
        value
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.through.map_or(Ok(()), |outer| write!(f, "{}.", outer.name))?;
        f.write_str(&self.field.name)?;
        self.steps.iter().try_for_each(|step| write!(f, ".{}", step.argument.name))
    }
}

/// Follows each step to the values of a kind behind it. Inputs hold themselves: each is entered once on a way.
fn walk<'a>(schema: &'a Schema, kind: &str, steps: Vec<Step<'a>>, found: &mut dyn FnMut(Vec<Step<'a>>)) {
    let Some(last) = steps.last() else { return };
    let of = last.argument.shape.of.as_str();
    if of == kind {
        return found(steps);
    }
    let entered = steps.iter().any(|step| step.within == Some(of));
    let input = schema.get(of);
    if input.kind != "INPUT_OBJECT" || entered || kind::is_elsewhere(of) {
        return;
    }
    for argument in &input.inputs {
        let mut steps = steps.clone();
        steps.push(Step { within: Some(of), argument });
        walk(schema, kind, steps, found);
    }
}
