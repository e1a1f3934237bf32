import type { Flow } from '../engine/check.ts';
import { cookiesOf, expectSessionEnded, getSession, signIn } from '../engine/session-steps.ts';

const operation = 'portal.endSession';
const notFound = { status: 401, error: 'unkey/authentication/portal_session_not_found' };

const flows: Flow[] = [
  {
    operation,
    name: 'logout by bearer token ends the session on the server for the cookie too',
    async run(trial) {
      const { token } = await signIn(trial);
      await trial.call(operation, { authorization: `Bearer ${token}` }, { status: 200 });
      await expectSessionEnded(trial, token);
    },
  },
  {
    operation,
    name: 'logout by cookie ends the session on the server for the bearer token too',
    async run(trial) {
      const { token } = await signIn(trial);
      await trial.call(operation, { cookie: token }, { status: 200 });
      await expectSessionEnded(trial, token);
    },
  },
  {
    operation,
    name: 'a second logout is refused',
    async run(trial) {
      const { token } = await signIn(trial);
      await trial.call(operation, { authorization: `Bearer ${token}` }, { status: 200 });
      await trial.call(operation, { authorization: `Bearer ${token}` }, notFound);
    },
  },
  {
    operation,
    name: 'logout ends only that session, not the others of the user',
    async run(trial) {
      const [one, two] = [await signIn(trial), await signIn(trial)];
      await trial.call(operation, { authorization: `Bearer ${one.token}` }, { status: 200 });
      trial.assert((await getSession(trial, two.token)).externalId === 'user_123', 'the other session is still active');
    },
  },
  {
    operation,
    name: 'logout clears the cookie at the path where it was set: Path=/',
    async run(trial) {
      const { token } = await signIn(trial);
      const [line = ''] = cookiesOf(await trial.call(operation, { cookie: token }, { status: 200 }));
      trial.assert(/; *path=\/(;|$)/i.test(line), 'the cleared cookie is for Path=/');
      trial.assert(/; *(expires=Thu, 01 Jan 1970|max-age=0)/i.test(line), 'the cleared cookie has expired');
    },
  },
];

export default flows;
