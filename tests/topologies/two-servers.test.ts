/** Two servers on one Redis behave like one: a change on one server is visible on the other with the next call. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import { startPatientServer } from '../support/server.ts';
import { sharedServerTarget } from '../support/server-target.ts';
import { operate } from '../support/shared/client.ts';

const target = await sharedServerTarget();
const second = await startPatientServer({ PORT: '0', HOST: '127.0.0.1', ...target.redisEnv });
afterAll(async () => {
  await second.stop();
  await target.stop();
});
const { rootKey, slug } = await target.arrange('portal');
const operations = specOperations(await readSpec()).filter(({ security }) =>
  security.some((scheme) => 'rootKey' in scheme),
);

const servers = { one: target.baseUrl, other: second.url };
type Side = keyof typeof servers;
const sides: [Side, Side][] = [
  ['one', 'other'],
  ['other', 'one'],
];
const call = (side: Side, operation: string, body: unknown, bearer?: string): Promise<ApiResponse> =>
  send(
    servers[side],
    { method: 'post', path: `/v2/${operation}` },
    {
      body,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
  );
const dataOf = ({ body }: ApiResponse) => (body as { data: Record<string, string> }).data;
const statusOf = async (response: Promise<ApiResponse>) => (await response).status;

async function createSession(side: Side, bearer = rootKey): Promise<string> {
  const body = { slug, externalId: 'user_123', permissions: ['api.*.read_key'] };
  return String(dataOf(await call(side, 'portal.createSession', body, bearer))['sessionId']);
}
const exchange = (side: Side, sessionId: string) => call(side, 'portal.exchangeSession', { sessionId });

describe.each(sides)('%s, then the %s', (here, there) => {
  test('a session is created on one, exchanged on the other, read on one, ended on the other, and ended on both', async () => {
    const exchanged = await exchange(there, await createSession(here));
    expect(exchanged.status).toBe(200);
    const token = dataOf(exchanged)['token'];
    expect(await statusOf(call(here, 'portal.getSession', {}, token))).toBe(200);
    expect(await statusOf(call(there, 'portal.endSession', {}, token))).toBe(200);
    expect(await statusOf(call(here, 'portal.getSession', {}, token))).toBe(401);
  });

  test('servers share a rate limit, and a key deleted on one is not found on the other', async () => {
    const { token, apiKey, keyId } = await target.arrange('rateLimitedKey');
    const verify = async (side: Side) => dataOf(await call(side, 'keys.verifyKey', { key: apiKey }, rootKey))['code'];
    expect([await verify(here), await verify(there)]).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect(await statusOf(call(here, 'portal.deleteKey', { keyId }, token))).toBe(200);
    expect(await verify(there)).toBe('NOT_FOUND');
  });
});

describe('a root key that both servers have cached and that is then revoked', () => {
  let revoked = '';

  beforeAll(async () => {
    const own = ['--workspace', target.workspaceId];
    const made = await operate<{ rootKey: string; rootKeyId: string }>(target.redisEnv, 'root-key', 'create', ...own);
    const serve = (side: Side) => statusOf(call(side, 'portal.getConfiguration', { portal: slug }, made.rootKey));
    expect([await serve('one'), await serve('other')]).toEqual([200, 200]);
    await operate(target.redisEnv, 'root-key', 'revoke', '--yes', ...own, '--root-key-id', made.rootKeyId);
    revoked = made.rootKey;
  });

  test.each(operations)('is refused by both servers: $operationId', async ({ operationId, requestBody }) => {
    const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
    for (const side of ['one', 'other'] as const) {
      const { status, body } = await call(side, operationId, example?.value, revoked);
      const { type } = (body as { error: { type: string } }).error;
      expect([status, type]).toEqual([401, expect.stringMatching(/\/unkey\/authentication\/key_not_found$/)]);
    }
  });
});

test('a limit of 20 on a key lets exactly 20 of 100 concurrent verifications on both servers through', async () => {
  const { apiId, token } = await target.arrange('keyUser');
  const body = { apiId, ratelimit: { limit: 20, duration: 600_000 } };
  const { key } = dataOf(await call('one', 'portal.createKey', body, token));
  const attempts = Array.from({ length: 100 }, (_, i) =>
    call(i % 2 === 0 ? 'one' : 'other', 'keys.verifyKey', { key }, rootKey),
  );
  const verified = (await Promise.all(attempts)).map(
    ({ body }) => (body as { data: { code: string; ratelimit: { remaining: number } } }).data,
  );
  const valid = verified.filter(({ code }) => code === 'VALID').map(({ ratelimit }) => ratelimit.remaining);
  expect(valid.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(verified.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(80);
});

test('one of 200 exchanges of one id on both servers gets a session', async () => {
  const sessionId = await createSession('one');
  const attempts = Array.from({ length: 200 }, (_, i) => exchange(i % 2 === 0 ? 'one' : 'other', sessionId));
  const statuses = (await Promise.all(attempts)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, ...Array(199).fill(401)]);
});
