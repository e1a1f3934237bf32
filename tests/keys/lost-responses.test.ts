/** A response that is lost: the connection is cut after Redis has the new key, before the client has read it. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { sharedServerTarget } from '../support/server-target.ts';

const target = await sharedServerTarget();
afterAll(() => target.stop());

interface NewKey {
  keyId: string;
  key: string;
}

/** A new user, and how they call the server. */
async function newUser() {
  const { apiId, token, rootKey } = await target.arrange('keyUser');
  const call = async <T>(operation: string, body: object, headers: Record<string, string> = {}, bearer = token) => {
    const request = { authorization: `Bearer ${bearer}`, body, headers };
    const { status, body: envelope } = await send(
      target.baseUrl,
      { method: 'post', path: `/v2/${operation}` },
      request,
    );
    expect([operation, status]).toEqual([operation, 200]);
    return (envelope as { data: T }).data;
  };
  const keys = () => call<{ keyId: string }[]>('portal.listKeys', {});

  /** Sends a request, reads nothing, and cuts the connection when the list of keys has grown. */
  async function lose(operation: string, body: object, headers: Record<string, string>): Promise<void> {
    const { length } = await keys();
    const { hostname, port } = new URL(target.baseUrl);
    const socket = connect(Number(port), hostname).pause();
    await once(socket, 'connect');
    const text = JSON.stringify(body);
    const head = { Host: 'x', Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers };
    const lines = Object.entries({ ...head, 'Content-Length': text.length }).map((field) => field.join(': '));
    socket.write([`POST /v2/${operation} HTTP/1.1`, ...lines, '', text].join('\r\n'));
    while ((await keys()).length === length) await new Promise((resolve) => setTimeout(resolve, 10));
    socket.destroy();
  }

  const codeOf = async (key: string) => (await call<{ code: string }>('keys.verifyKey', { key }, {}, rootKey)).code;
  return { apiId, call, keys, lose, codeOf };
}

test('createKey: the repeated request gets the key that exists, and it works', async () => {
  const { apiId, call, keys, lose, codeOf } = await newUser();
  const headers = { 'Idempotency-Key': randomUUID() };
  await lose('portal.createKey', { apiId }, headers);
  const { keyId, key } = await call<NewKey>('portal.createKey', { apiId }, headers);
  expect(await codeOf(key)).toBe('VALID');
  expect((await keys()).map((listed) => listed.keyId)).toEqual([keyId]);
});

test('rerollKey without an overlap: the repeated request gets the new key, and it works', async () => {
  const { apiId, call, keys, lose, codeOf } = await newUser();
  const old = await call<NewKey>('portal.createKey', { apiId });
  const headers = { 'Idempotency-Key': randomUUID() };
  const body = { keyId: old.keyId, expiration: 0 };
  await lose('portal.rerollKey', body, headers);
  expect(await codeOf(old.key)).toBe('EXPIRED');
  const { keyId, key } = await call<NewKey>('portal.rerollKey', body, headers);
  expect(await codeOf(key)).toBe('VALID');
  expect((await keys()).map((listed) => listed.keyId).sort()).toEqual([keyId, old.keyId].sort());
});
