/** The audit log contains every change and its actor, and no credential. It has a size limit and is read in pages. */
import { afterAll, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { startServerTarget } from '../support/server-target.ts';
import { operate } from '../support/shared/client.ts';

const target = await startServerTarget({ AUDIT_MAX_ENTRIES: '200', AUDIT_MAX_AGE_DAYS: '2' });
afterAll(() => target.stop());
const { rootKey, slug } = await target.arrange('portal');
const { workspaceId, rootKeyId } = target;
const stream = `portico:{${workspaceId}}:audit`;

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
  expect(await entries({ externalId: 'audited-user' })).toHaveLength(2);
  expect((await entries({ action: 'session.revoke' }))[0]).toMatchObject({ before: { externalId: 'audited-user' } });
});

test('an update is logged with the changed fields only, before and after', async () => {
  const { data: portal } = await call<{ data: { portalId: string } }>('portal.createConfiguration', {
    slug: 'audited',
    name: 'One',
  });
  await call('portal.updateConfiguration', { portal: 'audited', version: 1, name: 'Two' });
  await operate(target.redisEnv, 'portal', 'delete', '--workspace', workspaceId, '--slug', 'audited');
  const [deleted, updated, created] = await entries({ resourceId: portal.portalId });
  expect(created).toMatchObject({ action: 'portal.create', after: { slug: 'audited', name: 'One' } });
  expect(updated?.before).toEqual({ name: 'One', version: 1, updatedAt: expect.any(Number) });
  expect(updated?.after).toEqual({ name: 'Two', version: 2, updatedAt: expect.any(Number) });
  expect(deleted).toMatchObject({ action: 'portal.delete', actor: { type: 'cli' } });
  expect(deleted).not.toHaveProperty('requestId');
});

test('the log records the creation and revocation of root keys, and the workspace', async () => {
  const made = await operate<{ rootKeyId: string }>(target.redisEnv, 'root-key', 'create', '--workspace', workspaceId);
  await operate(target.redisEnv, 'root-key', 'revoke', '--workspace', workspaceId, '--root-key-id', made.rootKeyId);
  const actions = (await entries({ resourceId: made.rootKeyId })).map(({ action }) => action);
  expect(actions).toEqual(['root_key.revoke', 'root_key.create']);
  expect((await entries({ resourceId: workspaceId })).map(({ action }) => action)).toEqual(['workspace.create']);
});

test('a refused request writes no entry', async () => {
  const before = await target.redis.xLen(stream);
  const body = { slug: 'no-such-portal', externalId: 'x', permissions: ['api.*.read_key'] };
  await send(
    target.baseUrl,
    { method: 'post', path: '/v2/portal.createSession' },
    { body, authorization: `Bearer ${rootKey}` },
  );
  await call('portal.revokeSessions', { externalId: 'nobody' });
  expect(await target.redis.xLen(stream)).toBe(before);
});

test('pages stay in order while entries are written', async () => {
  for (let i = 0; i < 5; i++) await createSession(`paged-${i}`);
  const filter = { action: 'session.create', limit: 2 };
  const first = await call<{ data: Entry[] }>('auditLogs.listEntries', filter);
  await createSession('paged-late');
  const second = await call<{ data: Entry[] }>('auditLogs.listEntries', { ...filter, cursor: first.pagination.cursor });
  const names = [...first.data, ...second.data].map(({ after }) => (after as { externalId: string }).externalId);
  expect(names).toEqual(['paged-4', 'paged-3', 'paged-2', 'paged-1']);
  const [newest] = first.data;
  expect((await entries({ startTime: newest?.time, action: 'session.create', limit: 100 })).length).toBeGreaterThan(0);
  expect(await entries({ startTime: Date.now() + 60_000 })).toEqual([]);
  expect(await entries({ endTime: Date.now() - 60_000 })).toEqual([]);
});

test('the log is limited by length and age, and expires without new entries', async () => {
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 50 }, () => createSession('bulk')));
  // Redis trims whole nodes of 100 entries.
  expect(await target.redis.xLen(stream)).toBeLessThanOrEqual(300);
  expect(await target.redis.ttl(stream)).toBeGreaterThan(2 * 86_400 - 60);
  expect(await target.redis.ttl(stream)).toBeLessThanOrEqual(2 * 86_400);

  const old = (Date.now() - 3 * 86_400_000).toString();
  const other = (await target.arrange('foreignRootKey')).rootKey;
  const [key] = (await target.redis.keys('portico:*:audit')).filter((name) => name !== stream);
  await target.redis.del(String(key));
  await target.redis.xAdd(String(key), `${old}-1`, { entry: '{"action":"api.create"}' });
  expect((await call<{ data: Entry[] }>('auditLogs.listEntries', {}, `Bearer ${other}`)).data).toEqual([]);
});

test('the log contains no credential', async () => {
  const { sessionId } = (await createSession('secret')).data;
  const {
    data: { token },
  } = await call<{ data: { token: string } }>('portal.exchangeSession', { sessionId }, '');
  const text = JSON.stringify(await target.redis.xRange(stream, '-', '+'));
  expect(text.length).toBeGreaterThan(1000);
  for (const secret of [sessionId, token, rootKey]) expect(text).not.toContain(secret.slice(-32));
});
