import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { answerBrokenRequests } from './broken-request.ts';

/** What a socket gets after an error of its client. */
function broken(code: string | undefined, socketState: object = {}) {
  const server = new EventEmitter();
  const log: Record<string, unknown>[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line) => void log.push(JSON.parse(line)) });
  answerBrokenRequests(server as Server, 'https://docs.example', logger);
  const socket = {
    writable: true,
    end: jest.fn<(text: string) => void>(),
    destroy: jest.fn(),
    setTimeout: jest.fn(),
    ...socketState,
  };
  server.emit('clientError', Object.assign(new Error('rk_secret'), code === undefined ? {} : { code }), socket);
  const [head = '', body = ''] = (socket.end.mock.calls[0]?.[0] ?? '').split('\r\n\r\n');
  return { socket, log, head: head.split('\r\n'), body };
}

test.each([
  ['HPE_HEADER_OVERFLOW', 431, 'request_headers_too_large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'request_body_too_large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request_timeout'],
  ['HPE_INVALID_METHOD', 400, 'invalid_input'],
  [undefined, 400, 'invalid_input'],
])('%s is a %i %s, and the connection is closed', (code, status, name) => {
  const { socket, log, head, body } = broken(code);
  const { meta, error } = JSON.parse(body);
  expect(error).toMatchObject({ status, type: expect.stringMatching(`^https://docs.example/errors/.*/${name}$`) });
  expect(head).toEqual([
    `HTTP/1.1 ${status} ${error.title}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]);
  expect(log).toEqual([{ level: 30, requestId: meta.requestId, status, code: code ?? '', msg: expect.any(String) }]);
  expect(socket.destroy).not.toHaveBeenCalled();
});

test.each([
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { detail: expect.stringContaining('100 kB') }],
  [
    'HPE_INVALID_METHOD',
    { errors: [{ location: 'request', message: 'is not well-formed HTTP', fix: 'Use an HTTP client.' }] },
  ],
])('a broken request learns what to change: %s', (code, expected) => {
  expect(JSON.parse(broken(code).body).error).toMatchObject(expected);
});

test('a client that does not close its end is cut after 2 s', () => {
  const { socket } = broken('HPE_INVALID_METHOD');
  const [ms, cut] = socket.setTimeout.mock.calls[0] as unknown as [number, () => void];
  expect(ms).toBe(2000);
  cut();
  expect(socket.destroy).toHaveBeenCalledTimes(1);
});

test.each([
  ['the client has reset the connection', 'ECONNRESET', {}],
  ['nothing can be written', 'HPE_INVALID_METHOD', { writable: false }],
  ['a response has begun', 'HPE_INVALID_METHOD', { _httpMessage: { headersSent: true } }],
])('without a response if %s', (_, code, state) => {
  const { socket, log } = broken(code, state);
  expect(socket.end).not.toHaveBeenCalled();
  expect(socket.destroy).toHaveBeenCalledTimes(1);
  expect(log).toEqual([]);
});

test.each([[null], [{ headersSent: false }]])('with a response if that in progress has not begun: %j', (message) => {
  expect(broken('HPE_INVALID_METHOD', { _httpMessage: message }).socket.end).toHaveBeenCalledTimes(1);
});

test('an unknown expectation is ignored', () => {
  const server = new EventEmitter();
  answerBrokenRequests(server as Server, '', pino({ level: 'silent' }));
  const requests: unknown[][] = [];
  server.on('request', (...args) => requests.push(args));
  server.emit('checkExpectation', 'req', 'res');
  expect(requests).toEqual([['req', 'res']]);
});
