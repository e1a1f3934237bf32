/** The judge of clients: @portico/client holds each promise, and for each promise a client that breaks it is caught. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Call, calls, commandDriver, type Driver, type Reported } from '../../contract-tests/clients/driver.ts';
import { judgeClient, NotJudged } from '../../contract-tests/clients/judge.ts';
import { promises } from '../../contract-tests/clients/promises.ts';
import { credentials, stageFor } from '../../contract-tests/clients/server.ts';
import { everyFault, responseChecker } from '../../contract-tests/engine/check-response.ts';
import { readSpec, specFile, specOperations } from '../../contract-tests/engine/spec.ts';
import { porticoDriver } from '../../scripts/clients/portico-driver.ts';

const root = join(import.meta.dirname, '../..');
const spec = await readSpec();

/** The name of each promise that this driver breaks, of those with these ids. */
async function broken(driver: Driver, ids: readonly string[] = promises.map(({ id }) => id)): Promise<string[]> {
  const only = new RegExp(`^(${ids.join('|')})$`);
  const judgements = await judgeClient(driver, { only, concurrency: 12, spec });
  return judgements.filter(({ outcome }) => outcome === 'broken').map(({ id }) => id);
}

type Init = RequestInit & { headers: Headers; body: string | null };
type Send = (url: string, init: Init) => Promise<Response>;
const send = fetch as unknown as Send;

/** @portico/client with another `fetch`. */
const sending = (wrapped: Send) => porticoDriver({ fetch: wrapped as unknown as typeof fetch });

/** @portico/client that reports something else. */
const reporting =
  (change: (reported: Reported) => Reported): Driver =>
  async (call, env) =>
    change(await porticoDriver()(call, env));

/** Sends a request again, at once, as often as it fails. */
const again =
  (times: number): Send =>
  async (url, init) => {
    for (let i = 0; i < times; i++) {
      const response = await send(url, init).catch(() => undefined);
      if (response?.ok) return response;
    }
    return send(url, init);
  };

/** A client with a cookie jar that never lets go of its first cookie. */
function stickyJar(): Driver {
  return (call, env) => {
    let cookie: string | undefined;
    const jar = sending(async (url, init) => {
      if (cookie !== undefined) init.headers.set('Cookie', cookie);
      const response = await send(url, init);
      cookie ??= response.headers.getSetCookie()[0]?.split(';')[0];
      return response;
    });
    return jar(call, env);
  };
}

/** Refuses a response that has this text or this status. */
const refusing = (text: string | number) =>
  sending(async (url, init) => {
    const response = await send(url, init);
    if (response.status === text || (await response.clone().text()).includes(String(text))) throw new Error('strict');
    return response;
  });

const faults: [fault: string, driver: Driver, breaks: string[]][] = [
  [
    'the root key in a header of its own',
    sending((url, init) => {
      init.headers.set('X-Root-Key', credentials.ROOT_KEY);
      return send(url, init);
    }),
    ['credential-in-header'],
  ],
  ['a cookie that stays', stickyJar(), ['session-per-user', 'no-credential-where-none']],
  [
    'an error with the whole request',
    async (call, env) => ({
      error: { message: `${(await porticoDriver()(call, env)).error?.message} ${env.API_KEY}` },
    }),
    ['no-credential-in-errors'],
  ],
  [
    'fields that are null are left out',
    sending((url, init) => send(url, { ...init, body: init.body?.replace(',"name":null', '') ?? null })),
    ['null-clears'],
  ],
  [
    'null as the body of a call without input',
    sending((url, init) => send(url, { ...init, body: 'null' })),
    ['empty-input'],
  ],
  [
    'a new Idempotency-Key for each attempt',
    sending((url, init) => {
      init.headers.set('Idempotency-Key', crypto.randomUUID());
      return send(url, init);
    }),
    ['lost-acts-once', 'unavailable-acts-once'],
  ],
  [
    'no repeats',
    porticoDriver({ maxAttempts: 1 }),
    [
      'lost-recovers',
      'cut-recovers',
      'gateway-recovers',
      'in-progress-recovers',
      'unavailable-recovers',
      'limited-recovers',
    ],
  ],
  [
    'a repeat of everything, at once',
    sending(again(1)),
    [
      'lost-not-repeated',
      'reused-connection',
      'gateway-not-repeated',
      'unavailable-not-repeated',
      'refusal-not-repeated',
      'failure-not-repeated',
      'in-progress-waits',
      'unavailable-waits',
      'limited-waits',
      'date-waits',
      'long-wait-ends',
    ],
  ],
  ['twenty repeats', sending(again(20)), ['bounded-attempts']],
  [
    'a call that never ends',
    async (call, env) => commandDriver([process.execPath, '-e', 'setInterval(() => {}, 1e6)'], 100)(call, env),
    ['silent-server'],
  ],
  [
    'errors without what the server says',
    reporting(({ error, ...reported }) => (error ? { error: { message: 'HTTP error' } } : reported)),
    ['error-identified', 'request-id', 'every-problem', 'long-wait-reported', 'page-of-a-proxy'],
  ],
  [
    'failures as successes',
    reporting((reported) => (reported.error ? { value: null } : reported)),
    ['foreign-success', 'cut-success', 'redirect-no-success'],
  ],
  ['unknown fields are refused', refusing('addedLater'), ['new-fields']],
  ['unknown values are refused', refusing('ADDED_LATER'), ['new-values']],
  ['unknown statuses are refused', refusing(418), ['new-errors']],
  [
    'redirects are followed with everything',
    sending(async (url, init) => {
      const response = await send(url, init);
      const location = response.headers.get('Location');
      return location === null ? response : send(location, init);
    }),
    ['redirect-keeps-credential', 'redirect-keeps-body'],
  ],
];

test('@portico/client holds every promise', async () => {
  expect(await broken(porticoDriver())).toEqual([]);
});

describe('a client that breaks a promise is caught', () => {
  test.each(faults)('%s', async (_, driver, breaks) => {
    // The judge first makes a healthy call, which these clients can make.
    const [healthy] = [porticoDriver()];
    let isFirst = true;
    const judged: Driver = (call, env) => {
      const chosen = isFirst ? healthy : driver;
      isFirst = false;
      return chosen(call, env);
    };
    expect(await broken(judged, breaks)).toEqual(promises.map(({ id }) => id).filter((id) => breaks.includes(id)));
  });

  test('each promise is broken by one of them', () => {
    expect(faults.flatMap(([, , breaks]) => breaks).sort()).toEqual(promises.map(({ id }) => id).sort());
  });
});

test('the responses of the judge are those of the contract', async () => {
  const newStage = stageFor(spec);
  const check = responseChecker(spec);
  const operations = new Map(specOperations(spec).map((operation) => [operation.path, operation]));
  const failures: string[] = [];
  let checked = 0;
  const recording = sending(async (url, init) => {
    const response = await send(url, init);
    const operation = operations.get(new URL(url).pathname);
    if (operation === undefined) throw new Error(`no operation ${url}`);
    const headers = Object.fromEntries(response.headers);
    const body: unknown = await response.clone().json();
    failures.push(...everyFault(check(operation, { status: response.status, headers, body })));
    checked += 1;
    return response;
  });
  for (const call of Object.keys(calls) as Call[]) {
    const stage = await newStage();
    await recording(call, stage.env);
    await stage.stop();
  }
  expect(failures).toEqual([]);
  expect(checked).toBe(11);
});

test('the words of each source are in the contract', async () => {
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ');
  const text = plain(await readFile(specFile, 'utf8'));
  const quotes = promises.flatMap(({ source }) => (source.quote === undefined ? [] : [source.quote]));
  expect(quotes.length).toBeGreaterThan(10);
  expect(quotes.filter((quote) => !text.includes(plain(quote)))).toEqual([]);
});

describe('the command', () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, ['contract-tests/clients/cli.ts', ...args], { cwd: root }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });

  test('judges a program', async () => {
    const { code, stdout } = await run('--only', '^new-values$', 'node', 'scripts/clients/portico-driver.ts');
    expect(stdout).toBe(
      'held         must    new-values\n\nmust: 1 held, 0 broken, 0 unsupported; should: 0 held, 0 broken, 0 unsupported\n',
    );
    expect(code).toBe(0);
  });

  test('exits with 1 for a broken promise, and names it', async () => {
    // It knows neither errors nor more calls than this one.
    const program =
      'const { BASE_URL, ROOT_KEY: key, API_ID: apiId } = process.env;' +
      "const headers = { Authorization: 'Bearer ' + key, 'Content-Type': 'application/json', 'X-Key': key };" +
      "const body = JSON.stringify({ apiId, externalId: 'user_123', name: 'Production' });" +
      "const response = await fetch(BASE_URL + '/v2/keys.createKey', { method: 'POST', headers, body });" +
      'console.log(JSON.stringify({ value: (await response.json()).data.keyId }));';
    const command = ['node', '--input-type=module', '-e', program];
    const { code, stdout } = await run('--only', '^(credential-in-header|new-fields)$', ...command);
    expect(stdout).toContain('BROKEN       must    credential-in-header: The root key is in the Authorization header');
    expect(stdout).toContain('    the root key is in another header, the URL or the body');
    expect(stdout).toContain('must: 1 held, 1 broken, 0 unsupported');
    expect(code).toBe(1);
  });

  test('exits with 2 if the program makes no call', async () => {
    const { code, stderr } = await run('node', '-e', 'process.exit(7)');
    expect(stderr).toBe('The client could not be judged: the driver ended (7) without a report: \n');
    expect(code).toBe(2);
  });

  test('exits with 2 for wrong options, a report that cannot be written, and a client that makes no chosen call', async () => {
    // It knows the one call that the judge makes first.
    const program =
      "const value = process.argv.at(-1) === 'createKey' && { value: 'key_EXAMPLE1' };" +
      "console.log(JSON.stringify(value || { unsupported: 'no sessions' }));";
    const chosen = (...args: string[]) => run(...args, '--only', '^session-per-user$', 'node', '-e', program);
    const [flag, number, folder, none] = [
      await run('--fast', 'node'),
      await chosen('--concurrency', '0'),
      await chosen('--report', root),
      await chosen(),
    ];
    expect([flag, number, folder, none].map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect(flag.stderr).toContain("unknown option '--fast'");
    expect(number.stderr).toBe('The client could not be judged: --concurrency takes an integer from 1 to 9999\n');
    expect(folder.stderr).toContain('EISDIR');
    expect(none.stdout).toContain('must: 0 held, 0 broken, 1 unsupported; ');
    expect(none.stderr).toBe('The client could not be judged: it makes none of the chosen calls: no sessions\n');
  });

  test('exits with 0 for the help', async () => {
    const { code, stdout } = await run('--help');
    expect(stdout).toContain('Exit code: 0');
    expect(code).toBe(0);
  });

  test('a client that makes no call is not judged', async () => {
    const idle: Driver = async () => ({ value: 'nothing' });
    await expect(judgeClient(idle, { spec })).rejects.toThrow(NotJudged);
  });
});
