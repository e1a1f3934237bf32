/** Hostile clients and clients that do not speak HTTP: their responses, the effect on other clients, and the resources afterwards. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, specErrors } from '../../contract-tests/engine/spec.ts';
import { startServerTarget } from '../support/server-target.ts';

const catalogue = new Map(specErrors(await readSpec()).map((error) => [error.code, error]));
const target = await startServerTarget({ METRICS_PORT: '0', LOG_LEVEL: 'info' });
afterAll(() => target.stop());
const { port } = target.server;
const metricsPort = /"port":(\d+)[^}]*"msg":"metrics are served"/.exec(target.server.log())?.[1];

/** The value of one series without labels, from a scrape. */
async function gauge(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** A connection, the data it received, and the time from opening it to its close by the server, in ms. */
interface Wire {
  socket: Socket;
  received(): string;
  closed: Promise<number>;
}

function open(): Wire {
  const begun = Date.now();
  let received = '';
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  return {
    socket,
    received: () => received,
    closed: new Promise((resolve) => socket.once('close', () => resolve(Date.now() - begun))),
  };
}

/** Sends bytes, keeps its own end open, and returns what it received until the server closed the connection. */
async function sendRaw(bytes: string | Buffer): Promise<string> {
  const wire = open();
  wire.socket.write(bytes);
  await wire.closed;
  return wire.received();
}

/** Validates a raw response against the catalogue: status, envelope, and `Cache-Control: no-store`. */
function expectProblem(response: string, status: number, code: string): void {
  const [head = '', body = ''] = response.split('\r\n\r\n');
  expect(head.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/\r\ncontent-type: application\/json/i);
  expect(head).toMatch(/\r\ncache-control: no-store/i);
  const { title, detail } = catalogue.get(code) ?? {};
  expect(JSON.parse(body)).toMatchObject({
    meta: { requestId: expect.stringMatching(/^req_\w+$/) },
    error: { title, detail, status, type: expect.stringMatching(new RegExp(`/errors/${code}$`)) },
  });
}

const invalid = 'unkey/application/invalid_input';
const post = (headers: string, body = '') =>
  `POST /v2/portal.exchangeSession HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n${body}`;
const json = 'Content-Type: application/json\r\n';

describe('invalid HTTP gets an error in the envelope, and the server closes the connection', () => {
  test.each([
    ['bytes', Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10])],
    ['words', 'hello there\r\n\r\n'],
    ['the beginning of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['an invalid version', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n'],
    ['a header with a control character', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n x\r\n\r\n'],
    ['an unknown transfer coding', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
    ['chunks in HTTP/1.0', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0')],
    ['HTTP/0.9', 'GET /\r\n\r\n'],
    ['HTTP/2 without its preface', 'GET / HTTP/2.0\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['no host, for an operation', 'GET /v2/liveness HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a name with a space', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n'],
    ['an invalid length', post('Content-Length: many\r\n')],
    ['a negative length', post('Content-Length: -1\r\n')],
    ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}')],
    ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ])('%s', async (_, bytes) => {
    expectProblem(await sendRaw(bytes), 400, invalid);
  });

  test('an invalid chunk size within a body', async () => {
    const wire = open();
    wire.socket.write(post(`${json}Transfer-Encoding: chunked\r\n`, '2\r\n{}\r\nzz\r\n'));
    await wire.closed;
    expectProblem(wire.received(), 400, invalid);
  });

  test('headers over 16 kB', async () => {
    expectProblem(
      await sendRaw(post(`X: ${'x'.repeat(17_000)}\r\n`)),
      431,
      'user/bad_request/request_headers_too_large',
    );
    const many = Array.from({ length: 2000 }, (_, i) => `X-${i}: ${i}\r\n`).join('');
    expectProblem(await sendRaw(post(many)), 431, 'user/bad_request/request_headers_too_large');
    const path = `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expectProblem(await sendRaw(path), 431, 'user/bad_request/request_headers_too_large');
  });

  test('a body over 100 kB, with or without Content-Length', async () => {
    const large = JSON.stringify({ sessionId: 'x'.repeat(110_000) });
    const code = 'user/bad_request/request_body_too_large';
    expectProblem(await sendRaw(post(`${json}Content-Length: ${large.length}\r\n`, large)), 413, code);
    const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    expectProblem(await sendRaw(post(`${json}Transfer-Encoding: chunked\r\n`, chunk)), 413, code);
    const extension = `1;${'x'.repeat(20_000)}\r\n{\r\n`;
    expectProblem(await sendRaw(post(`${json}Transfer-Encoding: chunked\r\n`, extension)), 413, code);
  });

  test('an unknown expectation is ignored', async () => {
    const response = await sendRaw(
      post(`${json}Expect: nonsense\r\nContent-Length: 26\r\n`, '{"sessionId":"pst_nobody"}'),
    );
    expectProblem(response, 401, 'unkey/authentication/portal_session_not_found');
  });

  test('invalid data after a complete request does not change its response', async () => {
    const response = await sendRaw(`GET /v2/liveness HTTP/1.1\r\nHost: x\r\n\r\n${'nonsense\r\n\r\n'.repeat(3)}`);
    expect(response).toMatch(/^HTTP\/1.1 (200|400) /);
    const [, body = ''] = response.split('\r\n\r\n');
    expect(() => JSON.parse(body.slice(0, body.indexOf('}}') + 2))).not.toThrow();
  });
});

/** Sends requests until `stop`, which returns the duration of the slowest response in ms. */
function watchOthers(): { stop(): Promise<number> } {
  let stopped = false;
  let slowest = 0;
  const done = (async () => {
    const facts = await target.arrange('browserSession');
    while (!stopped) {
      const begun = performance.now();
      const path = '/v2/portal.getSession';
      const { status } = await send(
        target.baseUrl,
        { method: 'post', path },
        { body: {}, authorization: `Bearer ${facts.token}` },
      );
      expect(status).toBe(200);
      slowest = Math.max(slowest, performance.now() - begun);
      await sleep(50);
    }
    return slowest;
  })();
  return {
    stop() {
      stopped = true;
      return done;
    },
  };
}

/** Writes a little every 500 ms until the server closes the connection. */
async function dribble({ socket }: Wire, line: (i: number) => string): Promise<void> {
  for (let i = 0; !socket.destroyed && i < 200; i++) {
    socket.write(line(i));
    await sleep(500);
  }
}

test('the server closes slow clients in time, serves other clients, and frees all resources', async () => {
  const idle = { fds: await gauge('process_open_fds'), connections: await gauge('portico_http_connections') };
  const others = watchOthers();
  const many = <T>(count: number, make: () => T) => Array.from({ length: count }, make);

  const head = many(100, open);
  for (const wire of head) {
    wire.socket.write('POST /v2/portal.exchangeSession HTTP/1.1\r\nHost: x\r\n');
    void dribble(wire, (i) => `X-${i}: x\r\n`);
  }
  const silent = many(100, open);
  const body = many(100, open);
  for (const wire of body) {
    wire.socket.write(post(`${json}Content-Length: 1000\r\n`, '{"sessionId":"'));
    void dribble(wire, () => 'x');
  }
  // Each client requests megabytes over one connection, reads nothing, and never closes its end.
  const notReading = many(20, open);
  for (const { socket } of notReading) {
    socket.pause();
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n'.repeat(100));
  }
  await sleep(3000);
  expect(await gauge('portico_http_connections')).toBeGreaterThanOrEqual(320);

  const within = async (wires: Wire[], min: number, max: number) => {
    for (const took of await Promise.all(wires.map(({ closed }) => closed))) {
      expect(took).toBeGreaterThanOrEqual(min);
      expect(took).toBeLessThan(max);
    }
  };
  await within(head, 9000, 20_000);
  for (const wire of head) expectProblem(wire.received(), 408, 'user/bad_request/request_timeout');
  await within(silent, 9000, 20_000);
  await within(body, 29_000, 45_000);
  for (const wire of body) expectProblem(wire.received(), 408, 'user/bad_request/request_timeout');
  // Far less than the time after which the last slow client is closed, on a busy machine too.
  expect(await others.stop()).toBeLessThan(10_000);
  // These clients do not notice the close, so the test reads the server's gauge while their own ends are still open.
  const giveUp = Date.now() + 30_000;
  while ((await gauge('portico_http_connections')) > idle.connections + 5 && Date.now() < giveUp) await sleep(500);
  expect(Date.now()).toBeLessThan(giveUp);
  for (const { socket } of notReading) socket.destroy();
  await sleep(500);
  expect(await gauge('portico_http_connections')).toBeLessThanOrEqual(idle.connections + 2);
  expect(await gauge('process_open_fds')).toBeLessThanOrEqual(idle.fds + 4);
  expect(await gauge('portico_http_requests_in_flight')).toBe(0);
});
