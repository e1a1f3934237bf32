/** An Idempotency-Key makes a retry safe: nothing is created twice, and nothing is stored in plain text. */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { sharedServerTarget } from '../support/server-target.ts';
import { operate } from '../support/shared/client.ts';

const target = await sharedServerTarget();
afterAll(() => target.stop());
const { rootKey, slug } = await target.arrange('portal');

const call = (
  operation: string,
  key: string,
  body: unknown,
  authorization = `Bearer ${rootKey}`,
): Promise<ApiResponse> =>
  send(
    target.baseUrl,
    { method: 'post', path: `/v2/${operation}` },
    { body, authorization, headers: { 'Idempotency-Key': key } },
  );
const codeOf = ({ body }: ApiResponse) => (body as { error?: { type: string } }).error?.type.split('/').at(-1);
const dataOf = ({ body }: ApiResponse) => (body as { data: Record<string, unknown> }).data;
const requestIdOf = ({ body }: ApiResponse) => (body as { meta: { requestId: string } }).meta.requestId;
const session = { slug, externalId: 'user_123', permissions: ['api.*.read_key'] };

/** The stored responses by key name. */
async function storedResponses(): Promise<Record<string, string>> {
  const names = await target.redis.keys(`portico:{${target.workspaceId}}:idempotency:*`);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, String(await target.redis.get(name))])));
}

test('the same request gets the same response with a new request id, in any order of fields', async () => {
  const key = randomUUID();
  const first = await call('portal.createSession', key, session);
  const again = await call('portal.createSession', key, Object.fromEntries(Object.entries(session).reverse()));
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(dataOf(again)).toEqual(dataOf(first));
  expect(requestIdOf(again)).not.toBe(requestIdOf(first));
});

test('another body is refused, and the first response is still returned', async () => {
  const key = randomUUID();
  const first = await call('apis.createApi', key, { name: 'Payments' });
  expect(codeOf(await call('apis.createApi', key, { name: 'Refunds' }))).toBe('key_reused');
  expect(dataOf(await call('apis.createApi', key, { name: 'Payments' }))).toEqual(dataOf(first));
});

test('a key belongs to one operation and one root key', async () => {
  const key = randomUUID();
  // Another root key of the same workspace: workspaces are apart anyway.
  const { rootKey: other } = await operate<{ rootKey: string }>(
    target.redisEnv,
    ...['root-key', 'create', '--workspace', target.workspaceId],
  );
  const responses = [
    await call('apis.createApi', key, { name: 'Payments' }),
    await call('portal.createConfiguration', key, { slug: `portal-${key}` }),
    await call('apis.createApi', key, { name: 'Payments' }, `Bearer ${other}`),
  ];
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(dataOf(responses[0] as ApiResponse)['apiId']).not.toBe(dataOf(responses[2] as ApiResponse)['apiId']);
});

test('a request that failed does not use up its key', async () => {
  const key = randomUUID();
  expect(codeOf(await call('portal.createConfiguration', key, { slug }))).toBe('portal_config_already_exists');
  expect((await call('portal.createConfiguration', key, { slug: `portal-${key}` })).status).toBe(200);
});

test('one of many concurrent requests runs; the others get its response or a 409', async () => {
  const key = randomUUID();
  const responses = await Promise.all(Array.from({ length: 50 }, () => call('apis.createApi', key, { name: 'Raced' })));
  const ids = responses.filter(({ status }) => status === 200).map((response) => dataOf(response)['apiId']);
  expect(new Set(ids).size).toBe(1);
  const refused = responses.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(codeOf)).size).toBeLessThanOrEqual(1);
  for (const response of refused) expect([response.status, codeOf(response)]).toEqual([409, 'request_in_progress']);
  const apis = await target.redis.hVals(`portico:{${target.workspaceId}}:apis`);
  expect(apis.filter((text) => text.includes('Raced'))).toHaveLength(1);
});

test('a response is stored for a day, and Redis contains neither it nor the key in plain text', async () => {
  const key = `secret-${randomUUID()}`;
  const { sessionId } = dataOf(await call('portal.createSession', key, session));
  const text = JSON.stringify(await storedResponses());
  expect(text).toContain('portal.createSession');
  for (const secret of [key, String(sessionId).slice(-32), rootKey.slice(-32), 'expiresAt'])
    expect(text).not.toContain(secret);
  for (const name of Object.keys(await storedResponses())) {
    expect(await target.redis.ttl(name)).toBeGreaterThan(86_000);
    expect(await target.redis.ttl(name)).toBeLessThanOrEqual(86_400);
  }
});
