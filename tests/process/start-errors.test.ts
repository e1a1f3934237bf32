/** Every program reports an invalid setting or a port in use with one sentence on stderr and no stack trace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

let occupant: Server;
let taken: string;
beforeAll(async () => {
  occupant = createServer().listen(0, '127.0.0.1');
  await once(occupant, 'listening');
  taken = String((occupant.address() as AddressInfo).port);
});
afterAll(() => {
  occupant.close();
});

/** Runs a program until it ends, and returns its exit code and stderr. */
async function run(args: string[], env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  // Nothing listens on port 1. None of these programs gets far enough to need Redis.
  const base = { REDIS_URL: 'redis://127.0.0.1:1', HOST: '127.0.0.1', PORT: '0' };
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...base, ...env } });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.resume();
  const [code] = await once(child, 'close');
  return { code, stderr };
}

const start = ['scripts/start.ts'];
const server = ['src/server/main.ts'];

describe('an invalid setting', () => {
  test.each([
    ['npm start', start, { PORT: 'abc' }, 'PORT must be a port number from 0 to 65535.\n'],
    ['the server', server, { REDIS_URL: 'foo' }, expect.stringMatching(/^REDIS_URL must be a redis:\/\/ [^\n]+\.\n$/)],
    [
      'the server with workers',
      server,
      { WORKERS: '2', LOG_LEVEL: 'loud' },
      expect.stringMatching(/^LOG_LEVEL [^\n]+\n$/),
    ],
    [
      'the build of the documentation',
      ['scripts/build/docs.ts'],
      { PORTAL_BASE_URL: 'foo' },
      'PORTAL_BASE_URL must be an http:// or https:// origin without a path.\n',
    ],
    ['the demo', ['scripts/demo.ts'], { PORT: 'abc' }, 'PORT must be a port number from 0 to 65535.\n'],
    [
      'the command line',
      ['src/server/cli/main.ts', 'workspace', 'list'],
      { REDIS_MODE: 'foo' },
      expect.stringMatching(/^REDIS_MODE must be [^\n]+\.\n$/),
    ],
  ] as const)('%s', async (program, args, env, stderr) => {
    // 2 is an exit code of the command line, which also tells other failures apart.
    expect(await run([...args], env)).toEqual({ code: program === 'the command line' ? 2 : 1, stderr });
  });
});

describe('a port in use', () => {
  test.each([
    ['PORT', {}],
    ['METRICS_PORT', {}],
    ['PORT', { WORKERS: '2' }],
    ['METRICS_PORT', { WORKERS: '2' }],
  ])('%s %j', async (name, env) => {
    const { code, stderr } = await run(server, { ...env, [name]: taken });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `${name}=${taken} is in use by another process: stop that process, or choose another port.\n`,
    });
  });

  test('an address that this machine does not have', async () => {
    const { code, stderr } = await run(server, { HOST: '192.0.2.1' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'HOST=192.0.2.1 is not an address of this machine.\n' });
  });
});
