/** The short form of `npm run prove -- overload`, with few requests at the same time, behind a proxy, and without the limit. */
import { expect, test } from '@jest/globals';
import { judge, overload, type Point } from '../../scripts/proofs/overload/overload.ts';
import { startProxy } from '../../scripts/proofs/overload/proxy.ts';
import { readConfig } from '../../src/server/config/index.ts';
import { errorBody } from '../../src/server/http/problem-response.ts';
import { Problem } from '../../src/server/problem.ts';
import { sharedServer } from '../support/shared/client.ts';

// The capacity of so short a time is a guess on a busy machine, so the load does not depend on it: far more connections than requests are served
// at the same time, and Redis stands still at first, for less than a server waits for it.
const load = { factor: Number.POSITIVE_INFINITY, connections: 300, slow: 20, stallMs: 400 };
const short = { ...load, seconds: 0.5, overloadSeconds: 2, rounds: 1 };
const most = 8;
/** What did not hold. How fast it is says nothing here, because other tests take their part of the machine. */
const broken = (points: Point[]) =>
  points.filter(({ isTimed }) => !isTimed).flatMap(({ held, sentence }) => (held ? [] : [sentence]));

test('far beyond its capacity a server refuses what it cannot serve, and serves the rest', async () => {
  const result = await overload({ ...short, env: { MAX_REQUESTS_IN_PROGRESS: String(most) } });
  expect(broken(judge(result))).toEqual([]);
}, 60_000);

test('behind HAProxy, with the configuration that the project ships, too: the server itself refuses nothing', async () => {
  const result = await overload({ ...short, proxyLimit: most, env: { MAX_REQUESTS_IN_PROGRESS: '0' } });
  expect(broken(judge(result))).toEqual([]);
}, 60_000);

test('HAProxy refuses as the server does, and lets probes pass', async () => {
  const server = await sharedServer();
  const proxy = await startProxy(server.port, 0);
  try {
    const url = `http://127.0.0.1:${proxy.port}/v2/keys.verifyKey`;
    const response = await fetch(url, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
    const body = await response.json();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body.meta.requestId).toMatch(/^req_[A-Za-z0-9_-]+$/);
    const problem = new Problem('unkey/application/service_unavailable');
    expect(body).toEqual(errorBody(problem, body.meta.requestId, readConfig({ NODE_ENV: 'test' }).docsBaseUrl));
    expect((await fetch(`http://127.0.0.1:${proxy.port}/v2/liveness`)).status).toBe(200);
  } finally {
    await proxy.stop();
  }
});

test('planted fault: without the limit nothing is refused', async () => {
  const few = { ...short, connections: 4 * most, slow: 0, stallMs: 0, overloadSeconds: 0.5 };
  const result = await overload({ ...few, env: { MAX_REQUESTS_IN_PROGRESS: '0' } });
  expect(broken(judge(result))).toContainEqual(expect.stringMatching(/^0 requests are refused/));
}, 60_000);
