/**
 * 10,000 malformed requests, made from the contract's own examples and from bytes: no 5xx, no crash, nothing that grows, and
 * every answer fits the contract. What was sent follows from the seed alone, which is printed; MALFORMED_SEED sends it again.
 */
import { Agent } from 'node:http';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ApiResponse, responseChecker } from '../../contract-tests/engine/check-response.ts';
import { mapConcurrently } from '../../contract-tests/engine/pool.ts';
import { readSpec, specErrors } from '../../contract-tests/engine/spec.ts';
import { startServerTarget } from '../support/server-target.ts';
import { type Draft, malformed } from './requests.ts';
import { sendBytes, sendDraft } from './send.ts';

const seed = Number(process.env['MALFORMED_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const total = 10_000;
const wanted = { structured: 8500, raw: total - 8500 };

const spec = await readSpec();
const check = responseChecker(spec);
const catalogue = new Map(specErrors(spec).map((error) => [error.code, error]));
// A heap in which a leak of 10 kB a request would not fit.
const target = await startServerTarget({
  METRICS_PORT: '0',
  LOG_LEVEL: 'info',
  NODE_OPTIONS: '--max-old-space-size=160',
});
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
afterAll(async () => {
  agent.destroy();
  await target.stop();
});
const { port } = target.server;
const { rootKey, token } = await target.arrange('key');
const requests = malformed(spec, { rootKey, token });

/** What is wrong with the body of a failure; what is JSON and no success has the envelope. */
function envelopeFailures(status: number, body: unknown): string[] {
  const { meta, error } = (body ?? {}) as {
    meta?: { requestId?: string };
    error?: { type?: string; title?: string; detail?: string; status?: number };
  };
  const code = /\/errors\/(.+)$/.exec(error?.type ?? '')?.[1] ?? '';
  const entry = catalogue.get(code);
  if (!/^req_\w+$/.test(meta?.requestId ?? '')) return ['no request id'];
  if (entry === undefined) return [`no error of the catalogue: ${error?.type}`];
  return entry.status === status && error?.status === status && error.title === entry.title
    ? []
    : [`${code} with ${status}`];
}

function failuresOf({ operation, method, path }: Draft, answer: ApiResponse): string[] {
  if (answer.status >= 500) return [`${answer.status} ${JSON.stringify(answer.body)}`];
  const [at] = path.split('?');
  const isCall = at === operation.path && method === operation.method.toUpperCase();
  if (isCall && operation.responses[String(answer.status)] !== undefined) return check(operation, answer);
  return typeof answer.body === 'string' ? [] : envelopeFailures(answer.status, answer.body);
}

const metricsPort = /"port":(\d+)[^}]*"msg":"metrics are served"/.exec(target.server.log())?.[1];

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** The least heap that is seen in a while: about what is left after a collection. */
async function leastHeap(done: () => boolean): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  do {
    least = Math.min(least, await metric('nodejs_heap_size_used_bytes'));
    await new Promise((next) => setTimeout(next, 250));
  } while (!done());
  return least;
}

test(`${total} malformed requests, seed ${seed}`, async () => {
  const begun = performance.now();
  const drafts = fc.sample(requests.structured, { seed, numRuns: wanted.structured });
  const bytes = fc.sample(requests.raw, { seed, numRuns: wanted.raw });
  const statuses: Record<number, number> = {};
  const failures: string[] = [];
  const told = (what: unknown, found: string[]) => {
    if (found.length > 0)
      failures.push(
        `${found.join(', ')} at ${JSON.stringify(what).replaceAll(rootKey, 'ROOT').replaceAll(token, 'TOKEN').slice(0, 500)}`,
      );
  };
  const count = (status: number) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const idleFds = await metric('process_open_fds');

  const sendAll = (some: Draft[]) =>
    mapConcurrently(some, 16, async (draft) => {
      try {
        const first = await sendDraft(port, agent, draft);
        // Redis may keep a busy machine waiting; it is no answer to the request then.
        const answer = first.status === 503 ? await sendDraft(port, agent, draft) : first;
        count(answer.status);
        told({ ...draft, operation: draft.operation.operationId, body: String(draft.body) }, failuresOf(draft, answer));
      } catch (error) {
        told({ ...draft, operation: draft.operation.operationId }, [(error as Error).message]);
      }
    });
  /** Sends, and looks at the heap meanwhile. */
  const part = async (some: Draft[]) => {
    let over = false;
    const [heap] = await Promise.all([
      leastHeap(() => over),
      sendAll(some).finally(() => {
        over = true;
      }),
    ]);
    return heap;
  };
  const half = drafts.length / 2;
  const heapBefore = await part(drafts.slice(0, half));
  await mapConcurrently(bytes, 16, async (request) => {
    for (const answer of (await sendBytes(port, request)).split(/(?=HTTP\/1\.1 \d)/).filter((text) => text !== '')) {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      count(status);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      if (status >= 500) told(request.toString('latin1'), [answer]);
      else if (status >= 400 && /application\/json/.test(head))
        told(request.toString('latin1'), envelopeFailures(status, JSON.parse(body)));
    }
  });
  const heapAfter = await part(drafts.slice(half));

  process.stderr.write(
    `seed ${seed}, ${((performance.now() - begun) / 1000).toFixed(1)} s, answers by status ${JSON.stringify(statuses)}\n`,
  );
  expect(failures.slice(0, 5)).toEqual([]);
  // The server is the same process, and as well as before.
  expect(target.server.process.exitCode).toBeNull();
  expect(target.server.log()).not.toContain('unexpected_error');
  // A portal of its own: the first one of the contract's examples may be deleted by now.
  const { token: fresh } = await target.arrange('keyUser');
  expect(fresh).toMatch(/^ps_/);
  agent.destroy();
  await new Promise((next) => setTimeout(next, 500));
  expect(await metric('process_open_fds')).toBeLessThanOrEqual(idleFds + 4);
  expect(await metric('portico_http_requests_in_flight')).toBe(0);
  expect(heapAfter).toBeLessThan(heapBefore + 16 * 2 ** 20);
}, 300_000);
