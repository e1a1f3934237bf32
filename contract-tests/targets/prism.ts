import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from '../engine/case.ts';
import { SuiteError } from '../engine/preflight.ts';
import { type Spec, type SpecResponse, specOperations } from '../engine/spec.ts';
import { emptyFixture, type StartedTarget } from '../engine/target.ts';
import { freePort } from './free-port.ts';

/** Credentials in a valid format; Prism checks nothing else. */
const placeholders = {
  rootKey: 'rk_any',
  sessionId: 'pst_any',
  token: 'ps_any',
  portalId: 'portal_any00',
  apiId: 'api_any00',
  keyId: 'key_any00',
  apiKey: 'any',
  hash: 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=',
  cursor: 'any',
  externalId: 'user_123',
  handle: 'sess_any00',
  idempotencyKey: 'any',
  openapiUrl: 'https://any.example',
};

/** The name of the expected error's example in the spec, for the header `Prefer`. */
function exampleName(spec: Spec, { operation, response: expected }: Case): string {
  const declared = specOperations(spec).find(({ operationId }) => operationId === operation)?.responses[
    expected.status
  ];
  const component = declared?.$ref?.split('/').at(-1);
  const response = component === undefined ? declared : spec.components.responses[component];
  const examples = response?.content?.['application/json']?.examples ?? {};
  const wanted = `#/components/examples/${expected.error?.replaceAll('/', '.')}`;
  const found = Object.entries(examples).find(([, { $ref }]) => $ref === wanted);
  if (found === undefined) throw new Error(`${operation}: no example of ${expected.error} in its ${expected.status}`);
  return found[0];
}

/**
 * Writes the contract without its 422 responses: if one is documented, Prism returns it for every invalid input, but the
 * contract returns 400 there. The headers of every response are written into each, because Prism does not know
 * `x-response-headers`.
 */
async function writeSpecForPrism(spec: Spec, directory: string): Promise<string> {
  const copy = structuredClone(spec);
  const addHeaders = (response: SpecResponse) => {
    if (response.$ref === undefined) response.headers = { ...spec['x-response-headers'], ...response.headers };
  };
  for (const { responses } of Object.values(copy.paths).flatMap((methods) => Object.values(methods))) {
    delete responses['422'];
    for (const response of Object.values(responses)) addHeaders(response);
  }
  for (const response of Object.values(copy.components.responses)) addHeaders(response);
  const file = join(directory, 'openapi.json');
  await writeFile(file, JSON.stringify(copy));
  return file;
}

/** @throws SuiteError if Prism is not installed beside the suite, which does not depend on it */
function findPrism(): string {
  try {
    return createRequire(import.meta.url).resolve('@stoplight/prism-cli/dist/index.js');
  } catch {
    throw new SuiteError('the target "prism" needs the package @stoplight/prism-cli beside the suite');
  }
}

/** Starts Prism: a mock that responds with the examples of the contract. */
export async function startPrism(spec: Spec): Promise<StartedTarget> {
  const binary = findPrism();
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'portico-prism-'));
  const specFile = await writeSpecForPrism(spec, directory);
  const child = spawn(process.execPath, [binary, 'mock', '--port', String(port), '--host', '127.0.0.1', specFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.includes('Prism is listening')) resolve();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.once('exit', () => reject(new Error(`Prism did not start:\n${output}`)));
  });
  return {
    name: 'prism',
    baseUrl: `http://127.0.0.1:${port}`,
    isMock: true,
    arrange: async () => ({ ...emptyFixture, ...placeholders }),
    steer(row) {
      if (row.stateless || row.response.error === undefined) return {};
      return { Prefer: `code=${row.response.status}, example=${exampleName(spec, row)}` };
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
      await rm(directory, { recursive: true });
    },
  };
}
