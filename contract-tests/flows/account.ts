/** Flows of what users see and do in their account, and of the persons who share one. */

import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey, type Page } from '../engine/root-key-steps.ts';
import {
  cookiesOf,
  createSession,
  dataOf,
  expectExchangeRefused,
  expectSessionEnded,
  getSession,
  signIn,
} from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

interface Person {
  id: string;
  name?: string;
}

interface OwnSession {
  handle: string;
  current: boolean;
  actor?: Person;
}

interface OwnEntry {
  action: string;
  time: number;
  actor: { type: string; id?: string; handle?: string; person?: Person };
  ip?: string;
  before?: object;
  after?: object;
}

const permissions = ['api.*.read_key', 'portal.*.read_account'];
const ada = { id: 'person_7', name: 'Ada Lovelace' };
const freshUser = () => `user-${newId()}`;

async function own<Item>(trial: Trial, operation: string, token: string, body: object = {}): Promise<Item[]> {
  const response = await trial.call(operation, { authorization: `Bearer ${token}`, body }, { status: 200 });
  return (response.body as Page<Item>).data;
}
const sessionsOf = (trial: Trial, token: string) => own<OwnSession>(trial, 'portal.listUserSessions', token);
const entriesOf = (trial: Trial, token: string) => own<OwnEntry>(trial, 'portal.listAuditEntries', token);

/** Signs a user in to another portal of the workspace. */
async function signInElsewhere(trial: Trial, externalId: string) {
  const { slug } = await trial.arrange('freshPortalForSessions');
  return signIn(trial, { slug, externalId, permissions });
}

const people: Flow[] = [
  {
    operation: 'portal.createSession',
    name: 'the person of a session is shown by getSession, the lists of sessions and the audit log',
    async run(trial) {
      const externalId = freshUser();
      const { token } = await signIn(trial, { externalId, permissions, actor: { ...ada, name: ' Ada Lovelace ' } });
      const { actor } = await getSession(trial, token);
      trial.assert(JSON.stringify(actor) === JSON.stringify(ada), 'getSession has the person, with the stored name');
      const listed = await callWithRootKey(trial, 'portal.listSessions', { externalId });
      const [first] = (listed.body as Page<{ actor?: Person }>).data;
      trial.assert(first?.actor?.id === ada.id, 'listSessions has the person');
      const log = await callWithRootKey(trial, 'auditLogs.listEntries', { externalId });
      const entries = (log.body as Page<{ action: string; actor: { person?: Person } }>).data;
      const exchange = entries.find(({ action }) => action === 'session.exchange');
      trial.assert(exchange?.actor.person?.name === ada.name, 'the entry of the exchange has the person');
      trial.assert(
        entries.some(({ action }) => action === 'session.create'),
        'the entries of a user include those of the root key about them',
      );
    },
  },
];

const ownSessions: Flow[] = [
  {
    operation: 'portal.listUserSessions',
    name: 'a user sees their sessions in the portal with their persons, and no others',
    async run(trial) {
      const externalId = freshUser();
      await signIn(trial, { externalId: `${externalId}-other`, permissions });
      await signInElsewhere(trial, externalId);
      const { token } = await signIn(trial, { externalId, permissions, actor: ada });
      await createSession(trial, { externalId, permissions });
      const sessions = await sessionsOf(trial, token);
      trial.assert(sessions.length === 2, `two sessions are listed, not ${sessions.length}`);
      const [pending, active] = sessions;
      trial.assert(active?.current === true && active.actor?.id === ada.id, 'the calling session has its person');
      trial.assert(pending?.current === false && pending.actor === undefined, 'the other session has none');
    },
  },
  {
    operation: 'portal.endOtherSessions',
    name: 'the other sessions of the user in the portal end at once, and no others',
    async run(trial) {
      const externalId = freshUser();
      const stranger = await signIn(trial, { externalId: `${externalId}-other`, permissions });
      const elsewhere = await signInElsewhere(trial, externalId);
      const other = await signIn(trial, { externalId, permissions });
      const { token } = await signIn(trial, { externalId, permissions });
      const { created } = await createSession(trial, { externalId, permissions });
      const request = { authorization: `Bearer ${token}`, body: {} };
      const response = await trial.call('portal.endOtherSessions', request, { status: 200 });
      const { ended } = dataOf<{ ended: number }>(response);
      trial.assert(ended === 2, `two have ended, not ${ended}`);
      trial.assert(cookiesOf(response).length === 0, 'the cookie stays');
      await expectSessionEnded(trial, other.token);
      await expectExchangeRefused(trial, created.sessionId);
      for (const alive of [stranger.token, elsewhere.token, token]) await getSession(trial, alive);
      trial.assert((await sessionsOf(trial, token)).length === 1, 'the calling session is left');
    },
  },
  {
    operation: 'portal.endOtherSessions',
    name: 'with all, the calling session ends too',
    async run(trial) {
      const externalId = freshUser();
      const other = await signIn(trial, { externalId, permissions });
      const { token } = await signIn(trial, { externalId, permissions });
      const request = { authorization: `Bearer ${token}`, body: { all: true } };
      const { ended } = dataOf<{ ended: number }>(
        await trial.call('portal.endOtherSessions', request, { status: 200 }),
      );
      trial.assert(ended === 2, `two have ended, not ${ended}`);
      await expectSessionEnded(trial, other.token);
      await expectSessionEnded(trial, token);
    },
  },
];

const ownEntries: Flow[] = [
  {
    operation: 'portal.listAuditEntries',
    name: 'a user sees what happened in their account, without the credential and the address of the company',
    async run(trial) {
      const externalId = freshUser();
      const { token } = await signIn(trial, { externalId, permissions, actor: ada });
      const entries = await entriesOf(trial, token);
      const actions = entries.map(({ action }) => action);
      trial.assert(String(actions) === 'session.exchange,session.create', `the two entries, not ${actions}`);
      const [exchange, create] = entries;
      const [session] = await sessionsOf(trial, token);
      trial.assert(exchange?.actor.handle === session?.handle, 'the exchange names the session');
      trial.assert(exchange?.actor.person?.name === ada.name, 'and its person');
      trial.assert(create?.actor.type === 'root_key', 'the company created the session');
      trial.assert(create?.actor.id === undefined && create?.ip === undefined, 'its root key and address are hidden');
    },
  },
  {
    operation: 'portal.listAuditEntries',
    name: 'a user sees the fields that they changed, before and after',
    async run(trial) {
      const { token, keyId } = await trial.arrange('key');
      const change = { authorization: `Bearer ${token}`, body: { keyId, name: 'Renamed' } };
      await trial.call('portal.updateKey', change, { status: 200 });
      const [entry] = await entriesOf(trial, token);
      const { action, before, after } = entry ?? {};
      const seen = JSON.stringify([action, before, after]);
      const expected = JSON.stringify(['key.update', { name: 'Production' }, { name: 'Renamed' }]);
      trial.assert(seen === expected, `the entry is ${expected}, not ${seen}`);
    },
  },
  {
    operation: 'portal.listAuditEntries',
    name: 'a user sees no entries of other users, and none of other portals',
    async run(trial) {
      const externalId = freshUser();
      const { token } = await signIn(trial, { externalId, permissions });
      const before = (await entriesOf(trial, token)).length;
      const other = await signIn(trial, { externalId: `${externalId}-other`, permissions });
      await signInElsewhere(trial, externalId);
      const after = (await entriesOf(trial, token)).length;
      trial.assert(after === before, `${before} entries are listed, not ${after}`);
      const theirs = (await entriesOf(trial, other.token)).length;
      trial.assert(theirs === before, `the other user has as many of their own, not ${theirs}`);
    },
  },
  {
    operation: 'portal.listAuditEntries',
    name: 'a user finds the entries of a time',
    async run(trial) {
      const { token } = await signIn(trial, { externalId: freshUser(), permissions });
      const all = await entriesOf(trial, token);
      trial.assert(all.length === 2, `two entries are listed, not ${all.length}`);
      const [last, first] = all as [OwnEntry, OwnEntry];
      const count = async (window: object) =>
        (await own<OwnEntry>(trial, 'portal.listAuditEntries', token, window)).length;
      trial.assert((await count({ startTime: last.time + 1 })) === 0, 'no entry is later than the last one');
      trial.assert((await count({ endTime: first.time - 1 })) === 0, 'no entry is earlier than the first one');
      trial.assert((await count({ startTime: first.time, endTime: last.time })) === 2, 'both are between them');
    },
  },
];

export default [...people, ...ownSessions, ...ownEntries];
