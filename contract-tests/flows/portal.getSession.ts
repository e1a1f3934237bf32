import type { CaseResponse } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import { sessionCookies } from '../engine/send.ts';
import {
  cookiesOf,
  createSession,
  dataOf,
  exchangeSession,
  getSession,
  type SessionData,
  signIn,
} from '../engine/session-steps.ts';

const operation = 'portal.getSession';

/** The tabs of an action. Every user sees the docs tab. */
const tabsOfAction: Record<string, string[]> = {
  read_key: ['keys', 'docs'],
  create_key: ['keys', 'docs'],
  update_key: ['keys', 'docs'],
  delete_key: ['keys', 'docs'],
  read_analytics: ['analytics', 'docs'],
  read_account: ['docs', 'account'],
  something_else: ['docs'],
};

const expectTabs = async (trial: Parameters<Flow['run']>[0], permissions: string[], tabs: string[]) => {
  const seen = (await getSession(trial, (await signIn(trial, { permissions })).token)).tabs;
  trial.assert(String(seen) === String(tabs), `${permissions} shows the tabs ${tabs}, not ${seen}`);
};

const flows: Flow[] = [
  ...Object.entries(tabsOfAction).map(
    ([action, tabs]): Flow => ({
      operation,
      name: `the action ${action} shows the tabs ${tabs.join(', ')}`,
      values: tabs,
      async run(trial) {
        await expectTabs(trial, [`api.*.${action}`], tabs);
        await expectTabs(trial, [`api.api_1.${action}`], tabs);
      },
    }),
  ),
  {
    operation,
    name: 'only the third segment of a permission decides the tabs',
    run: (trial) => expectTabs(trial, ['read_key.read_analytics.other'], ['docs']),
  },
  {
    operation,
    name: 'the default order of the tabs is independent of the permissions',
    values: ['account'],
    run: (trial) =>
      expectTabs(
        trial,
        ['portal.*.read_account', 'api.*.read_analytics', 'api.*.delete_key'],
        ['keys', 'analytics', 'docs', 'account'],
      ),
  },
  {
    operation,
    name: 'the tabs are in the order of the portal, and the others come after them',
    async run(trial) {
      const slug = `portal-${newId()}`;
      const branding = { tabs: [{ tab: 'account' }, { tab: 'docs', label: 'Guide' }] };
      await callWithRootKey(trial, 'portal.createConfiguration', { slug, branding });
      const tabsOf = async (permissions: string[]) =>
        (await getSession(trial, (await signIn(trial, { slug, permissions })).token)).tabs.join();
      const all = await tabsOf(['portal.*.read_account', 'api.*.read_key', 'api.*.read_analytics']);
      trial.assert(all === 'account,docs,keys,analytics', `all tabs are in the order of the portal, not ${all}`);
      const some = await tabsOf(['api.*.read_key']);
      trial.assert(some === 'docs,keys', `the order shows no tab that the permissions do not show, not ${some}`);
    },
  },
  {
    operation,
    name: 'expiresAt equals that of the exchange, and getSession does not extend it',
    async run(trial) {
      const { token, expiresAt } = await signIn(trial);
      await getSession(trial, token);
      const seen = (await getSession(trial, token)).expiresAt;
      trial.assert(Math.abs(seen - expiresAt) <= 1000, `expiresAt is ${expiresAt} to the second, not ${seen}`);
    },
  },
  {
    operation,
    name: 'the cookie and the bearer token return the same session',
    async run(trial) {
      const { token } = await signIn(trial, { externalId: 'same_user' });
      const byBearer = await getSession(trial, token);
      const byCookie = dataOf<SessionData>(await trial.call(operation, { cookie: token }, { status: 200 }));
      trial.assert(JSON.stringify(byBearer) === JSON.stringify(byCookie), 'both responses are equal');
    },
  },
  {
    operation,
    name: 'the Authorization header takes precedence when both are valid',
    async run(trial) {
      const one = await signIn(trial, { externalId: 'bearer_user' });
      const two = await signIn(trial, { externalId: 'cookie_user' });
      const request = { authorization: `Bearer ${one.token}`, cookie: two.token };
      const seen = dataOf<SessionData>(await trial.call(operation, request, { status: 200 }));
      trial.assert(seen.externalId === 'bearer_user', `bearer_user is signed in, not ${seen.externalId}`);
    },
  },
  {
    operation,
    name: 'the session cookie is accepted with its prefix, and without it only if it was set without it',
    async run(trial) {
      const { token, response } = await signIn(trial);
      const set = cookiesOf(response).join();
      for (const name of sessionCookies) {
        const isAccepted = name.startsWith('__Host-') || set.startsWith(`${name}=`);
        const missing = { status: 401, error: 'unkey/authentication/portal_token_missing' };
        const promised = isAccepted ? { status: 200 } : missing;
        await trial.call(operation, { headers: { Cookie: `${name}=${token}` } }, promised);
      }
    },
  },
  {
    operation,
    name: 'of several session cookies, the one of an active session is used, and of several active sessions none',
    async run(trial) {
      const [one, two] = [
        await signIn(trial, { externalId: 'first_user' }),
        await signIn(trial, { externalId: 'second_user' }),
      ];
      // Without a cookie the check of the header fails, and this one is about tokens.
      const name = cookiesOf(one.response).join().split('=')[0] || sessionCookies[0];
      const unknown = 'ps_unknownUnknownUnknownUnknownUnknown';
      const send = (values: string[], promised: CaseResponse) =>
        trial.call(operation, { headers: { Cookie: values.map((value) => `${name}=${value}`).join('; ') } }, promised);
      for (const values of [
        [unknown, one.token],
        [one.token, unknown],
        [one.token, one.token],
        ['', 'nonsense', unknown, one.token],
      ]) {
        const { externalId } = dataOf<SessionData>(await send(values, { status: 200 }));
        trial.assert(externalId === 'first_user', 'the active session is that of first_user');
      }
      const refused = { status: 401, error: 'unkey/authentication/portal_session_not_found' };
      for (const values of [
        [one.token, two.token],
        [two.token, one.token],
        [unknown, two.token, 'nonsense', one.token],
      ])
        await send(values, refused);
    },
  },
  {
    operation,
    name: 'concurrent sessions of different users do not mix',
    async run(trial) {
      const users = Array.from({ length: 12 }, (_, i) => `user_${i}`);
      const created = await Promise.all(
        users.map(async (externalId) => (await createSession(trial, { externalId })).created.sessionId),
      );
      const tokens = await Promise.all(created.map(async (id) => (await exchangeSession(trial, id)).token));
      const seen = await Promise.all(tokens.map(async (token) => (await getSession(trial, token)).externalId));
      trial.assert(String(seen) === String(users), `each token is its own user's: ${users}, not ${seen}`);
    },
  },
];

export default flows;
