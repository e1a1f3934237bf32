/** Defects of single responses: status, code, fields, types, media type, headers, lifetimes, cookies. */
import {
  cookieOf,
  envelope,
  failsWith,
  type Mutant,
  onReply,
  succeeds,
  withCode,
  withData,
  withError,
  withHeaders,
} from './mutant.ts';
import type { Reply } from './proxy.ts';

const create = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const get = 'portal.getSession';
const end = 'portal.endSession';

const status = (name: string, breaks: RegExp, when: Parameters<typeof onReply>[2], wrong: number) =>
  onReply(name, breaks, when, () => ({ status: wrong }));

const code = (right: string, wrong: string, breaks: RegExp) =>
  onReply(`${right} is reported as ${wrong}`, breaks, failsWith(right), (reply) => withCode(reply, wrong));

const statuses: Mutant[] = [
  status('createSession returns 201', /createSession › a session is created/, succeeds(create), 201),
  status('exchangeSession returns 201', /exchangeSession › a session is exchanged/, succeeds(exchange), 201),
  status('an unknown portal returns 400', /an unknown slug is not found/, failsWith('portal_config_not_found'), 400),
  status('an expired session returns 403', /a used session id is refused/, failsWith('portal_session_not_found'), 403),
  status('a disabled portal returns 404', /a disabled portal is refused/, failsWith('authorization/forbidden'), 404),
  status('invalid input returns 422', /all validation errors are listed/, failsWith('invalid_input'), 422),
  status('a body that is too large returns 400', /a body over 100 kB/, failsWith('request_body_too_large'), 400),
  status('a wrong media type returns 400', /declared as a form/, failsWith('unsupported_media_type'), 400),
  status('a wrong method returns 404', /accepts only POST/, failsWith('method_not_allowed'), 404),
  status('an unknown path returns 200', /an unknown path is not found/, failsWith('route_not_found'), 200),
  onReply(
    '401 and 404 are swapped',
    /an unknown slug is not found/,
    (reply) => reply.status === 401 || reply.status === 404,
    (reply) => ({
      status: reply.status === 401 ? 404 : 401,
      ...withError(reply, { status: reply.status === 401 ? 404 : 401 }),
    }),
  ),
  onReply(
    'error.status differs from the status',
    /a request without a root key/,
    failsWith('authentication/missing'),
    (reply) => withError(reply, { status: 403 }),
  ),
];

const codes: Mutant[] = [
  code(
    'unkey/authentication/portal_token_missing',
    'unkey/authentication/portal_session_not_found',
    /a request without a portal session token/,
  ),
  code(
    'unkey/authentication/portal_session_not_found',
    'unkey/authentication/portal_token_missing',
    /an unknown bearer token is not found/,
  ),
  code('unkey/authentication/missing', 'unkey/authentication/malformed', /a request without a root key is refused/),
  code('unkey/authentication/malformed', 'unkey/authentication/missing', /scheme other than Bearer is malformed/),
  code('unkey/authentication/key_not_found', 'unkey/authentication/missing', /an unknown root key is not found/),
  code('unkey/authorization/forbidden', 'unkey/authorization/workspace_disabled', /a disabled portal is refused/),
  code('unkey/data/portal_config_not_found', 'unkey/data/workspace_not_found', /an unknown slug is not found/),
  code('user/bad_request/method_not_allowed', 'user/bad_request/route_not_found', /accepts only POST/),
  code('unkey/application/invalid_input', 'user/bad_request/invalid_input', /all validation errors are listed/),
  onReply(
    'error.title has other words',
    /an unknown slug is not found/,
    failsWith('portal_config_not_found'),
    (reply) => withError(reply, { title: 'Missing' }),
  ),
  onReply(
    'error.detail has other words',
    /a request without a portal session token/,
    failsWith('portal_token_missing'),
    (reply) => withError(reply, { detail: 'Please log in.' }),
  ),
  onReply('error.type is not a URL', /an unknown slug is not found/, failsWith('portal_config_not_found'), (reply) =>
    withError(reply, { type: 'portal_config_not_found' }),
  ),
];

const fields: Mutant[] = [
  onReply('meta is missing', /a session is created/, succeeds(create), (reply) => ({
    body: { data: envelope(reply).data },
  })),
  onReply('requestId is missing', /a session is exchanged/, succeeds(exchange), (reply) => ({
    body: { ...envelope(reply), meta: {} },
  })),
  onReply(
    'requestId is always the same',
    /createSession/,
    () => true,
    (reply) => ({
      body: { ...envelope(reply), meta: { requestId: 'req_alwaysTheSame1234' } },
    }),
  ),
  onReply('requestId has another format', /a session is created/, succeeds(create), (reply) => ({
    body: { ...envelope(reply), meta: { requestId: 12_345 } },
  })),
  onReply('expiresAt is missing from createSession', /a session is created/, succeeds(create), (reply) =>
    withData(reply, { expiresAt: undefined }),
  ),
  onReply('tabs are missing', /a bearer token returns the signed-in user/, succeeds(get), (reply) =>
    withData(reply, { tabs: undefined }),
  ),
  onReply('branding is missing', /a bearer token returns the signed-in user/, succeeds(get), (reply) =>
    withData(reply, { portal: { ...envelope(reply).data?.portal, branding: undefined } }),
  ),
  onReply('createSession returns an extra field', /a session is created/, succeeds(create), (reply) =>
    withData(reply, { id: 'x' }),
  ),
  onReply(
    'a session has an undocumented state',
    /listSessions › a page has the requested length/,
    succeeds('portal.listSessions'),
    (reply) => ({ body: JSON.parse(JSON.stringify(reply.body).replaceAll(/"state":"\w+"/g, '"state":"paused"')) }),
  ),
  onReply('the portal has an extra field', /a bearer token returns the signed-in user/, succeeds(get), (reply) =>
    withData(reply, { portal: { ...envelope(reply).data?.portal, workspaceId: 'ws_1' } }),
  ),
  onReply(
    'an error has an extra field',
    /an unknown slug is not found/,
    failsWith('portal_config_not_found'),
    (reply) => withError(reply, { stack: 'at …' }),
  ),
  onReply('a success has an error beside data', /logs out/, succeeds(end), (reply) => ({
    body: { ...envelope(reply), error: null },
  })),
  onReply('error.detail is missing', /a used session id is refused/, failsWith('portal_session_not_found'), (reply) =>
    withError(reply, { detail: undefined }),
  ),
  onReply(
    'errors are missing from invalid input',
    /all validation errors are listed/,
    failsWith('invalid_input'),
    (reply) => withError(reply, { errors: undefined }),
  ),
  onReply('a success has no body', /a session is exchanged/, succeeds(exchange), () => ({ body: '' })),
];

const types: Mutant[] = [
  onReply('expiresAt is a string', /a session is created/, succeeds(create), (reply) =>
    withData(reply, { expiresAt: String(envelope(reply).data?.['expiresAt']) }),
  ),
  onReply('expiresAt is in seconds', /valid for 15 minutes by/, succeeds(create), (reply) =>
    withData(reply, { expiresAt: Math.round(Number(envelope(reply).data?.['expiresAt']) / 1000) }),
  ),
  onReply('preview is a string', /a bearer token returns the signed-in user/, succeeds(get), (reply) =>
    withData(reply, { preview: 'false' }),
  ),
  onReply('permissions are one string', /a bearer token returns the signed-in user/, succeeds(get), (reply) =>
    withData(reply, { permissions: String(envelope(reply).data?.['permissions']) }),
  ),
  onReply('the session id has another prefix', /a session is created/, succeeds(create), (reply) =>
    withData(reply, { sessionId: String(envelope(reply).data?.['sessionId']).replace('pst_', 'sid_') }),
  ),
  onReply('the token has another prefix', /a session is exchanged/, succeeds(exchange), (reply) =>
    withData(reply, { token: String(envelope(reply).data?.['token']).replace('ps_', 'tok_') }),
  ),
  onReply('the session id is short enough to guess', /a session is created/, succeeds(create), (reply) =>
    withData(reply, { sessionId: String(envelope(reply).data?.['sessionId']).slice(0, 20) }),
  ),
  onReply('the color is a name', /a bearer token returns the signed-in user/, succeeds(get), (reply) =>
    withData(reply, { portal: { ...envelope(reply).data?.portal, branding: { primaryColor: 'blue' } } }),
  ),
  onReply('a success is text/plain', /a session is created/, succeeds(create), (reply) =>
    withHeaders(reply, { 'content-type': 'text/plain' }),
  ),
  onReply('errors are application/problem+json', /an unknown slug/, failsWith(), (reply) =>
    withHeaders(reply, { 'content-type': 'application/problem+json' }),
  ),
];

const shifted = (reply: Reply, byMs: number) =>
  withData(reply, { expiresAt: Number(envelope(reply).data?.['expiresAt']) + byMs });
const lifetimes: Mutant[] = [
  onReply('a session id is reported as valid for an hour', /valid for 15 minutes by/, succeeds(create), (reply) =>
    shifted(reply, 45 * 60_000),
  ),
  onReply('a session id is reported as valid for 14 minutes', /valid for 15 minutes by/, succeeds(create), (reply) =>
    shifted(reply, -60_000),
  ),
  onReply('a browser session is reported as valid for a week', /valid for 24 hours by/, succeeds(exchange), (reply) =>
    shifted(reply, 6 * 86_400_000),
  ),
  onReply('a browser session is reported as valid for 23 hours', /valid for 24 hours by/, succeeds(exchange), (reply) =>
    shifted(reply, -3_600_000),
  ),
  onReply('getSession extends the session', /getSession does not extend/, succeeds(get), (reply) =>
    shifted(reply, 60_000),
  ),
];

const cookie = (name: string, breaks: RegExp, change: (line: string) => string) =>
  onReply(name, breaks, succeeds(exchange), (reply) => withHeaders(reply, { 'set-cookie': change(cookieOf(reply)) }));
const isTheToken = /the only cookie contains the token/;
const cookies: Mutant[] = [
  cookie('the cookie is not HttpOnly', isTheToken, (line) => line.replace('; HttpOnly', '')),
  cookie('the cookie has no SameSite', isTheToken, (line) => line.replace('; SameSite=Lax', '')),
  cookie('the cookie is SameSite=None', isTheToken, (line) => line.replace('Lax', 'None')),
  cookie('the cookie has no Path', isTheToken, (line) => line.replace('; Path=/', '')),
  cookie('the cookie is for Path=/v2', isTheToken, (line) => line.replace('Path=/', 'Path=/v2')),
  cookie('the cookie has no Max-Age', isTheToken, (line) => line.replace(/; Max-Age=\d+/, '')),
  cookie('the cookie is valid for an hour', isTheToken, (line) => line.replace(/Max-Age=\d+/, 'Max-Age=3600')),
  cookie('the cookie is not Secure', isTheToken, (line) => line.replace('; Secure', '')),
  cookie('the cookie is for a whole domain', isTheToken, (line) => `${line}; Domain=acme.example`),
  cookie('the cookie is not the token of the body', isTheToken, (line) => line.replace(/=ps_\w{3}/, '=ps_xxx')),
  cookie('the cookie has another name', /a session is exchanged/, (line) => line.replace('portal_session', 'session')),
  cookie('the cookie can be set by a sibling subdomain', isTheToken, (line) => line.replace('__Host-', '')),
  onReply('exchangeSession sets no cookie', /a session is exchanged/, succeeds(exchange), (reply) =>
    withHeaders(reply, { 'set-cookie': undefined }),
  ),
  onReply('logout clears no cookie', /logs out/, succeeds(end), (reply) =>
    withHeaders(reply, { 'set-cookie': undefined }),
  ),
  onReply('logout clears a cookie at another path', /clears the cookie at the path/, succeeds(end), (reply) =>
    withHeaders(reply, { 'set-cookie': cookieOf(reply).replace('Path=/', 'Path=/v2') }),
  ),
  onReply('a failure sets a cookie', /a failure sets no cookie/, failsWith('portal_session_not_found'), (reply) =>
    withHeaders(reply, { 'set-cookie': '__Host-portal_session=ps_left; Path=/' }),
  ),
];

const headers: Mutant[] = [
  ...[create, exchange, get, end].map((operation) =>
    onReply(`Cache-Control is dropped from ${operation}`, new RegExp(`^${operation} `), succeeds(operation), (reply) =>
      withHeaders(reply, { 'cache-control': undefined }),
    ),
  ),
  onReply('Cache-Control is dropped from failures', /a used session id is refused/, failsWith(), (reply) =>
    withHeaders(reply, { 'cache-control': undefined }),
  ),
  onReply('Cache-Control lets caches store a token', /a session is exchanged/, succeeds(exchange), (reply) =>
    withHeaders(reply, { 'cache-control': 'private, max-age=60' }),
  ),
  onReply('a 401 has no challenge', /a request without a root key/, failsWith('authentication/missing'), (reply) =>
    withHeaders(reply, { 'www-authenticate': undefined }),
  ),
  onReply('a 405 does not name the allowed method', /accepts only POST/, failsWith('method_not_allowed'), (reply) =>
    withHeaders(reply, { allow: undefined }),
  ),
];

export const responseMutants: Mutant[] = [
  ...statuses,
  ...codes,
  ...fields,
  ...types,
  ...lifetimes,
  ...cookies,
  ...headers,
];
