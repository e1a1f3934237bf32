"""Makes one call for the judge of clients: `npm run clients -- --judge`."""

import json
import os
import sys
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from portico_client import AuthenticatedClient
from portico_client.api.keys import keys_create_key, keys_delete_key, keys_update_key, keys_verify_key
from portico_client.api.portal import portal_exchange_session, portal_get_session
from portico_client.models import (
    CreateUserKeyRequest,
    DeleteUserKeyRequest,
    ErrorResponse,
    ExchangeSessionRequest,
    InvalidInputResponse,
    UpdateUserKeyRequest,
    VerifyKeyRequest,
)
from portico_client.types import Response

env = os.environ
T = TypeVar("T")
Failure = ErrorResponse | InvalidInputResponse


class Failed(Exception):
    """What the client says of a failure."""

    def __init__(self, response: Response[Any]) -> None:
        super().__init__("failed")
        parsed = response.parsed
        retry_after = response.headers.get("Retry-After")
        self.report: dict[str, Any] = {"status": int(response.status_code), "message": str(parsed)}
        if isinstance(parsed, Failure):
            self.report |= {"type": parsed.error.type_, "requestId": parsed.meta.request_id}
        if isinstance(parsed, InvalidInputResponse):
            self.report["locations"] = [failure.location for failure in parsed.error.errors]
        if retry_after is not None:
            self.report["retryAfter"] = float(retry_after)


def connect(token: str) -> AuthenticatedClient:
    client = AuthenticatedClient(base_url=env["BASE_URL"], token=token)
    return client.with_timeout(httpx.Timeout(float(env["TIMEOUT_SECONDS"]))) if "TIMEOUT_SECONDS" in env else client


def must(response: Response[T | ErrorResponse | InvalidInputResponse]) -> T:
    if response.parsed is None or isinstance(response.parsed, Failure):
        raise Failed(response)
    return response.parsed


backend = connect(env["ROOT_KEY"])


def create_key() -> str:
    body = CreateUserKeyRequest(api_id=env["API_ID"], external_id="user_123", name="Production")
    return must(keys_create_key.sync_detailed(client=backend, body=body, idempotency_key=str(uuid.uuid4()))).data.key_id


def update_key() -> str:
    body = UpdateUserKeyRequest(key_id=env["KEY_ID"], name=None)
    return must(keys_update_key.sync_detailed(client=backend, body=body)).data.key_id


def verify_key() -> str:
    return must(keys_verify_key.sync_detailed(client=backend, body=VerifyKeyRequest(key=env["API_KEY"]))).data.code


def delete_key() -> str:
    body = DeleteUserKeyRequest(key_id=env["KEY_ID"])
    return must(keys_delete_key.sync_detailed(client=backend, body=body)).data.key_id


def user_of(token: str) -> str:
    return must(portal_get_session.sync_detailed(client=connect(token))).data.external_id


def sign_in() -> list[str]:
    users = []
    for name in ("SESSION_ID", "OTHER_SESSION_ID"):
        body = ExchangeSessionRequest(session_id=env[name])
        users.append(user_of(must(portal_exchange_session.sync_detailed(client=backend, body=body)).data.token))
    return users


calls: dict[str, Callable[[], object]] = {
    "createKey": create_key,
    "updateKey": update_key,
    "verifyKey": verify_key,
    "verifyTwice": lambda: [verify_key(), verify_key()],
    "deleteKey": delete_key,
    "getSession": lambda: user_of(env["SESSION_TOKEN"]),
    "signIn": sign_in,
}

try:
    print(json.dumps({"value": calls[sys.argv[1]]()}))
except Failed as failed:
    print(json.dumps({"error": failed.report}))
except Exception as error:
    print(json.dumps({"error": {"message": f"{type(error).__name__}: {error}"}}))
