//! Makes one call for the judge of clients: `npm run clients -- --judge`.

use portico_client::apis::configuration::Configuration;
use portico_client::apis::{keys_api, portal_api, Error};
use portico_client::models::*;
use serde_json::{json, Value};
use std::{env, time::Duration, time::SystemTime};

fn var(name: &str) -> String {
    env::var(name).unwrap()
}

fn connect(credential: &str) -> Configuration {
    let mut builder = reqwest::blocking::Client::builder();
    if let Ok(seconds) = env::var("TIMEOUT_SECONDS") {
        builder = builder.timeout(Duration::from_secs(seconds.parse().unwrap()));
    }
    Configuration {
        base_path: var("BASE_URL"),
        bearer_access_token: Some(credential.into()),
        client: builder.build().unwrap(),
        ..Default::default()
    }
}

/// What the client says of a failure.
fn told<E>(error: Error<E>) -> Value {
    let message = error.to_string();
    let Error::ResponseError(failure) = error else { return json!({ "message": message }) };
    let status = failure.status.as_u16();
    if status == 400 {
        if let Ok(InvalidInputResponse { meta, error }) = serde_json::from_str(&failure.content) {
            let locations: Vec<_> = error.errors.iter().map(|each| each.location.clone()).collect();
            return json!({ "message": message, "status": status, "type": error.r#type, "requestId": meta.request_id, "locations": locations });
        }
    } else if let Ok(ErrorResponse { meta, error }) = serde_json::from_str(&failure.content) {
        return json!({ "message": message, "status": status, "type": error.r#type, "requestId": meta.request_id });
    }
    json!({ "message": message, "status": status })
}

fn verify(backend: &Configuration) -> Result<String, Value> {
    Ok(keys_api::verify_key(backend, VerifyKeyRequest::new(var("API_KEY"))).map_err(told)?.data.code)
}

fn user_of(token: &str) -> Result<String, Value> {
    Ok(portal_api::get_session(&connect(token), Some(json!({}))).map_err(told)?.data.external_id)
}

fn sign_in(backend: &Configuration, name: &str) -> Result<String, Value> {
    let exchange = ExchangeSessionRequest::new(var(name));
    let token = portal_api::exchange_session(backend, exchange, None).map_err(told)?.data.token;
    user_of(&token)
}

fn call(name: &str) -> Result<Value, Value> {
    let backend = &connect(&var("ROOT_KEY"));
    Ok(match name {
        "createKey" => {
            let mut body = CreateUserKeyRequest::new(var("API_ID"), "user_123".into());
            body.name = Some("Production".into());
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
            let key = format!("judge-{}-{now}", std::process::id());
            json!(keys_api::create_key(backend, body, Some(&key)).map_err(told)?.data.key_id)
        }
        "updateKey" => {
            let body = UpdateUserKeyRequest { name: Some(None), ..UpdateUserKeyRequest::new(var("KEY_ID")) };
            json!(keys_api::update_key(backend, body).map_err(told)?.data.key_id)
        }
        "verifyKey" => json!(verify(backend)?),
        "verifyTwice" => json!([verify(backend)?, verify(backend)?]),
        "deleteKey" => {
            let body = DeleteUserKeyRequest::new(var("KEY_ID"));
            json!(keys_api::delete_key(backend, body).map_err(told)?.data.key_id)
        }
        "getSession" => json!(user_of(&var("SESSION_TOKEN"))?),
        "signIn" => json!([sign_in(backend, "SESSION_ID")?, sign_in(backend, "OTHER_SESSION_ID")?]),
        _ => panic!("no call {name}"),
    })
}

fn main() {
    let report = match call(&env::args().nth(1).unwrap()) {
        Ok(value) => json!({ "value": value }),
        Err(error) => json!({ "error": error }),
    };
    println!("{report}");
}
