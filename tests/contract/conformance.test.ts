/** The published suite: the command, its exit codes and reports, the library, and the mutants that it must catch. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { titleOfResult } from '../../contract-tests/engine/expected-failures.ts';
import {
  type CheckResult,
  type ConformanceReport,
  conformanceChecks,
  runConformance,
  SuiteError,
} from '../../contract-tests/index.ts';
import { writtenMutants } from '../../contract-tests/mutants/index.ts';
import type { Mutant } from '../../contract-tests/mutants/mutant.ts';
import { type Defect, startProxy } from '../../contract-tests/mutants/proxy.ts';
import { type ServerTarget, startServerTarget } from '../support/server-target.ts';
import { operate } from '../support/shared/client.ts';

let server: ServerTarget;
let directory: string;
let given: Record<
  'rootKey' | 'slug' | 'disabledSlug' | 'foreignRootKey' | 'otherApiRootKey' | 'limitedRootKey' | 'openapiUrl',
  string
>;

beforeAll(async () => {
  [server, directory] = await Promise.all([startServerTarget(), mkdtemp(join(tmpdir(), 'portico-conformance-'))]);
  const { rootKey, slug } = await server.arrange('portal');
  const disabled = ['--workspace', server.workspaceId, '--slug', 'closed', '--disabled'];
  await operate(server.redisEnv, 'portal', 'create', ...disabled);
  const foreign = await operate<{ rootKey: string }>(server.redisEnv, 'workspace', 'create', '--name', 'Other');
  const { rootKey: otherApiRootKey } = await server.arrange('otherApiRootKey');
  const { rootKey: limitedRootKey } = await server.arrange('limitedRootKey');
  const { openapiUrl } = server;
  const keys = { rootKey, foreignRootKey: foreign.rootKey, otherApiRootKey, limitedRootKey };
  given = { ...keys, slug, disabledSlug: 'closed', openapiUrl };
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const run = (file: string, args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
    execFile(
      process.execPath,
      [join(import.meta.dirname, '../../contract-tests', file), ...args],
      options,
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
const conformance = (...args: string[]) => run('cli.ts', args);
const own = () => ['--target', server.baseUrl, '--root-key', given.rootKey, '--slug', given.slug];
const all = () => {
  const keys = ['--foreign-root-key', given.foreignRootKey, '--other-api-root-key', given.otherApiRootKey];
  const more = ['--disabled-slug', given.disabledSlug, ...keys, '--limited-root-key', given.limitedRootKey];
  return [...own(), ...more, '--openapi-url', given.openapiUrl];
};

/** The body of a createSession with another URL. */
const withUrl = (body: unknown, url: string) => {
  const { data, ...rest } = body as { data: object };
  return { ...rest, data: { ...data, url } };
};

/** The mutants of the server that the suite must catch here: some of each kind. `npm run mutants` runs them all. */
const sample = [
  'a session id works more than once',
  'a session id works twice in concurrent exchanges',
  'the cookie is not HttpOnly',
  'a session has an undocumented state',
  "another workspace's portal can be reached",
  'update_key alone does not show the keys',
  'validation stops at the first failure',
  'requestId is always the same',
  'the rate limit is not enforced',
  'a cookie is accepted from pages of any origin',
  'a permission on one API is one on all',
  "another portal's document is shown if the portal has none",
];

function mutantOf(name: string): Mutant {
  const mutant = writtenMutants(given).find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant "${name}"`);
  return mutant;
}

/** Runs `work` against the server, behind a proxy with this defect. */
async function behind<T>(defect: Defect, work: (url: string) => Promise<T>): Promise<T> {
  const proxy = await startProxy(server.baseUrl, defect);
  try {
    return await work(proxy.url);
  } finally {
    await proxy.stop();
  }
}

describe('the command', () => {
  test('exits with 0 for a server that implements the contract, reports skipped checks with reasons, and writes three reports', async () => {
    const files = {
      json: join(directory, 'report.json'),
      xml: join(directory, 'junit.xml'),
      md: join(directory, 'report.md'),
    };
    const reports = ['--report', files.json, '--junit', files.xml, '--markdown', files.md];
    // Behind the proxy of the mutants without a defect, the checks that the mutants break: a mutant fails because of its defect alone.
    // contract.test.ts runs all checks.
    const only = [
      ...sample.map((name) => mutantOf(name).breaks.source),
      '^auditLogs',
      'cannot',
      'without the permission',
    ].join('|');
    const { code, stdout } = await behind({}, (url) =>
      conformance('--target', url, ...all().slice(2), '--strict-responses', '--only', only, ...reports),
    );
    expect(stdout).toMatch(/\n\d+ passed, 0 failed, \d+ skipped\n$/);
    expect(stdout).toMatch(/skipped \d+: no HTTP call can create this state/);
    expect(code).toBe(0);

    const report: ConformanceReport = JSON.parse(await readFile(files.json, 'utf8'));
    expect(report.failed).toBe(0);
    expect(report.results).toHaveLength(report.passed + report.skipped);
    expect(report.results.filter(({ outcome, reason }) => outcome === 'skipped' && !reason)).toEqual([]);
    const placed = ({ operation, specLine, source }: CheckResult) => operation === 'elsewhere' || specLine || source;
    expect(report.results.filter((result) => !placed(result))).toEqual([]);

    // With a limited root key, no check of its permissions is skipped.
    const skipped = report.results.filter(({ outcome }) => outcome === 'skipped').map(({ promise }) => promise);
    expect(skipped.filter((promise) => /without the permission|root key (lacks|has)/.test(promise))).toEqual([]);

    const xml = await readFile(files.xml, 'utf8');
    expect(XMLValidator.validate(xml)).toBe(true);
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml);
    expect(testsuites).toMatchObject({ '@_tests': String(report.results.length), '@_failures': '0' });

    const markdown = await readFile(files.md, 'utf8');
    expect(markdown).toContain(`${report.passed} passed, 0 failed`);
    for (const text of [stdout, JSON.stringify(report), xml, markdown]) {
      expect(text).not.toContain(given.rootKey.slice(-32));
      expect(text).not.toContain(given.foreignRootKey.slice(-32));
      expect(text).not.toContain(given.otherApiRootKey.slice(-32));
      expect(text).not.toContain(given.limitedRootKey.slice(-32));
    }
  });

  test('skips checks without the required options, and --strict fails for skipped checks', async () => {
    const only = 'createSession › (a session is created|a disabled portal is refused)$';
    const lenient = await conformance(...own(), '--only', only);
    expect(lenient.code).toBe(0);
    const strict = await conformance(...own(), '--strict', '--only', only);
    expect(strict.code).toBe(1);
    expect(strict.stdout).toMatch(/0 failed, [1-9]\d* skipped/);
  });

  test('exits with 1 for a broken promise, and prints it without credentials', async () => {
    const markdownFile = join(directory, 'broken.md');
    const defect: Defect = {
      onReply: (reply, { operation }) => (operation === 'portal.exchangeSession' ? { ...reply, status: 418 } : reply),
    };
    const { code, stdout } = await behind(defect, (url) =>
      conformance('--target', url, ...own().slice(2), '--only', 'a session is exchanged', '--markdown', markdownFile),
    );
    expect(code).toBe(1);
    expect(stdout).toContain('BROKEN  portal.exchangeSession › a session is exchanged');
    expect(stdout).toMatch(/sent {6}curl -X POST 'http:[^']+\/v2\/portal\.exchangeSession' \\\n/);
    expect(stdout).toMatch(
      / -H 'Content-Type: application\/json' \\\n {2}--data-raw '\{"sessionId":"pst_\[redacted\]"\}'\n/,
    );
    expect(stdout).toMatch(/received {2}418 .*"token":"ps_\[redacted\]"/);
    expect(stdout).toMatch(/promised {2}200\n {2}source {4}openapi\.yaml:\d+/);
    expect(await readFile(markdownFile, 'utf8')).toContain(
      '| portal.exchangeSession | a session is exchanged | status is 418, not 200',
    );
  });

  test.each([
    ['no target', [], /required option '--target <url>'/],
    ['an unknown flag', ['--target', 'http://localhost:1', '--fast'], /unknown option '--fast'/],
    [
      'a target that is not a URL',
      ['--target', 'localhost', '--root-key', 'k', '--slug', 's'],
      /"localhost" is not an http/,
    ],
    [
      'a target that does not respond',
      ['--target', 'http://127.0.0.1:1', '--root-key', 'k', '--slug', 's'],
      /no response from/,
    ],
    ['no root key', ['--target', 'http://127.0.0.1:1', '--slug', 's'], /a root key is required/],
    ['no slug', ['--target', 'http://127.0.0.1:1', '--root-key', 'k'], /the slug of an enabled portal is required/],
    ['an invalid pattern', ['--target', 'prism', '--only', '('], /not a regular expression/],
    ['an invalid concurrency', ['--target', 'prism', '--concurrency', 'many'], /--concurrency takes an integer/],
  ])('exits with 2 for %s', async (_, args, sentence) => {
    const { code, stderr } = await conformance(...args);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('exits with 2 for a pattern that matches nothing', async () => {
    const { code, stderr } = await conformance(...own(), '--only', 'no such promise');
    expect(stderr).toMatch(/no check matches/);
    expect(code).toBe(2);
  });

  test('names a missing operation in one line, and groups failures by their cause', async () => {
    const defect: Defect = {
      onReply: (reply, { operation }) =>
        operation === 'portal.endSession'
          ? { ...reply, status: 404, body: 'Not Found' }
          : { ...reply, headers: { ...reply.headers, 'cache-control': undefined } },
    };
    const only = 'portal.(end|get|exchange)Session › ';
    const { code, stdout } = await behind(defect, (url) =>
      conformance('--target', url, ...own().slice(2), '--only', only),
    );
    expect(stdout).toMatch(/\nnot implemented: portal\.endSession \(\d+ of its checks are skipped\)\n/);
    expect(stdout.match(/portal\.endSession ›/g) ?? []).toEqual([]);
    // A flow that calls it while another request waits is skipped too.
    expect(stdout).not.toContain('no response');
    expect(stdout).toMatch(/ and 1 more with the same cause \(header Cache-Control is missing\):\n/);
    expect(stdout.split('\n').length).toBeLessThan(120);
    expect(code).toBe(1);
  });

  test('exits with 2 for an unknown root key or slug', async () => {
    const wrongKey = await conformance('--target', server.baseUrl, '--root-key', 'rk_wrong', '--slug', given.slug);
    expect(wrongKey).toMatchObject({
      code: 2,
      stderr: 'The suite could not run: the target does not know the root key\n',
    });
    const wrongSlug = await conformance('--target', server.baseUrl, '--root-key', given.rootKey, '--slug', 'wrong');
    expect(wrongSlug.code).toBe(2);
    expect(wrongSlug.stderr).toContain('has no portal "wrong"');
  });

  test('runs on Prism, and prints the share of checks that can run there', async () => {
    // tests/contract/contract.test.ts runs all checks on Prism.
    const { code, stdout } = await conformance('--target', 'prism', '--only', 'etSession');
    expect(code).toBe(0);
    const [, run = 0, total = 0] = /The suite ran (\d+) of (\d+) \(\d+ %\)/.exec(stdout) ?? [];
    expect(Number(run)).toBeGreaterThan(20);
    expect(Number(total)).toBeGreaterThan(Number(run));
  });
});

describe('the library', () => {
  test('runs the selected checks and returns a report', async () => {
    const options = { ...given, target: server.baseUrl, only: /getSession/ };
    const { passed, failed, skipped, results } = await runConformance(options);
    expect([failed, passed + skipped]).toEqual([0, results.length]);
  });

  test('repeats a run with its seed on the same server', async () => {
    const only = /(createApi|createConfiguration|createKey|createSession) › .*(is created|Idempotency-Key)/;
    const bodies: string[][] = [];
    for (const seed of [5, 5]) {
      const sent: string[] = [];
      const defect: Defect = {
        onCall: ({ text }) => {
          sent.push(text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7/g, 'time'));
          return undefined;
        },
      };
      const settings = { ...given, only, seed, concurrency: 1 };
      const report = await behind(defect, (target) => runConformance({ ...settings, target }));
      expect([report.failed, report.seed, report.passed > 10]).toEqual([0, 5, true]);
      // Other bodies contain ids of the server.
      bodies.push(sent.filter((text) => text.includes('"portal-time')));
    }
    expect(bodies[0]?.length).toBeGreaterThan(3);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  test('a read-only run calls no operation that writes, and sends others no credential', async () => {
    const calls: string[] = [];
    const defect: Defect = {
      onCall: ({ method, operation, headers }) => {
        if (headers['authorization'] !== undefined || method === 'POST') calls.push(operation);
        return undefined;
      },
    };
    const only = /portal\.(getConf|create|listSess)|elsewhere|liveness/;
    const settings = { ...given, only, readOnly: true, clean: true };
    const report = await behind(defect, (target) => runConformance({ ...settings, target }));
    const skipped = report.results.filter(({ outcome }) => outcome === 'skipped').map(titleOfResult);
    expect([report.failed, skipped, report.readOnly]).toEqual([0, [], true]);
    expect(report.results.length).toBeGreaterThan(50);
    expect(report.cleaned).toMatchObject({ portals: 0, apis: 0, users: 0, sessions: 0, left: [] });
    const read = /^(liveness|readiness|\w+\.(get|list)[A-Z]\w*)$/;
    const unknownPaths = ['', 'portal.noSuchOperation'];
    expect(calls.filter((operation) => !read.test(operation)).sort()).toEqual(unknownPaths);
    const wrong = runConformance({ ...given, target: server.baseUrl, only, readOnly: true, slug: 'wrong' });
    await expect(wrong).rejects.toThrow(/has no portal "wrong"/);
  });

  test('deletes what it has created, and nothing else', async () => {
    const slug = 'clean';
    const workspace = ['workspace', 'create', '--name', 'Clean'] as const;
    const { workspaceId, rootKey } = await operate<{ workspaceId: string; rootKey: string }>(
      server.redisEnv,
      ...workspace,
    );
    await operate(server.redisEnv, 'portal', 'create', '--workspace', workspaceId, '--slug', slug);
    const call = async (operation: string, body: object) => {
      const headers = { Authorization: `Bearer ${rootKey}`, 'Content-Type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      return (await (await fetch(`${server.baseUrl}/v2/${operation}`, init)).json()) as { data: { apiId: string }[] };
    };
    const everything = async () => {
      const lists = ['portal.listConfigurations', 'apis.listApis', 'identities.listIdentities'];
      const [portals, apis, users] = await Promise.all(lists.map((list) => call(list, { limit: 100 })));
      const keys = await Promise.all((apis?.data ?? []).map(({ apiId }) => call('apis.listKeys', { apiId })));
      const sessions = [{ externalId: 'user_123' }, { slug }].map((filter) =>
        call('portal.listSessions', { ...filter, limit: 100 }),
      );
      return [portals, apis, users, ...keys, ...(await Promise.all(sessions))].map((list) => list?.data);
    };
    // A user whom the suite uses too, with a session and a name of their own.
    const user = { externalId: 'user_123' };
    await call('identities.updateIdentity', { ...user, name: 'Ours' });
    await call('portal.createSession', { ...user, slug, permissions: ['api.*.read_key'] });
    await call('apis.createApi', { name: 'Ours' });
    const before = await everything();
    const only =
      /(createApi|createConfiguration|createKey|importKeys|updateIdentity|exchangeSession) › .*(created|settings|imported|clears|works once)/;
    const { cleaned, failed } = await runConformance({ target: server.baseUrl, rootKey, slug, only, clean: true });
    expect(failed).toBe(0);
    expect(cleaned).toMatchObject({ left: [] });
    for (const kind of ['portals', 'apis', 'users', 'sessions'] as const) expect(cleaned?.[kind]).toBeGreaterThan(0);
    expect(await everything()).toEqual(before);
  });

  test('raises no alarm for a portal without a return URL', async () => {
    await operate(server.redisEnv, 'portal', 'create', '--workspace', server.workspaceId, '--slug', 'bare');
    const only = /portal.createSession › .*(return URL|session is)/;
    const { passed, failed } = await runConformance({ ...given, target: server.baseUrl, slug: 'bare', only });
    expect([passed > 5, failed]).toEqual([true, 0]);
  });

  test.each<[name: string, operation: string, body: unknown, broken: string]>([
    [
      'a createSession whose body is cut off',
      'portal.createSession',
      '{"meta":{"requestId":"req_1"},"da',
      'portal.createSession › a session is created',
    ],
    [
      'a createSession without a session id',
      'portal.createSession',
      { meta: { requestId: 'req_2c9a0jf23l4k567mnopq' }, data: {} },
      'portal.createSession › a session is created',
    ],
    [
      'an exchange without a token',
      'portal.exchangeSession',
      { meta: { requestId: 'req_2c9a0jf23l4k567mnopq' }, data: { expiresAt: 1 } },
      'portal.exchangeSession › a session is exchanged',
    ],
  ])('blames the target for %s, also if it is its first response', async (_, damaged, body, broken) => {
    const defect: Defect = {
      onReply: (reply, { operation }) => (operation === damaged && reply.status === 200 ? { ...reply, body } : reply),
    };
    const only = /a session is created|a session is exchanged|portal.getSession › a bearer/;
    const { results } = await behind(defect, (target) => runConformance({ ...given, target, only }));
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ operation, promise }) => `${operation} › ${promise}`)).toContain(broken);
  });

  test('blames the target for a createSession whose body is cut off, also where it needs one for a state of keys', async () => {
    const cut: Defect = {
      onReply: (reply, { operation }) =>
        operation === 'portal.createSession' && reply.status === 200 ? { ...reply, body: '{"meta":{"requ' } : reply,
    };
    const only = /^(keys.verifyKey|portal.createKey) › |a session is created/;
    const { results } = await behind(cut, (target) => runConformance({ ...given, target, only }));
    const failed = results.filter(({ outcome }) => outcome === 'failed').map(titleOfResult);
    expect(failed).toContain('portal.createSession › a session is created');
    const reason = 'portal.createSession returned what the contract does not promise, so the state is unavailable';
    expect(results.filter((result) => result.reason === reason).length).toBeGreaterThan(20);
  });

  test('blames the target for a link that is no URL', async () => {
    const broken: Defect = {
      onReply: (reply, { operation }) =>
        operation === 'portal.createSession' && reply.status === 200
          ? { ...reply, body: withUrl(reply.body, 'nowhere') }
          : reply,
    };
    const only = /^portal\.(createSession|updateConfiguration|exchangeSession) › /;
    const { failed } = await behind(broken, (target) => runConformance({ ...given, target, only }));
    expect(failed).toBeGreaterThan(1);
  });

  test('waits where the target refuses too many calls', async () => {
    let calls = 0;
    const limited: Defect = {
      onCall: ({ operation }) =>
        operation === 'portal.createSession' && calls++ % 2 === 0
          ? Promise.resolve({ status: 429, headers: { 'retry-after': '1' }, body: {} })
          : undefined,
    };
    const only = /^portal\.(getSession|createSession) › (a bearer|a session is created)/;
    const report = await behind(limited, (target) => runConformance({ ...given, target, only }));
    expect(report).toMatchObject({ failed: 0, skipped: 0 });
    expect(calls).toBeGreaterThan(4);
  });

  test.each([
    [301, { location: 'https://example.com/' }, /redirects every request/],
    [200, { 'content-type': 'text/html; charset=utf-8' }, /returns a page for every request/],
  ])('cannot run if every response is %d with %j', async (status, headers, reason) => {
    const defect: Defect = { onCall: () => Promise.resolve({ status, headers, body: '<h1>Hello</h1>' }) };
    await expect(behind(defect, (target) => runConformance({ ...given, target }))).rejects.toThrow(reason);
  });

  /** The server does not have some operations. */
  const without = (...missing: string[]): Defect => ({
    onReply: (reply, { operation }) => (missing.includes(operation) ? { ...reply, status: 404, body: {} } : reply),
  });

  test('skips what needs an operation of another profile, and does not report that operation', async () => {
    const only = /^portal\.createSession › .*host name/;
    const report = await behind(without('portal.createConfiguration'), (target) =>
      runConformance({ ...given, target, only, profile: 'sessions' }),
    );
    expect(report).toMatchObject({ failed: 0, passed: 0, notImplemented: [] });
    expect(report.results.map(({ reason }) => reason)).toContain('portal.createConfiguration is not implemented');
  });

  test('has a check that fails for a missing operation in the test runner of others', async () => {
    const only = /^portal\.(endSession|getSession) › /;
    const seen = await behind(without('portal.endSession'), async (target) => {
      const [first, ...others] = await conformanceChecks({ ...given, target, only });
      return { name: first?.name, result: await first?.run(), others: others.length };
    });
    expect(seen).toMatchObject({
      name: 'portal.endSession › is implemented',
      result: { outcome: 'failed', failures: ['not implemented'] },
    });
    expect(seen.others).toBeGreaterThan(10);
  });

  test('ends if a list has no end', async () => {
    const again: Defect = {
      onCall: (call, forward) =>
        /list/.test(call.operation)
          ? forward({ ...call, text: call.text.replace(/,?"cursor":"[^"]*"/, '') })
          : undefined,
    };
    const only = /^(identities\.listIdentities|portal\.listKeys) › /;
    const { failed } = await behind(again, (target) => runConformance({ ...given, target, only, clean: true }));
    expect(failed).toBeGreaterThan(1);
  });

  test('hides credentials in a format of their own', async () => {
    const own: Defect = {
      onReply: (reply, { operation }) =>
        operation === 'portal.createSession' && reply.status === 200
          ? {
              ...reply,
              body: {
                meta: {},
                data: { sessionId: 'tok/own+secret==', url: 'https://a.example/?session=tok/own+secret==' },
              },
            }
          : reply,
    };
    const only = /a session is (created|exchanged)$/;
    const report = await behind(own, (target) => runConformance({ ...given, target, only }));
    expect(report.failed).toBeGreaterThan(0);
    expect(JSON.stringify(report)).not.toContain('own+secret');
  });

  test('ends, and says what it could not see, if no key expires', async () => {
    const defect: Defect = {
      onCall: (call, forward) =>
        call.operation === 'portal.createKey'
          ? forward({ ...call, text: call.text.replace(/"expires":\d+/, '"enabled":true') })
          : undefined,
    };
    const only = /portal.createKey › a key over the limit/;
    const { results } = await behind(defect, (target) => runConformance({ ...given, target, only }));
    expect(results).toMatchObject([
      { outcome: 'skipped', reason: 'a key did not expire, so the state is unavailable' },
    ]);
  });

  test('cannot run at a path or a server without the contract, and with a disabled portal', async () => {
    const run = (over: { target?: string; slug?: string }) =>
      runConformance({ ...given, target: server.baseUrl, only: /portal.getSession/, ...over });
    await expect(run({ target: `${server.baseUrl}/v2` })).rejects.toThrow(/has no operation of the contract/);
    const other = createServer((_, response) => void response.writeHead(404).end('<h1>Not Found</h1>'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const target = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await expect(run({ target })).rejects.toThrow(/has no operation of the contract/);
    other.close();
    await expect(run({ slug: given.disabledSlug })).rejects.toThrow(/the portal "closed" is disabled/);
  });

  test('warns of what the contract does not document, and fails for it on request', async () => {
    const defect: Defect = {
      onReply: (reply, { operation }) => {
        if (operation !== 'portal.listSessions') return reply;
        const text = JSON.stringify(reply.body).replaceAll(/"state":"\w+"/g, '"state":"paused"');
        return { ...reply, body: JSON.parse(text.replace('"requestId"', '"region":"eu","requestId"')) };
      },
    };
    const only = /listSessions › a page has the requested length/;
    const [open, strict] = await behind(defect, (target) =>
      Promise.all([false, true].map((strictResponses) => runConformance({ ...given, target, only, strictResponses }))),
    );
    const undocumented = [
      'body/meta has the undocumented field "region"',
      'body/data/0/state has an undocumented value: must be equal to one of the allowed values',
    ];
    expect(open?.results).toMatchObject([{ outcome: 'passed', failures: [], warnings: undocumented }]);
    expect(open?.warned).toBe(1);
    expect(strict?.results).toMatchObject([{ outcome: 'failed', failures: undocumented }]);
  });

  describe('a broken part of responses fails exactly the checks of this part', () => {
    const only = /^(portal\.(exchange|get)Session|elsewhere) › /;
    const [exchange, get, elsewhere] = ['portal.exchangeSession', 'portal.getSession', 'elsewhere'];
    const everywhere = (promise: string) => [exchange, get, elsewhere].map((operation) => `${operation} › ${promise}`);
    const without =
      (...names: string[]): NonNullable<Defect['onReply']> =>
      (reply) => ({
        ...reply,
        headers: { ...reply.headers, ...Object.fromEntries(names.map((name) => [name, undefined])) },
      });
    const inBody =
      (part: 'meta' | 'error', change: (old: Record<string, unknown>) => object): NonNullable<Defect['onReply']> =>
      (reply) => {
        const body = reply.body as Record<string, Record<string, unknown> | undefined>;
        const old = body[part];
        return old === undefined ? reply : { ...reply, body: { ...body, [part]: { ...old, ...change(old) } } };
      };

    test.each<[name: string, onReply: NonNullable<Defect['onReply']>, broken: string[]]>([
      ['no Cache-Control', without('cache-control'), everywhere('every response has Cache-Control')],
      [
        'no WWW-Authenticate',
        without('www-authenticate'),
        [exchange, get].map((operation) => `${operation} › 401 has WWW-Authenticate`),
      ],
      ['no Allow', without('allow'), [exchange, get].map((operation) => `${operation} › 405 has Allow`)],
      [
        'no Set-Cookie',
        without('set-cookie'),
        [
          `${exchange} › the only cookie contains the token, is HttpOnly, for the whole site, and valid for 24 hours`,
          `${exchange} › 200 has Set-Cookie`,
        ],
      ],
      ['no header that nobody promises', without('date', 'x-content-type-options', 'server'), []],
      [
        'other titles',
        inBody('error', () => ({ title: 'Oops' })),
        everywhere('every error has the title of its status'),
      ],
      [
        'other sentences',
        inBody('error', () => ({ detail: 'Something went wrong.' })),
        [
          `${exchange} › portal_session_not_found has the sentence of its page`,
          `${get} › forbidden has the sentence of its page`,
          `${get} › portal_token_missing has the sentence of its page`,
          `${get} › portal_session_not_found has the sentence of its page`,
        ],
      ],
      [
        'another form of ids',
        inBody('meta', ({ requestId }) => ({ requestId: `id ${requestId}` })),
        [
          ...everywhere('errors keep the bounds of their fields'),
          ...[exchange, get].map((operation) => `${operation} › 200 keeps the bounds of its fields`),
        ],
      ],
    ])('%s', async (_, onReply, broken) => {
      const report = await behind({ onReply }, (target) => runConformance({ ...given, target, only }));
      const failed = report.results.filter(({ outcome }) => outcome === 'failed');
      expect(failed.map(({ operation, promise }) => `${operation} › ${promise}`).sort()).toEqual([...broken].sort());
      expect(report.passed).toBeGreaterThan(60);
    });

    test('the check of a part alone gets the responses that it needs, and no other check is reported', async () => {
      const alone = /^portal\.getSession › 401 has WWW-Authenticate$/;
      const [broken, healthy] = await Promise.all(
        [without('www-authenticate'), undefined].map((onReply) =>
          behind({ ...(onReply && { onReply }) }, (target) => runConformance({ ...given, target, only: alone })),
        ),
      );
      expect(healthy?.results).toMatchObject([{ outcome: 'passed', kind: 'header' }]);
      expect(broken?.results).toMatchObject([
        {
          outcome: 'failed',
          failures: ['header WWW-Authenticate is missing'],
          promised: expect.stringContaining('401'),
        },
      ]);
    });
  });

  test('throws if the suite, not the target, is at fault', async () => {
    await expect(runConformance({ target: 'nonsense' })).rejects.toThrow(SuiteError);
  });
});

describe('the suite can fail', () => {
  test.each(sample)('%s: the suite catches it and names the promise', async (name) => {
    const mutant = mutantOf(name);
    const run = (url: string) => runConformance({ ...given, target: url, only: mutant.breaks, strictResponses: true });
    const report = await behind(mutant.createDefect(), run);
    const broken = report.results.filter(({ outcome }) => outcome === 'failed');
    expect(broken.map(({ operation, promise }) => `${operation} › ${promise}`).join('\n')).toMatch(mutant.breaks);
  });
});
