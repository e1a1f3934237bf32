import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ErrorReply, TimeoutError } from 'redis';
import { heartbeat } from './heartbeat.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Starts a heartbeat of clients with these replies to PING. `seen` has its outcome, once it has stopped. */
function beat(...replies: (() => Promise<unknown>)[]) {
  const clients = replies.map((reply) => ({ ping: jest.fn(reply), destroy: jest.fn() }));
  const seen: { stopped?: Error } = {};
  void heartbeat(() => clients.map((client) => Promise.resolve(client))).then((because) => {
    seen.stopped = because;
  });
  return { clients, seen };
}

const pong = async () => 'PONG';
const silence = () => new Promise(() => {});

test('pings every client each 300 ms', async () => {
  const { clients, seen } = beat(pong, pong);
  const pings = () => clients.map(({ ping }) => ping.mock.calls.length);
  await jest.advanceTimersByTimeAsync(299);
  expect(pings()).toEqual([0, 0]);
  await jest.advanceTimersByTimeAsync(1);
  expect(pings()).toEqual([1, 1]);
  await jest.advanceTimersByTimeAsync(3000);
  expect(pings()).toEqual([11, 11]);
  expect(seen).toEqual({});
});

test('a refusal is a reply: the client stays, and is pinged again', async () => {
  const { clients, seen } = beat(async () => {
    throw new ErrorReply('NOPERM this user has no permissions to run the ping command');
  });
  await jest.advanceTimersByTimeAsync(900);
  expect(clients[0]?.ping).toHaveBeenCalledTimes(3);
  expect(clients[0]?.destroy).not.toHaveBeenCalled();
  expect(seen).toEqual({});
});

test('a client that does not reply within 500 ms is destroyed, and the others are not', async () => {
  const { clients, seen } = beat(pong, silence);
  await jest.advanceTimersByTimeAsync(300 + 499);
  expect(seen).toEqual({});
  await jest.advanceTimersByTimeAsync(2);
  expect(seen.stopped).toBeInstanceOf(TimeoutError);
  expect(clients.map(({ destroy }) => destroy.mock.calls.length)).toEqual([0, 1]);
  await jest.advanceTimersByTimeAsync(3000);
  expect(clients[0]?.ping).toHaveBeenCalledTimes(1);
});

test('an error of the connection stops it with the cause', async () => {
  const { clients, seen } = beat(async () => {
    throw new Error('socket closed');
  });
  await jest.advanceTimersByTimeAsync(300);
  expect(seen.stopped?.message).toBe('socket closed');
  expect(clients[0]?.destroy).toHaveBeenCalledTimes(1);
});

test('a client that cannot even be opened stops it', async () => {
  const seen: { stopped?: Error } = {};
  const never = Promise.reject(new Error('unreachable'));
  never.catch(() => {});
  void heartbeat(() => [never]).then((because) => {
    seen.stopped = because;
  });
  await jest.advanceTimersByTimeAsync(300);
  expect(seen.stopped?.message).toBe('unreachable');
});

test('a list of clients that fails stops it', async () => {
  const stopped = heartbeat(() => {
    throw new Error('the cluster is closed');
  });
  await jest.advanceTimersByTimeAsync(300);
  expect((await stopped).message).toBe('the cluster is closed');
});
