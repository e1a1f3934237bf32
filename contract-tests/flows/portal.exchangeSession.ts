import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import {
  clockOf,
  cookiesOf,
  createSession,
  exchangeSession,
  expectExchangeRefused,
  getSession,
  signIn,
  urlIn,
} from '../engine/session-steps.ts';

const operation = 'portal.exchangeSession';
const daySeconds = 86_400;
const toleranceMs = 10_000;

/** The attributes of a Set-Cookie line by lower-case name; an attribute without a value is an empty string. */
const attributesOf = (line = ''): Map<string, string> =>
  new Map(
    line
      .split(';')
      .slice(1)
      .map((part) => part.trim().split('=') as [string, string?])
      .map(([name, value = '']) => [name.toLowerCase(), value]),
  );

const flows: Flow[] = [
  {
    operation,
    name: 'a session id works once in sequence',
    async run(trial) {
      const { created } = await createSession(trial);
      await exchangeSession(trial, created.sessionId);
      await expectExchangeRefused(trial, created.sessionId);
      await expectExchangeRefused(trial, created.sessionId);
    },
  },
  {
    operation,
    name: 'a session id works once among concurrent exchanges',
    async run(trial) {
      for (let round = 0; round < 3; round++) {
        const { sessionId } = (await createSession(trial)).created;
        const tries = Array.from({ length: 40 }, () => trial.attempt(operation, { body: { sessionId } }));
        const statuses = (await Promise.all(tries)).map(({ status }) => status);
        const winners = statuses.filter((status) => status === 200).length;
        trial.assert(winners === 1, `one of 40 concurrent exchanges succeeds, not ${winners}`);
        trial.assert(statuses.filter((status) => status === 401).length === 39, 'the other 39 return 401');
      }
    },
  },
  {
    operation,
    name: 'a session id stays used after getSession and after logout',
    async run(trial) {
      const { created } = await createSession(trial);
      const { token } = await exchangeSession(trial, created.sessionId);
      await getSession(trial, token);
      await expectExchangeRefused(trial, created.sessionId);
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      await expectExchangeRefused(trial, created.sessionId);
    },
  },
  {
    operation,
    name: 'a repeated exchange with the same Idempotency-Key returns the same token, and no other exchange does',
    async run(trial) {
      const { created } = await createSession(trial);
      const headers = { 'Idempotency-Key': newId() };
      const first = await exchangeSession(trial, created.sessionId, { headers });
      const again = await exchangeSession(trial, created.sessionId, { headers });
      trial.assert(again.token === first.token, 'the same exchange returns the same token');
      trial.assert(again.expiresAt === first.expiresAt, 'the same exchange returns the same expiresAt');
      await expectExchangeRefused(trial, created.sessionId);
      await expectExchangeRefused(trial, created.sessionId, { headers: { 'Idempotency-Key': newId() } });
      const other = (await createSession(trial)).created;
      trial.assert(
        (await exchangeSession(trial, other.sessionId, { headers })).token !== first.token,
        'another session id gets another token',
      );
    },
  },
  {
    operation,
    name: 'a repeated exchange with the same Idempotency-Key returns no token of a session that has ended',
    async run(trial) {
      const { created } = await createSession(trial);
      const headers = { 'Idempotency-Key': newId() };
      const { token } = await exchangeSession(trial, created.sessionId, { headers });
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      await expectExchangeRefused(trial, created.sessionId, { headers });
    },
  },
  {
    operation,
    name: 'a failed exchange does not use up another session id',
    async run(trial) {
      const { created } = await createSession(trial);
      const last = created.sessionId.at(-1) === 'a' ? 'b' : 'a';
      await expectExchangeRefused(trial, `${created.sessionId.slice(0, -1)}${last}`);
      await exchangeSession(trial, created.sessionId);
    },
  },
  {
    operation,
    name: 'the browser session is valid for 24 hours by the clock of the server',
    async run(trial) {
      const { expiresAt, response } = await signIn(trial);
      const lifetime = expiresAt - clockOf(response);
      const off = Math.abs(lifetime - daySeconds * 1000);
      trial.assert(off <= toleranceMs, `expiresAt is 86400 s from now, not ${lifetime / 1000} s`);
    },
  },
  {
    operation,
    name: 'the only cookie contains the token, is HttpOnly, for the whole site, and valid for 24 hours',
    async run(trial) {
      const { created } = await createSession(trial);
      const { token, response } = await exchangeSession(trial, created.sessionId);
      const https = created.url.startsWith('https:');
      const name = https ? '__Host-portal_session' : 'portal_session';
      const cookies = cookiesOf(response).filter((line) => line.startsWith(`${name}=`));
      trial.assert(cookies.length === 1, `${name} is set once, not ${cookies.length} times`);
      const [line = ''] = cookies;
      trial.assert(line.split(';')[0] === `${name}=${token}`, 'the cookie contains the token of the body');
      const attributes = attributesOf(line);
      trial.assert(attributes.has('httponly'), 'the cookie is HttpOnly');
      trial.assert(attributes.get('samesite')?.toLowerCase() === 'lax', 'the cookie is SameSite=Lax');
      trial.assert(attributes.get('path') === '/', 'the cookie is for Path=/');
      trial.assert(attributes.get('max-age') === String(daySeconds), 'the cookie has Max-Age=86400');
      trial.assert(!attributes.has('domain'), 'the cookie has no Domain');
      trial.assert(
        attributes.has('secure') === https,
        `the cookie is ${https ? '' : 'not '}Secure, as the portal is ${https ? 'https' : 'http'}`,
      );
    },
  },
  {
    operation,
    name: 'the link takes precedence over the cookie of an earlier user',
    async run(trial) {
      const earlier = await signIn(trial, { externalId: 'earlier_user' });
      const { created } = await createSession(trial, { externalId: 'later_user' });
      const later = await exchangeSession(trial, created.sessionId, { cookie: earlier.token });
      trial.assert((await getSession(trial, later.token)).externalId === 'later_user', 'the link signs in later_user');
      trial.assert(
        (await getSession(trial, earlier.token)).externalId === 'earlier_user',
        'the earlier session is unchanged',
      );
    },
  },
  {
    operation,
    name: 'in a browser, a link asks before it replaces the active session of another user or portal',
    async run(trial) {
      const earlier = await signIn(trial, { externalId: 'earlier_user' });
      const refused = { status: 409, error: 'unkey/authentication/other_user_signed_in' };
      const linkFor = async (over: Record<string, unknown>) => (await createSession(trial, over)).created.sessionId;
      const portal = { slug: `portal-${newId()}` };
      await callWithRootKey(trial, 'portal.createConfiguration', portal);
      // What browsers add to the request of a page: older ones send only Origin, and its value is that of the portal.
      const { url } = (await createSession(trial)).created;
      const inBrowser: Record<string, string>[] = [
        { 'Sec-Fetch-Site': 'same-origin' },
        { Origin: urlIn(trial, url).origin },
      ];
      for (const over of [{ externalId: 'later_user' }, { externalId: 'earlier_user', ...portal }]) {
        for (const headers of inBrowser) {
          const sessionId = await linkFor(over);
          const request = { cookie: earlier.token, headers };
          const response = await trial.call(operation, { body: { sessionId }, ...request }, refused);
          trial.assert(cookiesOf(response).length === 0, 'the question sets no cookie');
          await trial.call(operation, { body: { sessionId, replaceSession: false }, ...request }, refused);
          const later = await exchangeSession(trial, sessionId, {
            body: { sessionId, replaceSession: true },
            ...request,
          });
          const { externalId } = await getSession(trial, later.token);
          trial.assert(externalId === over.externalId, `the link signs in ${over.externalId}, not ${externalId}`);
        }
      }
      const [headers = {}] = inBrowser;
      const again = await linkFor({ externalId: 'earlier_user', permissions: ['api.*.create_key'] });
      await exchangeSession(trial, again, { cookie: earlier.token, headers });
      await trial.call('portal.endSession', { authorization: `Bearer ${earlier.token}` }, { status: 200 });
      const afterwards = await linkFor({ externalId: 'later_user' });
      await exchangeSession(trial, afterwards, { cookie: earlier.token, headers });
      const dead = { cookie: (await signIn(trial)).token, headers };
      await expectExchangeRefused(trial, afterwards, dead);
    },
  },
  {
    operation,
    name: 'tokens are unique and differ from their session ids',
    async run(trial) {
      const ids = await Promise.all(
        Array.from({ length: 10 }, async () => (await createSession(trial)).created.sessionId),
      );
      const tokens = await Promise.all(ids.map(async (id) => (await exchangeSession(trial, id)).token));
      trial.assert(new Set(tokens).size === 10, 'all 10 tokens differ');
      const secrets = [...ids, ...tokens].map((text) => text.slice(text.indexOf('_') + 1));
      trial.assert(new Set(secrets).size === 20, 'no token repeats its session id');
    },
  },
  {
    operation,
    name: 'a failure sets no cookie',
    async run(trial) {
      const response = await expectExchangeRefused(trial, 'pst_unknownUnknownUnknownUnknownUnknown');
      trial.assert(cookiesOf(response).length === 0, 'a refused exchange sets no cookie');
    },
  },
];

export default flows;
