/**
 * Specmatic with what its documentation recommends for APIs: generated positive and negative tests (`resiliencyTests: all`,
 * https://docs.specmatic.io/references/configuration/test-configuration), credentials in variables that are named as the security schemes
 * (https://docs.specmatic.io/features/authentication), an external example of a request that succeeds, and a limit of the combinations of
 * fields, as for a contract with too many (`MAX_TEST_REQUEST_COMBINATIONS`). It does not support API keys in cookies, so its copy of the
 * contract has the bearer tokens alone.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Spec, type SpecExample, specOperations } from '../../../contract-tests/engine/spec.ts';
import { onlyOperation } from './arrange.ts';
import { npmPackage, verifySha256 } from './install.ts';
import { runProgram, type Tool } from './tool.ts';

const version = '2.55.1';
const sha256 = '07a1ae4b861c6b4dab67a4a1407c58f28db306b3b7732eda92148bce8f2729b9';

/** The longest text for which Specmatic makes examples of a pattern in time. */
const longest = 256;

/**
 * The same pattern, where each repetition has the length of the text as its bound; undefined if Specmatic cannot read it. When it reads a contract,
 * it makes a text for each pattern, and for a repetition without a bound one of thousands of characters: more than half a minute.
 */
export function boundedPattern(pattern: string, maxLength: number): string | undefined {
  // It knows no escapes by number, no groups with a question mark, and no anchors in the middle.
  if (maxLength > longest || /\\x|\(\?|\$.|.\^(?<!\[\^)/.test(pattern)) return undefined;
  const bound = (part: string, least?: string) => {
    if (part === '+') return `{1,${maxLength}}`;
    if (part === '*') return `{0,${maxLength}}`;
    return least === undefined ? part : `{${least},${maxLength}}`;
  };
  // A class of characters or an escape is one part, and stays as it is.
  return pattern.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]|[+*]|\{(\d+),\}/g, bound);
}

/** Bounds every pattern of a contract, and leaves out those that Specmatic cannot read. */
function boundPatterns(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(boundPatterns);
  if (typeof node !== 'object' || node === null) return node;
  const { pattern, ...rest } = node as { pattern?: unknown; maxLength?: number };
  const inside = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, boundPatterns(value)]));
  const bounded = typeof pattern === 'string' ? boundedPattern(pattern, rest.maxLength ?? 64) : boundPatterns(pattern);
  return { ...inside, ...(bounded !== undefined && { pattern: bounded }) };
}

/** The tests that failed, from the output of Specmatic, each with the places in the response that are wrong. */
export function failuresIn(text: string): string[] {
  const [, ...blocks] = text.split(/^[+-]ve +(?=Scenario: )/m);
  return blocks.flatMap((block) => {
    const [, scenario] = /^(Scenario: .*) (?:has FAILED|was ABORTED)$/m.exec(block) ?? [];
    if (scenario === undefined) return [];
    const name = scenario.replaceAll(/"[^"]*"|\d{4,}/g, '…');
    const places = [...block.matchAll(/^ *>> (.*)$/gm)].map(([, place]) => `${name} ${place}`);
    return places.length > 0 ? places : [name];
  });
}

/** The first example of a request or a response. */
const exampleIn = (part: { content?: Record<string, { examples?: Record<string, SpecExample> }> } | undefined) =>
  Object.values(part?.content?.['application/json']?.examples ?? {})[0]?.value;

/** An external example of Specmatic: a request that succeeds, and a response. */
function externalExample(spec: Spec): object {
  const [operation] = specOperations(spec);
  if (operation === undefined) throw new Error('no operation is in the contract');
  const { method, path, requestBody, responses } = operation;
  const json = { 'Content-Type': 'application/json' };
  const body = exampleIn(requestBody);
  return {
    'http-request': { method: method.toUpperCase(), path, ...(body !== undefined && { headers: json, body }) },
    'http-response': {
      status: 200,
      headers: { ...json, 'Cache-Control': 'no-store' },
      body: exampleIn(responses['200']),
    },
  };
}

/** The contract of one operation, without cookies and without examples. */
function specForSpecmatic(spec: Spec, operationId: string): Spec {
  const copy = structuredClone(onlyOperation(spec, operationId));
  for (const { path, method, security } of specOperations(copy)) {
    const operation = copy.paths[path]?.[method];
    if (operation === undefined) continue;
    operation.security = security.filter((alternative) => !('portalSessionCookie' in alternative));
    for (const part of [operation.requestBody, operation.responses['200']]) {
      const content = part?.content?.['application/json'];
      if (content !== undefined) content.examples = {};
    }
  }
  delete copy.components.securitySchemes['portalSessionCookie'];
  // It makes texts for the patterns of headers, and cannot for some of them.
  for (const { schema } of Object.values(copy.components.headers)) delete schema?.['pattern'];
  return boundPatterns(copy) as Spec;
}

/** Installs Specmatic. It needs Java. */
export async function specmatic(): Promise<Tool> {
  const jar = join(await npmPackage('specmatic', version), 'specmatic.jar');
  await verifySha256(jar, sha256);
  return {
    name: `Specmatic ${version}`,
    async run({ url, operation, seconds, known, spec, directory }) {
      const contract = join(directory, 'openapi.json');
      await writeFile(contract, JSON.stringify(specForSpecmatic(spec, operation)));
      await mkdir(join(directory, 'openapi_examples'));
      const example = externalExample(onlyOperation(spec, operation));
      await writeFile(join(directory, 'openapi_examples/success.json'), JSON.stringify(example));
      const config = [
        'version: 2',
        'contracts:',
        '  - provides:',
        '      - openapi.json',
        'test:',
        '  resiliencyTests:',
      ];
      await writeFile(join(directory, 'specmatic.yaml'), [...config, '    enable: all', ''].join('\n'));
      // Its results are those that it has printed when its time is over. The compiler for long runs would take longer than it saves.
      const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', jar];
      const { text } = await runProgram('java', [...java, 'test', contract, '--lenient', `--testBaseURL=${url}`], {
        ...{ seconds, cwd: directory },
        env: {
          ...{ rootKey: known.rootKey, portalSessionBearer: known.token },
          ...{ SPECMATIC_TELEMETRY: 'false', MAX_TEST_REQUEST_COMBINATIONS: '5' },
        },
      });
      if (!text.includes('Scenario: ')) throw new Error(`it tested nothing: ${text.slice(-2000)}`);
      return failuresIn(text);
    },
  };
}
