/** Compiles every snippet of the guides, runs those that call the server, and checks every link. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Portico, type PorticoError } from '../../clients/typescript/src/index.ts';
import { errors } from '../../generated/errors.ts';
import { operations } from '../../generated/operations.ts';
import { languages } from '../../scripts/clients/languages.ts';
import { root } from '../../src/server/package.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';
import { go, goEnvironment, prepareToolchains, python } from '../support/toolchains.ts';
import { guides, linksOf, type Snippet, snippetsOf } from './snippets.ts';

const quickstart = 'docs/quickstart.md';
/** The steps of the quickstart form one program per language. */
const isStep = ({ page, language, section }: Snippet) =>
  page === quickstart && section !== 'Before you begin' && language !== 'json';

const snippets = guides().flatMap(snippetsOf);
const programs = ['sh', 'ts', 'python', 'go'].map((language): Snippet => {
  const steps = snippets.filter((snippet) => isStep(snippet) && snippet.language === language);
  const code = steps.map((step) => step.code).join('\n');
  return { page: quickstart, line: steps[0]?.line ?? 0, section: '', language, file: undefined, code };
});
const all = [...snippets.filter((snippet) => !isStep(snippet) && snippet.file === undefined), ...programs];
const of = (language: string) => all.filter((snippet) => snippet.language === language);
const nameOf = ({ page, line }: Snippet) => `${page}:${line}`;
const table = (language: string) => of(language).map((snippet): [string, Snippet] => [nameOf(snippet), snippet]);

let directory: string;
beforeAll(async () => {
  await prepareToolchains();
  directory = await mkdtemp(join(tmpdir(), 'portico-guides-'));
}, 300_000);
afterAll(() => rm(directory, { recursive: true }));

/** Runs a command. */
const run = (command: string, args: string[], env: Record<string, string> = {}, cwd = directory) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const options = { cwd, env: { ...process.env, ...env } };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });

/** Writes a snippet to its own file. */
async function file({ page, line, code }: Snippet, extension: string): Promise<string> {
  const path = join(directory, `${page.replaceAll(/[/.]/g, '-')}-${line}.${extension}`);
  await writeFile(path, code);
  return path;
}

test('every snippet is in a language that this file knows', () => {
  const known = ['sh', 'ts', 'python', 'go', 'json', 'yaml', 'html', 'nginx', 'http', ''];
  expect(all.filter(({ language }) => !known.includes(language)).map(nameOf)).toEqual([]);
});

/** Declares what the guides use from the quickstart. */
const fromTheQuickstart = `import type { Portico } from '@portico/client';
declare global {
  const backend: Portico;
}
`;

describe('TypeScript', () => {
  let output: string;
  beforeAll(async () => {
    for (const name of ['openapi.yaml', 'contract-tests', 'node_modules'])
      await symlink(join(root, name), join(directory, name));
    for (const snippet of of('ts')) await file(snippet, 'ts');
    await writeFile(join(directory, 'quickstart.d.ts'), fromTheQuickstart);
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    const generator = snippets.find(({ code }) => code.startsWith('// generate.ts\n'));
    await writeFile(join(directory, 'generate.ts'), generator?.code ?? '');
    // The module that the scripts of "Move your keys" import.
    const importer = snippets.find(({ code }) => code.includes('export async function importKeys('));
    await writeFile(join(directory, 'import-keys.ts'), importer?.code ?? '');
    expect(await run(process.execPath, ['generate.ts'])).toMatchObject({ code: 0 });
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
    // A reader's project does not need to be as strict as ours.
    const mild = { noPropertyAccessFromIndexSignature: false, exactOptionalPropertyTypes: false };
    const here = { noUnusedLocals: false, allowImportingTsExtensions: true, moduleDetection: 'force' };
    // The source of the package, because it may not be built.
    const source = join(root, 'clients/typescript/src');
    const paths = { '@portico/client': [`${source}/index.ts`], '@portico/client/*': [`${source}/*.ts`] };
    const options = { ...compilerOptions, ...mild, ...here, paths, rewriteRelativeImportExtensions: false };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
    ({ output } = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', directory]));
  });

  test.each(table('ts'))('%s', async (_, snippet) => {
    const name = (await file(snippet, 'ts')).slice(directory.length + 1);
    expect(output.split('\n').filter((line) => line.includes(name))).toEqual([]);
  });

  test('the compiler reports no other error', () => {
    expect(output).toBe('');
  });

  test('the generator of the guide writes the requests and responses that @portico/client has', () => {
    // The package is generated from the spec with the names of its texts and numbers, which the file of the guide lacks.
    const typesIn = (project: string) => {
      const types = readFileSync(join(project, 'generated/client/types.gen.ts'), 'utf8');
      return [...types.matchAll(/^export type (\w+(?:Request|Response|Data|Error)s?) =/gm)].map(([, name]) => name);
    };
    expect(typesIn(directory).length).toBeGreaterThan(50);
    expect(typesIn(directory)).toEqual(typesIn(root));
  });
});

describe('shell', () => {
  test.each(table('sh'))('%s', async (_, snippet) => {
    expect(await run('/bin/sh', ['-n', await file(snippet, 'sh')])).toEqual({ code: 0, output: '' });
  });
});

describe('Python', () => {
  test.each(table('python'))('%s', async (_, snippet) => {
    expect(await run(python(), ['-m', 'py_compile', await file(snippet, 'py')])).toEqual({ code: 0, output: '' });
  });
});

describe('Go', () => {
  test.each(table('go'))('%s is formatted, and passes vet', async (_, snippet) => {
    const path = await file(snippet, 'go');
    expect(await run('gofmt', ['-e', '-d', path])).toEqual({ code: 0, output: '' });
    expect(await run(go(), ['vet', path], goEnvironment)).toEqual({ code: 0, output: '' });
  });
});

describe('the client programs in the guides', () => {
  const shown = snippets.flatMap(({ file, code }) => (file === undefined ? [] : [[file, code] as const]));

  test.each(shown)('%s is what `npm run clients` runs', (name, code) => {
    expect(code).toBe(readFileSync(join(root, name), 'utf8'));
  });

  test('include the first program of every language', () => {
    const first = languages.flatMap(({ id, first }) => (first ? [`scripts/clients/programs/${id}/${first.file}`] : []));
    expect(shown.map(([name]) => name)).toEqual(expect.arrayContaining(first));
  });
});

test.each(table('json'))('JSON: %s', (_, { code }) => {
  expect(JSON.parse(code)).toHaveProperty('meta.requestId');
});

describe('calls', () => {
  let redis: LocalRedis;
  let server: LocalServer;
  let env: Record<string, string>;
  let backend: Portico;
  beforeAll(async () => {
    redis = await startRedis();
    server = await startPatientServer({ PORT: '0', REDIS_URL: redis.url });
    const { rootKey } = await operate<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
    backend = new Portico({ baseUrl: server.url, rootKey });
    env = { BASE_URL: server.url, ROOT_KEY: rootKey };
  });
  afterAll(async () => {
    await server?.stop();
    await redis?.stop();
  });

  /** Creates a new portal, and a user with a key. Returns the variables that the snippets use. */
  async function prepare(): Promise<Record<string, string>> {
    await backend.portal.deleteConfiguration({ portal: 'my-portal' }).catch((error: PorticoError) => {
      expect(error.code).toBe('unkey/data/portal_config_not_found');
    });
    const { apiId } = await backend.apis.createApi({ name: 'Payments', prefix: 'pay' });
    const returnUrl = 'https://app.acme.example/settings';
    await backend.portal.createConfiguration({ slug: 'my-portal', returnUrl, apiIds: [apiId] });
    const body = { slug: 'my-portal', externalId: 'user_123', permissions: ['api.*.create_key', 'api.*.read_key'] };
    const { sessionId } = await backend.portal.createSession(body);
    const { token } = await backend.portal.exchangeSession({ sessionId });
    const { key, keyId } = await backend.portal.createKey({ apiId }, { sessionToken: token });
    return { TOKEN: token, API_ID: apiId, KEY: key, KEY_ID: keyId };
  }

  const calls = (page: string) => of('sh').filter((one) => one.page === page && /^curl .*\$BASE_URL/m.test(one.code));
  const pages = guides().filter((page) => page !== quickstart && calls(page).length > 0);

  test.each(pages)('%s', async (page) => {
    const prepared = await prepare();
    const snippets = calls(page);
    const results: unknown[] = [];
    for (const snippet of snippets) {
      const { code, output } = await run('/bin/sh', [await file(snippet, 'sh')], { ...env, ...prepared });
      results.push([nameOf(snippet), code, Object.keys(JSON.parse(output))]);
    }
    expect(results).toEqual(snippets.map((one) => [nameOf(one), 0, expect.arrayContaining(['data'])]));
  });
});

describe('links', () => {
  const known = new Set([
    ...Object.keys(operations).map((id) => `docs/reference/${id}.md`),
    ...Object.keys(errors).map((code) => `docs/errors/${code}.md`),
    ...['environment', 'command-line', 'portal'].map((name) => `docs/configuration/${name}.md`),
  ]);
  test.each(guides())('of %s have existing targets', (page) => {
    const targets = linksOf(page)
      .filter((target) => !target.startsWith('https://'))
      // site.test.ts checks the anchors.
      .map((target) => normalize(join(dirname(page), target.replace(/#.*$/, ''))));
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter((target) => !known.has(target) && !existsSync(join(root, target)))).toEqual([]);
  });
});
