/** The code samples of every operation, checked without running them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { readFacts } from '../../scripts/build/docs-facts.ts';
import { sampleRequests } from '../../src/docs/pages/operation.ts';
import { type SampleRequest, samplesOf } from '../../src/docs/samples.ts';
import { root } from '../../src/server/package.ts';
import { expectEach } from '../support/expect-each.ts';
import { go, goEnvironment, prepareToolchains, python } from '../support/toolchains.ts';

let requests: SampleRequest[];
let directory: string;
let elsewhere: string;
beforeAll(async () => {
  const facts = await readFacts();
  requests = facts.operations.flatMap((operation) =>
    sampleRequests(facts, operation, 'http://localhost:3000').map(({ request }) => request),
  );
  // TypeScript resolves imports relative to a file, so this directory is inside the project.
  directory = await mkdtemp(join(root, 'src/docs/samples-'));
  elsewhere = await mkdtemp(join(tmpdir(), 'portico-samples-'));
  await prepareToolchains();
}, 300_000);
afterAll(async () => {
  for (const made of [directory, elsewhere]) await rm(made, { recursive: true });
});

const sampleIn = (title: string, request: SampleRequest) =>
  samplesOf(request).find((sample) => sample.title === title)?.text ?? '';

test('every sample in TypeScript compiles against @portico/client', async () => {
  const files = await Promise.all(
    requests.map(async (request, i) => {
      const file = join(directory, `${i}.ts`);
      await writeFile(file, sampleIn('TypeScript', request));
      return file;
    }),
  );
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const paths = { '@portico/client': [join(root, 'clients/typescript/src/index.ts')] };
  // A reader's own settings can allow process.env.NAME.
  const program = ts.createProgram(files, { ...options, paths, noPropertyAccessFromIndexSignature: false });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => [file?.text, ts.flattenDiagnosticMessageText(messageText, '\n')]);
  expect(problems).toEqual([]);
});

test('every sample in Python compiles', async () => {
  const files = await Promise.all(
    requests.map(async (request, i) => {
      const file = join(elsewhere, `sample${i}.py`);
      await writeFile(file, sampleIn('Python', request));
      return file;
    }),
  );
  const compiled = promisify(execFile)(python(), ['-m', 'py_compile', ...files]);
  await expect(compiled).resolves.toEqual({ stdout: '', stderr: '' });
});

test('every sample in Go compiles, is formatted, and passes vet', async () => {
  const options = { cwd: elsewhere, env: { ...process.env, ...goEnvironment } };
  await writeFile(join(elsewhere, 'go.mod'), 'module samples\n\ngo 1.18\n');
  for (const [i, request] of requests.entries()) {
    await mkdir(join(elsewhere, `sample${i}`));
    await writeFile(join(elsewhere, `sample${i}`, 'main.go'), `${sampleIn('Go', request)}\n`);
  }
  await promisify(execFile)(go(), ['vet', './...'], options);
  // `go fmt` prints the files that it changes.
  expect((await promisify(execFile)(go(), ['fmt', './...'], options)).stdout).toBe('');
});

test('every sample sends the body of the spec', () => {
  expectEach(
    requests.filter(({ body }) => body !== undefined),
    (request) => {
      const [, shell = ''] = /-d '([\s\S]*)'$/.exec(sampleIn('curl', request)) ?? [];
      expect(JSON.parse(shell.replaceAll("'\\''", "'"))).toEqual(request.body);
      const [, go = ''] = /body := `([\s\S]*?)`\n/.exec(sampleIn('Go', request)) ?? [];
      expect(JSON.parse(go)).toEqual(request.body);
      const [, python = ''] = /json=([\s\S]*),\n {4}timeout/.exec(sampleIn('Python', request)) ?? [];
      const json = python
        .replaceAll(/\bTrue\b/g, 'true')
        .replaceAll(/\bFalse\b/g, 'false')
        .replaceAll(/\bNone\b/g, 'null')
        .replaceAll(/,(?=\s*[\]}])/g, '');
      expect(JSON.parse(json)).toEqual(request.body);
    },
  );
});

test('samples escape the special characters of their language', () => {
  const operation = { operationId: 'portal.getSession', method: 'post', path: '/v2/x', security: [] };
  const request = { operation, body: { a: `it's "$HOME" \`x\` \\` }, headers: {}, base: 'http://localhost:3000' };
  expect(sampleIn('curl', request)).toContain(`'{"a":"it'\\''s \\"$HOME\\" \`x\` \\\\"}'`);
  expect(sampleIn('TypeScript', request)).toContain(`a: 'it\\'s "$HOME" \`x\` \\\\'`);
  expect(sampleIn('Python', request)).toContain(`"a": "it's \\"$HOME\\" \`x\` \\\\"`);
  expect(sampleIn('Go', request)).toContain('body := "{');
});

test('samples have the headers that an operation requires; the TypeScript client sends them by itself', () => {
  const request = requests.find(
    ({ operation }) => operation.operationId === 'keys.reportVerifications',
  ) as SampleRequest;
  const [name, value] = Object.entries(request.headers)[0] ?? [];
  expect([name, String(value).length]).toEqual(['Idempotency-Key', 36]);
  expect(sampleIn('curl', request)).toContain(`\n  -H 'Idempotency-Key: ${value}' \\\n`);
  expect(sampleIn('Python', request)).toContain(`\n        "Idempotency-Key": "${value}",\n    },\n`);
  expect(sampleIn('Go', request)).toContain(`request.Header.Set("Idempotency-Key", "${value}")`);
  expect(sampleIn('TypeScript', request)).not.toContain(String(value));
});
