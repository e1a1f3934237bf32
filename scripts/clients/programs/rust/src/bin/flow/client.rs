//! What all calls need: a configuration, and what to print about a response.

use portico_client::apis::configuration::Configuration;
use portico_client::apis::Error;
use portico_client::models::{ErrorResponse, InvalidInputResponse};
use reqwest::blocking::Client;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{json, Value};
use std::{env, fmt::Debug};

pub fn var(name: &str) -> String {
    env::var(name).unwrap()
}

/// A client without a credential.
pub fn connect(base_url: &str) -> Configuration {
    Configuration { base_path: base_url.into(), ..Default::default() }
}

/// One that sends a credential.
pub fn with(credential: &str) -> Configuration {
    Configuration { bearer_access_token: Some(credential.into()), ..connect(&var("BASE_URL")) }
}

/// One that sends these headers.
pub fn with_headers(headers: &[(&'static str, &str)]) -> Configuration {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    let client = Client::builder().default_headers(headers).build().unwrap();
    Configuration { client, ..connect(&var("BASE_URL")) }
}

/// The body of an operation that takes no input: `None` would be sent as `null`, which is refused.
pub fn nothing() -> Option<Value> {
    Some(json!({}))
}

pub fn ok(operation: &str, value: impl AsRef<str>) {
    println!("ok {operation} {}", value.as_ref());
}

/// Tells of a call that must fail.
pub fn fails<T: Debug, E: Debug>(result: Result<T, Error<E>>) {
    let Err(Error::ResponseError(failure)) = result else { panic!("did not fail: {result:?}") };
    // The operation's own enumeration knows it too.
    let entity = format!("{:?}", failure.entity);
    assert!(entity.starts_with("Some(Status"), "{entity}");
    if failure.status == 400 {
        let InvalidInputResponse { meta, error } = serde_json::from_str(&failure.content).unwrap();
        println!("error {} {} {} {}", error.status, error.r#type, meta.request_id, error.errors[0].location);
    } else {
        let ErrorResponse { meta, error } = serde_json::from_str(&failure.content).unwrap();
        println!("error {} {} {}", error.status, error.r#type, meta.request_id);
    }
}
