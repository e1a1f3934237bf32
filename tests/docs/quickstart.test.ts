/**
 * Runs the quickstart as a reader does: joins the snippets of each language from the page into one file, and runs it
 * against the real server. All code comes from the page.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { buildTypescriptClient, typescriptClient } from '../../scripts/build/client.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';
import { go, goEnvironment, prepareToolchains, python } from '../support/toolchains.ts';
import { snippetsOf } from './snippets.ts';

/** The command that the page gives for each language. */
const languages = {
  sh: { file: 'quickstart.sh', binary: () => '/bin/sh', args: ['quickstart.sh'] },
  ts: { file: 'quickstart.ts', binary: () => process.execPath, args: ['quickstart.ts'] },
  // Unbuffered, so that the test sees the output while the program runs.
  python: { file: 'quickstart.py', binary: python, args: ['-u', 'quickstart.py'] },
  go: { file: 'quickstart.go', binary: go, args: ['run', 'quickstart.go'] },
};

/** The sections whose snippets form the program. The sections before them are preparation. */
const sections = /^([1-5]\. |When the session expires$)/;

let redis: LocalRedis;
let server: LocalServer;
let directory: string;
let env: Record<string, string>;
let program: ChildProcess | undefined;

beforeAll(async () => {
  await prepareToolchains();
  directory = await mkdtemp(join(tmpdir(), 'portico-quickstart-'));
  const client = join(directory, 'node_modules/@portico/client');
  await buildTypescriptClient(client);
  await cp(join(typescriptClient, 'package.json'), join(client, 'package.json'));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const snippets = snippetsOf('docs/quickstart.md').filter(({ section }) => sections.test(section));
  for (const [language, { file }] of Object.entries(languages)) {
    const code = snippets.filter((snippet) => snippet.language === language).map((snippet) => snippet.code);
    await writeFile(join(directory, file), code.join('\n'));
  }
  redis = await startRedis();
  const port = String(await freePort());
  server = await startPatientServer({ PORT: port, REDIS_URL: redis.url });
  const { rootKey } = await operate<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
  env = { BASE_URL: `http://localhost:${port}`, ROOT_KEY: rootKey, APP_URL: `http://localhost:${await freePort()}` };
}, 300_000);

afterEach(async () => {
  if (program?.pid === undefined || program.exitCode !== null) return;
  const ended = once(program, 'close');
  // `go run` starts a child process. Both are in one process group.
  process.kill(-program.pid, 'SIGKILL');
  await ended;
});

afterAll(async () => {
  await server?.stop();
  await redis?.stop();
  await rm(directory, { recursive: true });
});

/** Runs the program of a language until it exits, or until its output matches `last` while it keeps serving. */
async function run(language: keyof typeof languages, last: RegExp): Promise<string> {
  const { binary, args } = languages[language];
  program = spawn(binary(), args, {
    cwd: directory,
    env: { ...process.env, ...goEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  await new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (last.test(output)) resolve();
    };
    program?.stdout?.on('data', read);
    program?.stderr?.on('data', read);
    program?.once('close', resolve);
  });
  return output;
}

const ids = new Set<string>();
const [apiLine, portalLine, keyLine] = [/^API: (api_\w+)$/m, /^Portal: (portal_\w+)$/m, /^Key: pay_\w+$/m];

/** All languages send the same Idempotency-Key, so all of them get the same API and portal. */
function expectConfigured(output: string): void {
  const [, apiId] = apiLine.exec(output) ?? [];
  const [, portalId] = portalLine.exec(output) ?? [];
  expect([apiId, portalId]).not.toContain(undefined);
  ids.add(`${apiId} ${portalId}`);
  expect(ids.size).toBe(1);
}

const link = () => new RegExp(`^${env['BASE_URL']}/\\?session=pst_\\w{66}$`);

test('curl', async () => {
  const output = await run('sh', /never/);
  expect(program?.exitCode).toBe(0);
  expectConfigured(output);
  const redirects = output.match(/^HTTP\/1\.1 302 Found\nLocation: .+$/gm) ?? [];
  expect(redirects).toHaveLength(2);
  for (const redirect of redirects) expect(redirect.split('Location: ')[1]).toMatch(link());
  expect(output).toMatch(keyLine);
  const [session, verification] = (output.match(/^\{.*\}$/gm) ?? []).map((line) => JSON.parse(line).data);
  expect(session).toMatchObject({ externalId: 'user_123', tabs: ['keys', 'analytics', 'docs'] });
  expect(verification).toMatchObject({ valid: true, code: 'VALID', externalId: 'user_123', name: 'First key' });
});

describe.each(['ts', 'python', 'go'] as const)('%s', (language) => {
  test('does all five steps, and creates another session when one has expired', async () => {
    const output = await run(language, /^Verified: .*\n/m);
    expectConfigured(output);
    expect(output).toMatch(/^Signed in: user_123 \[?keys[ ,]analytics[ ,]docs\]?$/m);
    expect(output).toMatch(keyLine);
    expect(output).toMatch(/^Verified: VALID user_123$/m);

    const visit = async (path: string): Promise<Response> => {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const response = await fetch(env['APP_URL'] + path, { redirect: 'manual' }).catch(() => undefined);
        if (response !== undefined) return response;
        if (Date.now() > deadline) throw new Error(`nothing serves:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    for (const path of ['/portal', '/settings?reason=session_expired']) {
      const response = await visit(path);
      expect(response.status).toBe(302);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const location = response.headers.get('location') ?? '';
      expect(location).toMatch(link());
      const exchange = await fetch(`${env['BASE_URL']}/v2/portal.exchangeSession`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sessionId: new URL(location).searchParams.get('session') }),
      });
      expect(exchange.status).toBe(200);
    }
    // A user who has logged out gets no new session.
    expect((await visit('/settings')).status).toBe(200);
  });
});
