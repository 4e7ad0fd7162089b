//! From the variables a client sent to those its operation declared.
//!
//! It mends what async-graphql leaves open: values are checked against the declared types before anything runs,
//! defaults are filled in (`@include(if: $flag)` would not see them), and an argument whose variable was not sent is
//! treated as not written, so that the argument's own default applies and cost formulas can be computed.
//! It does not know how a document came to be trusted.

use async_graphql::{
    Name, ServerError, Value, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    },
};

use super::{code::ErrorCode, guard::Objection, input_types::InputTypes, refusal::coded, scan::OBJECTS};

/// Refuses variables in which objects lie deeper in one another than `objects_max`, before anything reads them by
/// type. How deep JSON may be at all bounds the recursion here.
pub(super) fn check_depth(sent: &Variables, objects_max: u32) -> Result<(), Objection> {
    if sent.values().any(|value| object_depth(value) > objects_max) {
        return Err(Objection::too_much(OBJECTS, objects_max));
    }
    Ok(())
}

fn object_depth(value: &Value) -> u32 {
    match value {
        Value::List(items) => items.iter().map(object_depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(object_depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The variables of `operation`, checked and with their defaults, and the names of those that have no value.
/// Variables that it does not declare are dropped.
///
/// # Errors
/// One error for each variable whose value is not of its declared type, or missing.
pub(super) fn coerce(
    operation: &OperationDefinition,
    mut sent: Variables,
    types: &InputTypes,
) -> Result<(Variables, Vec<Name>), Vec<ServerError>> {
    let mut values = Variables::default();
    let mut absent = Vec::new();
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
        let complaint = match (sent.remove(name), &definition.node.default_value) {
            (Some(value), _) => match types.check(&value, ty, &format!("${name}")) {
                Ok(()) => {
                    values.insert(name.clone(), value);
                    continue;
                }
                Err(complaint) => complaint,
            },
            (None, Some(default)) => {
                values.insert(name.clone(), default.node.clone());
                continue;
            }
            (None, None) if ty.nullable => {
                absent.push(name.clone());
                continue;
            }
            (None, None) => format!("`${name}` is missing: it is a `{ty}`"),
        };
        let message = format!("cannot use the variables: {complaint}");
        errors.push(coded(ErrorCode::InvalidInput, message, Some(definition.pos)));
    }
    if errors.is_empty() { Ok((values, absent)) } else { Err(errors) }
}

/// Removes the arguments that consist of a variable without a value, which by the specification counts as not
/// writing them.
pub(super) fn omit_absent(document: &mut ExecutableDocument, absent: &[Name]) {
    let mut omit = |field: &mut Field| {
        field.arguments.retain(|(_, value)| {
            let text = value.node.to_string();
            !text.strip_prefix('$').is_some_and(|name| absent.iter().any(|absent| absent == name))
        });
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => {
            each_field(&mut operation.node.selection_set.node, &mut omit);
        }
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                each_field(&mut operation.node.selection_set.node, &mut omit);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        each_field(&mut fragment.node.selection_set.node, &mut omit);
    }
}

/// Whether some argument is a list or an object with a variable inside. The validator cannot check the rest of such
/// an argument without the variables' values, so its verdict holds for one request only.
pub(super) fn inside_literals(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).any(set_has_variables_inside_literals)
}

fn set_has_variables_inside_literals(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            field.node.arguments.iter().any(|(_, value)| {
                let has_variables = value.node.clone().into_const().is_none();
                has_variables && !value.node.to_string().starts_with('$')
            }) || set_has_variables_inside_literals(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => {
            set_has_variables_inside_literals(&fragment.node.selection_set.node)
        }
        Selection::FragmentSpread(_) => false,
    })
}

fn each_field(set: &mut SelectionSet, visit: &mut impl FnMut(&mut Field)) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                visit(&mut field.node);
                each_field(&mut field.node.selection_set.node, visit);
            }
            Selection::InlineFragment(fragment) => each_field(&mut fragment.node.selection_set.node, visit),
            Selection::FragmentSpread(_) => {}
        }
    }
}
