/**
 * Work and responses grow at most linearly with each input, for every operation and page of the contract. Inputs have limits, so
 * most are tested where they are largest: no request may keep the event loop busy for longer than 50 ms. A request that takes a
 * good part of that is also compared with one of a quarter of its size. The measure is the CPU time of the server's main thread,
 * and the least of several attempts counts, so a busy machine changes nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import { startServerTarget } from '../support/server-target.ts';
import { type Input, operationInputs, pageInputs, type Sent } from './inputs.ts';

/** The most that one request may take, in ms. The usual one takes less than 3 ms. */
const mostMs = 50;
/** A request that takes less than this, in ms, and a smaller response, are too small to be compared with another. */
const comparableMs = 10;
const comparableBytes = 10_000;
/** How many times longer an input of four times the size may take. A quadratic one takes 16 times as long. */
const mostRatio = 9;
const attempts = 6;

const directory = await mkdtemp(join(tmpdir(), 'portico-growth-'));
const socket = join(directory, 'cpu');
const preload = pathToFileURL(join(import.meta.dirname, 'cpu-time.ts')).href;
const target = await startServerTarget({
  TRUST_PROXY: '1',
  CPU_TIME_SOCKET: socket,
  NODE_OPTIONS: `--import ${preload}`,
});
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
afterAll(async () => {
  agent.destroy();
  await target.stop();
  await rm(directory, { recursive: true });
});
const { port } = target.server;
const { rootKey, token } = await target.arrange('key');
const spec = await readSpec();

const cpuMs = async () => Number(await text(connect(socket)));

/** Sends a request. @returns its status, and the size of the response in bytes */
function send({ method, path, headers, body }: Sent): Promise<{ status: number; bytes: number }> {
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { port, host: '127.0.0.1', agent, method, path, headers: { ...headers, ...length } },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject).end(body);
  });
}

/** One request, with the CPU time that it took the server. */
async function measure(sent: Sent) {
  const before = await cpuMs();
  const response = await send(sent);
  return { ...response, ms: (await cpuMs()) - before };
}

/** What is wrong with an attempt to send an input at its limit, and at a quarter of it. */
async function faultOf({ of, limit }: Input): Promise<string | undefined> {
  const whole = await measure(of(limit));
  if (whole.status === 429 || whole.status >= 500) return `status ${whole.status}`;
  if (whole.ms > mostMs) return `${Math.round(whole.ms)} ms`;
  if (whole.ms < comparableMs && whole.bytes < comparableBytes) return undefined;
  const quarter = await measure(of(limit / 4));
  if (whole.bytes > quarter.bytes + 2 * limit) return `${whole.bytes} bytes after ${quarter.bytes}`;
  const ratio = whole.ms / quarter.ms;
  return whole.ms >= comparableMs && ratio > mostRatio ? `${ratio.toFixed(1)} times as long` : undefined;
}

/** The inputs that have a fault at each of several attempts. */
async function faultsOf(inputs: Input[]): Promise<string[]> {
  const found: string[] = [];
  for (const input of inputs) {
    let fault = await faultOf(input);
    for (let i = 1; i < attempts && fault !== undefined; i++) fault = await faultOf(input);
    if (fault !== undefined) found.push(`${input.name}: ${fault}`);
  }
  return found;
}

const credentials = ({ security }: { security: Record<string, string[]>[] }) => {
  const schemes = security.flatMap((alternative) => Object.keys(alternative));
  if (schemes.length === 0) return undefined;
  return `Bearer ${schemes.includes('rootKey') ? rootKey : token}`;
};

/** Operations whose valid calls end the session of this test, or delete what it needs. They come last. */
const isDestructive = ({ operationId }: { operationId: string }) => /\.(delete|end|revoke|update)/.test(operationId);
const operations = specOperations(spec);

const testOf = async (_: string, operation: (typeof operations)[number]) => {
  const inputs = operationInputs(spec, operation, credentials(operation));
  expect(await faultsOf(inputs)).toEqual([]);
  expect(inputs.length).toBeGreaterThan(20);
};
const rows = (list: typeof operations) => list.map((operation) => [operation.operationId, operation] as const);

test.each(rows(operations.filter((operation) => !isDestructive(operation))))('of the operation %s', testOf);

const pages = [
  '/',
  '/keys',
  '/analytics',
  '/documentation',
  '/signed-out',
  '/docs',
  '/docs/quickstart',
  '/openapi.yaml',
];

test.each([...pages, '/assets', '/nothing', '/v2/nothing'])('of the page %s', async (path) => {
  const inputs = [...pageInputs(path, undefined), ...pageInputs(path, `portal_session=${token}`)];
  expect(await faultsOf(inputs)).toEqual([]);
});

test('the session was valid until here', async () => {
  const headers = { Authorization: `Bearer ${token}` };
  expect(await send({ method: 'POST', path: '/v2/portal.getSession', headers })).toMatchObject({ status: 200 });
});

test.each(rows(operations.filter(isDestructive)))('of the operation %s', testOf);
