/** Supervision with fake workers and a fake clock. tests/process/workers.test.ts runs real ones. */
import type { Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type Logger, pino } from 'pino';
import { selfOf, superviseWorkers } from './workers.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Supervises fake workers. `log` has the entries so far. */
function supervise(count: number) {
  const log: Record<string, unknown>[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line) => void log.push(JSON.parse(line)) }) as Logger;
  const forked: (EventEmitter & { id: number; signals: string[] })[] = [];
  const alive: Record<number, Worker> = {};
  const workers = {
    workers: alive,
    fork() {
      const id = forked.length + 1;
      const signals: string[] = [];
      const worker = Object.assign(new EventEmitter(), {
        id,
        signals,
        process: { kill: (signal: string) => signals.push(signal) },
      });
      worker.prependListener('exit', () => delete alive[id]);
      forked.push(worker);
      alive[id] = worker as unknown as Worker;
      return alive[id];
    },
  };
  const printed: string[] = [];
  const self = Object.assign(new EventEmitter(), {
    exitCode: undefined as number | undefined,
    stderr: { write: (text: string) => void printed.push(text) },
  });
  superviseWorkers(count, logger, { workers, self: self as never });
  return { log, forked, self, printed, newest: () => forked.at(-1) as (typeof forked)[number] };
}

/** Starts one worker that serves. */
function superviseServing() {
  const supervised = supervise(1);
  supervised.newest().emit('listening');
  return supervised;
}

test('starts as many workers as are configured', () => {
  expect(supervise(3).forked).toHaveLength(3);
});

test('the delay before a replacement doubles from 200 ms up to 10 s', () => {
  const { log, forked, newest } = superviseServing();
  for (const [i, inMs] of [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].entries()) {
    newest().emit('exit', 1, null);
    expect(log.at(-1)).toEqual({ level: 50, worker: i + 1, code: 1, signal: null, inMs, msg: expect.any(String) });
    jest.advanceTimersByTime(inMs - 1);
    expect(forked).toHaveLength(i + 1);
    jest.advanceTimersByTime(1);
    expect(forked).toHaveLength(i + 2);
  }
});

test.each([
  [10_000, 800],
  [10_001, 100],
])('after a life of %i ms, the third replacement starts after %i ms', (lifeMs, inMs) => {
  const { log, newest } = superviseServing();
  for (const delay of [200, 400]) {
    newest().emit('exit', 1, null);
    jest.advanceTimersByTime(delay);
  }
  jest.advanceTimersByTime(lifeMs);
  newest().emit('exit', null, 'SIGKILL');
  expect(log.at(-1)).toMatchObject({ signal: 'SIGKILL', inMs });
});

test('a failure after a long life counts from the beginning', () => {
  const { log, newest } = superviseServing();
  jest.advanceTimersByTime(10_001);
  newest().emit('exit', 1, null);
  jest.advanceTimersByTime(100);
  newest().emit('exit', 1, null);
  expect(log.map(({ inMs }) => inMs)).toEqual([100, 200]);
});

test('no worker starts after a signal, and no timer is left that would delay the end', () => {
  const { log, forked, self, newest } = superviseServing();
  newest().emit('exit', 1, null);
  self.emit('SIGTERM');
  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(60_000);
  expect(forked).toHaveLength(1);
  expect(log.at(-1)).toMatchObject({ signal: 'SIGTERM', workers: 1, msg: 'stopping the workers' });
});

test('a worker that ends after a signal is not replaced, and the exit code stays', () => {
  const { log, forked, self } = supervise(2);
  forked[0]?.emit('listening');
  self.emit('SIGINT');
  for (const worker of forked) worker.emit('exit', 1, null);
  jest.advanceTimersByTime(60_000);
  expect(forked).toHaveLength(2);
  expect(self.exitCode).toBeUndefined();
  expect(log.map(({ msg }) => msg)).toEqual(['stopping the workers']);
});

test('each signal reaches every worker that is left, and is logged once', () => {
  const { log, forked, self } = supervise(2);
  self.emit('SIGTERM');
  forked[0]?.emit('exit', 0, null);
  self.emit('SIGINT');
  expect(forked.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM', 'SIGTERM']]);
  expect(log).toHaveLength(1);
});

test('a worker that cannot start ends all of them with exit code 1', () => {
  const { log, forked, self } = supervise(3);
  forked[1]?.emit('exit', 1, null);
  expect(self.exitCode).toBe(1);
  expect(forked.map(({ signals }) => signals)).toEqual([['SIGTERM'], [], ['SIGTERM']]);
  for (const worker of [forked[0], forked[2]]) worker?.emit('exit', null, 'SIGTERM');
  jest.advanceTimersByTime(60_000);
  expect(forked).toHaveLength(3);
  expect(log).toEqual([]);
});

test('a worker that cannot start after another has served is replaced', () => {
  const { forked, self } = supervise(2);
  forked[0]?.emit('listening');
  forked[1]?.emit('exit', 1, null);
  jest.advanceTimersByTime(200);
  expect(forked).toHaveLength(3);
  expect(self.exitCode).toBeUndefined();
});

test('the same start error of all first workers is printed once', () => {
  const { forked, printed } = supervise(2);
  for (const worker of forked) worker.emit('message', { startError: 'PORT=80 is in use.' });
  expect(printed).toEqual(['PORT=80 is in use.\n']);
});

test('a start error is printed for every replacement, and other messages of workers are not', () => {
  const { newest, printed } = superviseServing();
  newest().emit('message', { type: 'metrics' });
  for (const startError of ['first', 'second']) newest().emit('message', { startError });
  expect(printed).toEqual(['first\n', 'second\n']);
});

/** A process, as a worker with this number or alone, and what it did. */
function processOf(worker: number | undefined) {
  const did: unknown[] = [];
  const own = Object.assign(new EventEmitter(), {
    stderr: { write: (text: string) => void did.push(['stderr', text]) },
    send: (message: unknown, _handle: unknown, _options: unknown, sent: () => void) => {
      did.push(['send', message]);
      sent();
    },
    disconnect: () => did.push('disconnect'),
    exit: (code: number) => did.push(['exit', code]),
  });
  const workers = { isWorker: worker !== undefined, ...(worker !== undefined && { worker: { id: worker } }) };
  return { own, did, self: selfOf(workers as never, own as never) };
}

test.each([
  [undefined, { isWorker: false, isFirst: true }],
  [1, { isWorker: true, isFirst: true }],
  [2, { isWorker: true, isFirst: false }],
])('worker %s knows its place', (worker, place) => {
  expect(processOf(worker).self).toMatchObject(place);
});

test('only a worker leaves its supervisor', () => {
  const [alone, worker] = [processOf(undefined), processOf(2)];
  alone.self.leave();
  worker.self.leave();
  expect([alone.did, worker.did]).toEqual([[], ['disconnect']]);
});

test('a process hears its signals', () => {
  const { own, self } = processOf(undefined);
  const heard: string[] = [];
  self.on('SIGTERM', () => heard.push('SIGTERM'));
  own.emit('SIGINT');
  own.emit('SIGTERM');
  expect(heard).toEqual(['SIGTERM']);
});

test('a process that cannot start prints why; a worker leaves that to its supervisor', async () => {
  const [alone, worker] = [processOf(undefined), processOf(2)];
  await alone.self.fail('PORT is taken.');
  await worker.self.fail('PORT is taken.');
  expect(alone.did).toEqual([
    ['stderr', 'PORT is taken.\n'],
    ['exit', 1],
  ]);
  expect(worker.did).toEqual([
    ['send', { startError: 'PORT is taken.' }],
    ['exit', 1],
  ]);
});
