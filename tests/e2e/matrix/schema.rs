//! The live schema, as much of it as the matrix walks: what each field takes and gives.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::world::Client;

pub(crate) const INTROSPECTION: &str = "{ __schema { types { kind name
    fields(includeDeprecated: true) { name args { name defaultValue type { ...T } } type { ...T } }
    inputFields { name defaultValue type { ...T } } isOneOf enumValues { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// See the module.
pub(crate) struct Schema(HashMap<String, Type>);

/// A named type.
pub(crate) struct Type {
    pub(crate) kind: String,
    /// Of an object: what can be asked of it.
    pub(crate) fields: Vec<Field>,
    /// Of an input: what it holds.
    pub(crate) inputs: Vec<Argument>,
    pub(crate) is_one_of: bool,
    pub(crate) words: Vec<String>,
}

/// A field of an object.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) gives: Shape,
}

/// An argument of a field, or a field of an input.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// It must be given.
    pub(crate) required: bool,
}

/// A type as it is used: which, in how many lists, and as the schema writes it.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) of: String,
    pub(crate) lists: usize,
    pub(crate) written: String,
}

impl Schema {
    /// Asks a server what it serves.
    pub(crate) fn of(client: &Client) -> Self {
        Self::read(client.ask(INTROSPECTION, json!({})).data())
    }

    /// Reads an answer to [`INTROSPECTION`].
    pub(crate) fn read(data: &Value) -> Self {
        let types = data["__schema"]["types"].as_array().unwrap();
        Self(types.iter().map(|ty| (text(&ty["name"]), Type::of(ty))).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &Type {
        self.0.get(name).unwrap_or_else(|| panic!("the schema has no {name}"))
    }

    /// The objects other than the roots that have fields with arguments.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&str, &Type)> {
        let objects = self.0.iter().filter(|(name, ty)| ty.kind == "OBJECT" && !name.starts_with("__"));
        objects
            .map(|(name, ty)| (name.as_str(), ty))
            .filter(|(name, _)| !matches!(*name, "Query" | "Mutation"))
    }

    /// Fields of an object that can be asked without arguments, `depth` objects deep. Left out is what differs between two
    /// answers to the same question: moments, durations, the place of a new thing, and cursors, which are sealed with the question.
    pub(crate) fn selection(&self, of: &str, depth: usize) -> String {
        let mut fields = String::from("__typename ");
        for field in self.get(of).fields.iter().filter(|field| !field.arguments.iter().any(|a| a.required)) {
            match self.get(&field.gives.of).kind.as_str() {
                "SCALAR" | "ENUM" if differs(field) => {}
                "SCALAR" | "ENUM" => fields += &format!("{} ", field.name),
                "OBJECT" if depth > 0 && field.arguments.is_empty() => {
                    fields +=
                        &format!("{} {{ {} }} ", field.name, self.selection(&field.gives.of, depth - 1));
                }
                _ => {}
            }
        }
        fields
    }
}

fn differs(field: &Field) -> bool {
    matches!(field.gives.of.as_str(), "DateTime" | "Duration")
        || field.name == "rank"
        || field.name.ends_with("ursor")
}

impl Type {
    fn of(ty: &Value) -> Self {
        let list = |name: &str| ty[name].as_array().map(Vec::as_slice).unwrap_or_default().to_vec();
        Self {
            kind: text(&ty["kind"]),
            fields: list("fields").iter().map(Field::of).collect(),
            inputs: list("inputFields").iter().map(Argument::of).collect(),
            is_one_of: ty["isOneOf"] == true,
            words: list("enumValues").iter().map(|word| text(&word["name"])).collect(),
        }
    }
}

impl Field {
    fn of(field: &Value) -> Self {
        Self {
            name: text(&field["name"]),
            arguments: field["args"].as_array().unwrap().iter().map(Argument::of).collect(),
            gives: Shape::of(&field["type"]),
        }
    }
}

impl Argument {
    fn of(argument: &Value) -> Self {
        let shape = Shape::of(&argument["type"]);
        let required = shape.written.ends_with('!') && argument["defaultValue"].is_null();
        Self { name: text(&argument["name"]), shape, required }
    }
}

impl Shape {
    fn of(ty: &Value) -> Self {
        let inner = || Self::of(&ty["ofType"]);
        match ty["kind"].as_str() {
            Some("NON_NULL") => {
                let inner = inner();
                Self { written: format!("{}!", inner.written), ..inner }
            }
            Some("LIST") => {
                let inner = inner();
                Self { written: format!("[{}]", inner.written), lists: inner.lists + 1, ..inner }
            }
            _ => Self { of: text(&ty["name"]), lists: 0, written: text(&ty["name"]) },
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
