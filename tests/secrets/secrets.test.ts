/** No credential leaks: Redis contains hashes only, and neither the log nor a response repeats a credential. */
import { afterAll, expect, test } from '@jest/globals';
import type { CaseRequest } from '../../contract-tests/engine/case.ts';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { until } from '../support/redis.ts';
import { everythingIn } from '../support/redis-contents.ts';
import { startServerTarget } from '../support/server-target.ts';

const target = await startServerTarget();
afterAll(() => target.stop());

const call = (operation: string, request: CaseRequest): Promise<ApiResponse> =>
  send(target.baseUrl, { method: 'post', path: `/v2/${operation}` }, request);
const as = (credential: string | undefined) => ({ authorization: `Bearer ${credential}` });
const dataOf = <T>({ body }: ApiResponse) => (body as { data: T }).data;

/** Searches Redis, the log and the responses for the secret part of each credential, the end of its plaintext. */
async function expectNowhere(secrets: string[], secretLength: number, responses: ApiResponse[]): Promise<void> {
  const ids = responses.map(({ body }) => (body as { meta: { requestId: string } }).meta.requestId);
  // The server collects lines before it writes them.
  await until('the log has every call', async () => ids.every((id) => target.server.log().includes(id)));
  const places = {
    redis: await everythingIn(target),
    log: target.server.log(),
    responses: JSON.stringify(responses),
  };
  expect(places.redis.length).toBeGreaterThan(1000);
  for (const [place, text] of Object.entries(places)) {
    const found = secrets.filter((secret) => text.includes(secret.slice(-secretLength)));
    expect([place, found]).toEqual([place, []]);
  }
}

test('of a root key, a session id and a token', async () => {
  const { sessionId, rootKey, slug } = await target.arrange('session');
  const used = await target.arrange('browserSession');
  const failures = await Promise.all([
    call('portal.exchangeSession', { body: { sessionId: used.sessionId }, query: `?session=${sessionId}` }),
    call('portal.exchangeSession', { body: { sessionId: used.token } }),
    call(`portal.getSession/${used.token}`, {}),
    call('portal.createSession', as(used.token)),
    call('portal.createSession', { ...as(rootKey), body: { [sessionId]: rootKey, slug } }),
    call('portal.createSession', { ...as(rootKey), rawBody: `{"slug": ${sessionId}` }),
    call('portal.getSession', { cookie: sessionId }),
  ]);
  expect(failures.map(({ status }) => status)).toEqual([400, 401, 404, 401, 400, 400, 401]);
  await expectNowhere([sessionId, rootKey, used.token, used.sessionId], 32, failures);
});

test('of an API key', async () => {
  const { apiId, token, rootKey } = await target.arrange('keyUser');
  const body = { apiId, name: 'Secret', byteLength: 16 };
  // A repeated request gets the key again, and still nobody finds it.
  const headers = { 'Idempotency-Key': 'the same key for all of them' };
  const twice = async (operation: string, sent: object) => {
    const request = { ...as(token), headers, body: sent };
    const [first, second] = [await call(operation, request), await call(operation, request)];
    expect(dataOf(second)).toEqual(dataOf(first));
    return dataOf<{ keyId: string; key: string }>(first);
  };
  const { keyId, key } = await twice('portal.createKey', body);
  const rerolled = await twice('portal.rerollKey', { keyId, expiration: 0 });
  const responses = await Promise.all([
    call('keys.verifyKey', { ...as(rootKey), body: { key } }),
    call('portal.deleteKey', { ...as(token), body: { keyId: key } }),
    call('keys.verifyKey', { ...as(rootKey), body: { key, [key]: key } }),
    call('keys.verifyKeys', { ...as(rootKey), body: { keys: [{ key }, { key, apiId: key }] } }),
    call('keys.reportVerifications', { ...as(rootKey), headers, body: { verifications: [{ key, count: 1 }] } }),
    call('keys.verifyKey', { ...as(rootKey), body: { key: 'x'.repeat(513 - key.length) + key } }),
    call('portal.listKeys', { ...as(token), body: { search: key } }),
    call('portal.getSession', { ...as(key), body: {} }),
    call(`portal.getSession/${key}`, {}),
    call('keys.verifyKey', { ...as(key), body: { key } }),
    call('portal.listKeys', { ...as(token), body: {} }),
  ]);
  expect(responses.map(({ status }) => status)).toEqual([200, 400, 400, 400, 200, 400, 200, 401, 404, 401, 200]);
  await expectNowhere([key, rerolled.key, token], 18, responses);
});
