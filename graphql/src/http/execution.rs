//! One schema, built twice: once to judge documents, once to execute those already judged.
//!
//! async-graphql validates on every execution, in a strict or a fast mode. The strict one here never executes: it
//! stops after validation, so that a document's verdict can be kept. The fast one executes what has a verdict.
//! It does not know where documents and variables come from, nor what an error looks like to the client.

use std::sync::Arc;

use async_graphql::{
    ObjectType, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType, ValidationMode,
    Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::types::ExecutableDocument,
};

use super::{
    input_types::InputTypes,
    options::{DocumentLimits, RouterOptions},
};

/// The two forms of a schema, and its input types.
pub(super) struct Schemas<Q, M, S> {
    judging: Schema<Q, M, S>,
    executing: Schema<Q, M, S>,
    /// `None` when the schema's own definition cannot be read: then nothing is executed without a fresh verdict.
    types: Option<InputTypes>,
}

impl<Q, M, S> Schemas<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Builds both from two calls of `builder`.
    pub(super) fn new(builder: impl Fn() -> SchemaBuilder<Q, M, S>, options: &RouterOptions) -> Self {
        let build = |mode| common(builder(), options).validation_mode(mode);
        let executing = build(ValidationMode::Fast).finish();
        let types = InputTypes::from_sdl(&executing.sdl())
            .inspect_err(
                |error| tracing::error!(%error, "cannot read the schema's own definition: validating always"),
            )
            .ok();
        Self {
            judging: build(ValidationMode::Strict).extension(StopBeforeExecution).finish(),
            executing,
            types,
        }
    }

    /// The input types, if variables can be checked by them.
    pub(super) fn types(&self) -> Option<&InputTypes> {
        self.types.as_ref()
    }

    /// Validates a document, literals together with `variables`. Without variables, what contains them is left out.
    pub(super) async fn judge(
        &self,
        document: &ExecutableDocument,
        operation_name: Option<&str>,
        variables: Variables,
    ) -> Result<(), Vec<ServerError>> {
        let mut request = Request::new(String::new()).variables(variables);
        request.operation_name = operation_name.map(str::to_owned);
        request.set_parsed_query(document.clone());
        let mut errors = self.judging.execute(request).await.errors;
        // Cost formulas look at variables too, in every operation of the document. They are computed again when one
        // operation is executed, with its values.
        errors.retain(|error| {
            !document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions).any(
                |variable| error.message == format!("Variable {} is not defined.", variable.node.name.node),
            )
        });
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Executes a request whose parsed document has a verdict and whose variables are checked.
    pub(super) async fn execute(&self, request: Request) -> Response {
        self.executing.execute(request).await
    }
}

/// What both forms have in common.
fn common<Q, M, S>(builder: SchemaBuilder<Q, M, S>, options: &RouterOptions) -> SchemaBuilder<Q, M, S> {
    let DocumentLimits { nesting_max, .. } = options.limits.document;
    // The guard has its own, linear, measure of depth, and its answer comes first; this one must only not be lower.
    let builder = builder
        .disable_suggestions()
        .limit_recursive_depth(usize::try_from(nesting_max).unwrap_or(usize::MAX).saturating_add(1));
    if options.introspection { builder } else { builder.disable_introspection() }
}

/// Ends a request when it is valid.
struct StopBeforeExecution;

impl ExtensionFactory for StopBeforeExecution {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for StopBeforeExecution {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::new(Value::Null)
    }
}
