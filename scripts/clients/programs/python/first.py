import os

from portico_client import AuthenticatedClient
from portico_client.api.portal import portal_create_session
from portico_client.models import CreateSessionRequest, CreateSessionResponse

portico = AuthenticatedClient(base_url=os.environ["BASE_URL"], token=os.environ["ROOT_KEY"])

body = CreateSessionRequest(slug="my-portal", external_id="user_1", permissions=["api.*.read_key"])
response = portal_create_session.sync(client=portico, body=body)
if not isinstance(response, CreateSessionResponse):
    raise SystemExit(f"{response.error.type_} ({response.meta.request_id})" if response else "no response")
print(response.data.url)
