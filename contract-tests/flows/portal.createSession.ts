import type { Flow } from '../engine/check.ts';
import { clockOf, enter, exchange, look, mint } from '../engine/session-steps.ts';

const operation = 'portal.createSession';

/** The server's Date is to the second, and the answer takes its time. */
const toleranceMs = 3000;

const flows: Flow[] = [
  {
    operation,
    name: 'the session id is valid for 15 minutes by the clock of the server',
    async run(trial) {
      const { minted, answer } = await mint(trial);
      const lifetime = minted.expiresAt - clockOf(answer);
      trial.holds(Math.abs(lifetime - 900_000) <= toleranceMs, `expiresAt is 900 s from now, not ${lifetime / 1000} s`);
    },
  },
  {
    operation,
    name: 'the link contains the session id once, as its session parameter',
    async run(trial) {
      const { minted } = await mint(trial);
      const url = new URL(minted.url);
      trial.holds(
        url.searchParams.get('session') === minted.sessionId,
        'the parameter session of url is the session id',
      );
      trial.holds(minted.url.split(minted.sessionId).length === 2, 'the session id stands in url once');
      trial.holds(url.username === '' && url.hash === '', 'url has no user and no fragment');
    },
  },
  {
    operation,
    name: 'session ids are unique',
    async run(trial) {
      const ids = await Promise.all(Array.from({ length: 20 }, async () => (await mint(trial)).minted.sessionId));
      trial.holds(new Set(ids).size === 20, 'of 20 session ids no two are the same');
    },
  },
  {
    operation,
    name: 'the session has the requested user and permissions',
    async run(trial) {
      const asked = {
        externalId: `user ü ${Date.now()}`,
        permissions: ['api.api_1.create_key', 'api.*.read_analytics', 'other.thing.do'],
      };
      const { minted, facts } = await mint(trial, asked);
      const seen = await look(trial, (await exchange(trial, minted.sessionId)).token);
      trial.holds(
        seen.externalId === asked.externalId,
        `externalId is "${asked.externalId}", not "${seen.externalId}"`,
      );
      trial.holds(
        String(seen.permissions) === String(asked.permissions),
        `permissions are ${asked.permissions}, not ${seen.permissions}`,
      );
      trial.holds(seen.portal.slug === facts.slug, `portal.slug is "${facts.slug}", not "${seen.portal.slug}"`);
    },
  },
  {
    operation,
    name: 'a session is a preview only if that was requested',
    async run(trial) {
      for (const preview of [true, false, undefined]) {
        const { token } = await enter(trial, preview === undefined ? {} : { preview });
        const seen = (await look(trial, token)).preview;
        trial.holds(seen === (preview ?? false), `preview is ${preview ?? false}, not ${seen}`);
      }
    },
  },
];

export default flows;
