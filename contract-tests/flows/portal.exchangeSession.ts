import { randomUUID } from 'node:crypto';
import type { Flow } from '../engine/check.ts';
import { clockOf, cookiesOf, enter, exchange, exchangeInVain, look, mint } from '../engine/session-steps.ts';

const operation = 'portal.exchangeSession';
const daySeconds = 86_400;
const toleranceMs = 3000;

/** The attributes of a Set-Cookie line, names in lower case; one without a value is an empty string. */
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
      const { minted } = await mint(trial);
      await exchange(trial, minted.sessionId);
      await exchangeInVain(trial, minted.sessionId);
      await exchangeInVain(trial, minted.sessionId);
    },
  },
  {
    operation,
    name: 'a session id works once among concurrent exchanges',
    async run(trial) {
      for (let round = 0; round < 3; round++) {
        const { sessionId } = (await mint(trial)).minted;
        const tries = Array.from({ length: 40 }, () => trial.attempt(operation, { body: { sessionId } }));
        const statuses = (await Promise.all(tries)).map(({ status }) => status);
        const winners = statuses.filter((status) => status === 200).length;
        trial.holds(winners === 1, `one of 40 concurrent exchanges wins, not ${winners}`);
        trial.holds(statuses.filter((status) => status === 401).length === 39, 'the other 39 answer 401');
      }
    },
  },
  {
    operation,
    name: 'a session id stays used after getSession and after logout',
    async run(trial) {
      const { minted } = await mint(trial);
      const { token } = await exchange(trial, minted.sessionId);
      await look(trial, token);
      await exchangeInVain(trial, minted.sessionId);
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      await exchangeInVain(trial, minted.sessionId);
    },
  },
  {
    operation,
    name: 'a repeated exchange with the same Idempotency-Key returns the same token, and no other exchange does',
    async run(trial) {
      const { minted } = await mint(trial);
      const headers = { 'Idempotency-Key': randomUUID() };
      const first = await exchange(trial, minted.sessionId, { headers });
      const again = await exchange(trial, minted.sessionId, { headers });
      trial.holds(again.token === first.token, 'the same exchange gives the same token');
      trial.holds(again.expiresAt === first.expiresAt, 'and it expires when it did');
      await exchangeInVain(trial, minted.sessionId);
      await exchangeInVain(trial, minted.sessionId, { headers: { 'Idempotency-Key': randomUUID() } });
      const other = (await mint(trial)).minted;
      trial.holds(
        (await exchange(trial, other.sessionId, { headers })).token !== first.token,
        'another id has its own',
      );
      await trial.call('portal.endSession', { authorization: `Bearer ${first.token}` }, { status: 200 });
      await exchangeInVain(trial, minted.sessionId, { headers });
    },
  },
  {
    operation,
    name: 'a failed exchange does not use up another session id',
    async run(trial) {
      const { minted } = await mint(trial);
      const last = minted.sessionId.at(-1) === 'a' ? 'b' : 'a';
      await exchangeInVain(trial, `${minted.sessionId.slice(0, -1)}${last}`);
      await exchange(trial, minted.sessionId);
    },
  },
  {
    operation,
    name: 'the browser session is valid for 24 hours by the clock of the server',
    async run(trial) {
      const { expiresAt, answer } = await enter(trial);
      const lifetime = expiresAt - clockOf(answer);
      const off = Math.abs(lifetime - daySeconds * 1000);
      trial.holds(off <= toleranceMs, `expiresAt is 86400 s from now, not ${lifetime / 1000} s`);
    },
  },
  {
    operation,
    name: 'the only cookie contains the token, is HttpOnly, for the whole site, and valid for 24 hours',
    async run(trial) {
      const { minted } = await mint(trial);
      const { token, answer } = await exchange(trial, minted.sessionId);
      const cookies = cookiesOf(answer).filter((line) => line.startsWith('portal_session='));
      trial.holds(cookies.length === 1, `portal_session is set once, not ${cookies.length} times`);
      const [line = ''] = cookies;
      trial.holds(line.split(';')[0] === `portal_session=${token}`, 'the cookie holds the token of the body');
      const attributes = attributesOf(line);
      trial.holds(attributes.has('httponly'), 'the cookie is HttpOnly');
      trial.holds(attributes.get('samesite')?.toLowerCase() === 'lax', 'the cookie is SameSite=Lax');
      trial.holds(attributes.get('path') === '/', 'the cookie is for Path=/');
      trial.holds(attributes.get('max-age') === String(daySeconds), 'the cookie lives for Max-Age=86400');
      trial.holds(!attributes.has('domain'), 'the cookie is for this host alone');
      const https = minted.url.startsWith('https:');
      trial.holds(
        attributes.has('secure') === https,
        `the cookie is ${https ? '' : 'not '}Secure, as the portal is ${https ? 'https' : 'http'}`,
      );
    },
  },
  {
    operation,
    name: 'the link takes precedence over the cookie of an earlier user',
    async run(trial) {
      const earlier = await enter(trial, { externalId: 'earlier_user' });
      const { minted } = await mint(trial, { externalId: 'later_user' });
      const later = await exchange(trial, minted.sessionId, { cookie: earlier.token });
      trial.holds((await look(trial, later.token)).externalId === 'later_user', 'the link opens as later_user');
      trial.holds((await look(trial, earlier.token)).externalId === 'earlier_user', 'the earlier session is as it was');
    },
  },
  {
    operation,
    name: 'tokens are unique and differ from their session ids',
    async run(trial) {
      const ids = await Promise.all(Array.from({ length: 10 }, async () => (await mint(trial)).minted.sessionId));
      const tokens = await Promise.all(ids.map(async (id) => (await exchange(trial, id)).token));
      trial.holds(new Set(tokens).size === 10, 'of 10 tokens no two are the same');
      const secrets = [...ids, ...tokens].map((text) => text.slice(text.indexOf('_') + 1));
      trial.holds(new Set(secrets).size === 20, 'no token is made of its session id');
    },
  },
  {
    operation,
    name: 'a failure sets no cookie',
    async run(trial) {
      const answer = await exchangeInVain(trial, 'pst_unknownUnknownUnknownUnknownUnknown');
      trial.holds(cookiesOf(answer).length === 0, 'a refused exchange sets no cookie');
    },
  },
];

export default flows;
