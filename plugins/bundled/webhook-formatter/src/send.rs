//! The body, the signature, the request.

use crate::escape::Form;
use crate::settings::{Settings, Signature, Verb};
use crate::template;
use bundled_common::seconds;
use data_encoding::{BASE64, HEXLOWER};
use mortise_sdk::host::http::Method;
use mortise_sdk::prelude::*;
use serde_json::Value as Json;

/// The secret that signs.
const SIGNING_KEY: &str = "signing-key";
/// The secret of the header `authorization`.
const AUTHORIZATION: &str = "authorization";

/// The body for an event of these names.
///
/// # Errors
///
/// A sentence that says what is wrong with the template, or that no JSON came of it.
pub(crate) fn body(settings: &Settings, names: &[String], context: &Json) -> Result<String, String> {
    let own = names.iter().find_map(|name| settings.templates.get(name));
    let Some(text) = own.or(settings.template.as_ref()) else { return Ok(context.to_string()) };
    let form = Form::of(&settings.content_type);
    let body = template::render(&template::parse(text)?, context, form)?;
    if form == Form::Json {
        serde_json::from_str::<serde::de::IgnoredAny>(&body)
            .map_err(|error| format!("what comes of the template is no JSON: {error}"))?;
    }
    Ok(body)
}

/// Hands the request to the host, which delivers it.
pub(crate) fn send(settings: &Settings, call: &Call, body: String) -> Result<(), Failure> {
    let mut request = match settings.method {
        Verb::Post => host::http::Request::post(&settings.url),
        Verb::Put => host::http::Request::new(Method::Put, &settings.url),
        Verb::Patch => host::http::Request::new(Method::Patch, &settings.url),
    };
    request = request.header("content-type", &settings.content_type);
    for header in &settings.headers {
        request = request.header(&header.name.to_ascii_lowercase(), &header.value);
    }
    if !settings.authorization.is_empty() {
        request =
            request.secret_header("authorization", &format!("{} ", settings.authorization), AUTHORIZATION);
    }
    for (name, value) in signature(settings, call, &body)? {
        request = request.header(&name, &value);
    }
    request.body(body.into_bytes()).enqueue()?;
    Ok(())
}

/// The headers that prove the sender.
pub(crate) fn signature(
    settings: &Settings,
    call: &Call,
    body: &str,
) -> Result<Vec<(String, String)>, Error> {
    match settings.signature {
        Signature::None => Ok(Vec::new()),
        Signature::Plain => {
            let tag = host::secrets::hmac(SIGNING_KEY, host::secrets::Digest::Sha256, body.as_bytes())?;
            Ok(vec![(
                settings.signature_header.to_ascii_lowercase(),
                format!("sha256={}", HEXLOWER.encode(&tag)),
            )])
        }
        Signature::Standard => {
            let at = seconds(&call.now).unwrap_or(0).to_string();
            let signed = format!("{}.{at}.{body}", call.invocation);
            let tag = host::secrets::hmac(SIGNING_KEY, host::secrets::Digest::Sha256, signed.as_bytes())?;
            Ok(vec![
                ("webhook-id".to_owned(), call.invocation.clone()),
                ("webhook-timestamp".to_owned(), at),
                ("webhook-signature".to_owned(), format!("v1,{}", BASE64.encode(&tag))),
            ])
        }
    }
}
