import os

from portico_client import AuthenticatedClient
from portico_client.api.portal import portal_create_session
from portico_client.models import CreateSessionRequest, CreateSessionResponse

portico = AuthenticatedClient(base_url=os.environ["BASE_URL"], token=os.environ["ROOT_KEY"])

body = CreateSessionRequest(slug="my-portal", external_id="user_1", permissions=["api.*.read_key"])
answer = portal_create_session.sync(client=portico, body=body)
if not isinstance(answer, CreateSessionResponse):
    raise SystemExit(f"{answer.error.type_} ({answer.meta.request_id})" if answer else "no answer")
print(answer.data.url)
