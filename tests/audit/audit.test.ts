/** What the server passes to the audit log: who called, from where, with which request, and how long it is stored. */
import { afterAll, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf, partitionsOf } from '../../src/server/store/partitions.ts';
import { sharedServerTarget } from '../support/server-target.ts';

const target = await sharedServerTarget({ AUDIT_MAX_AGE_DAYS: '2' });
afterAll(() => target.stop());
const { rootKey, slug } = await target.arrange('portal');
const { workspaceId, rootKeyId } = target;
/** The log of the control data, and those of the sessions. */
const streams = [keys.audit(workspaceId), ...partitionsOf(workspaceId).map(keys.sessionAudit)];

interface Entry {
  auditId: string;
  time: number;
  action: string;
  actor: { type: string; id?: string; externalId?: string };
  ip?: string;
  userAgent?: string;
  requestId?: string;
  resource: { type: string; id: string };
  before?: object;
  after?: object;
}

async function call<T>(
  operation: string,
  body: unknown,
  authorization = `Bearer ${rootKey}`,
): Promise<T & { pagination: { cursor?: string } }> {
  const headers = { 'User-Agent': `backend/1.0 ${rootKey}` };
  const request = { body, authorization, headers };
  const response = await send(target.baseUrl, { method: 'post', path: `/v2/${operation}` }, request);
  expect([operation, response.status, response.body]).toEqual([operation, 200, response.body]);
  return response.body as T & { pagination: { cursor?: string } };
}
const entries = async (filter: object) => (await call<{ data: Entry[] }>('auditLogs.listEntries', filter)).data;
const createSession = async (externalId: string) => {
  const body = { slug, externalId, permissions: ['api.*.read_key'] };
  return call<{ meta: { requestId: string }; data: { sessionId: string } }>('portal.createSession', body);
};

test('the log records who created, exchanged, ended and revoked a session', async () => {
  const createdSession = await createSession('audited-user');
  const { sessionId } = createdSession.data;
  const {
    data: { token },
  } = await call<{ data: { token: string } }>('portal.exchangeSession', { sessionId }, '');
  const [listed] = (await call<{ data: { handle: string }[] }>('portal.listSessions', { externalId: 'audited-user' }))
    .data;
  const handle = String(listed?.handle);
  await call('portal.endSession', {}, `Bearer ${token}`);
  await createSession('audited-user');
  await call('portal.revokeSessions', { externalId: 'audited-user' });

  const [ended, exchanged, created] = await entries({ resourceId: handle });
  expect(created).toMatchObject({
    action: 'session.create',
    actor: { type: 'root_key', id: rootKeyId },
    ip: expect.stringMatching(/127\.0\.0\.1$/),
    userAgent: 'backend/1.0 rk_[redacted]',
    requestId: createdSession.meta.requestId,
    after: { slug, externalId: 'audited-user', permissions: ['api.*.read_key'] },
  });
  const user = { type: 'user', id: handle, externalId: 'audited-user' };
  expect(exchanged).toMatchObject({ action: 'session.exchange', actor: user });
  expect(ended).toMatchObject({ action: 'session.end', actor: user });
  // Also what the root key did to the user.
  expect(await entries({ externalId: 'audited-user' })).toHaveLength(5);
  expect((await entries({ action: 'session.revoke' }))[0]).toMatchObject({ before: { externalId: 'audited-user' } });
  const ofUser = keys.sessionAudit(partitionOf({ workspaceId, externalId: 'audited-user' }));
  expect(await target.redis.ttl(ofUser)).toBeGreaterThan(2 * 86_400 - 60);
  // An hour more than the age: the log gets its lifetime again after an hour at most.
  expect(await target.redis.ttl(ofUser)).toBeLessThanOrEqual(2 * 86_400 + 3600);
});

test('the log contains no credential', async () => {
  const { sessionId } = (await createSession('secret')).data;
  const {
    data: { token },
  } = await call<{ data: { token: string } }>('portal.exchangeSession', { sessionId }, '');
  const logs = await Promise.all(streams.map((stream) => target.redis.xRange(stream, '-', '+')));
  const text = JSON.stringify(logs);
  expect(text.length).toBeGreaterThan(1000);
  for (const secret of [sessionId, token, rootKey]) expect(text).not.toContain(secret.slice(-32));
});
