/** Defects of sessions, and leaks of credentials. */
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
  withHeaders,
} from './mutant.ts';
import type { Call, Defect, Reply } from './proxy.ts';

const create = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const get = 'portal.getSession';
const end = 'portal.endSession';
const is = (operation: string) => (call: Call) => call.operation === operation;
const stateful = (name: string, breaks: RegExp, createDefect: () => Defect): Mutant => ({ name, breaks, createDefect });
const sessionIdOf = (call: Call) => String(bodyOf(call)['sessionId']);
const withNewRequestId = (reply: Reply): Reply => ({
  ...reply,
  body: { ...envelope(reply), meta: { requestId: `req_${Math.random().toString(36).slice(2).padEnd(16, '0')}` } },
});

/** Repeats the response of the first exchange if `again` returns true. */
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
            if (won !== undefined && again(won)) return withNewRequestId(won.reply);
          }
        }
        const used = byToken(bearerOf(call));
        if (used !== undefined && is(get)(call)) used.looked = true;
        if (used !== undefined && is(end)(call)) used.ended = true;
        return reply;
      },
    };
  });

/** Whether the client has waited with the body until the server asked for it. */
const isHeld = ({ headers }: Call) => headers['expect'] !== undefined;

/** Refuses a revoked caller, and does what they wanted all the same, in a new session of the same user. */
function changesBeforeRefusal(): Defect {
  /** The calls that created sessions, by session id and by token. */
  const creations = new Map<string, Call>();
  const dataOf = (reply: Reply) => String(envelope(reply).data?.['token'] ?? envelope(reply).data?.['sessionId']);
  return {
    async onCall(call, forward) {
      const reply = await forward(call);
      if (is(create)(call)) creations.set(dataOf(reply), call);
      const creation = creations.get(is(exchange)(call) ? sessionIdOf(call) : bearerOf(call));
      if (creation === undefined) return reply;
      if (is(exchange)(call)) creations.set(dataOf(reply), creation);
      else if (isHeld(call) && reply.status === 401) {
        const sessionId = dataOf(await forward(creation));
        const exchanged = { ...call, url: `/v2/${exchange}`, headers: { 'content-type': 'application/json' } };
        const token = dataOf(await forward({ ...exchanged, text: JSON.stringify({ sessionId }) }));
        await forward({ ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } });
      }
      return reply;
    },
  };
}

export const sessionMutants: Mutant[] = [
  onReply(
    'a caller who is revoked before the body has arrived is served',
    /before the body has arrived/,
    ({ status }, call) => isHeld(call) && (status === 401 || status === 403),
    (reply) => ({ status: 200, body: { meta: envelope(reply).meta, data: {} } }),
  ),
  stateful(
    'a caller who is revoked before the body has arrived is refused after the change',
    /before the body has arrived.*no key changes/,
    changesBeforeRefusal,
  ),
  reusable('a session id works more than once', /works once in sequence/, () => true),
  reusable('a session id works again after getSession', /stays used after/, ({ looked }) => looked),
  reusable('a session id works again after logout', /stays used after/, ({ ended }) => ended),
  stateful('a session id works twice in concurrent exchanges', /once among concurrent exchanges/, () => {
    const inProgress = new Map<string, Promise<Reply>[]>();
    return {
      async onCall(call, forward) {
        if (!is(exchange)(call)) return undefined;
        const others = inProgress.get(sessionIdOf(call)) ?? [];
        const own = forward(call);
        inProgress.set(sessionIdOf(call), [...others, own]);
        const reply = await own;
        const winner = (await Promise.all(others)).find(({ status }) => status === 200);
        return reply.status !== 200 && winner !== undefined ? withNewRequestId(winner) : reply;
      },
    };
  }),
  stateful('a failed exchange uses up similar ids', /does not use up another/, () => {
    const usedStems = new Set<string>();
    return {
      onCall(call, forward) {
        if (!is(exchange)(call)) return undefined;
        const stem = sessionIdOf(call).slice(0, -1);
        if (usedStems.has(stem)) return forward({ ...call, ...withBody(call, { sessionId: 'pst_used' }) });
        usedStems.add(stem);
        return undefined;
      },
    };
  }),
  stateful('logout does nothing on the server', /ends the session on the server/, () => ({
    onCall: async (call, forward) => {
      if (!is(end)(call)) return undefined;
      const looked = await forward({ ...call, url: `/v2/${get}` });
      if (looked.status !== 200) return looked;
      const cleared =
        '__Host-portal_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax';
      return {
        ...looked,
        headers: { ...looked.headers, 'set-cookie': cleared },
        body: { meta: envelope(looked).meta, data: {} },
      };
    },
  })),
  stateful('logout ends all sessions', /ends only that session/, () => {
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
  onCall(
    'the Idempotency-Key of an exchange is ignored',
    /a repeated exchange with the same Idempotency-Key/,
    is(exchange),
    ({ headers: { 'idempotency-key': _, ...headers } }) => ({ headers }),
  ),
  onCall(
    'any Idempotency-Key makes a used session id valid again',
    /a repeated exchange with the same Idempotency-Key/,
    (call) => is(exchange)(call) && call.headers['idempotency-key'] !== undefined,
    ({ headers }) => ({ headers: { ...headers, 'idempotency-key': 'always-the-same-for-everyone' } }),
  ),
  onReply(
    'a second logout succeeds',
    /a second logout/,
    (reply, call) => is(end)(call) && failsWith('portal_session_not_found')(reply),
    (reply) => ({
      status: 200,
      headers: {
        ...reply.headers,
        'set-cookie': '__Host-portal_session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      },
      body: { meta: envelope(reply).meta, data: {} },
    }),
  ),
  onCall(
    'the cookie takes precedence over the Authorization header',
    /Authorization header takes precedence/,
    (call) => Boolean(call.headers['cookie']),
    (call) => ({
      headers: { ...call.headers, authorization: undefined },
    }),
  ),
  onCall(
    'an Authorization header of any scheme hides the cookie',
    /another scheme does not hide the cookie/,
    ({ headers }) => /^Basic /.test(String(headers['authorization'])),
    ({ headers }) => ({ headers: { ...headers, cookie: undefined } }),
  ),
  onCall(
    'a malformed bearer token leaves the choice to the cookie',
    /in no usable form takes precedence/,
    ({ headers }) => /^Bearer .* /.test(String(headers['authorization'])),
    ({ headers }) => ({ headers: { ...headers, authorization: undefined } }),
  ),
  onCall(
    'the cookie is accepted without its prefix',
    /without it only if it was set/,
    ({ headers }) => /^portal_session=/.test(String(headers['cookie'])),
    ({ headers }) => ({ headers: { ...headers, cookie: `__Host-${headers['cookie']}` } }),
  ),
  stateful('of several active sessions, the first is used', /of several session cookies/, () => ({
    async onCall(call, forward) {
      const cookies = String(call.headers['cookie']).split('; ');
      const reply = await forward(call);
      if (cookies.length < 2 || reply.status !== 401) return reply;
      const replies = await Promise.all(
        cookies.map((cookie) => forward({ ...call, headers: { ...call.headers, cookie } })),
      );
      return replies.find(({ status }) => status === 200) ?? reply;
    },
  })),
  onCall(
    'of several cookies, only the first counts',
    /of several session cookies/,
    ({ headers }) => String(headers['cookie']).includes(';'),
    ({ headers }) => ({ headers: { ...headers, cookie: String(headers['cookie']).split(';')[0] } }),
  ),
  onCall(
    'of several cookies, the last counts',
    /of several session cookies/,
    ({ headers }) => String(headers['cookie']).includes(';'),
    ({ headers }) => ({ headers: { ...headers, cookie: String(headers['cookie']).split(';').at(-1)?.trim() } }),
  ),
  onCall('the cookie is ignored', /a cookie returns the same user/, is(get), (call) => ({
    headers: { ...call.headers, cookie: undefined },
  })),
  stateful('an earlier cookie takes precedence over the link', /the link takes precedence/, () => ({
    onReply(reply, call) {
      const cookie = /portal_session=(ps_\w+)/.exec(String(call.headers['cookie']))?.[1];
      if (cookie === undefined || !succeeds(exchange)(reply, call)) return reply;
      const line = cookieOf(reply).replace(/=ps_\w+/, `=${cookie}`);
      return { ...reply, ...withData(reply, { token: cookie }), headers: { ...reply.headers, 'set-cookie': line } };
    },
  })),
  onCall(
    'a link replaces the session of another user without a question',
    /asks before it replaces/,
    is(exchange),
    ({ headers }) => ({ headers: { ...headers, cookie: undefined } }),
  ),
  onReply(
    'a refused replacement is another error',
    /asks before it replaces/,
    failsWith('other_user_signed_in'),
    (reply) => ({ ...reply, status: 403 }),
  ),
  stateful('a question uses up the session id', /asks before it replaces/, () => ({
    async onCall(call, forward) {
      if (!is(exchange)(call)) return undefined;
      const reply = await forward(call);
      if (reply.status === 409) await forward({ ...call, headers: { ...call.headers, cookie: undefined } });
      return reply;
    },
  })),
  onCall(
    'the consent of the user is ignored',
    /asks before it replaces/,
    (call) => is(exchange)(call) && bodyOf(call)['replaceSession'] === true,
    (call) => withBody(call, { replaceSession: undefined }),
  ),
  stateful('the signed-in user is cached without the token', /do not mix|signs? in the user|the requested user/, () => {
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
  stateful('all links contain one session id', /session ids are unique/, () => {
    let first: Reply | undefined;
    return {
      onReply(reply, call) {
        if (!succeeds(create)(reply, call)) return reply;
        first ??= reply;
        return { ...reply, body: { ...envelope(reply), data: envelope(first).data } };
      },
    };
  }),
  onReply('the link does not contain the session id', /the link contains the session id/, succeeds(create), (reply) =>
    withData(reply, { url: 'https://portal.acme.example/?session=pst_other' }),
  ),
  onReply('the link contains the session id twice', /the link contains the session id/, succeeds(create), (reply) =>
    withData(reply, { url: `${envelope(reply).data?.['url']}#${envelope(reply).data?.['sessionId']}` }),
  ),
];

export const secretMutants: Mutant[] = [
  onReply('the root key is echoed in a header', /a session is created/, succeeds(create), (reply, call) =>
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
  onReply(
    'the token is echoed by getSession',
    /a bearer token returns the signed-in user/,
    succeeds(get),
    (reply, call) => withData(reply, { portal: { ...envelope(reply).data?.portal, name: bearerOf(call) } }),
  ),
  onReply(
    'a used session id is echoed in the failure',
    /a used session id is refused/,
    (reply, call) => is(exchange)(call) && reply.status === 401,
    (reply, call) => withHeaders(reply, { 'x-session': sessionIdOf(call) }),
  ),
];
