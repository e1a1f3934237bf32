#!/usr/bin/env python3
"""A second implementation of portal sessions, with nothing but Python's standard library.

It does what the public pages about portal sessions promise, and nothing more: the profile "seeds" of the contract suite. It keeps
everything in memory, so it shows the contract and is not for production. `--fault NAME` breaks one promise on purpose.

    python3 seeds_server.py --port 8080 --root-key rk_example --slug my-portal --disabled-slug closed
"""

import argparse
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SESSION_ID_SECONDS = 15 * 60
BROWSER_SESSION_SECONDS = 24 * 60 * 60
COOKIE = "portal_session"
ERRORS = "https://unkey.com/docs/errors/"

FAULTS = {
    "reusable": "a session id can be exchanged again",
    "raced": "two exchanges at the same time can both succeed",
    "no-cookie": "an exchange returns the token without the header Set-Cookie",
    "script-cookie": "scripts can read the cookie",
    "long-cookie": "the cookie is valid for a week",
    "long-id": "a session id is valid for an hour",
    "own-words": "the error of a used session id has another sentence",
    "own-code": "the error of an unknown slug has another code",
    "own-status": "an unknown slug has another status",
    "any-slug": "a slug matches in upper case",
    "no-request-id": "responses have no id of their request",
    "no-permissions": "a session can have no permissions",
    "open": "a request without a token is served",
    "header-ignored": "the token in an Authorization header is ignored",
}


class Refused(Exception):
    """A request that gets an error: the status, the code, the title and the sentence."""

    def __init__(self, status, code, title, detail):
        super().__init__(detail)
        self.body = {"detail": detail, "status": status, "title": title, "type": ERRORS + code}


def bad_request(detail):
    return Refused(400, "unkey/application/invalid_input", "Bad Request", detail)


def unauthorized(code, detail):
    return Refused(401, "unkey/authentication/" + code, "Unauthorized", detail)


class Portal:
    """The sessions of one workspace. A lock makes an exchange one step."""

    def __init__(self, options):
        self.root_keys = {options.root_key: "own", options.foreign_root_key: "foreign"}
        self.portals = {options.slug: True, options.disabled_slug: False}
        self.fault = options.fault
        self.ids = {}
        self.browsers = {}
        self.lock = threading.Lock()

    def create_session(self, bearer, body):
        workspace = self.root_keys.get(bearer)
        if not bearer or workspace is None:
            raise unauthorized("key_not_found", "The root key was not found.")
        slug, user, permissions = (body.get(name) for name in ("slug", "externalId", "permissions"))
        if not isinstance(slug, str) or not isinstance(user, str) or not user:
            raise bad_request("slug and externalId are required.")
        is_list = isinstance(permissions, list) and all(isinstance(each, str) for each in permissions)
        if not is_list or (not permissions and self.fault != "no-permissions"):
            raise bad_request("At least one permission is required.")
        if not isinstance(body.get("preview", False), bool):
            raise bad_request("preview is true or false.")
        if self.fault == "any-slug":
            slug = slug.lower()
        enabled = self.portals.get(slug) if workspace == "own" else None
        if enabled is None:
            code = "portal_not_found" if self.fault == "own-code" else "portal_config_not_found"
            status = 403 if self.fault == "own-status" else 404
            raise Refused(status, "unkey/data/" + code, "Not Found", "Portal configuration not found.")
        if not enabled:
            raise Refused(403, "unkey/authorization/forbidden", "Forbidden", "Portal is disabled.")
        session_id = "pst_" + secrets.token_urlsafe(24)
        lifetime = 3600 if self.fault == "long-id" else SESSION_ID_SECONDS
        ends = time.time() + lifetime
        with self.lock:
            self.ids[session_id] = (ends, {"externalId": user, "permissions": permissions})
        url = "https://portal.example.com/?session=" + session_id
        return {"sessionId": session_id, "url": url, "expiresAt": int(ends * 1000)}, None

    def exchange_session(self, _bearer, body):
        session_id = body.get("sessionId")
        if not isinstance(session_id, str):
            raise bad_request("sessionId is required.")
        if self.fault == "raced":
            found = self.ids.get(session_id)
            time.sleep(0.2)
            self.ids.pop(session_id, None)
        else:
            with self.lock:
                found = self.ids.get(session_id) if self.fault == "reusable" else self.ids.pop(session_id, None)
        if found is None or found[0] <= time.time():
            used = "Session not found." if self.fault == "own-words" else None
            raise self.ended(used)
        token = "ps_" + secrets.token_urlsafe(24)
        self.browsers[token] = (time.time() + BROWSER_SESSION_SECONDS, found[1])
        age = 7 * BROWSER_SESSION_SECONDS if self.fault == "long-cookie" else BROWSER_SESSION_SECONDS
        flags = "" if self.fault == "script-cookie" else "; HttpOnly"
        return {"token": token}, f"{COOKIE}={token}; Path=/; Max-Age={age}; SameSite=Lax{flags}"

    def get_session(self, token, _body):
        if not token:
            if self.fault == "open":
                return {}, None
            raise unauthorized("portal_token_missing", "A portal session token is required for this request.")
        ends, session = self.browsers.get(token, (0, None))
        if ends <= time.time():
            raise self.ended(None)
        return session, None

    @staticmethod
    def ended(detail):
        sentence = detail or "Session is invalid, expired, or has already been used."
        return unauthorized("portal_session_not_found", sentence)


class Handler(BaseHTTPRequestHandler):
    """One request: an operation is `POST /v2/{name}` with a JSON object."""

    protocol_version = "HTTP/1.1"
    portal = None

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operations = {
            "/v2/portal.createSession": self.portal.create_session,
            "/v2/portal.exchangeSession": self.portal.exchange_session,
            "/v2/portal.getSession": self.portal.get_session,
        }
        operation = operations.get(self.path)
        try:
            if operation is None:
                raise Refused(404, "user/bad_request/route_not_found", "Not Found", "There is no such operation.")
            if operation == self.portal.get_session:
                body = {}
            else:
                body = self.parsed(text)
            data, cookie = operation(self.credential(), body)
            self.reply(200, {"data": data}, cookie)
        except Refused as refused:
            self.reply(refused.body["status"], {"error": refused.body})

    def do_GET(self):
        self.reply(404, {"error": Refused(404, "user/bad_request/route_not_found", "Not Found", "No page.").body})

    @staticmethod
    def parsed(text):
        try:
            body = json.loads(text)
        except ValueError as error:
            raise bad_request("The body is not JSON.") from error
        if not isinstance(body, dict):
            raise bad_request("The body is not an object.")
        return body

    def credential(self):
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        is_session = self.path == "/v2/portal.getSession"
        if scheme.lower() == "bearer" and value and not (is_session and self.portal.fault == "header-ignored"):
            return value
        if not is_session:
            return None
        pairs = (pair.strip().partition("=") for pair in self.headers.get("Cookie", "").split(";"))
        return next((token for name, _, token in pairs if name == COOKIE), None)

    def reply(self, status, content, cookie=None):
        meta = {} if self.portal.fault == "no-request-id" else {"requestId": "req_" + secrets.token_hex(10)}
        text = json.dumps({"meta": meta, **content}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if cookie and self.portal.fault != "no-cookie":
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Prints nothing: a path or a header could have a credential."""


def main():
    parser = argparse.ArgumentParser(description="Portal sessions as the public pages promise them.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--root-key", default="rk_example")
    parser.add_argument("--foreign-root-key", default="rk_foreign", help="a root key of another workspace")
    parser.add_argument("--slug", default="my-portal")
    parser.add_argument("--disabled-slug", default="closed")
    parser.add_argument("--fault", choices=FAULTS, help="; ".join(f"{name}: {text}" for name, text in FAULTS.items()))
    options = parser.parse_args()
    Handler.portal = Portal(options)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
