/**
 * Tests the package as its user gets it: packed, installed into an empty project, compiled with different module settings,
 * and run against the real server. The program is that of the README.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { buildTypescriptClient, typescriptClient } from '../../scripts/build/client.ts';
import { typescriptClientSizes } from '../../scripts/lab/client-size.ts';
import { type LocalRedis, startRedis } from '../../tests/support/redis.ts';
import { type LocalServer, startPatientServer } from '../../tests/support/server.ts';
import { operate } from '../../tests/support/shared/client.ts';
import { Portico } from './src/index.ts';

const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
/** The summary of each operation in the spec. */
const summaries = Object.fromEntries(
  specOperations(await readSpec()).map(({ operationId, summary }) => [operationId, summary]),
);
/** The Node of this project, and the Node that runs npm, which can be older. */
const runtimes = [...new Set([process.execPath, process.env['npm_node_execpath'] ?? process.execPath])];
const manifest = JSON.parse(await readFile(join(typescriptClient, 'package.json'), 'utf8'));

let directory: string;
let project: string;
let tarball: string;

/** Runs a command in the project. If it fails, the error contains its output. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: project }).catch(({ stdout: output, stderr }) => {
    throw new Error(`${output}${stderr}`);
  });
  return stdout;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-package-'));
  // Express and its types are in the folder above, so that the project itself is empty.
  await symlink(modules, join(directory, 'node_modules'));
  project = join(directory, 'project');
  await mkdir(project);
  await buildTypescriptClient();
  const [packed] = JSON.parse(await run('npm', 'pack', '--json', typescriptClient));
  tarball = join(project, packed.filename);
  await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
  await run('npm', 'install', '--offline', '--no-audit', '--no-fund', tarball);
});
afterAll(() => rm(directory, { recursive: true }));

describe('the package', () => {
  test('has the version of the spec, and no dependencies', async () => {
    expect(manifest.version).toBe((await readSpec()).info.version);
    expect(manifest).not.toHaveProperty('dependencies');
    expect((await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual([
      '@portico',
    ]);
  });

  test('contains the build, and nothing else', async () => {
    const installed = join(project, 'node_modules/@portico/client');
    const files = (await readdir(installed, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const other = files.filter(({ parentPath }) => !parentPath.startsWith(join(installed, 'dist')));
    expect(other.map(({ name }) => name).sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    for (const { parentPath, name } of files) {
      const text = await readFile(join(parentPath, name), 'utf8');
      // No file refers to a path of the repository or of the machine that built it.
      expect([name, text.includes('../../generated'), text.includes(root)]).toEqual([name, false, false]);
    }
  });

  test('passes publint, with every suggestion', async () => {
    expect(await run(join(modules, '.bin/publint'), 'run', tarball, '--strict')).toContain('All good!');
  });

  test('has types for every module resolution, of ES modules and of CommonJS', async () => {
    const output = await run(join(modules, '.bin/attw'), tarball, '--profile', 'strict', '--format', 'json');
    const { analysis, problems = {} } = JSON.parse(output);
    expect(Object.keys(analysis.entrypoints)).toEqual(['.', './express', './fastify', './web', './package.json']);
    expect(problems).toEqual({});
  });
});

describe('bundle size, minified', () => {
  test('one operation, each further one, and an unused import', async () => {
    const sizes = await typescriptClientSizes();
    const bytes = (name: keyof typeof sizes) => sizes[name].minified;
    expect(bytes('one operation')).toBeLessThan(18_100);
    expect(bytes('two operations') - bytes('one operation')).toBeLessThan(300);
    expect(bytes('every operation')).toBeLessThan(29_000);
    expect(bytes('a cache of verifications') - bytes('one operation')).toBeLessThan(4000);
    expect(bytes('an unused import')).toBe(0);
  });
});

describe('a project that uses it', () => {
  /** Code that must not compile, each line marked, so that the compiler reports a line that does. */
  const strict = `
import { keysVerifyKey, type ErrorCode, Portico, PorticoError, type Verification } from '@portico/client';
import type { RequestHandler } from 'express';
import { verifyKey } from '@portico/client/express';
const portico = new Portico({ baseUrl: 'http://localhost' });
export const verification: Promise<Verification> = portico.call(keysVerifyKey, { key: 'k' });
// @ts-expect-error there is no such field
portico.portal.createSession({ slug: 's', externalId: 'u', permissions: [], typo: true });
// @ts-expect-error the operation accepts no Idempotency-Key
portico.portal.deleteKey({ keyId: 'k' }, { idempotencyKey: 'k' });
export const requestId = async (): Promise<string | undefined> => (await portico.liveness().withResponse()).requestId;
// @ts-expect-error apiId is required
verifyKey(portico, {});
// @ts-expect-error there is no such code
export const isTypo = (error: PorticoError) => error.code === 'unkey/data/api_not_fuond';
export const code = (error: PorticoError): ErrorCode | undefined => error.code;
export const handler: RequestHandler = (req) => {
  const externalId: string | undefined = req.portico?.externalId;
  // @ts-expect-error it is undefined without the middleware
  const always: string = req.portico.externalId;
  console.log(externalId, always);
};
`;

  /** A program of CommonJS, which loads the package with `require`. */
  const commonJs = `
import { Portico, PorticoUnreachable } from '@portico/client';
import { verifyKey as expressVerifyKey } from '@portico/client/express';
import { verifyKey as webVerifyKey } from '@portico/client/web';
const portico = new Portico({ baseUrl: 'http://127.0.0.1:1', rootKey: 'rk_x' });
console.log([expressVerifyKey, webVerifyKey].map((verifyKey) => typeof verifyKey(portico, { apiId: 'api_1' })).join());
portico.liveness({ maxAttempts: 1 }).catch((error) => console.log(error instanceof PorticoUnreachable));
`;

  test.each([
    ['CommonJS', 'bundler'],
    ['CommonJS', 'node10'],
    ['Node16', 'Node16'],
  ])(
    'compiles and runs as CommonJS: module %s, moduleResolution %s',
    async (module, moduleResolution) => {
      const name = `cjs-${module}-${moduleResolution}`;
      await mkdir(join(project, name, 'src'), { recursive: true });
      await writeFile(join(project, name, 'package.json'), '{"type":"commonjs"}');
      await writeFile(join(project, name, 'src/main.ts'), commonJs);
      const compilerOptions = {
        ...{
          module,
          moduleResolution,
          target: 'ES2022',
          strict: true,
          types: ['node'],
          rootDir: 'src',
          outDir: 'dist',
        },
        ...(moduleResolution === 'node10' && { ignoreDeprecations: '6.0' }),
        skipLibCheck: true,
      };
      await writeFile(join(project, name, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
      expect(await run(process.execPath, join(modules, 'typescript/bin/tsc'), '-p', name)).toBe('');
      expect(await readFile(join(project, name, 'dist/main.js'), 'utf8')).toContain('require("@portico/client")');
      for (const node of runtimes)
        expect(await run(node, join(name, 'dist/main.js'))).toBe('function,function\ntrue\n');
    },
    60_000,
  );

  beforeAll(async () => {
    const readme = await readFile(join(typescriptClient, 'README.md'), 'utf8');
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
    expect(blocks).toHaveLength(3);
    await mkdir(join(project, 'src'));
    await writeFile(join(project, 'src/readme.ts'), blocks.join('\n'));
    await writeFile(join(project, 'src/strict.ts'), strict);
  });

  test.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'bundler'],
  ])(
    'compiles: module %s, moduleResolution %s',
    async (module, moduleResolution) => {
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'ES2022',
        strict: true,
        exactOptionalPropertyTypes: true,
        types: ['node'],
        // The declarations are the same in both; attw has checked what they import.
        skipLibCheck: moduleResolution === 'bundler',
        outDir: `dist-${moduleResolution}`,
        rootDir: 'src',
      };
      const file = `tsconfig.${moduleResolution}.json`;
      await writeFile(join(project, file), JSON.stringify({ compilerOptions, include: ['src'] }));
      expect(await run(process.execPath, join(modules, 'typescript/bin/tsc'), '-p', file)).toBe('');
    },
    60_000,
  );

  test('shows the documentation of an operation in an editor', () => {
    const file = join(project, 'src/strict.ts');
    const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, strict: true, types: ['node'] });
    const source = program.getSourceFile(file);
    const documented = new Map<string, string>();
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node) || ts.isIdentifier(node)) {
        const checker = program.getTypeChecker();
        let symbol = checker.getSymbolAtLocation(node);
        if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
        documented.set(node.getText(source), ts.displayPartsToString(symbol?.getDocumentationComment(checker)));
      }
      ts.forEachChild(node, visit);
    };
    if (source !== undefined) visit(source);
    expect(documented.get('portico.portal.createSession')).toContain(summaries['portal.createSession']);
    expect(documented.get('keysVerifyKey')).toContain(summaries['keys.verifyKey']);
  });

  describe('runs', () => {
    let redis: LocalRedis;
    let server: LocalServer;
    let program: ChildProcess;
    let env: Record<string, string>;
    let key: string;

    beforeAll(async () => {
      redis = await startRedis();
      server = await startPatientServer({ PORT: '0', REDIS_URL: redis.url });
      const { rootKey } = await operate<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
      const backend = new Portico({ baseUrl: server.url, rootKey });
      const { apiId } = await backend.apis.createApi({ name: 'Payments', prefix: 'pay' });
      await backend.portal.createConfiguration({ slug: 'my-portal', apiIds: [apiId] });
      const session = { slug: 'my-portal', externalId: 'user_123', permissions: ['api.*.create_key'] };
      const { sessionId } = await backend.portal.createSession(session);
      const { token } = await backend.portal.exchangeSession({ sessionId });
      ({ key } = await backend.portal.createKey({ apiId }, { sessionToken: token }));
      env = { BASE_URL: server.url, ROOT_KEY: rootKey, API_ID: apiId, PORT: String(await freePort()) };
    });
    afterAll(async () => {
      if (program?.exitCode === null && program.signalCode === null) {
        program.kill();
        await once(program, 'close');
      }
      await server?.stop();
      await redis?.stop();
    });

    test.each(runtimes)('on %s', async (node) => {
      program = spawn(node, ['dist-NodeNext/readme.js'], { cwd: project, env: { ...process.env, ...env } });
      let output = '';
      program.stdout?.on('data', (chunk) => {
        output += chunk;
      });
      program.stderr?.on('data', (chunk) => {
        output += chunk;
      });
      const hello = async (headers: Record<string, string>): Promise<Response> => {
        for (;;) {
          const response = await fetch(`http://127.0.0.1:${env['PORT']}/v1/hello`, { headers }).catch(() => undefined);
          if (response !== undefined) return response;
          if (program.exitCode !== null) throw new Error(output);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const served = await hello({ Authorization: `Bearer ${key}` });
      expect([served.status, await served.json()]).toEqual([200, { hello: 'user_123' }]);
      expect((await hello({})).status).toBe(401);
      expect(output).toMatch(/\/\?session=pst_\w+\nIs the id right\? req_\w+\n$/);
      program.kill();
      await once(program, 'close');
    });
  });
});
