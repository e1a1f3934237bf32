import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey, type Page } from '../engine/root-key-steps.ts';
import {
  createSession,
  dataOf,
  exchangeSession,
  expectExchangeRefused,
  expectSessionEnded,
  getSession,
  signIn,
} from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** Flows of session management, idempotency and the audit log. */

interface Listed {
  handle: string;
  state: string;
  externalId: string;
  expiresAt: number;
}

interface Entry {
  auditId: string;
  action: string;
  time: number;
  actor: { id?: string; externalId?: string };
  subject?: { externalId: string };
}

const freshUser = () => `user-${newId()}`;
const listOf = async (trial: Trial, externalId: string): Promise<Listed[]> =>
  ((await callWithRootKey(trial, 'portal.listSessions', { externalId })).body as Page<Listed>).data;
const revoke = async (trial: Trial, whose: object): Promise<number> =>
  dataOf<{ revoked: number }>(await callWithRootKey(trial, 'portal.revokeSessions', whose)).revoked;

const listing: Flow[] = [
  {
    operation: 'portal.listSessions',
    name: 'a session is pending after creation, active after the exchange with the same handle, and gone after logout',
    async run(trial) {
      const externalId = freshUser();
      const { created } = await createSession(trial, { externalId });
      const [pending, ...more] = await listOf(trial, externalId);
      trial.assert(more.length === 0, 'one session is listed');
      trial.assert(pending?.state === 'pending', `it is pending, not ${pending?.state}`);
      trial.assert(pending?.expiresAt === created.expiresAt, 'expiresAt equals that of createSession');
      const { token, expiresAt } = await exchangeSession(trial, created.sessionId);
      const [active] = await listOf(trial, externalId);
      trial.assert(active?.state === 'active', `it is active, not ${active?.state}`);
      trial.assert(active?.handle === pending?.handle, 'the handle is unchanged');
      trial.assert(Math.abs(Number(active?.expiresAt) - expiresAt) <= 1000, 'expiresAt equals that of the exchange');
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      trial.assert((await listOf(trial, externalId)).length === 0, 'no session is listed');
    },
  },
  {
    operation: 'portal.listSessions',
    name: 'only sessions of the user are listed, newest first',
    async run(trial) {
      const externalId = freshUser();
      const other = `${externalId}-other`;
      await createSession(trial, { externalId });
      await createSession(trial, { externalId: other });
      await signIn(trial, { externalId });
      const listed = await listOf(trial, externalId);
      trial.assert(
        String(listed.map(({ state }) => state)) === 'active,pending',
        'the active session, created later, is first',
      );
      trial.assert(
        listed.every((session) => session.externalId === externalId),
        'all sessions belong to the user',
      );
    },
  },
];

const revoking: Flow[] = [
  {
    operation: 'portal.revokeSessions',
    name: 'revoking by handle ends one session at once, and the others of the user stay active',
    async run(trial) {
      const externalId = freshUser();
      const [one, two] = [await signIn(trial, { externalId }), await signIn(trial, { externalId })];
      const [newest] = await listOf(trial, externalId);
      trial.assert((await revoke(trial, { handle: newest?.handle })) === 1, 'one was revoked');
      await expectSessionEnded(trial, two.token);
      trial.assert((await getSession(trial, one.token)).externalId === externalId, 'the other session is still active');
      trial.assert((await revoke(trial, { handle: newest?.handle })) === 0, 'a second call revokes none');
    },
  },
  {
    operation: 'portal.revokeSessions',
    name: 'revoking by externalId ends all pending and active sessions of the user at once, and no others',
    async run(trial) {
      const externalId = freshUser();
      const other = await signIn(trial, { externalId: `${externalId}-other` });
      const active = await signIn(trial, { externalId });
      const { created } = await createSession(trial, { externalId });
      trial.assert((await revoke(trial, { externalId })) === 2, 'two were revoked');
      await expectSessionEnded(trial, active.token);
      await expectExchangeRefused(trial, created.sessionId);
      trial.assert((await listOf(trial, externalId)).length === 0, 'no session is listed');
      trial.assert(
        (await getSession(trial, other.token)).externalId !== externalId,
        'the session of the other user is still active',
      );
    },
  },
  {
    operation: 'portal.revokeSessions',
    name: 'revoking by slug ends all sessions of the portal at once, and new ones can be created',
    async run(trial) {
      const { slug } = await trial.arrange('freshPortalForSessions');
      const elsewhere = await signIn(trial);
      const active = await signIn(trial, { slug });
      const { created } = await createSession(trial, { slug });
      await revoke(trial, { slug });
      await expectSessionEnded(trial, active.token);
      await expectExchangeRefused(trial, created.sessionId);
      trial.assert(
        (await getSession(trial, elsewhere.token)).externalId === 'user_123',
        'a session of another portal is still active',
      );
      trial.assert(
        (await getSession(trial, (await signIn(trial, { slug })).token)).portal.slug === slug,
        'a new session is active',
      );
    },
  },
];

const closing: Flow[] = [
  {
    operation: 'portal.updateConfiguration',
    name: 'disabling a portal ends its sessions, even if it is enabled again',
    async run(trial) {
      const { slug } = await trial.arrange('freshPortalForSessions');
      const active = await signIn(trial, { slug });
      const { created } = await createSession(trial, { slug });
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal: slug, version: 1, enabled: false });
      const refused = { status: 403, error: 'unkey/authorization/forbidden' };
      await trial.call('portal.getSession', { authorization: `Bearer ${active.token}` }, refused);
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal: slug, version: 2, enabled: true });
      await expectSessionEnded(trial, active.token);
      await expectExchangeRefused(trial, created.sessionId);
    },
  },
  {
    operation: 'portal.deleteConfiguration',
    name: 'deleting a portal ends its sessions, even if the slug is used again',
    async run(trial) {
      const { slug } = await trial.arrange('freshPortalForSessions');
      const active = await signIn(trial, { slug });
      const { created } = await createSession(trial, { slug });
      await callWithRootKey(trial, 'portal.deleteConfiguration', { portal: slug });
      await callWithRootKey(trial, 'portal.createConfiguration', { slug });
      await expectSessionEnded(trial, active.token);
      await expectExchangeRefused(trial, created.sessionId);
    },
  },
];

/** Sends a request for a session twice with one Idempotency-Key, and returns its body and its key. */
async function createTwice(trial: Trial) {
  const { slug } = await trial.arrange('portal');
  const key = { 'Idempotency-Key': newId() };
  const body = { slug, externalId: freshUser(), permissions: ['api.*.read_key'] };
  const create = async () =>
    dataOf<{ sessionId: string }>(await callWithRootKey(trial, 'portal.createSession', body, { status: 200 }, key));
  const [first, again] = [await create(), await create()];
  trial.assert(first.sessionId === again.sessionId, 'the second response has the session of the first');
  return { body, key };
}

// What a repeat returns is a flow of its own: a server without the operations that show its effect can be judged by it.
const repeating: Flow[] = [
  {
    operation: 'portal.createSession',
    name: 'a repeated request with one Idempotency-Key returns the same session, and a different request is refused',
    async run(trial) {
      const { body, key } = await createTwice(trial);
      const reused = { status: 422, error: 'user/idempotency/key_reused' };
      await callWithRootKey(trial, 'portal.createSession', { ...body, preview: true }, reused, key);
    },
  },
  {
    operation: 'portal.createSession',
    name: 'a repeated request with one Idempotency-Key creates one session',
    async run(trial) {
      const { body } = await createTwice(trial);
      const { length } = await listOf(trial, body.externalId);
      trial.assert(length === 1, `one session was created, not ${length}`);
    },
  },
  {
    operation: 'apis.createApi',
    name: 'among concurrent requests with one Idempotency-Key one creates an API, and the others get its response or 409',
    async run(trial) {
      const { rootKey } = await trial.arrange('portal');
      const headers = { 'Idempotency-Key': newId() };
      const request = { authorization: `Bearer ${rootKey}`, body: { name: 'Payments' }, headers };
      const responses = await Promise.all(Array.from({ length: 10 }, () => trial.attempt('apis.createApi', request)));
      const made = responses
        .filter(({ status }) => status === 200)
        .map((response) => dataOf<{ apiId: string }>(response).apiId);
      trial.assert(new Set(made).size === 1, `one API was created, not ${new Set(made).size}`);
      trial.assert(
        responses.every(({ status }) => status === 200 || status === 409),
        'the others return 409',
      );
    },
  },
  {
    operation: 'auditLogs.listEntries',
    name: 'the log records actions by resource with their request, and no credential',
    async run(trial) {
      const externalId = freshUser();
      const { created, response } = await createSession(trial, { externalId });
      const [session] = await listOf(trial, externalId);
      const { token } = await exchangeSession(trial, created.sessionId);
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      const log = await callWithRootKey(trial, 'auditLogs.listEntries', { resourceId: session?.handle });
      const entries = (log.body as Page<{ action: string; requestId?: string }>).data;
      const actions = entries.map(({ action }) => action).toReversed();
      trial.assert(
        String(actions) === 'session.create,session.exchange,session.end',
        `the actions are in the log, not ${actions}`,
      );
      const { requestId } = (response.body as { meta: { requestId: string } }).meta;
      trial.assert(entries.at(-1)?.requestId === requestId, 'the entry of createSession has its request id');
      const text = JSON.stringify(log.body);
      trial.assert(![created.sessionId, token].some((secret) => text.includes(secret)), 'no credential is in the log');
    },
  },
  {
    operation: 'auditLogs.listEntries',
    name: 'each filter finds the entries that have its value, and no others',
    async run(trial) {
      const externalId = freshUser();
      const { created } = await createSession(trial, { externalId });
      const [session] = await listOf(trial, externalId);
      const { token } = await exchangeSession(trial, created.sessionId);
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      const ofSession = { resourceId: session?.handle };
      const entries = async (filter: object) =>
        ((await callWithRootKey(trial, 'auditLogs.listEntries', { ...ofSession, ...filter })).body as Page<Entry>).data;
      const all = await entries({});
      trial.assert(all.length === 3, `the log has three entries of the session, not ${all.length}`);
      const [last, first] = [all[0], all.at(-1)] as [Entry, Entry];
      const found = async (filter: object, wanted: (entry: Entry) => boolean) => {
        const [seen, expected] = [await entries(filter), all.filter(wanted)].map((list) =>
          list.map(({ auditId }) => auditId).join(),
        );
        trial.assert(seen === expected, `${JSON.stringify(filter)} finds ${expected}, not ${seen}`);
      };
      await found({ action: 'session.exchange' }, ({ action }) => action === 'session.exchange');
      await found({ actorId: first.actor.id }, ({ actor }) => actor.id === first.actor.id);
      // An entry has a subject only since the contract after 0.1.0.
      await found({ externalId }, ({ actor, subject }) => (subject ?? actor).externalId === externalId);
      await found({ externalId: freshUser() }, () => false);
      await found({ startTime: last.time + 1 }, () => false);
      await found({ endTime: first.time - 1 }, () => false);
      await found({ startTime: first.time, endTime: last.time }, () => true);
    },
  },
];

export default [...listing, ...revoking, ...closing, ...repeating];
