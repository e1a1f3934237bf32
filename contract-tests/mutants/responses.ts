/** Defects of single responses that no schema names: words, ids, lifetimes, cookies. */
import {
  cookieOf,
  envelope,
  failsWith,
  type Mutant,
  onReply,
  succeeds,
  withData,
  withError,
  withHeaders,
} from './mutant.ts';
import type { Reply } from './proxy.ts';

const create = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const get = 'portal.getSession';
const end = 'portal.endSession';

const errors: Mutant[] = [
  onReply(
    'error.status differs from the status',
    /a request without a root key/,
    failsWith('authentication/missing'),
    (reply) => withError(reply, { status: 403 }),
  ),
  onReply(
    'error.title has other words',
    /createSession › every error has the title/,
    failsWith('portal_config_not_found'),
    (reply) => withError(reply, { title: 'Missing' }),
  ),
  onReply(
    'error.detail has other words',
    /portal_token_missing has the sentence/,
    failsWith('portal_token_missing'),
    (reply) => withError(reply, { detail: 'Please log in.' }),
  ),
  onReply('error.type is not a URL', /an unknown slug is not found/, failsWith('portal_config_not_found'), (reply) =>
    withError(reply, { type: 'portal_config_not_found' }),
  ),
];

const fields: Mutant[] = [
  onReply(
    'requestId is always the same',
    /createSession/,
    () => true,
    (reply) => ({
      body: { ...envelope(reply), meta: { requestId: 'req_alwaysTheSame1234' } },
    }),
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
  onReply('a success has no body', /a session is exchanged/, succeeds(exchange), () => ({ body: '' })),
  onReply('expiresAt is in seconds', /valid for 15 minutes by/, succeeds(create), (reply) =>
    withData(reply, { expiresAt: Math.round(Number(envelope(reply).data?.['expiresAt']) / 1000) }),
  ),
  onReply(
    'the session id is short enough to guess',
    /createSession › 200 keeps the bounds/,
    succeeds(create),
    (reply) => withData(reply, { sessionId: String(envelope(reply).data?.['sessionId']).slice(0, 20) }),
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
  cookie('the cookie has another name', /exchangeSession › 200 has Set-Cookie/, (line) =>
    line.replace('portal_session', 'session'),
  ),
  cookie('the cookie can be set by a sibling subdomain', isTheToken, (line) => line.replace('__Host-', '')),
  onReply('logout clears a cookie at another path', /clears the cookie at the path/, succeeds(end), (reply) =>
    withHeaders(reply, { 'set-cookie': cookieOf(reply).replace('Path=/', 'Path=/v2') }),
  ),
  onReply('a failure sets a cookie', /a failure sets no cookie/, failsWith('portal_session_not_found'), (reply) =>
    withHeaders(reply, { 'set-cookie': '__Host-portal_session=ps_left; Path=/' }),
  ),
];

const headers: Mutant[] = [
  onReply(
    'Cache-Control lets caches store a token',
    /exchangeSession › every response has Cache-Control/,
    succeeds(exchange),
    (reply) => withHeaders(reply, { 'cache-control': 'private, max-age=60' }),
  ),
  onReply('a 405 does not name the allowed method', /405 has Allow/, failsWith('method_not_allowed'), (reply) =>
    withHeaders(reply, { allow: undefined }),
  ),
  onReply('an unknown path returns 200', /an unknown path is not found/, failsWith('route_not_found'), () => ({
    status: 200,
  })),
];

export const responseMutants: Mutant[] = [...errors, ...fields, ...lifetimes, ...cookies, ...headers];
