/** Defects of the checks of origins: which pages may send requests, and which may read the responses (CORS). */
import { bearerOf, failsWith, type Mutant, onCall, onReply, succeeds, withCode, withHeaders } from './mutant.ts';
import type { Call, Defect, Reply } from './proxy.ts';

const exchange = 'portal.exchangeSession';
const stateful = (name: string, breaks: RegExp, createDefect: () => Defect): Mutant => ({ name, breaks, createDefect });
const withoutOrigin = ({ headers }: Call) => ({ ...headers, origin: undefined, 'sec-fetch-site': undefined });
const byToken = ({ headers }: Call) => headers['authorization'] !== undefined;
const byCookie = ({ headers }: Call) => headers['cookie'] !== undefined && headers['authorization'] === undefined;

/** Changes the headers of every response that a page of another origin can read. */
const cors = (name: string, breaks: RegExp, headers: () => Reply['headers']) =>
  onReply(
    name,
    breaks,
    (reply) => reply.headers['access-control-allow-origin'] !== undefined,
    (reply) => withHeaders(reply, headers()),
  );

export const crossOriginMutants: Mutant[] = [
  onCall('a cookie is accepted from pages of any origin', /a page of another origin/, byCookie, (call) => ({
    headers: withoutOrigin(call),
  })),
  onCall(
    'a cookie is accepted from pages of sibling subdomains',
    /even a sibling/,
    (call) => byCookie(call) && call.headers['sec-fetch-site'] === 'same-site',
    (call) => ({ headers: withoutOrigin(call) }),
  ),
  onCall(
    'Origin is ignored without Sec-Fetch-Site',
    /in an old browser/,
    (call) => byCookie(call) && call.headers['sec-fetch-site'] === undefined,
    (call) => ({ headers: withoutOrigin(call) }),
  ),
  onCall(
    'Sec-Fetch-Site is ignored without Origin',
    /even a sibling/,
    (call) => byCookie(call) && call.headers['origin'] === undefined,
    (call) => ({ headers: withoutOrigin(call) }),
  ),
  onCall('a bearer token is accepted from pages of any origin', /a bearer token from a page/, byToken, (call) => ({
    headers: withoutOrigin(call),
  })),
  onCall(
    'a session is accepted from every page whose origin some portal allows',
    /that only another portal allows/,
    ({ operation, headers }) => operation === 'portal.getSession' && headers['sec-fetch-site'] !== undefined,
    (call) => ({ headers: withoutOrigin(call) }),
  ),
  stateful('a page of another origin uses up a session id', /does not use it up/, () => ({
    onCall: async (call, forward) => {
      if (call.operation !== exchange || call.headers['origin'] === undefined) return undefined;
      const reply = await forward(call);
      if (reply.status === 403) await forward({ ...call, headers: withoutOrigin(call) });
      return reply;
    },
  })),
  cors('any origin may read responses', /with the token and with the cookie/, () => ({
    'access-control-allow-origin': '*',
  })),
  cors('credentials are not allowed', /with the token and with the cookie/, () => ({
    'access-control-allow-credentials': undefined,
  })),
  cors('the rate limit cannot be read', /with the token and with the cookie/, () => ({
    'access-control-expose-headers': undefined,
  })),
  ...[/can read errors/, /with the token and with the cookie/].map((breaks) =>
    cors(`Vary is missing, ${breaks.source}`, breaks, () => ({ vary: undefined })),
  ),
  onReply(
    'Vary is missing without an Origin',
    /no page of another origin sends/,
    (_, { headers }) => headers['origin'] === undefined,
    (reply) => withHeaders(reply, { vary: undefined }),
  ),
  onReply('errors cannot be read', /can read errors/, failsWith(), (reply) =>
    withHeaders(reply, { 'access-control-allow-origin': undefined }),
  ),
  onReply('every origin is echoed on errors', /learns nothing/, failsWith('foreign_origin'), (reply, call) =>
    withHeaders(reply, { 'access-control-allow-origin': String(call.headers['origin']) }),
  ),
  onReply(
    'a preflight is granted to every origin',
    /to no other/,
    (reply, { method }) => method === 'OPTIONS' && reply.status === 403,
    (reply, call) => ({
      status: 204,
      body: '',
      ...withHeaders(reply, { 'access-control-allow-origin': String(call.headers['origin']) }),
    }),
  ),
  ...['access-control-allow-headers', 'access-control-allow-methods', 'access-control-max-age'].map((header) =>
    onReply(
      `a preflight lacks ${header}`,
      /a preflight is granted/,
      (_, { method }) => method === 'OPTIONS',
      (reply) => withHeaders(reply, { [header]: undefined }),
    ),
  ),
  onReply(
    'a preflight of an operation with a root key is granted',
    /keys.verifyKey .*no CORS headers/,
    ({ status }, { method }) => method === 'OPTIONS' && status === 405,
    (reply, call) => ({
      status: 204,
      body: '',
      ...withHeaders(reply, { 'access-control-allow-origin': String(call.headers['origin']) }),
    }),
  ),
  onReply(
    'a response to a root key can be read by pages',
    /listConfigurations .*no CORS headers/,
    (_, { headers }) => bearerOf({ headers } as Call).startsWith('rk_'),
    (reply, call) => withHeaders(reply, { 'access-control-allow-origin': String(call.headers['origin'] ?? '*') }),
  ),
  stateful('an origin stays allowed after its portal is changed or deleted', /removes it|and not longer/, () => {
    const seen = new Set<string>();
    return {
      onReply(reply, { headers }) {
        const origin = String(headers['origin']);
        if (reply.headers['access-control-allow-origin'] !== undefined) seen.add(origin);
        return seen.has(origin)
          ? { ...reply, ...withHeaders(reply, { 'access-control-allow-origin': origin }) }
          : reply;
      },
    };
  }),
  stateful('an origin is gone with the first of its portals', /while another portal allows it/, () => {
    let isDeleted = false;
    return {
      onReply(reply, call) {
        if (succeeds('portal.deleteConfiguration')(reply, call)) isDeleted = true;
        return isDeleted ? { ...reply, ...withHeaders(reply, { 'access-control-allow-origin': undefined }) } : reply;
      },
    };
  }),
  onCall(
    "a cookie is refused from the portal's own pages",
    /the portal's own pages/,
    (call) => byCookie(call) && call.headers['sec-fetch-site'] === 'same-origin',
    (call) => ({ headers: { ...call.headers, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }),
  ),
  onReply(
    'a page of another origin learns that the portal is disabled',
    /a page of another origin/,
    failsWith('foreign_origin'),
    (reply) => withCode(reply, 'unkey/authorization/forbidden'),
  ),
];
