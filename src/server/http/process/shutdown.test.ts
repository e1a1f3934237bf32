import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { stopOnSignal } from './shutdown.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A process that stops on a signal. `done` has the steps so far, and a step ends when the test says so. */
function stoppable({ delayMs = 0, isWorker = false } = {}) {
  const done: string[] = [];
  const ends: Record<string, () => void> = {};
  const step = (name: string) => () => {
    done.push(name);
    return new Promise<void>((resolve) => {
      ends[name] = resolve;
    });
  };
  const signals = new EventEmitter();
  const self = {
    isWorker,
    isFirst: true,
    on: (signal: string, listener: () => void) => void signals.on(signal, listener),
    leave: () => done.push('leave'),
  };
  const log = pino({}, { write: (line) => void done.push(JSON.parse(line).msg) });
  const steps = { beginStopping: () => done.push('not ready'), delayMs, drain: step('drain'), close: step('close') };
  stopOnSignal(steps, self, log);
  return {
    done,
    send: (signal: 'SIGTERM' | 'SIGINT') => signals.emit(signal),
    async end(name: 'drain' | 'close') {
      ends[name]?.();
      await jest.advanceTimersByTimeAsync(0);
    },
  };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s: each step waits for the one before', async (signal) => {
  const { done, send, end } = stoppable();
  expect(done).toEqual([]);
  send(signal);
  expect(done).toEqual(['stopping', 'not ready']);
  await jest.advanceTimersByTimeAsync(0);
  expect(done.slice(2)).toEqual(['drain']);
  await end('drain');
  expect(done.slice(3)).toEqual(['close']);
  await end('close');
  expect(done.slice(4)).toEqual(['stopped', 'leave']);
});

test('the delay comes between the loss of readiness and the drain', async () => {
  const { done, send } = stoppable({ delayMs: 5000 });
  send('SIGTERM');
  await jest.advanceTimersByTimeAsync(4999);
  expect(done).toEqual(['stopping', 'not ready']);
  await jest.advanceTimersByTimeAsync(1);
  expect(done.slice(2)).toEqual(['drain']);
});

test('a second signal skips the delay, leaves no timer, and starts no second shutdown', async () => {
  const { done, send } = stoppable({ delayMs: 300_000 });
  send('SIGTERM');
  send('SIGINT');
  await jest.advanceTimersByTimeAsync(0);
  expect(done).toEqual(['stopping', 'not ready', 'drain']);
  expect(jest.getTimerCount()).toBe(0);
  send('SIGTERM');
  await jest.advanceTimersByTimeAsync(300_000);
  expect(done).toEqual(['stopping', 'not ready', 'drain']);
});

test('a worker waits for the delay in spite of a second signal', async () => {
  const { done, send } = stoppable({ delayMs: 5000, isWorker: true });
  send('SIGINT');
  send('SIGTERM');
  await jest.advanceTimersByTimeAsync(4999);
  expect(done).toEqual(['stopping', 'not ready']);
  await jest.advanceTimersByTimeAsync(1);
  expect(done).toEqual(['stopping', 'not ready', 'drain']);
});
