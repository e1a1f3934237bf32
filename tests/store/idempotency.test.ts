/** A request with an Idempotency-Key: its work is done once, and its record belongs to the attempt that wrote it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { once as onceAs, type RepeatableRequest } from '../../src/server/domain/idempotency.ts';
import type { Store } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { interrupted, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const { store, redis, stop } = await openStore();
afterAll(stop);

const inProgress = { code: 'user/idempotency/request_in_progress' };
const reused = { code: 'user/idempotency/key_reused' };

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace(store);
});

let made = 0;
/** A new request, and the name of its record. */
function newRequest() {
  const key = `key ${++made}`;
  const { rootKey: caller, secret: credential, workspaceId } = workspace;
  const request = {
    operationId: 'apis.createApi',
    requestId: `req_${made}`,
    key,
    body: { a: 1, b: [{ c: 2, d: 3 }] },
    credential,
  };
  const record = keys.idempotency(workspaceId, `${caller.rootKeyId}:apis.createApi:${sha256(key)}`);
  return { request, record };
}
/** Does the work of the root key of the workspace. */
const once = <Response>(on: Store, request: RepeatableRequest, work: () => Promise<Response>) =>
  onceAs(on, workspace.rootKey, request, work);
const work = async () => ({ id: ++made });
const never = () => Promise.reject(new Error('the work runs twice'));

describe('the same key', () => {
  test('gets the first response again, for the same body in any order of its fields', async () => {
    const { request } = newRequest();
    const first = await once(store, request, work);
    expect(await once(store, { ...request, requestId: 'req_other' }, never)).toEqual(first);
    expect(await once(store, { ...request, body: { b: [{ d: 3, c: 2 }], a: 1 } }, never)).toEqual(first);
  });

  test.each([
    [{ a: 1 }],
    [{ a: 1, b: [{ c: 2, d: 4 }] }],
    [{ a: 1, b: { 0: { c: 2, d: 3 } } }],
    [{ a: '1', b: [{ c: 2, d: 3 }] }],
    [null],
  ])('is refused for the body %j', async (body) => {
    const { request } = newRequest();
    const first = await once(store, request, work);
    await expect(once(store, { ...request, body }, never)).rejects.toMatchObject(reused);
    expect(await once(store, request, never)).toEqual(first);
  });

  test('is refused while the first request is under way, and its work is not done', async () => {
    const { request } = newRequest();
    const first = await once(store, request, async () => {
      await expect(once(store, { ...request, requestId: 'req_2' }, never)).rejects.toMatchObject(inProgress);
      await expect(once(store, { ...request, body: 'other' }, never)).rejects.toMatchObject(inProgress);
      return work();
    });
    expect(await once(store, request, never)).toEqual(first);
  });

  test('is free again after work that failed, also for another body', async () => {
    const { request, record } = newRequest();
    await expect(once(store, request, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await redis.exists(record)).toBe(0);
    const other = { ...request, body: 'other' };
    const response = await once(store, other, work);
    expect(await once(store, other, never)).toEqual(response);
  });

  test('and its response are not in Redis in plain text', async () => {
    const { request, record } = newRequest();
    const key = 'plain key';
    const name = record.replace(sha256(request.key), sha256(key));
    await once(store, { ...request, key }, async () => ({ secret: 'plain response' }));
    const text = name + (await redis.get(name));
    expect(text.length).toBeGreaterThan(name.length + 'plain response'.length);
    expect(text).not.toContain('plain');
    expect(text).not.toContain(request.credential.slice(-32));
  });

  test('of a response that was sealed with another root key cannot be read', async () => {
    const { request } = newRequest();
    await once(store, request, work);
    const { secret } = await workspace.newRootKey();
    await expect(once(store, { ...request, credential: secret }, never)).rejects.toThrow();
  });
});

describe('a request that took longer than its marker lives', () => {
  test.each(['succeeds', 'fails'])('and %s then, leaves the record of the next request alone', async (end) => {
    const { request, record } = newRequest();
    let next: unknown;
    const first = once(store, request, async () => {
      await redis.del(record);
      next = await once(store, { ...request, requestId: 'req_next' }, work);
      if (end === 'fails') throw new Error('failed');
      return work();
    });
    const [outcome] = await Promise.allSettled([first]);
    expect(outcome).toMatchObject(
      end === 'fails' ? { reason: new Error('failed') } : { value: expect.not.objectContaining(next as object) },
    );
    expect(await once(store, request, never)).toEqual(next);
  });

  test('leaves no record if there is no next request', async () => {
    const { request, record } = newRequest();
    await once(store, request, () => redis.del(record));
    expect(await redis.exists(record)).toBe(0);
  });
});

describe('a record that cannot be written', () => {
  const unavailable = () => Promise.reject(new Error('unavailable'));

  test('does not hide the response', async () => {
    const { request } = newRequest();
    const racing = interrupted(store, 'idempotency', 'finish', unavailable);
    expect(await once(racing, request, async () => 'done')).toBe('done');
  });

  test('does not hide why the work failed', async () => {
    const { request } = newRequest();
    const racing = interrupted(store, 'idempotency', 'release', unavailable);
    await expect(once(racing, request, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(once(store, request, never)).rejects.toMatchObject(inProgress);
  });
});
