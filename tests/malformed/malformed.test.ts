/**
 * Sends 10,000 malformed requests, made from the contract's examples and from bytes: no 5xx, no crash, no leak, and every
 * response matches the contract. The test prints its seed; MALFORMED_SEED repeats the same requests.
 */
import { Agent } from 'node:http';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ApiResponse, everyFault, responseChecker } from '../../contract-tests/engine/check-response.ts';
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
// The heap is too small for a leak of 10 kB per request. Node would choose a young generation of 1 MB for so small a heap, and
// then collect garbage for two thirds of the time.
const target = await startServerTarget({
  METRICS_PORT: '0',
  LOG_LEVEL: 'info',
  NODE_OPTIONS: '--max-old-space-size=160 --max-semi-space-size=16',
});
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
afterAll(async () => {
  agent.destroy();
  await target.stop();
});
const { port } = target.server;
const { rootKey, token } = await target.arrange('key');
const requests = malformed(spec, { rootKey, token });

/** The failures of an error body. Every JSON body that is not a success has the error envelope. */
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

function failuresOf({ operation, method, path }: Draft, response: ApiResponse): string[] {
  if (response.status >= 500) return [`${response.status} ${JSON.stringify(response.body)}`];
  const [at] = path.split('?');
  const isCall = at === operation.path && method === operation.method.toUpperCase();
  if (isCall && operation.responses[String(response.status)] !== undefined) {
    const faults = check(operation, response);
    return [...everyFault(faults), ...faults.undocumented];
  }
  return typeof response.body === 'string' ? [] : envelopeFailures(response.status, response.body);
}

const metricsPort = /"port":(\d+)[^}]*"msg":"metrics are served"/.exec(target.server.log())?.[1];

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** The smallest heap size until `done`, in bytes: about the size after a garbage collection. */
async function minHeap(done: () => boolean): Promise<number> {
  let min = Number.POSITIVE_INFINITY;
  do {
    min = Math.min(min, await metric('nodejs_heap_size_used_bytes'));
    await new Promise((next) => setTimeout(next, 250));
  } while (!done());
  return min;
}

test(`${total} malformed requests, seed ${seed}`, async () => {
  const begun = performance.now();
  const drafts = fc.sample(requests.structured, { seed, numRuns: wanted.structured });
  const bytes = fc.sample(requests.raw, { seed, numRuns: wanted.raw });
  const statuses: Record<number, number> = {};
  const failures: string[] = [];
  const report = (what: unknown, found: string[]) => {
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
        // On a busy machine Redis can be slow. A 503 is then no response to the malformed request, so send it again.
        const response = first.status === 503 ? await sendDraft(port, agent, draft) : first;
        count(response.status);
        report(
          { ...draft, operation: draft.operation.operationId, body: String(draft.body) },
          failuresOf(draft, response),
        );
      } catch (error) {
        report({ ...draft, operation: draft.operation.operationId }, [(error as Error).message]);
      }
    });
  /** Sends the requests and measures the heap meanwhile. */
  const part = async (some: Draft[]) => {
    let over = false;
    const [heap] = await Promise.all([
      minHeap(() => over),
      sendAll(some).finally(() => {
        over = true;
      }),
    ]);
    return heap;
  };
  const half = drafts.length / 2;
  const heapBefore = await part(drafts.slice(0, half));
  await mapConcurrently(bytes, 16, async (request) => {
    for (const response of (await sendBytes(port, request)).split(/(?=HTTP\/1\.1 \d)/).filter((text) => text !== '')) {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1]);
      count(status);
      const [head = '', body = ''] = response.split('\r\n\r\n');
      if (status >= 500) report(request.toString('latin1'), [response]);
      else if (status >= 400 && /application\/json/.test(head))
        report(request.toString('latin1'), envelopeFailures(status, JSON.parse(body)));
    }
  });
  const heapAfter = await part(drafts.slice(half));

  process.stderr.write(
    `seed ${seed}, ${((performance.now() - begun) / 1000).toFixed(1)} s, answers by status ${JSON.stringify(statuses)}\n`,
  );
  expect(failures.slice(0, 5)).toEqual([]);
  // The server process still runs, without unexpected errors.
  expect(target.server.process.exitCode).toBeNull();
  expect(target.server.log()).not.toContain('unexpected_error');
  // Use a new portal, because a request may have deleted the one from the contract's examples.
  const { token: fresh } = await target.arrange('keyUser');
  expect(fresh).toMatch(/^ps_/);
  agent.destroy();
  await new Promise((next) => setTimeout(next, 500));
  expect(await metric('process_open_fds')).toBeLessThanOrEqual(idleFds + 4);
  expect(await metric('portico_http_requests_in_flight')).toBe(0);
  expect(heapAfter).toBeLessThan(heapBefore + 16 * 2 ** 20);
}, 300_000);
