import { EventEmitter } from 'node:events';
import { afterEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { accessLog } from './access-log.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Logs a request that takes 1.26 ms, and returns its line. */
function logged(request: object, response: object) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const res = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished: true, locals: {} }, response);
  jest.spyOn(performance, 'now').mockReturnValueOnce(10).mockReturnValueOnce(11.26);
  const next = jest.fn();
  accessLog(log)({ method: 'GET', path: '/', ...request } as never, res as never, next);
  expect(next).toHaveBeenCalledTimes(1);
  expect(lines).toEqual([]);
  res.emit('close');
  expect(lines).toHaveLength(1);
  return lines[0];
}

test('an operation has its own path, whatever the request has', () => {
  const request = { method: 'POST', path: '/v2/keys.verifyKey', query: 'secret' };
  expect(logged(request, { locals: { requestId: 'req_1', operationId: 'keys.verifyKey' } })).toEqual({
    level: 30,
    requestId: 'req_1',
    operation: 'keys.verifyKey',
    method: 'POST',
    path: '/v2/keys.verifyKey',
    status: 200,
    durationMs: 1.3,
  });
});

test('any other path is redacted', () => {
  expect(logged({ path: `/keys/${'a'.repeat(22)}` }, { statusCode: 404 })).toMatchObject({
    path: '/keys/[redacted]',
    status: 404,
  });
});

test('a client that disconnects has no status', () => {
  expect(logged({}, { writableFinished: false })).not.toHaveProperty('status');
});
