/**
 * What the server logs: one line for each request, with everything that is needed to find the request. It never logs a
 * credential, wherever the request contains one, even at level `trace` and during failures.
 */
import { connect } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { send } from '../../contract-tests/engine/send.ts';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { expectEach } from '../support/expect-each.ts';
import { until } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { startServerTarget } from '../support/server-target.ts';

const operations = specOperations(await readSpec());
const target = await startServerTarget({ LOG_LEVEL: 'trace' });
const cutOff = await startServer({
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'trace',
  REDIS_URL: `redis://:hunter2-of-redis@127.0.0.1:${await freePort()}`,
});
afterAll(async () => {
  await cutOff.stop();
  await target.stop();
});

interface Entry {
  level: string;
  requestId?: string;
  operation?: string;
  method?: string;
  path?: string;
  status?: number;
  durationMs?: number;
}

/** The complete lines of a log. The server writes several lines at once, so the last one can be cut. */
const entriesOf = (log: string): Entry[] =>
  log
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** The lines that report the result of a request. */
const resultsIn = (log: string): Entry[] => entriesOf(log).filter(({ durationMs }) => durationMs !== undefined);

test('each request has one log line with its result', async () => {
  const { rootKey } = await target.arrange('portal');
  const sent = await Promise.all(
    operations.map(async ({ operationId, method, path }) => {
      const request = method === 'get' ? {} : { body: {}, authorization: `Bearer ${rootKey}` };
      const { status, body } = await send(target.baseUrl, { method, path }, request);
      return { operationId, method, path, status, ...(body as { meta: { requestId: string } }).meta };
    }),
  );
  // The server writes the line after it sends the response, and writes several lines at once.
  await until('every request is in the log', async () => {
    const logged = new Set(resultsIn(target.server.log()).map(({ requestId }) => requestId));
    return sent.every(({ requestId }) => logged.has(requestId));
  });
  const entries = resultsIn(target.server.log());
  expectEach(sent, ({ operationId: operation, method, path, status, requestId }) => {
    const found = entries.filter((entry) => entry.requestId === requestId);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ level: 'info', operation, method: method.toUpperCase(), path, status });
    expect(found[0]?.durationMs).toBeGreaterThanOrEqual(0);
  });
});

/** Sends bytes that are not HTTP, or HTTP that no client library sends. */
function sendRaw(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

const percent = (text: string) => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');

/** Sends a secret in every part of a request, to every operation. Returns the number of requests. */
async function spread({ url, port }: { url: string; port: number }, secret: string): Promise<number> {
  let requests = 0;
  const trySend = (method: string, path: string, request: Parameters<typeof send>[2]) => {
    requests++;
    return send(url, { method, path }, request).catch(() => {});
  };
  for (const { method, path } of operations) {
    const body = method === 'get' ? {} : { body: { [secret]: secret, key: secret, sessionId: secret, slug: secret } };
    const places: Parameters<typeof send>[2][] = [
      { authorization: `Bearer ${secret}` },
      { authorization: secret },
      { authorization: `Basic ${secret}` },
      { authorization: `bearer ${secret} ${secret}` },
      { cookie: secret },
      { cookie: `"${secret}"; ${secret}=${secret}` },
      { authorization: `Bearer ${secret}`, rawBody: `{"key": "${secret}` },
      { authorization: `Bearer ${secret}`, rawBody: secret, headers: { 'Content-Type': secret } },
      { query: `?session=${secret}&${secret}`, authorization: `Bearer ${secret}` },
      {
        headers: {
          [secret]: secret,
          'User-Agent': secret,
          Referer: `https://portal.acme.example/?session=${secret}`,
          Origin: `https://${secret}.example`,
          Accept: secret,
          'Accept-Encoding': secret,
          'X-Forwarded-For': secret,
          'X-Request-Id': secret,
          'Idempotency-Key': secret,
          traceparent: secret,
        },
      },
    ];
    await Promise.all(places.map((place) => trySend(method, path, { ...body, ...place })));
  }
  const paths = [
    `/v2/${secret}`,
    `/${secret}`,
    `/docs/${secret}`,
    `/assets/${secret}.js`,
    `/v2/portal.getSession/${secret}`,
  ];
  const encoded = paths.map((path) => path.replace(secret, percent(secret)));
  const broken = [`/%E0%A4%A${secret}`, `/docs/%E0%A4%A${secret}`, `/docs/${secret}%`];
  for (const path of [...paths, ...encoded, ...broken]) {
    await trySend('get', path, { query: `?session=${secret}` });
    await trySend('post', path, { body: { key: secret } });
  }
  const raw = [
    `${secret}\r\n\r\n`,
    `GET /${secret} HTTP/9.9\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nAuthorization Bearer ${secret}\r\n\r\n`,
    `POST /v2/portal.exchangeSession HTTP/1.1\r\nHost: x\r\nContent-Length: ${secret}\r\n\r\n`,
    `GET /?session=${secret} HTTP/1.1\r\nHost: x\r\nX: ${secret.repeat(1000)}\r\n\r\n`,
  ];
  for (const text of raw) await sendRaw(port, text);
  return requests;
}

/** Parts of a secret: long enough not to match by accident, short enough to find a truncated secret. */
const piecesOf = (secret: string) => [secret.slice(-18), secret.slice(-30, -12), percent(secret.slice(-18))];

describe('the log contains no credential at any level', () => {
  test.each(['root key', 'session id', 'browser session token', 'API key', 'Idempotency-Key'])('%s', async (kind) => {
    const { rootKey, token, apiKey = '' } = await target.arrange('key');
    const { sessionId } = await target.arrange('session');
    const broken = await target.arrange('brokenStore');
    const secretsOf: Record<string, string[]> = {
      'root key': [rootKey, broken.rootKey],
      'session id': [sessionId, broken.sessionId],
      'browser session token': [token, broken.token],
      'API key': [apiKey],
      'Idempotency-Key': ['9f8e7d6c5b4a39281706f5e4d3c2b1a0'],
    };
    const secrets = secretsOf[kind] ?? [];
    expect(secrets).not.toHaveLength(0);
    for (const secret of secrets) {
      const [before, cutOffBefore] = [target.server.log().length, resultsIn(cutOff.log()).length];
      const requests = await spread({ url: target.baseUrl, port: target.server.port }, secret);
      const cutOffRequests = await spread(cutOff, secret);
      const logged = () => target.server.log().slice(before);
      // Every request arrived and is logged.
      await until('every request is in both logs', async () => {
        const isComplete = resultsIn(logged()).length >= requests;
        return isComplete && resultsIn(cutOff.log()).length >= cutOffBefore + cutOffRequests;
      });
      const log = logged();
      for (const piece of piecesOf(secret)) {
        expect(log).not.toContain(piece);
        expect(cutOff.log()).not.toContain(piece);
      }
    }
  });

  test('the log reports an unavailable Redis and damaged records', async () => {
    const broken = await target.arrange('brokenStore');
    const bearer = { authorization: `Bearer ${broken.rootKey}`, body: {} };
    await send(target.baseUrl, { method: 'post', path: '/v2/apis.listApis' }, bearer);
    await send(cutOff.url, { method: 'post', path: '/v2/apis.listApis' }, bearer);
    for (const [log, message] of [
      [target.server.log, '"msg":"unkey/application/unexpected_error"'],
      [cutOff.log, '"msg":"unkey/application/service_unavailable"'],
    ] as const) {
      await until(`the log has ${message}`, async () => log().includes(message));
      expect(log()).toContain(message);
    }
  });

  test('the log does not contain the password of Redis', () => {
    expect(cutOff.log()).toContain('redis is unavailable');
    expect(cutOff.log()).not.toContain('hunter2');
  });
});
