import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Config } from '../config/index.ts';
import { createLogger } from './logger.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

/** A logger, and the chunks that it has written. */
function logTo(level: Config['logLevel'] = 'info') {
  const chunks: string[] = [];
  const stdout = { write: (chunk: string) => chunks.push(chunk), flushSync: jest.fn() };
  const added = jest.spyOn(process, 'once');
  const log = createLogger(level, stdout);
  const [event, exit] = added.mock.calls.at(-1) ?? [];
  added.mockRestore();
  process.off('exit', exit as () => void);
  const lines = () => chunks.join('').split('\n').slice(0, -1);
  return {
    log,
    chunks,
    stdout,
    exit: () => event === 'exit' && (exit as () => void)(),
    entries: () => lines().map((line) => JSON.parse(line)),
  };
}

test('an entry has a level by name, the time and the message', () => {
  const { log, entries } = logTo();
  log.warn({ any: 1 }, 'text');
  jest.setSystemTime(1_700_000_000_001);
  log.warn('later');
  expect(entries()).toEqual([
    { level: 'warn', time: '2023-11-14T22:13:20.000Z', any: 1, msg: 'text' },
    { level: 'warn', time: '2023-11-14T22:13:20.001Z', msg: 'later' },
  ]);
});

describe('lines are written', () => {
  test('after 100 ms, together', () => {
    const { log, chunks } = logTo();
    log.info('one');
    jest.advanceTimersByTime(60);
    log.info('two');
    jest.advanceTimersByTime(39);
    expect(chunks).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(chunks).toEqual([expect.stringMatching(/"one"[^\n]*\n[^\n]*"two"[^\n]*\n$/)]);
    jest.advanceTimersByTime(1000);
    expect(chunks).toHaveLength(1);
  });

  test.each(['warn', 'error', 'fatal'] as const)('at once at the level %s, with those before', (level) => {
    const { log, chunks } = logTo();
    log.info('before');
    log[level]('now');
    expect(chunks).toEqual([expect.stringMatching(/"before"[^\n]*\n[^\n]*"now"[^\n]*\n$/)]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('at once when 32,768 characters are buffered, and not with one less', () => {
    const lengthOfEmpty = logTo();
    lengthOfEmpty.log.warn('');
    const [empty = ''] = lengthOfEmpty.chunks;
    const { log, chunks } = logTo();
    log.info('x'.repeat(32_767 - empty.length));
    expect(chunks).toEqual([]);
    jest.advanceTimersByTime(100);
    log.info('x'.repeat(32_768 - empty.length));
    expect(chunks.map(({ length }) => length)).toEqual([32_767, 32_768]);
  });

  test('when asked', () => {
    const { log, chunks } = logTo();
    log.info('one');
    log.flush();
    expect(chunks).toHaveLength(1);
    log.flush();
    expect(chunks).toHaveLength(1);
  });

  test('at the end of the process', () => {
    const { log, chunks, stdout, exit } = logTo();
    log.info('last');
    stdout.flushSync.mockImplementation(() => expect(chunks).toHaveLength(1));
    exit();
    expect(stdout.flushSync).toHaveBeenCalledTimes(1);
  });
});

test('lines below the level are not written', () => {
  const { log, chunks } = logTo('error');
  log.warn('no');
  log.error('yes');
  expect(chunks).toHaveLength(1);
});

test('the log redacts a credential in the message and the stack of an error', () => {
  const { log, chunks, entries } = logTo();
  const secrets = ['rk_abcdefghijkl01234567890', 'pst_abcdefghijkl01234567890', 'ps_abcdefghijkl01234567890'];
  log.error({ err: new Error(`no such key: ${secrets.join(', ')}`) }, 'failed');
  const [entry] = entries();
  expect(entry).toMatchObject({ level: 'error', msg: 'failed' });
  expect(entry.err.type).toBe('Error');
  expect(entry.err.message).toBe('no such key: rk_[redacted], pst_[redacted], ps_[redacted]');
  for (const secret of secrets) expect(chunks.join('')).not.toContain(secret.slice(6));
});

test('the log redacts a key with any prefix, and the stack frames stay', () => {
  const { log, chunks, entries } = logTo();
  function aFunctionWhoseNameIsVeryLongIndeed() {
    return new Error('no such key: acme_0123456789abcdefghijklmnopqrstuv');
  }
  log.error({ err: aFunctionWhoseNameIsVeryLongIndeed() }, 'failed');
  expect(chunks.join('')).not.toContain('abcdefghijklmnop');
  expect(entries()[0].err.stack).toContain('aFunctionWhoseNameIsVeryLongIndeed');
});
