import { randomUUID } from 'node:crypto';
import type { Flow } from '../engine/check.ts';
import { manage, type Page } from '../engine/root-key-steps.ts';
import { dataOf, enter, exchange, exchangeInVain, look, lookInVain, mint } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

/** What the operator sees and ends of the sessions of their users. */

interface Listed {
  handle: string;
  state: string;
  externalId: string;
  expiresAt: number;
}

const freshUser = () => `user-${randomUUID()}`;
const listOf = async (trial: Trial, externalId: string): Promise<Listed[]> =>
  ((await manage(trial, 'portal.listSessions', { externalId })).body as Page<Listed>).data;
const revoke = async (trial: Trial, whose: object): Promise<number> =>
  dataOf<{ revoked: number }>(await manage(trial, 'portal.revokeSessions', whose)).revoked;

const listing: Flow[] = [
  {
    operation: 'portal.listSessions',
    name: 'a session is pending after creation, active after the exchange with the same handle, and gone after logout',
    async run(trial) {
      const externalId = freshUser();
      const { minted } = await mint(trial, { externalId });
      const [pending, ...more] = await listOf(trial, externalId);
      trial.holds(more.length === 0, 'one session is listed');
      trial.holds(pending?.state === 'pending', `it is pending, not ${pending?.state}`);
      trial.holds(pending?.expiresAt === minted.expiresAt, 'expiresAt is what the mint said');
      const { token, expiresAt } = await exchange(trial, minted.sessionId);
      const [active] = await listOf(trial, externalId);
      trial.holds(active?.state === 'active', `it is active, not ${active?.state}`);
      trial.holds(active?.handle === pending?.handle, 'the handle has stayed');
      trial.holds(Math.abs(Number(active?.expiresAt) - expiresAt) <= 1000, 'expiresAt is what the exchange said');
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      trial.holds((await listOf(trial, externalId)).length === 0, 'nothing is listed any more');
    },
  },
  {
    operation: 'portal.listSessions',
    name: 'only sessions of the user are listed, newest first',
    async run(trial) {
      const externalId = freshUser();
      const other = `${externalId}-other`;
      await mint(trial, { externalId });
      await mint(trial, { externalId: other });
      await enter(trial, { externalId });
      const listed = await listOf(trial, externalId);
      trial.holds(
        String(listed.map(({ state }) => state)) === 'active,pending',
        'the active one, minted later, comes first',
      );
      trial.holds(
        listed.every((session) => session.externalId === externalId),
        'all are the user’s own',
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
      const [one, two] = [await enter(trial, { externalId }), await enter(trial, { externalId })];
      const [newest] = await listOf(trial, externalId);
      trial.holds((await revoke(trial, { handle: newest?.handle })) === 1, 'one was revoked');
      await lookInVain(trial, two.token);
      trial.holds((await look(trial, one.token)).externalId === externalId, 'the other lives');
      trial.holds((await revoke(trial, { handle: newest?.handle })) === 0, 'a second time none is');
    },
  },
  {
    operation: 'portal.revokeSessions',
    name: 'revoking by externalId ends all pending and active sessions of the user at once, and no others',
    async run(trial) {
      const externalId = freshUser();
      const other = await enter(trial, { externalId: `${externalId}-other` });
      const active = await enter(trial, { externalId });
      const { minted } = await mint(trial, { externalId });
      trial.holds((await revoke(trial, { externalId })) === 2, 'two were revoked');
      await lookInVain(trial, active.token);
      await exchangeInVain(trial, minted.sessionId);
      trial.holds((await listOf(trial, externalId)).length === 0, 'nothing is listed any more');
      trial.holds((await look(trial, other.token)).externalId !== externalId, 'the other user’s lives');
    },
  },
  {
    operation: 'portal.revokeSessions',
    name: 'revoking by slug ends all sessions of the portal at once, and new ones can be created',
    async run(trial) {
      const { slug } = await trial.arrange('freshPortal');
      const elsewhere = await enter(trial);
      const active = await enter(trial, { slug });
      const { minted } = await mint(trial, { slug });
      await revoke(trial, { slug });
      await lookInVain(trial, active.token);
      await exchangeInVain(trial, minted.sessionId);
      trial.holds((await look(trial, elsewhere.token)).externalId === 'user_123', 'a session of another portal lives');
      trial.holds(
        (await look(trial, (await enter(trial, { slug })).token)).portal.slug === slug,
        'a new session lives',
      );
    },
  },
];

const closing: Flow[] = [
  {
    operation: 'portal.updateConfiguration',
    name: 'disabling a portal ends its sessions, even if it is enabled again',
    async run(trial) {
      const { slug } = await trial.arrange('freshPortal');
      const active = await enter(trial, { slug });
      const { minted } = await mint(trial, { slug });
      await manage(trial, 'portal.updateConfiguration', { portal: slug, version: 1, enabled: false });
      const refused = { status: 403, error: 'unkey/authorization/forbidden' };
      await trial.call('portal.getSession', { authorization: `Bearer ${active.token}` }, refused);
      await manage(trial, 'portal.updateConfiguration', { portal: slug, version: 2, enabled: true });
      await lookInVain(trial, active.token);
      await exchangeInVain(trial, minted.sessionId);
    },
  },
  {
    operation: 'portal.deleteConfiguration',
    name: 'deleting a portal ends its sessions, even if the slug is used again',
    async run(trial) {
      const { slug } = await trial.arrange('freshPortal');
      const active = await enter(trial, { slug });
      const { minted } = await mint(trial, { slug });
      await manage(trial, 'portal.deleteConfiguration', { portal: slug });
      await manage(trial, 'portal.createConfiguration', { slug });
      await lookInVain(trial, active.token);
      await exchangeInVain(trial, minted.sessionId);
    },
  },
];

const repeating: Flow[] = [
  {
    operation: 'portal.createSession',
    name: 'a repeated request with one Idempotency-Key returns the same session, and a different request is refused',
    async run(trial) {
      const { slug } = await trial.arrange('portal');
      const key = { 'Idempotency-Key': randomUUID() };
      const body = { slug, externalId: freshUser(), permissions: ['api.*.read_key'] };
      const ask = async () =>
        dataOf<{ sessionId: string }>(await manage(trial, 'portal.createSession', body, { status: 200 }, key));
      const [first, again] = [await ask(), await ask()];
      trial.holds(first.sessionId === again.sessionId, 'the second answer is the first');
      const reused = { status: 422, error: 'user/idempotency/key_reused' };
      await manage(trial, 'portal.createSession', { ...body, preview: true }, reused, key);
      const { length } = await listOf(trial, body.externalId);
      trial.holds(length === 1, `one session was minted, not ${length}`);
    },
  },
  {
    operation: 'apis.createApi',
    name: 'among concurrent requests with one Idempotency-Key one creates an API, and the others get its response or 409',
    async run(trial) {
      const { rootKey } = await trial.arrange('portal');
      const headers = { 'Idempotency-Key': randomUUID() };
      const request = { authorization: `Bearer ${rootKey}`, body: { name: 'Payments' }, headers };
      const answers = await Promise.all(Array.from({ length: 10 }, () => trial.attempt('apis.createApi', request)));
      const made = answers
        .filter(({ status }) => status === 200)
        .map((answer) => dataOf<{ apiId: string }>(answer).apiId);
      trial.holds(new Set(made).size === 1, `one API was created, not ${new Set(made).size}`);
      trial.holds(
        answers.every(({ status }) => status === 200 || status === 409),
        'the others answer 409',
      );
    },
  },
  {
    operation: 'auditLogs.listEntries',
    name: 'the log records actions by resource with their request, and no credential',
    async run(trial) {
      const externalId = freshUser();
      const { minted, answer } = await mint(trial, { externalId });
      const [session] = await listOf(trial, externalId);
      const { token } = await exchange(trial, minted.sessionId);
      await trial.call('portal.endSession', { authorization: `Bearer ${token}` }, { status: 200 });
      const log = await manage(trial, 'auditLogs.listEntries', { resourceId: session?.handle });
      const entries = (log.body as Page<{ action: string; requestId?: string }>).data;
      const actions = entries.map(({ action }) => action).toReversed();
      trial.holds(
        String(actions) === 'session.create,session.exchange,session.end',
        `the actions are in the log, not ${actions}`,
      );
      const { requestId } = (answer.body as { meta: { requestId: string } }).meta;
      trial.holds(entries.at(-1)?.requestId === requestId, 'the entry of the mint names its request');
      const text = JSON.stringify(log.body);
      trial.holds(![minted.sessionId, token].some((secret) => text.includes(secret)), 'no credential is in the log');
    },
  },
];

export default [...listing, ...revoking, ...closing, ...repeating];
