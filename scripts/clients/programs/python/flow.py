import os
from typing import TypeVar

from portico_client import AuthenticatedClient
from portico_client.api.apis import apis_create_api
from portico_client.api.audit_logs import audit_logs_list_entries
from portico_client.api.health import liveness, readiness
from portico_client.api.keys import keys_verify_key
from portico_client.api.portal import (
    portal_create_configuration,
    portal_create_key,
    portal_create_session,
    portal_delete_key,
    portal_end_session,
    portal_exchange_session,
    portal_get_openapi_document,
    portal_get_session,
    portal_get_verifications,
    portal_list_apis,
    portal_list_keys,
    portal_list_sessions,
    portal_reroll_key,
    portal_revoke_sessions,
    portal_update_configuration,
    portal_update_key,
)
from portico_client.models import (
    CreateApiRequest,
    CreateConfigurationRequest,
    CreateKeyRequest,
    CreateSessionRequest,
    DeleteKeyRequest,
    ErrorResponse,
    ExchangeSessionRequest,
    GetVerificationsRequest,
    InvalidInputResponse,
    KeyMeta,
    ListEntriesRequest,
    ListKeysRequest,
    ListSessionsRequest,
    RerollKeyRequest,
    RevokeSessionsRequest,
    UpdateConfigurationRequest,
    UpdateKeyRequest,
    VerifyKeyRequest,
)
from portico_client.types import Unset

env = os.environ
T = TypeVar("T")
Failure = ErrorResponse | InvalidInputResponse


def connect(token: str, base_url: str = env["BASE_URL"]) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=base_url, token=token)


def ok(operation: str, *values: object) -> None:
    print("ok", operation, *values)


def must(response: T | Failure | None) -> T:
    """The response of a call that must succeed."""
    if response is None or isinstance(response, Failure):
        raise SystemExit(f"{response}")
    return response


def fails(response: object) -> None:
    """Tells of a call that must fail."""
    if not isinstance(response, Failure):
        raise SystemExit(f"did not fail: {response}")
    where = [failure.location for failure in response.error.errors] if isinstance(response, InvalidInputResponse) else []
    print("error", response.error.status, response.error.type_, response.meta.request_id, *where)


anonymous = AuthenticatedClient(base_url=env["BASE_URL"], token="", prefix="")
backend = connect(env["ROOT_KEY"])
permissions = [f"api.*.{action}" for action in ("read_key", "create_key", "update_key", "delete_key", "read_analytics")]
session_body = CreateSessionRequest(slug="flow", external_id="user_1", permissions=permissions)


def create_session() -> str:
    return must(portal_create_session.sync(client=backend, body=session_body)).data.session_id


def exchange(session_id: str) -> str:
    body = ExchangeSessionRequest(session_id=session_id)
    return must(portal_exchange_session.sync(client=backend, body=body)).data.token


ok("liveness", must(liveness.sync(client=backend)).data.status)
ok("readiness", must(readiness.sync(client=backend)).data.status)
api_id = must(apis_create_api.sync(client=backend, body=CreateApiRequest(name="Payments", prefix="pay"))).data.api_id
ok("apis.createApi", api_id)
configuration = CreateConfigurationRequest(slug="flow", api_ids=[api_id])
portal = must(portal_create_configuration.sync(client=backend, body=configuration)).data
ok("portal.createConfiguration", portal.portal_id)

created = must(portal_create_session.sync(client=backend, body=session_body)).data
ok("portal.createSession", created.expires_at)
exchange_body = ExchangeSessionRequest(session_id=created.session_id)
exchanged = must(portal_exchange_session.sync(client=backend, body=exchange_body)).data
ok("portal.exchangeSession", exchanged.expires_at)
user = connect(exchanged.token)
session = must(portal_get_session.sync(client=user)).data
ok("portal.getSession", session.external_id, ",".join(session.tabs))
usable = must(portal_list_apis.sync(client=user))
ok("portal.listApis", usable.data[0].name, str(usable.pagination.has_more).lower())

key_body = CreateKeyRequest(api_id=api_id, name="First key", meta=KeyMeta.from_dict({"team": "billing"}))
old = must(portal_create_key.sync(client=user, body=key_body)).data
ok("portal.createKey", old.key_id)
keys = must(portal_list_keys.sync(client=user, body=ListKeysRequest(api_id=api_id))).data
ok("portal.listKeys", len(keys), keys[0].name, None if isinstance(keys[0].meta, Unset) else keys[0].meta["team"])
renamed = must(portal_update_key.sync(client=user, body=UpdateKeyRequest(key_id=old.key_id, name=None))).data
ok("portal.updateKey", "no name" if isinstance(renamed.name, Unset) else renamed.name)
new = must(portal_reroll_key.sync(client=user, body=RerollKeyRequest(key_id=old.key_id, expiration=0))).data
ok("portal.rerollKey", new.key_id)
verified = must(keys_verify_key.sync(client=backend, body=VerifyKeyRequest(key=new.key, api_id=api_id))).data
ok("keys.verifyKey", verified.code, verified.external_id)
now = exchanged.expires_at - 24 * 3_600_000
window = GetVerificationsRequest(start_time=now - 3_600_000, end_time=now + 3_600_000)
ok("portal.getVerifications", must(portal_get_verifications.sync(client=user, body=window)).data.totals.valid)
ok("portal.deleteKey", must(portal_delete_key.sync(client=user, body=DeleteKeyRequest(key_id=new.key_id))).data.key_id)
ok("keys.verifyKey", must(keys_verify_key.sync(client=backend, body=VerifyKeyRequest(key=new.key))).data.code)

sessions = must(portal_list_sessions.sync(client=backend, body=ListSessionsRequest(external_id="user_1"))).data
ok("portal.listSessions", len(sessions), sessions[0].state)
revoke = RevokeSessionsRequest(external_id="user_1")
ok("portal.revokeSessions", must(portal_revoke_sessions.sync(client=backend, body=revoke)).data.revoked)
must(portal_end_session.sync(client=connect(exchange(create_session()))))
ok("portal.endSession", "ended")
entry = must(audit_logs_list_entries.sync(client=backend, body=ListEntriesRequest(limit=1))).data[0]
ok("auditLogs.listEntries", entry.action, entry.actor.type_)

user_token = exchange(create_session())
user = connect(user_token)
fails(portal_create_session.sync(client=anonymous, body=session_body))
other_scheme = AuthenticatedClient(base_url=env["BASE_URL"], token="x", prefix="Token")
fails(portal_create_session.sync(client=other_scheme, body=session_body))
fails(portal_create_session.sync(client=connect("rk_nobody"), body=session_body))
fails(portal_get_session.sync(client=anonymous))
fails(portal_exchange_session.sync(client=backend, body=exchange_body))
fails(apis_create_api.sync(client=connect(env["LIMITED_ROOT_KEY"]), body=CreateApiRequest(name="Payments")))
fails(portal_create_session.sync(client=connect(env["SUSPENDED_ROOT_KEY"]), body=session_body))
stranger = anonymous.with_cookies({"portal_session": user_token}).with_headers({"Origin": "https://elsewhere.example"})
fails(portal_get_session.sync(client=stranger))
fails(portal_list_sessions.sync(client=backend, body=ListSessionsRequest()))
big = CreateKeyRequest(api_id=api_id, meta=KeyMeta.from_dict({"text": "x" * 200_000}))
fails(portal_create_key.sync(client=user, body=big))
elsewhere = connect(user_token, f"{env['BASE_URL']}/elsewhere")
fails(portal_create_session.sync(client=elsewhere, body=session_body))
must(apis_create_api.sync(client=backend, body=CreateApiRequest(name="Once"), idempotency_key="once"))
fails(apis_create_api.sync(client=backend, body=CreateApiRequest(name="Twice"), idempotency_key="once"))
unknown = CreateSessionRequest(slug="no-such-portal", external_id="user_1", permissions=permissions)
fails(portal_create_session.sync(client=backend, body=unknown))
fails(portal_create_configuration.sync(client=backend, body=CreateConfigurationRequest(slug="flow")))
late = UpdateConfigurationRequest(portal="flow", version=99, name="Late")
fails(portal_update_configuration.sync(client=backend, body=late))
fails(portal_create_key.sync(client=user, body=CreateKeyRequest(api_id="api_0")))
fails(portal_delete_key.sync(client=user, body=DeleteKeyRequest(key_id="key_0")))
fails(portal_update_key.sync(client=user, body=UpdateKeyRequest(key_id=old.key_id, enabled=False)))
for _ in range(2):
    must(portal_create_key.sync(client=user, body=CreateKeyRequest(api_id=api_id)))
fails(portal_create_key.sync(client=user, body=CreateKeyRequest(api_id=api_id)))
throttled = connect(user_token, env["THROTTLED_URL"])
must(portal_get_session.sync(client=throttled))
fails(portal_get_session.sync(client=throttled))
fails(portal_get_openapi_document.sync(client=user))
documented = UpdateConfigurationRequest(portal="flow", version=1, openapi_url=env["DOCUMENT_URL"])
version = must(portal_update_configuration.sync(client=backend, body=documented)).data.version
fails(portal_get_openapi_document.sync(client=user))
closed = UpdateConfigurationRequest(portal="flow", version=version, enabled=False)
must(portal_update_configuration.sync(client=backend, body=closed))
fails(portal_create_session.sync(client=backend, body=session_body))
fails(readiness.sync(client=connect(env["ROOT_KEY"], env["UNREADY_URL"])))
