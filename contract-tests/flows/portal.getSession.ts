import type { Flow } from '../engine/check.ts';
import { dataOf, enter, exchange, look, mint, type SessionData } from '../engine/session-steps.ts';

const operation = 'portal.getSession';

/** Which tabs an action shows, beside the documentation that everyone sees. */
const tabsOfAction: Record<string, string[]> = {
  read_key: ['keys', 'docs'],
  create_key: ['keys', 'docs'],
  update_key: ['keys', 'docs'],
  delete_key: ['keys', 'docs'],
  read_analytics: ['analytics', 'docs'],
  something_else: ['docs'],
};

const seesTabs = async (trial: Parameters<Flow['run']>[0], permissions: string[], tabs: string[]) => {
  const seen = (await look(trial, (await enter(trial, { permissions })).token)).tabs;
  trial.holds(String(seen) === String(tabs), `${permissions} shows the tabs ${tabs}, not ${seen}`);
};

const flows: Flow[] = [
  ...Object.entries(tabsOfAction).map(
    ([action, tabs]): Flow => ({
      operation,
      name: `the action ${action} shows the tabs ${tabs.join(', ')}`,
      async run(trial) {
        await seesTabs(trial, [`api.*.${action}`], tabs);
        await seesTabs(trial, [`api.api_1.${action}`], tabs);
      },
    }),
  ),
  {
    operation,
    name: 'only the third segment of a permission decides the tabs',
    run: (trial) => seesTabs(trial, ['read_key.read_analytics.other'], ['docs']),
  },
  {
    operation,
    name: 'the order of the tabs is fixed and independent of the permissions',
    run: (trial) => seesTabs(trial, ['api.*.read_analytics', 'api.*.delete_key'], ['keys', 'analytics', 'docs']),
  },
  {
    operation,
    name: 'expiresAt equals that of the exchange, and getSession does not extend it',
    async run(trial) {
      const { token, expiresAt } = await enter(trial);
      await look(trial, token);
      const seen = (await look(trial, token)).expiresAt;
      trial.holds(Math.abs(seen - expiresAt) <= 1000, `expiresAt is ${expiresAt} to the second, not ${seen}`);
    },
  },
  {
    operation,
    name: 'the cookie and the bearer token return the same session',
    async run(trial) {
      const { token } = await enter(trial, { externalId: 'same_user' });
      const byBearer = await look(trial, token);
      const byCookie = dataOf<SessionData>(await trial.call(operation, { cookie: token }, { status: 200 }));
      trial.holds(JSON.stringify(byBearer) === JSON.stringify(byCookie), 'both answers are the same');
    },
  },
  {
    operation,
    name: 'the Authorization header takes precedence when both are valid',
    async run(trial) {
      const one = await enter(trial, { externalId: 'bearer_user' });
      const two = await enter(trial, { externalId: 'cookie_user' });
      const request = { authorization: `Bearer ${one.token}`, cookie: two.token };
      const seen = dataOf<SessionData>(await trial.call(operation, request, { status: 200 }));
      trial.holds(seen.externalId === 'bearer_user', `bearer_user is signed in, not ${seen.externalId}`);
    },
  },
  {
    operation,
    name: 'concurrent sessions of different users do not mix',
    async run(trial) {
      const users = Array.from({ length: 12 }, (_, i) => `user_${i}`);
      const minted = await Promise.all(
        users.map(async (externalId) => (await mint(trial, { externalId })).minted.sessionId),
      );
      const tokens = await Promise.all(minted.map(async (id) => (await exchange(trial, id)).token));
      const seen = await Promise.all(tokens.map(async (token) => (await look(trial, token)).externalId));
      trial.holds(String(seen) === String(users), `each token is its own user's: ${users}, not ${seen}`);
    },
  },
];

export default flows;
