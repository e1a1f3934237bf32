import type { Flow } from '../engine/check.ts';
import { clockOf, createSession, exchangeSession, getSession, signIn, urlIn } from '../engine/session-steps.ts';

const operation = 'portal.createSession';

/** The server's Date has a precision of 1 s, and the response takes time. */
const toleranceMs = 10_000;

const flows: Flow[] = [
  {
    operation,
    name: 'the session id is valid for 15 minutes by the clock of the server',
    async run(trial) {
      const { created, response } = await createSession(trial);
      const lifetime = created.expiresAt - clockOf(response);
      trial.assert(
        Math.abs(lifetime - 900_000) <= toleranceMs,
        `expiresAt is 900 s from now, not ${lifetime / 1000} s`,
      );
    },
  },
  {
    operation,
    name: 'the link contains the session id once, as its session parameter',
    async run(trial) {
      const { created } = await createSession(trial);
      const url = urlIn(trial, created.url);
      trial.assert(
        url.searchParams.get('session') === created.sessionId,
        'the parameter session of url is the session id',
      );
      trial.assert(created.url.split(created.sessionId).length === 2, 'url contains the session id once');
      trial.assert(url.username === '' && url.hash === '', 'url has no user and no fragment');
    },
  },
  {
    operation,
    name: 'session ids are unique',
    async run(trial) {
      const ids = await Promise.all(
        Array.from({ length: 20 }, async () => (await createSession(trial)).created.sessionId),
      );
      trial.assert(new Set(ids).size === 20, 'all 20 session ids differ');
    },
  },
  {
    operation,
    name: 'the session has the requested user and permissions',
    async run(trial) {
      const wanted = {
        externalId: `user ü ${Date.now()}`,
        permissions: ['api.api_1.create_key', 'api.*.read_analytics', 'other.thing.do'],
      };
      const { created, fixture } = await createSession(trial, wanted);
      const seen = await getSession(trial, (await exchangeSession(trial, created.sessionId)).token);
      trial.assert(
        seen.externalId === wanted.externalId,
        `externalId is "${wanted.externalId}", not "${seen.externalId}"`,
      );
      trial.assert(
        String(seen.permissions) === String(wanted.permissions),
        `permissions are ${wanted.permissions}, not ${seen.permissions}`,
      );
      trial.assert(seen.portal.slug === fixture.slug, `portal.slug is "${fixture.slug}", not "${seen.portal.slug}"`);
    },
  },
  {
    operation,
    name: 'a session is a preview only if that was requested',
    async run(trial) {
      for (const preview of [true, false, undefined]) {
        const { token } = await signIn(trial, preview === undefined ? {} : { preview });
        const seen = (await getSession(trial, token)).preview;
        trial.assert(seen === (preview ?? false), `preview is ${preview ?? false}, not ${seen}`);
      }
    },
  },
  {
    operation,
    name: 'a session has the requested locale, in its canonical form, and the requested tab',
    async run(trial) {
      const permissions = ['api.*.read_key', 'api.*.read_analytics'];
      const seen = await getSession(trial, (await signIn(trial, { permissions, locale: 'PT-br', tab: 'docs' })).token);
      trial.assert(seen.locale === 'pt-BR', `locale is "pt-BR", not "${seen.locale}"`);
      trial.assert(seen.tab === 'docs', `tab is "docs", not "${seen.tab}"`);
      const plain = await getSession(trial, (await signIn(trial, { permissions })).token);
      trial.assert(!('locale' in plain) && !('tab' in plain), 'a session without them has neither');
    },
  },
];

export default flows;
