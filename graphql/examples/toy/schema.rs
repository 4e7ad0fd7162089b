//! A schema without a subject: one field for each way in which a request can go.

use std::{
    borrow::Cow,
    future::pending,
    sync::atomic::{AtomicU32, Ordering},
};

use async_graphql::{
    Context, ContextSelectionSet, EmptySubscription, Enum, Error, ErrorExtensionValues, InputObject, Object,
    OneofObject, OutputType, Positioned, Schema, SchemaBuilder, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry,
};

/// Most issues on one page.
const PAGE_MAX: usize = 100;

pub(crate) type ToySchema = SchemaBuilder<Query, Mutation, EmptySubscription>;

pub(crate) fn schema() -> ToySchema {
    Schema::build(Query, Mutation { count: AtomicU32::new(0) }, EmptySubscription)
}

/// An error as the resolvers of a real schema make it.
fn coded(code: &str, message: &str) -> Error {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    Error { message: message.to_owned(), source: None, extensions: Some(extensions) }
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum Colour {
    Red,
    Green,
}

#[derive(InputObject)]
pub(crate) struct Paint {
    colour: Colour,
    #[graphql(default = 1)]
    coats: i32,
    under: Option<Box<Paint>>,
}

#[derive(OneofObject)]
pub(crate) enum Key {
    Id(async_graphql::ID),
    Number(i32),
}

#[derive(SimpleObject)]
pub(crate) struct Issue {
    number: usize,
    title: String,
}

/// JSON text that goes into the answer as it is.
pub(crate) struct Ready(&'static str);

impl OutputType for Ready {
    fn type_name() -> Cow<'static, str> {
        String::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        String::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Binary(self.0.as_bytes().into()))
    }
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(&self, #[graphql(default = 1)] times: usize) -> String {
        "hello ".repeat(times.min(10)).trim_end().to_owned()
    }

    async fn whoami(&self, cx: &Context<'_>) -> Option<String> {
        cx.data_opt::<String>().cloned()
    }

    async fn colour(&self, colour: Option<Colour>) -> Option<Colour> {
        colour
    }

    async fn paint(&self, paint: Paint) -> i32 {
        paint.coats + i32::from(paint.colour == Colour::Red) * 100 + i32::from(paint.under.is_some()) * 1000
    }

    async fn key(&self, key: Key) -> String {
        match key {
            Key::Id(id) => id.to_string(),
            Key::Number(number) => number.to_string(),
        }
    }

    #[graphql(complexity = "first.unwrap_or(50).clamp(0, 100) as usize * (child_complexity + 1)")]
    async fn issues(&self, first: Option<i32>) -> async_graphql::Result<Vec<Issue>> {
        let first = first.map_or(Some(50), |first| usize::try_from(first).ok());
        match first {
            Some(first) if first <= PAGE_MAX => {
                Ok((0..first).map(|number| Issue { number, title: format!("issue {number}") }).collect())
            }
            _ => Err(coded("INVALID_INPUT", "`first` must be from 0 to 100")),
        }
    }

    async fn ready(&self) -> Ready {
        Ready(r#"{"written":["by hand"]}"#)
    }

    async fn fail(&self, code: String) -> async_graphql::Result<i32> {
        Err(coded(&code, "failed on purpose"))
    }

    async fn maybe(&self, code: String) -> Option<async_graphql::Result<i32>> {
        Some(Err(coded(&code, "failed on purpose")))
    }

    async fn leak(&self) -> async_graphql::Result<i32> {
        Err(std::io::Error::other("/var/lib/secret is gone").into())
    }

    async fn boom(&self, #[graphql(default)] spare_me: bool) -> i32 {
        assert!(spare_me, "the toy's own panic");
        0
    }

    async fn never(&self) -> i32 {
        pending().await
    }

    async fn cycle(&self) -> Self {
        Self
    }
}

pub(crate) struct Mutation {
    count: AtomicU32,
}

#[Object]
impl Mutation {
    async fn never(&self) -> i32 {
        pending().await
    }

    async fn bump(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    async fn colour(&self, colour: Colour) -> Colour {
        self.count.fetch_add(1, Ordering::Relaxed);
        colour
    }
}
