//! Brings about one error after the other.

use crate::client::{connect, fails, nothing, var, with, with_headers};
use crate::{exchange, create_session, session, Outcome};
use portico_client::apis::configuration::Configuration;
use portico_client::apis::{apis_api, health_api, portal_api};
use portico_client::models::*;
use serde_json::json;

pub fn provoke(backend: &Configuration, used: &str, api_id: &str, rerolled: &str) -> Outcome<()> {
    let token = exchange(&create_session(backend)?.session_id)?.token;
    let user = &with(&token);
    let anyone = &connect(&var("BASE_URL"));

    fails(portal_api::create_session(anyone, session("flow"), None));
    let other_scheme = with_headers(&[("authorization", "Token x")]);
    fails(portal_api::create_session(&other_scheme, session("flow"), None));
    fails(portal_api::create_session(&with("rk_nobody"), session("flow"), None));
    fails(portal_api::get_session(anyone, nothing()));
    fails(portal_api::exchange_session(anyone, ExchangeSessionRequest::new(used.into()), None));
    let limited = with(&var("LIMITED_ROOT_KEY"));
    fails(apis_api::create_api(&limited, CreateApiRequest::new("Payments".into()), None));
    fails(portal_api::create_session(&with(&var("SUSPENDED_ROOT_KEY")), session("flow"), None));
    let cookie = format!("portal_session={token}");
    let foreign = with_headers(&[("cookie", &cookie), ("origin", "https://elsewhere.example")]);
    fails(portal_api::get_session(&foreign, nothing()));
    fails(portal_api::list_sessions(backend, ListSessionsRequest::default()));
    let key = || CreateKeyRequest::new(api_id.into());
    let meta = [("text".into(), json!("x".repeat(200_000)))].into();
    fails(portal_api::create_key(user, CreateKeyRequest { meta: Some(meta), ..key() }, None));
    let elsewhere = connect(&format!("{}/elsewhere", var("BASE_URL")));
    fails(portal_api::create_session(&elsewhere, session("flow"), None));
    apis_api::create_api(backend, CreateApiRequest::new("Once".into()), Some("once"))?;
    fails(apis_api::create_api(backend, CreateApiRequest::new("Twice".into()), Some("once")));

    fails(portal_api::create_session(backend, session("no-such-portal"), None));
    fails(portal_api::create_configuration(backend, CreateConfigurationRequest::new("flow".into()), None));
    let change = |version| UpdateConfigurationRequest::new("flow".into(), version);
    fails(portal_api::update_configuration(backend, change(99)));
    fails(portal_api::create_key(user, CreateKeyRequest::new("api_0".into()), None));
    fails(portal_api::delete_key(user, DeleteKeyRequest::new("key_0".into())));
    fails(portal_api::update_key(user, UpdateKeyRequest::new(rerolled.into())));
    for _ in 0..2 {
        portal_api::create_key(user, key(), None)?;
    }
    fails(portal_api::create_key(user, key(), None));

    let throttled = Configuration { base_path: var("THROTTLED_URL"), ..user.clone() };
    portal_api::get_session(&throttled, nothing())?;
    fails(portal_api::get_session(&throttled, nothing()));
    fails(portal_api::get_openapi_document(user, None, nothing()));
    let documented = UpdateConfigurationRequest { openapi_url: Some(Some(var("DOCUMENT_URL"))), ..change(1) };
    let version = portal_api::update_configuration(backend, documented)?.data.version;
    fails(portal_api::get_openapi_document(user, None, nothing()));
    let closed = UpdateConfigurationRequest { enabled: Some(false), ..change(version) };
    portal_api::update_configuration(backend, closed)?;
    fails(portal_api::create_session(backend, session("flow"), None));
    fails(health_api::readiness(&connect(&var("UNREADY_URL"))));
    Ok(())
}
