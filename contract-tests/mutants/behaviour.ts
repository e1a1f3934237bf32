/** Servers whose answers look right and whose deeds are not: sessions, secrets, tenants, permissions, validation. */
import {
  bearerOf,
  bodyOf,
  cookieOf,
  envelope,
  failsWith,
  type Mutant,
  onCall,
  onReply,
  succeeds,
  withBody,
  withData,
  withError,
  withHeaders,
} from './mutant.ts';
import type { Call, Misbehaviour, Reply } from './proxy.ts';

const create = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const get = 'portal.getSession';
const end = 'portal.endSession';

/** What a mutant must know of the server it stands in front of. */
export interface MutantWorld {
  rootKey: string;
  foreignRootKey: string;
  slug: string;
  disabledSlug: string;
}

const stateful = (name: string, breaks: RegExp, misbehave: () => Misbehaviour): Mutant => ({ name, breaks, misbehave });
const is = (operation: string) => (call: Call) => call.operation === operation;
const sessionIdOf = (call: Call) => String(bodyOf(call)['sessionId']);
const afresh = (reply: Reply): Reply => ({
  ...reply,
  body: { ...envelope(reply), meta: { requestId: `req_${Math.random().toString(36).slice(2).padEnd(16, '0')}` } },
});

/** Answers a second exchange as the first was, where `again` says so. */
const reusable = (name: string, breaks: RegExp, again: (won: { looked: boolean; ended: boolean }) => boolean) =>
  stateful(name, breaks, () => {
    const winners = new Map<string, { reply: Reply; token: string; looked: boolean; ended: boolean }>();
    const byToken = (token: string) => [...winners.values()].find((winner) => winner.token === token);
    return {
      onReply(reply, call) {
        if (is(exchange)(call)) {
          if (reply.status === 200) {
            const token = String(envelope(reply).data?.['token']);
            winners.set(sessionIdOf(call), { reply, token, looked: false, ended: false });
          } else {
            const won = winners.get(sessionIdOf(call));
            if (won !== undefined && again(won)) return afresh(won.reply);
          }
        }
        const used = byToken(bearerOf(call));
        if (used !== undefined && is(get)(call)) used.looked = true;
        if (used !== undefined && is(end)(call)) used.ended = true;
        return reply;
      },
    };
  });

const sessions: Mutant[] = [
  reusable('a session id works again and again', /works once, one try after another/, () => true),
  reusable(
    'a session id works again once its session has been looked at',
    /stays used once its session/,
    ({ looked }) => looked,
  ),
  reusable(
    'a session id works again once its session has logged out',
    /stays used once its session/,
    ({ ended }) => ended,
  ),
  stateful('a session id works twice only where two ask at the same time', /however many try at the same time/, () => {
    const underWay = new Map<string, Promise<Reply>[]>();
    return {
      async onCall(call, forward) {
        if (!is(exchange)(call)) return undefined;
        const others = underWay.get(sessionIdOf(call)) ?? [];
        const own = forward(call);
        underWay.set(sessionIdOf(call), [...others, own]);
        const reply = await own;
        const winner = (await Promise.all(others)).find(({ status }) => status === 200);
        return reply.status !== 200 && winner !== undefined ? afresh(winner) : reply;
      },
    };
  }),
  stateful('a try in vain burns the ids that are like it', /does not burn another/, () => {
    const burnt = new Set<string>();
    return {
      onCall(call, forward) {
        if (!is(exchange)(call)) return undefined;
        const stem = sessionIdOf(call).slice(0, -1);
        if (burnt.has(stem)) return forward({ ...call, ...withBody(call, { sessionId: 'pst_burnt' }) });
        burnt.add(stem);
        return undefined;
      },
    };
  }),
  stateful('logging out does nothing on the server', /ends the session on the server/, () => ({
    onCall: async (call, forward) => {
      if (!is(end)(call)) return undefined;
      const looked = await forward({ ...call, url: `/v2/${get}` });
      if (looked.status !== 200) return looked;
      const cleared = 'portal_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax';
      return {
        ...looked,
        headers: { ...looked.headers, 'set-cookie': cleared },
        body: { meta: envelope(looked).meta, data: {} },
      };
    },
  })),
  stateful('logging out ends all sessions there are', /ends that session alone/, () => {
    let live = new Set<string>();
    return {
      onReply(reply, call) {
        if (succeeds(exchange)(reply, call)) live.add(String(envelope(reply).data?.['token']));
        if (succeeds(end)(reply, call)) live = new Set();
        return reply;
      },
      onCall: (call, forward) =>
        is(get)(call) && bearerOf(call).startsWith('ps_') && !live.has(bearerOf(call))
          ? forward({ ...call, headers: { ...call.headers, authorization: 'Bearer ps_ended' } })
          : undefined,
    };
  }),
  onReply(
    'logging out twice is fine',
    /logging out twice/,
    (reply, call) => is(end)(call) && failsWith('portal_session_not_found')(reply),
    (reply) => ({
      status: 200,
      headers: { ...reply.headers, 'set-cookie': 'portal_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT' },
      body: { meta: envelope(reply).meta, data: {} },
    }),
  ),
  onCall(
    'the cookie beats the Authorization header',
    /Authorization header outranks/,
    (call) => Boolean(call.headers['cookie']),
    (call) => ({
      headers: { ...call.headers, authorization: undefined },
    }),
  ),
  onCall('the cookie is not looked at', /a cookie tells the same/, is(get), (call) => ({
    headers: { ...call.headers, cookie: undefined },
  })),
  stateful('an earlier cookie beats the link', /never beats the link/, () => ({
    onReply(reply, call) {
      const cookie = /portal_session=(ps_\w+)/.exec(String(call.headers['cookie']))?.[1];
      if (cookie === undefined || !succeeds(exchange)(reply, call)) return reply;
      const line = cookieOf(reply).replace(/=ps_\w+/, `=${cookie}`);
      return { ...reply, ...withData(reply, { token: cookie }), headers: { ...reply.headers, 'set-cookie': line } };
    },
  })),
  stateful('who is signed in is cached without the token', /do not mix|opens? as|grants what/, () => {
    let last: unknown;
    return {
      onReply(reply, call) {
        if (!succeeds(get)(reply, call)) return reply;
        const own = envelope(reply).data;
        const shown = last ?? own;
        last = own;
        return { ...reply, body: { ...envelope(reply), data: shown } };
      },
    };
  }),
  stateful('all links lead to one session id', /no two session ids/, () => {
    let first: Reply | undefined;
    return {
      onReply(reply, call) {
        if (!succeeds(create)(reply, call)) return reply;
        first ??= reply;
        return { ...reply, body: { ...envelope(reply), data: envelope(first).data } };
      },
    };
  }),
  onReply('the link does not hold the session id', /the link holds the session id/, succeeds(create), (reply) =>
    withData(reply, { url: 'https://portal.acme.example/?session=pst_other' }),
  ),
  onReply('the link holds the session id twice', /the link holds the session id/, succeeds(create), (reply) =>
    withData(reply, { url: `${envelope(reply).data?.['url']}#${envelope(reply).data?.['sessionId']}` }),
  ),
];

const secrets: Mutant[] = [
  onReply('the root key is echoed in a header', /a session is minted/, succeeds(create), (reply, call) =>
    withHeaders(reply, { 'x-debug': bearerOf(call) }),
  ),
  onReply(
    'an unknown root key is echoed in the failure',
    /an unknown root key is not found/,
    failsWith('authentication/key_not_found'),
    (reply, call) => withHeaders(reply, { 'x-key': bearerOf(call) }),
  ),
  onReply('the session id is echoed by the exchange', /a session is exchanged/, succeeds(exchange), (reply, call) =>
    withHeaders(reply, { 'x-session': sessionIdOf(call) }),
  ),
  onReply('the token is echoed by getSession', /a bearer token tells who/, succeeds(get), (reply, call) =>
    withData(reply, { portal: { ...envelope(reply).data?.portal, name: bearerOf(call) } }),
  ),
  onReply(
    'a used session id is echoed in the failure',
    /a used session id is refused/,
    (reply, call) => is(exchange)(call) && reply.status === 401,
    (reply, call) => withHeaders(reply, { 'x-session': sessionIdOf(call) }),
  ),
];

const tenants = ({ rootKey, foreignRootKey, slug, disabledSlug }: MutantWorld): Mutant[] => [
  onCall(
    "another workspace's portal can be reached",
    /a portal of another workspace is not found/,
    (call) => bearerOf(call) === foreignRootKey,
    (call) => ({
      headers: { ...call.headers, authorization: `Bearer ${rootKey}` },
    }),
  ),
  onCall(
    'a disabled portal can be used',
    /a disabled portal is refused/,
    (call) => bodyOf(call)['slug'] === disabledSlug,
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'any root key will do',
    /an unknown root key is not found/,
    (call) => bearerOf(call).startsWith('rk_') && is(create)(call),
    (call) => ({
      headers: { ...call.headers, authorization: `Bearer ${rootKey}` },
    }),
  ),
  onCall(
    'no root key is needed',
    /without a credential a root key is asked for/,
    (call) => is(create)(call) && call.headers['authorization'] === undefined,
    (call) => ({
      headers: { ...call.headers, authorization: `Bearer ${rootKey}` },
    }),
  ),
  onCall(
    'the scheme must be spelled Bearer',
    /read in any case/,
    (call) => String(call.headers['authorization']).startsWith('bearer'),
    (call) => ({
      headers: { ...call.headers, authorization: 'Basic x' },
    }),
  ),
  onCall(
    'a root key is not told from a session token',
    /a root key is no portal session token/,
    (call) => is(get)(call) && bearerOf(call).startsWith('rk_'),
    (call) => ({
      headers: { ...call.headers, authorization: 'Bearer ps_no' },
    }),
  ),
];

/** Tabs as someone draws them who forgets an action, or takes another for it. */
const tabs = (name: string, breaks: RegExp, draw: (actions: string[], tabs: string[]) => string[]) =>
  onReply(name, breaks, succeeds(get), (reply) => {
    const { permissions = [], tabs: right = [] } = envelope(reply).data as { permissions?: string[]; tabs?: string[] };
    return withData(reply, {
      tabs: draw(
        permissions.map((tuple) => String(tuple.split('.')[2])),
        right,
      ),
    });
  });

const permissions: Mutant[] = [
  ...['read_key', 'create_key', 'update_key', 'delete_key'].map((action) =>
    tabs(`${action} alone does not show the keys`, new RegExp(`the action ${action} shows`), (actions, right) =>
      actions.every((own) => own === action) ? right.filter((tab) => tab !== 'keys') : right,
    ),
  ),
  tabs('read_analytics does not show the analytics', /the action read_analytics shows/, (_, right) =>
    right.filter((tab) => tab !== 'analytics'),
  ),
  tabs('an unknown action shows the keys', /the action something_else shows/, (actions, right) =>
    actions.includes('something_else') ? ['keys', 'docs'] : right,
  ),
  tabs('the documentation is only for who sees the keys', /the action read_analytics shows/, (_, right) =>
    right.includes('keys') ? right : right.filter((tab) => tab !== 'docs'),
  ),
  tabs('the tabs come in another order', /in one order/, (_, right) => right.toReversed()),
  onReply('only the first permission is kept', /grants what was asked for/, succeeds(get), (reply) =>
    withData(reply, { permissions: [envelope(reply).data?.['permissions']].flat().slice(0, 1) }),
  ),
  onReply('the externalId loses its last letter', /grants what was asked for/, succeeds(get), (reply) =>
    withData(reply, { externalId: `${envelope(reply).data?.['externalId']}`.slice(0, -1) }),
  ),
  onReply('the portal has another slug', /grants what was asked for/, succeeds(get), (reply) =>
    withData(reply, { portal: { ...envelope(reply).data?.portal, slug: 'another' } }),
  ),
  onReply('the preview flag is lost', /is a preview where that was asked for/, succeeds(get), (reply) =>
    withData(reply, { preview: false }),
  ),
  onReply('every session is a preview', /is a preview where that was asked for/, succeeds(get), (reply) =>
    withData(reply, { preview: true }),
  ),
];

const isBad = (call: Call, field: string, good: RegExp) =>
  is(create)(call) && field in bodyOf(call) && !good.test(String(bodyOf(call)[field]));
const permissionForm = /^[\w-]+\.(\*|[\w-]+)\.[\w-]+$/;
const known = ['slug', 'externalId', 'permissions', 'preview'];

const validation = ({ slug }: MutantWorld): Mutant[] => [
  onReply(
    'validation stops at the first failure',
    /every failure is listed at once/,
    failsWith('invalid_input'),
    (reply) => withError(reply, { errors: (envelope(reply).error?.errors ?? []).slice(0, 1) }),
  ),
  onReply('failures do not say where', /an unknown field is refused and named/, failsWith('invalid_input'), (reply) =>
    withError(reply, {
      errors: (envelope(reply).error?.errors ?? []).map((failure) => ({ ...failure, location: 'body' })),
    }),
  ),
  onCall(
    'unknown fields are let in',
    /createSession › body keeps additionalProperties/,
    (call) => is(create)(call) && call.json !== undefined,
    (call) => ({
      text: JSON.stringify(Object.fromEntries(Object.entries(bodyOf(call)).filter(([name]) => known.includes(name)))),
    }),
  ),
  onCall(
    'bad slugs are let in',
    /the slug "My-Portal" is refused/,
    (call) => isBad(call, 'slug', /^[a-z0-9-]{3,64}$/),
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'slugs may end in a hyphen',
    /the slug "portal-" is refused/,
    (call) => isBad(call, 'slug', /[^-]$/),
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'slugs may be too long',
    /body\.slug keeps maxLength/,
    (call) => String(bodyOf(call)['slug']).length > 64,
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'bad permissions are let in',
    /the permission "api\.\*" is refused/,
    (call) => Array.isArray(bodyOf(call)['permissions']),
    (call) =>
      withBody(call, {
        permissions: (bodyOf(call)['permissions'] as string[]).map((tuple) =>
          permissionForm.test(tuple) ? tuple : 'a.b.c',
        ),
      }),
  ),
  onCall(
    'no permissions are let in',
    /no permissions are refused/,
    (call) => Array.isArray(bodyOf(call)['permissions']) && (bodyOf(call)['permissions'] as string[]).length === 0,
    (call) => withBody(call, { permissions: ['a.b.c'] }),
  ),
  onCall(
    'a missing externalId is let in',
    /body\.externalId is required/,
    (call) => is(create)(call) && !('externalId' in bodyOf(call)),
    (call) => withBody(call, { externalId: 'anyone' }),
  ),
  onCall(
    'an externalId may be of any length',
    /body\.externalId keeps maxLength/,
    (call) => String(bodyOf(call)['externalId']).length > 256,
    (call) => withBody(call, { externalId: 'long' }),
  ),
  onCall(
    'preview may be anything',
    /body\.preview keeps type/,
    (call) => is(create)(call) && 'preview' in bodyOf(call),
    (call) => withBody(call, { preview: bodyOf(call)['preview'] === true }),
  ),
  onCall(
    'malformed JSON is taken for an empty object',
    /not well-formed JSON/,
    (call) => call.text !== '' && call.json === undefined,
    () => ({ text: '{}', json: {} }),
  ),
  onCall(
    'query parameters are let in',
    /an unknown query parameter/,
    (call) => call.url.includes('?'),
    (call) => ({ url: String(call.url.split('?')[0]) }),
  ),
  onCall(
    'a form is taken for JSON',
    /declared as a form/,
    (call) => String(call.headers['content-type']).includes('form'),
    (call) => ({
      headers: { ...call.headers, 'content-type': 'application/json' },
    }),
  ),
  onCall(
    'a body may be of any size',
    /a body over 100 kB/,
    (call) => call.text.length > 100_000,
    () => ({ text: '{}', json: {} }),
  ),
  onCall(
    'any method will do',
    /answers to POST alone/,
    (call) => call.method === 'PUT',
    () => ({ method: 'POST' }),
  ),
  onCall(
    'validation comes before authentication',
    /a stranger learns nothing/,
    (call) => is(create)(call) && call.headers['authorization'] === undefined && bodyOf(call)['slug'] === 5,
    (call) => ({
      url: `/v2/${exchange}`,
      text: call.text,
    }),
  ),
];

const missing: Mutant[] = [create, exchange, get, end, 'liveness', 'readiness'].map((operation) =>
  onCall(`${operation} is missing`, new RegExp(`^${operation.replace('.', '\\.')} ›`), is(operation), (call) => ({
    url: `${call.url}IsMissing`,
  })),
);

/** Every mutant whose deeds are wrong, in front of this server. */
export const behaviourMutants = (world: MutantWorld): Mutant[] => [
  ...sessions,
  ...secrets,
  ...tenants(world),
  ...permissions,
  ...validation(world),
  ...missing,
];
