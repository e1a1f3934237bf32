/** The benchmark of tools: the sample of mutants, the contract that each tool gets, and how its findings are read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import type { PromiseKind } from '../../contract-tests/mutants/promises.ts';
import { onlyOperation, specFor } from '../../scripts/lab/tools/arrange.ts';
import { inOpenApi2, reasonsIn } from '../../scripts/lab/tools/dredd.ts';
import { violationsIn } from '../../scripts/lab/tools/prism.ts';
import { resultTables } from '../../scripts/lab/tools/results.ts';
import { findingsIn } from '../../scripts/lab/tools/schemathesis.ts';
import { boundedPattern, failuresIn } from '../../scripts/lab/tools/specmatic.ts';
import { sampleOf } from '../../scripts/mutants/sample.ts';
import { expectEach } from '../support/expect-each.ts';

const contract = await readSpec();
const known = {
  ...{ rootKey: 'rk_one', token: 'ps_one', slug: 'my-own', openapiUrl: 'https://docs.acme.example/openapi.json' },
  values: { apiId: 'api_exists', portal: 'my-own', cursor: undefined },
};
const mutantOf = (kind: PromiseKind, what: string) => ({ promise: { operation: 'keys.getKey', kind, what } });

test('a sample has each kind in turn, and is the same for the same seed', () => {
  const all = [
    ...Array.from({ length: 50 }, (_, i) => mutantOf('status', String(i))),
    ...Array.from({ length: 5 }, (_, i) => mutantOf('header', String(i))),
    mutantOf('method', 'one'),
  ];
  const kinds = sampleOf(all, 7, 1).map(({ promise }) => promise.kind);
  expect(kinds).toEqual(['status', 'header', 'method', 'status', 'header', 'status', 'header']);
  expect(sampleOf(all, 20, 1)).toEqual(sampleOf(all, 20, 1));
  expect(sampleOf(all, 20, 1)).not.toEqual(sampleOf(all, 20, 2));
  expect(sampleOf(all, 1000, 1)).toHaveLength(all.length);
});

test('a tool gets examples that exist, all headers, and no other statuses', () => {
  const spec = specFor(contract, known);
  const operation = specOperations(spec).find(({ operationId }) => operationId === 'apis.getApi');
  const [example] = Object.values(operation?.requestBody?.content['application/json']?.examples ?? {});
  expect(example?.value).toEqual({ apiId: 'api_exists' });
  expect(operation?.responses['200']?.headers).toHaveProperty('Cache-Control');
  expect(spec.paths['/v2/apis.getApi']?.['post']?.responses).not.toHaveProperty('default');
  expect(JSON.stringify(spec.components.schemas['Api'])).toContain('"additionalProperties":false');
});

test('Dredd gets every operation in OpenAPI 2, without references', () => {
  const spec = specFor(contract, known);
  expectEach(specOperations(spec), (operation) => {
    const text = JSON.stringify(inOpenApi2(spec, operation));
    expect(text).toContain(`"${operation.path}"`);
    expect(text).not.toContain('"$ref"');
  });
});

test('a finding of Dredd is the reason of a failed test', () => {
  const output = [
    '\u001b[31mfail\u001b[39m: POST (200) /v2/portal.createKey duration: 326ms',
    '\u001b[34minfo\u001b[39m: Displaying failed tests...',
    '\u001b[31mfail\u001b[39m: POST (200) /v2/portal.createKey duration: 326ms',
    '\u001b[31mfail\u001b[39m: headers: At \'/content-type\' No enum match for: "application/json; charset=utf-8"',
    '\u001b[32mcomplete\u001b[39m: 0 passing, 1 failing, 0 errors, 0 skipped, 1 total',
  ].join('\n');
  expect(reasonsIn(output)).toEqual(["headers: At '/content-type' No enum match for: …"]);
});

test('a finding of Schemathesis is a check with what it is about', async () => {
  const accepted = await readFile(join(import.meta.dirname, '../../scripts/fuzz/accepted.json'), 'utf8');
  expect(findingsIn(accepted)[0]).toBe('positive_data_acceptance RejectedPositiveData 400');
});

test('a finding of Prism is a violation of the response, not of the request', () => {
  const header = JSON.stringify([
    { location: ['request', 'body'], severity: 'Error', code: 'required', message: 'Request body must have slug' },
    { location: ['response', 'body', 'data', '0'], severity: 'Error', code: 'required', message: 'must have keyId' },
  ]);
  expect(violationsIn(header)).toEqual(['response.body.data must have keyId']);
});

test('a finding of Specmatic is a place in a failed test, without random values, also if the run was cut', () => {
  const output = [
    "+ve  Scenario: POST /v2/x -> 200 with the request from the example 'success' has SUCCEEDED",
    '',
    '+ve  Scenario: POST /v2/x -> 200 where "q7" is 123456 has FAILED',
    'Reason: Testing scenario',
    '',
    '      >> RESPONSE.BODY.data.name',
    '-ve  Scenario: POST /v2/x -> 4xx was ABORTED',
    'Reason: No response came',
    '-ve  Scenario: POST /v2/x -> 4xx wi',
  ].join('\n');
  expect(failuresIn(output)).toEqual([
    'Scenario: POST /v2/x -> 200 where … is … RESPONSE.BODY.data.name',
    'Scenario: POST /v2/x -> 4xx',
  ]);
});

test('Specmatic gets patterns with an end, or none', () => {
  expect(boundedPattern('^[A-Za-z+]+(_[a-z]{2,})*$', 16)).toBe('^[A-Za-z+]{1,16}(_[a-z]{2,16}){0,16}$');
  expect(boundedPattern('^[^+*]\\+x$', 16)).toBe('^[^+*]\\+x$');
  for (const unreadable of ['^[^\\x00]*$', '^Bearer( |$)', '(?:a)+'])
    expect(boundedPattern(unreadable, 16)).toBeUndefined();
  expect(boundedPattern('^[a-z]+$', 2048)).toBeUndefined();
});

test('a tool gets the contract of one operation with all that it refers to', () => {
  const spec = onlyOperation(contract, 'apis.getApi');
  expect(specOperations(spec).map(({ operationId }) => operationId)).toEqual(['apis.getApi']);
  const names = [...JSON.stringify(spec).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)];
  expect(names.length).toBeGreaterThan(10);
  expectEach(names, ([, kind = '', name = '']) =>
    expect(spec.components[kind as keyof typeof spec.components]).toHaveProperty([name]),
  );
  expect(spec.components.schemas).not.toHaveProperty('GetSessionRequest');
});

test('the table counts what each tool caught of each kind, and its false alarms', () => {
  const runs = (tool: string, found: string[]) => ({ tool, mutant: 'one', kind: 'header' as const, found, seconds: 4 });
  const tables = resultTables({
    ...{ date: '2026-11-27', seed: 1, seconds: 30, tools: ['A', 'B'], operations: ['keys.getKey'] },
    mutants: [runs('A', ['a header is missing']), runs('B', [])],
    healthy: [
      { tool: 'A', operation: 'keys.getKey', found: [], seconds: 4 },
      { tool: 'B', operation: 'keys.getKey', found: ['one', 'two'], seconds: 4, error: 'its time was over' },
    ],
  });
  expect(tables).toContain('| header | a header is missing or has another value | 1 | 1 | 0 |');
  expect(tables).toContain('| **all** |  | 1 | **1** | **0** |');
  expect(tables).toContain('| false alarms there |  |  | 0 | 2 |');
  expect(tables).toContain('| runs that ended with an error |  |  | 0 | 1 |');
});
