//! The input types that a schema declares, and whether a JSON value is one of them.
//!
//! async-graphql checks a variable's value where the variable is used, and in its fast mode not at all before the
//! resolver runs. Checking the value against the variable's *declared* type needs neither the document nor a
//! resolver, and gives the same answer on every sight of a document. The types are read from the schema's own text.
//! It does not know what a custom scalar accepts: that is for the scalar's parser.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Value,
    parser::{
        parse_schema,
        types::{BaseType, InputObjectType, Type, TypeKind, TypeSystemDefinition},
    },
};

/// Every input type of a schema by name.
#[derive(Debug)]
pub(super) struct InputTypes(HashMap<String, InputType>);

#[derive(Debug)]
enum InputType {
    Enum(HashSet<String>),
    Object {
        fields: HashMap<String, InputField>,
        one_of: bool,
    },
    /// A custom scalar.
    Scalar,
}

#[derive(Debug)]
struct InputField {
    ty: Type,
    has_default: bool,
}

impl InputTypes {
    /// Reads the types from a schema definition.
    ///
    /// # Errors
    /// The text is not a schema definition; says where.
    pub(super) fn from_sdl(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let definitions = parse_schema(sdl)?.definitions;
        Ok(Self(
            definitions
                .into_iter()
                .filter_map(|definition| match definition {
                    TypeSystemDefinition::Type(ty) => Some(ty.node),
                    TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
                })
                .filter_map(|definition| {
                    let one_of =
                        definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
                    let ty = match definition.kind {
                        TypeKind::Scalar => InputType::Scalar,
                        TypeKind::Enum(values) => InputType::Enum(
                            values
                                .values
                                .into_iter()
                                .map(|value| value.node.value.node.to_string())
                                .collect(),
                        ),
                        TypeKind::InputObject(object) => object_type(object, one_of),
                        TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_) => return None,
                    };
                    Some((definition.name.node.to_string(), ty))
                })
                .collect(),
        ))
    }

    /// Whether `value` is one of `ty`. `path` names the value in the complaint, such as `$input.title`.
    ///
    /// # Errors
    /// What is wrong with it, without repeating the value.
    pub(super) fn check(&self, value: &Value, ty: &Type, path: &str) -> Result<(), String> {
        if *value == Value::Null {
            return if ty.nullable {
                Ok(())
            } else {
                Err(format!("`{path}` must not be null: it is a `{ty}`"))
            };
        }
        match (&ty.base, value) {
            (BaseType::List(item), Value::List(values)) => values
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| self.check(value, item, &format!("{path}[{index}]"))),
            // A single value stands for a list of itself.
            (BaseType::List(item), value) => self.check(value, item, path),
            (BaseType::Named(name), value) => self.check_named(value, name, path),
        }
    }

    fn check_named(&self, value: &Value, name: &str, path: &str) -> Result<(), String> {
        let fits = match name {
            "Int" => {
                matches!(value, Value::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()))
            }
            "Float" => matches!(value, Value::Number(_)),
            "String" => matches!(value, Value::String(_)),
            "Boolean" => matches!(value, Value::Boolean(_)),
            "ID" => match value {
                Value::Number(number) => number.is_i64(),
                value => matches!(value, Value::String(_)),
            },
            _ => match self.0.get(name) {
                Some(InputType::Enum(values)) => match value {
                    Value::String(word) => values.contains(word),
                    Value::Enum(word) => values.contains(word.as_str()),
                    _ => false,
                },
                Some(InputType::Object { fields, one_of }) => {
                    return self.check_object(value, name, fields, *one_of, path);
                }
                // Not an input type: validation refuses the variable.
                Some(InputType::Scalar) | None => true,
            },
        };
        if fits { Ok(()) } else { Err(format!("`{path}` is not a valid `{name}`")) }
    }

    fn check_object(
        &self,
        value: &Value,
        name: &str,
        fields: &HashMap<String, InputField>,
        one_of: bool,
        path: &str,
    ) -> Result<(), String> {
        let Value::Object(values) = value else {
            return Err(format!("`{path}` is not a valid `{name}`: it takes an object"));
        };
        if one_of && (values.len() != 1 || values.values().any(|value| *value == Value::Null)) {
            return Err(format!("`{path}` must have exactly one field, not null: it is a `{name}`"));
        }
        if let Some(unknown) = values.keys().find(|key| !fields.contains_key(key.as_str())) {
            return Err(format!("`{path}` has a field `{unknown}`, which `{name}` does not have"));
        }
        for (field_name, field) in fields {
            match values.get(field_name.as_str()) {
                Some(value) => self.check(value, &field.ty, &format!("{path}.{field_name}"))?,
                None if field.ty.nullable || field.has_default => {}
                None => return Err(format!("`{path}` lacks `{field_name}`, which `{name}` requires")),
            }
        }
        Ok(())
    }
}

fn object_type(object: InputObjectType, one_of: bool) -> InputType {
    let fields = object
        .fields
        .into_iter()
        .map(|field| {
            let field = field.node;
            let has_default = field.default_value.is_some();
            (field.name.node.to_string(), InputField { ty: field.ty.node, has_default })
        })
        .collect();
    InputType::Object { fields, one_of }
}
