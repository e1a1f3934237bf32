/** Sends one operation to one server for some time, and measures its cost, there and in Redis. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemBinary } from '../../../tests/support/system-binary.ts';
import { onCore } from '../cores.ts';
import type { Peer } from './peer.ts';

/** The results of one run. Times are in µs. */
export interface Run {
  requestsPerSecond: number;
  p50: number;
  p99: number;
  /** CPU time of the server per request. */
  cpu: number;
  /** CPU time of Redis per request. */
  redisCpu: number;
  /** Memory of the server at the end, in bytes. */
  memory: number;
}

/** A repeated request; with `once` a request for each body, of which there must be more than can be sent in the time. */
export interface Load {
  path: string;
  headers: Record<string, string>;
  bodies: string[];
  once?: boolean;
}

/** How long and with how many connections a load is sent, and the CPU time that Redis has used so far, in µs. */
export interface Measure {
  seconds: number;
  connections: number;
  redisMicros: () => Promise<number>;
}

/** What wrk.lua prints. Times are in µs. */
interface Printed {
  requests: number;
  micros: number;
  failed: number;
  p50: number;
  p99: number;
}

async function wrk(url: string, { headers, bodies, once }: Load, { seconds, connections }: Measure): Promise<Printed> {
  const directory = mkdtempSync(join(tmpdir(), 'portico-bench-'));
  try {
    const file = join(directory, 'bodies');
    writeFileSync(file, bodies.map((body) => `${body}\n`).join(''));
    const [program = '', ...args] = onCore(1, [
      systemBinary(['wrk'], { debian: 'wrk', brew: 'wrk' }),
      ...['-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(import.meta.dirname, 'wrk.lua'), url],
    ]);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
    const env = { ...process.env, BODIES: file, HEADERS: lines.join(''), ONCE: once ? '1' : '0' };
    const { stdout } = await promisify(execFile)(program, args, { env });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** @throws Error if a response is not 2xx, because the figures then mean nothing */
export async function run(peer: Peer, load: Load, measure: Measure): Promise<Run> {
  const [server, redis] = [peer.cpuMicros(), await measure.redisMicros()];
  const url = `${peer.url}${load.path}`;
  const { requests, micros, failed, p50, p99 } = await wrk(url, load, measure);
  if (failed > 0) throw new Error(`${url}: ${failed} failed`);
  if (load.once && requests + 2000 > load.bodies.length) throw new Error(`${url}: more bodies are needed`);
  return {
    requestsPerSecond: requests / (micros / 1e6),
    p50,
    p99,
    cpu: (peer.cpuMicros() - server) / requests,
    redisCpu: ((await measure.redisMicros()) - redis) / requests,
    memory: peer.memory(),
  };
}
