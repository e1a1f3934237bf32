import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Connection } from './connection.ts';
import { stayConnected } from './stay-connected.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A connection that the test loses. */
function connection() {
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  return { lost, lose, close: jest.fn(async () => {}), destroy: jest.fn() };
}
type Fake = ReturnType<typeof connection>;

/** Stays connected by connections that the test opens or refuses. */
function staying() {
  const attempts: (PromiseWithResolvers<Fake> & { before: unknown })[] = [];
  const events: string[] = [];
  const lasting = stayConnected<Connection>(
    (before) => {
      const attempt = { ...Promise.withResolvers<Fake>(), before };
      attempts.push(attempt);
      return attempt.promise as never;
    },
    { onError: ({ message }) => void events.push(message), onReady: () => void events.push('ready') },
  );
  const tick = () => jest.advanceTimersByTimeAsync(0);
  return {
    ...lasting,
    attempts,
    events,
    async refuse(message = 'refused') {
      attempts.at(-1)?.reject(new Error(message));
      await tick();
    },
    async open(next = connection()) {
      attempts.at(-1)?.resolve(next);
      await tick();
      return next;
    },
    async lose(lost: Fake, message = 'lost') {
      lost.lose(new Error(message));
      await tick();
    },
  };
}

test('the delay before the next attempt doubles from 25 ms up to 500 ms', async () => {
  const { attempts, events, refuse } = staying();
  const delays = [25, 50, 100, 200, 400, 500, 500];
  for (const [i, ms] of delays.entries()) {
    await refuse();
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(attempts).toHaveLength(i + 1);
    await jest.advanceTimersByTimeAsync(1);
    expect(attempts).toHaveLength(i + 2);
  }
  expect(events).toEqual(delays.map(() => 'refused'));
});

test.each([
  [1000, 100],
  [1001, 25],
])('after a connection of %i ms, the third attempt that follows a failure waits %i ms', async (lifeMs, ms) => {
  const { attempts, refuse, open, lose } = staying();
  await refuse();
  await jest.advanceTimersByTimeAsync(25);
  await refuse();
  await jest.advanceTimersByTimeAsync(50);
  const opened = await open();
  await jest.advanceTimersByTimeAsync(lifeMs);
  await lose(opened);
  await jest.advanceTimersByTimeAsync(ms - 1);
  expect(attempts).toHaveLength(3);
  await jest.advanceTimersByTimeAsync(1);
  expect(attempts).toHaveLength(4);
});

test('a lost connection stays the current one until the next is open', async () => {
  const { attempts, events, current, open, lose } = staying();
  expect(current()).toBeUndefined();
  const first = await open();
  expect(current()).toBe(first);
  await lose(first);
  await jest.advanceTimersByTimeAsync(25);
  expect(attempts[1]?.before).toBe(first);
  expect(current()).toBe(first);
  expect(first.close).not.toHaveBeenCalled();
  first.close.mockRejectedValue(new Error('already closed'));
  const second = await open();
  expect(current()).toBe(second);
  expect(first.close).toHaveBeenCalledTimes(1);
  expect(events).toEqual(['ready', 'lost', 'ready']);
});

test('renew replaces a connection that is not lost', async () => {
  const { attempts, events, current, renew, open } = staying();
  const first = await open();
  renew(new Error('READONLY'));
  await jest.advanceTimersByTimeAsync(25);
  expect(attempts).toHaveLength(2);
  const second = await open();
  expect(current()).toBe(second);
  expect(first.close).toHaveBeenCalledTimes(1);
  expect(events).toEqual(['ready', 'READONLY', 'ready']);
});

test.each(['open', 'refuse'] as const)('tried resolves at the end of the first attempt, here: %s', async (end) => {
  const lasting = staying();
  let tried = false;
  void lasting.tried.then(() => {
    tried = true;
  });
  await jest.advanceTimersByTimeAsync(5000);
  expect(tried).toBe(false);
  await lasting[end]();
  expect(tried).toBe(true);
});

test('close closes the current connection, and its end is no error', async () => {
  const { attempts, events, open, lose, close } = staying();
  const opened = await open();
  await close();
  expect(opened.close).toHaveBeenCalledTimes(1);
  await lose(opened);
  await jest.advanceTimersByTimeAsync(5000);
  expect(attempts).toHaveLength(1);
  expect(events).toEqual(['ready']);
});

test('a connection that opens after close is destroyed', async () => {
  const { attempts, events, current, open, close } = staying();
  await close();
  const late = await open();
  expect(late.destroy).toHaveBeenCalledTimes(1);
  expect(current()).toBeUndefined();
  await jest.advanceTimersByTimeAsync(5000);
  expect(attempts).toHaveLength(1);
  expect(events).toEqual([]);
});

test('close during a delay ends the attempts', async () => {
  const { attempts, refuse, close } = staying();
  await refuse();
  await close();
  await jest.advanceTimersByTimeAsync(5000);
  expect(attempts).toHaveLength(1);
});

test('without listeners it stays connected too', async () => {
  const opened = connection();
  const open = jest.fn(async () => opened as never);
  stayConnected(open, {});
  await jest.advanceTimersByTimeAsync(0);
  opened.lose(new Error('lost'));
  await jest.advanceTimersByTimeAsync(25);
  expect(open).toHaveBeenCalledTimes(2);
});
