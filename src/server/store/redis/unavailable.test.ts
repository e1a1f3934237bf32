import { afterEach, expect, jest, test } from '@jest/globals';
import {
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ErrorReply,
  MaxCommandRedirectionsError,
  ReconnectStrategyError,
  RootNodesUnavailableError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
} from 'redis';
import { Problem } from '../../problem.ts';
import { deadline, isDemoted, isUnable, StoreUnavailable } from './unavailable.ts';

afterEach(() => {
  jest.useRealTimers();
});

const codes = ['LOADING', 'READONLY', 'CLUSTERDOWN', 'MASTERDOWN', 'TRYAGAIN', 'NOREPLICAS', 'OOM', 'MISCONF'];

test.each([...codes, 'NOAUTH', 'WRONGPASS', 'NOPERM'])('%s means that Redis cannot serve now', (code) => {
  expect(isUnable(new ErrorReply(`${code} for a reason`))).toBe(true);
  expect(isUnable(new ErrorReply(`ERR a script named ${code}`))).toBe(false);
  expect(isUnable(new ErrorReply(`${code}S is no code`))).toBe(false);
});

test.each([
  new AbortError(),
  new ClientClosedError(),
  new ClientOfflineError(),
  new ConnectionTimeoutError(),
  new DisconnectsClientError(),
  new MaxCommandRedirectionsError(5),
  new ReconnectStrategyError(new Error(), new Error()),
  new RootNodesUnavailableError(),
  new SocketClosedUnexpectedlyError(),
  new SocketTimeoutError(1),
  new TimeoutError(),
  Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
])('$constructor.name means that Redis cannot serve now', (error) => {
  expect(isUnable(error)).toBe(true);
});

test.each([
  ['a wrong command', new ErrorReply('ERR unknown command')],
  ['a wrong type', new ErrorReply('WRONGTYPE Operation against a key')],
  ['a fault of ours', new TypeError('x is undefined')],
  ['a problem, even with a code', new Problem('unkey/data/key_not_found')],
  ['no error', undefined],
])('%s does not', (_, error) => {
  expect(isUnable(error)).toBe(false);
});

test('only READONLY is a demotion', () => {
  expect(isDemoted(new ErrorReply("READONLY You can't write against a read only replica."))).toBe(true);
  expect(isDemoted(new ErrorReply('ERR READONLY'))).toBe(false);
  expect(isDemoted(new Error('READONLY'))).toBe(false);
});

test('StoreUnavailable asks to try again in a second, and has its reason for operators only', () => {
  const cause = new Error('the cause');
  const error = new StoreUnavailable('not every slot', cause);
  expect(error).toMatchObject({ status: 503, retryAfterMs: 1000, reason: 'not every slot' });
  expect(error.message).not.toContain('slot');
  expect(error.cause).toMatchObject({ message: 'not every slot', cause });
});

test('a deadline passes an outcome in time, and leaves no timer', async () => {
  jest.useFakeTimers();
  await expect(deadline(Promise.resolve('done'), 500)).resolves.toBe('done');
  await expect(deadline(Promise.reject(new Error('failed')), 500)).rejects.toThrow('failed');
  await jest.advanceTimersByTimeAsync(0);
  expect(jest.getTimerCount()).toBe(0);
});

test('a deadline ends at its time, and not before', async () => {
  jest.useFakeTimers();
  const seen: unknown[] = [];
  void deadline(new Promise(() => {}), 500).catch((error) => seen.push(error));
  await jest.advanceTimersByTimeAsync(499);
  expect(seen).toEqual([]);
  // One more for the look at what has arrived.
  await jest.advanceTimersByTimeAsync(1);
  await jest.advanceTimersByTimeAsync(1);
  expect(seen).toEqual([new TimeoutError('no answer within 500 ms')]);
});

test('a reply that arrived while the process was busy counts', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcome = deadline(promise, 500);
  jest.advanceTimersByTime(500);
  // The event loop reads sockets before it runs this.
  resolve('late, but there');
  await expect(outcome).resolves.toBe('late, but there');
});
