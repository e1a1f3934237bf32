//! The whole flow with the generated client, then every error that it can be brought to.

mod client;
mod errors;

use client::{connect, nothing, ok, var, with};
use portico_client::apis::configuration::Configuration;
use portico_client::apis::{apis_api, audit_logs_api, health_api, keys_api, portal_api};
use portico_client::models::*;
use serde_json::json;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

pub fn session(slug: &str) -> CreateSessionRequest {
    let actions = ["read_key", "create_key", "update_key", "delete_key", "read_analytics"];
    let permissions = actions.iter().map(|action| format!("api.*.{action}")).collect();
    CreateSessionRequest::new(slug.into(), "user_1".into(), permissions)
}

pub fn create_session(backend: &Configuration) -> Outcome<CreatedSession> {
    Ok(*portal_api::create_session(backend, session("flow"), None)?.data)
}

pub fn exchange(session_id: &str) -> Outcome<ExchangedSession> {
    let anyone = connect(&var("BASE_URL"));
    Ok(*portal_api::exchange_session(&anyone, ExchangeSessionRequest::new(session_id.into()), None)?.data)
}

fn main() -> Outcome<()> {
    let backend = with(&var("ROOT_KEY"));
    ok("liveness", health_api::liveness(&backend)?.data.status.to_string());
    ok("readiness", health_api::readiness(&backend)?.data.status.to_string());
    let api = CreateApiRequest { prefix: Some("pay".into()), ..CreateApiRequest::new("Payments".into()) };
    let api_id = apis_api::create_api(&backend, api, None)?.data.api_id;
    ok("apis.createApi", &api_id);
    let settings = CreateConfigurationRequest {
        api_ids: Some(vec![api_id.clone()]),
        ..CreateConfigurationRequest::new("flow".into())
    };
    ok("portal.createConfiguration", portal_api::create_configuration(&backend, settings, None)?.data.portal_id);

    let created = create_session(&backend)?;
    ok("portal.createSession", created.expires_at.to_string());
    let exchanged = exchange(&created.session_id)?;
    ok("portal.exchangeSession", exchanged.expires_at.to_string());
    let rerolled = use_keys(&backend, &with(&exchanged.token), &api_id, exchanged.expires_at)?;
    use_sessions(&backend)?;
    errors::provoke(&backend, &created.session_id, &api_id, &rerolled)
}

/// From a session to a deleted key; returns the id of one that was rerolled away.
fn use_keys(backend: &Configuration, user: &Configuration, api_id: &str, expires_at: i64) -> Outcome<String> {
    let session = portal_api::get_session(user, nothing())?.data;
    ok("portal.getSession", format!("{} {}", session.external_id, session.tabs.join(",")));
    let usable = portal_api::list_apis(user, nothing())?;
    ok("portal.listApis", format!("{} {}", usable.data[0].name, usable.pagination.has_more));

    let create = CreateKeyRequest {
        name: Some("First key".into()),
        meta: Some([("team".into(), json!("billing"))].into()),
        ..CreateKeyRequest::new(api_id.into())
    };
    let old = portal_api::create_key(user, create, None)?.data;
    ok("portal.createKey", &old.key_id);
    let list = ListKeysRequest { api_id: Some(api_id.into()), ..Default::default() };
    let keys = portal_api::list_keys(user, Some(list))?.data;
    let team = keys[0].meta.as_ref().and_then(|meta| meta["team"].as_str());
    ok("portal.listKeys", format!("{} {} {}", keys.len(), keys[0].name.as_deref().unwrap_or(""), team.unwrap_or("")));
    let clear = UpdateKeyRequest { name: Some(None), ..UpdateKeyRequest::new(old.key_id.clone()) };
    let renamed = portal_api::update_key(user, clear)?.data;
    ok("portal.updateKey", renamed.name.as_deref().unwrap_or("no name"));
    let fresh = portal_api::reroll_key(user, RerollKeyRequest::new(old.key_id.clone(), 0), None)?.data;
    ok("portal.rerollKey", &fresh.key_id);

    let verify = VerifyKeyRequest { api_id: Some(api_id.into()), ..VerifyKeyRequest::new(fresh.key) };
    let verified = keys_api::verify_key(backend, verify.clone())?.data;
    ok("keys.verifyKey", format!("{} {}", verified.code, verified.external_id.unwrap_or_default()));
    let now = expires_at - 24 * 3_600_000;
    let window = GetVerificationsRequest::new(now - 3_600_000, now + 3_600_000);
    ok("portal.getVerifications", portal_api::get_verifications(user, window)?.data.totals.valid.to_string());
    ok("portal.deleteKey", portal_api::delete_key(user, DeleteKeyRequest::new(fresh.key_id))?.data.key_id);
    ok("keys.verifyKey", keys_api::verify_key(backend, verify)?.data.code.to_string());
    Ok(old.key_id)
}

fn use_sessions(backend: &Configuration) -> Outcome<()> {
    let list = ListSessionsRequest { external_id: Some("user_1".into()), ..Default::default() };
    let sessions = portal_api::list_sessions(backend, list)?.data;
    ok("portal.listSessions", format!("{} {}", sessions.len(), sessions[0].state));
    let revoke = RevokeSessionsRequest { external_id: Some("user_1".into()), ..Default::default() };
    ok("portal.revokeSessions", portal_api::revoke_sessions(backend, revoke)?.data.revoked.to_string());
    portal_api::end_session(&with(&exchange(&create_session(backend)?.session_id)?.token), nothing())?;
    ok("portal.endSession", "ended");
    let latest = ListEntriesRequest { limit: Some(1), ..Default::default() };
    let entries = audit_logs_api::list_entries(backend, Some(latest))?.data;
    ok("auditLogs.listEntries", format!("{} {}", entries[0].action, entries[0].actor.r#type));
    Ok(())
}
