/**
 * We call the validator directly and cache what the library computes again for every request. This test compares it with
 * the library's documented middleware on the same requests: both must return the same result.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { middleware } from 'express-openapi-validator';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type OperationId, operations } from '../../generated/operations.ts';
import { isUri } from '../../src/server/domain/uri.ts';
import { contractValidator, toProblem } from '../../src/server/http/api/validate.ts';
import { root } from '../../src/server/package.ts';
import { Problem } from '../../src/server/problem.ts';

const app = express();
app.disable('etag');
app.enable('case sensitive routing');
app.enable('strict routing');

const validator = contractValidator({ validateResponses: false });
const chain = middleware({
  apiSpec: JSON.parse(readFileSync(join(root, 'generated/contract.json'), 'utf8')),
  validateApiSpec: false,
  validateRequests: { allErrors: true },
  validateResponses: false,
  validateSecurity: false,
  fileUploader: false,
  formats: { uri: { type: 'string', validate: isUri } },
}) as RequestHandler[];

/** Runs all middleware of the library in order. */
async function libraryCheck(id: OperationId, req: Request, res: Response): Promise<void> {
  for (const handler of chain) {
    await new Promise<void>((resolve, reject) => {
      handler(req, res, (error?: unknown) => (error ? toProblem(error, id).then(reject) : resolve()));
    });
  }
}

interface Input {
  id: OperationId;
  body: unknown;
  query: string;
  headers: Record<string, string>;
}

/** A request as Express passes it on after it has read the body. */
function requestOf({ id, body, query, headers }: Input): Request {
  const { method, path } = operations[id];
  const url = `${path}${query}`;
  return Object.assign(Object.create(app.request), {
    app,
    method: method.toUpperCase(),
    url,
    originalUrl: url,
    baseUrl: '',
    headers: { ...headers, 'content-type': 'application/json' },
    cookies: {},
    body: structuredClone(body),
  });
}

/** The result: the reported failures, or the body with its defaults. */
async function outcomeOf(input: Input, check: (req: Request, res: Response) => Promise<void>): Promise<unknown> {
  const req = requestOf(input);
  try {
    await check(req, Object.create(app.response));
    return { body: req.body };
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, failures: error.failures };
    return { thrown: String(error) };
  }
}

type Operation = {
  post?: { requestBody?: { content: { 'application/json': { examples?: Record<string, { value: object }> } } } };
};
const { paths } = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as { paths: Record<string, Operation> };
const examplesOf = (id: OperationId): Record<string, unknown>[] => {
  const examples = paths[operations[id].path]?.post?.requestBody?.content['application/json'].examples ?? {};
  return Object.values(examples).map(({ value }) => value as Record<string, unknown>);
};

/** The number of requests. `FUZZ_RUNS=100000 npm test -- tests/validation` takes about a minute. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000);

const ids = Object.keys(operations) as OperationId[];
/** Every field and value of every example. A value that is valid for one operation is often almost valid for another. */
const fields = [...new Set(ids.flatMap((id) => examplesOf(id).flatMap((example) => Object.keys(example))))];
const values = ids.flatMap((id) => examplesOf(id).flatMap((example) => Object.values(example)));

const anyValue = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...values) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', 'x'.repeat(300), -1, 0, 1.5, 2 ** 53, null, true, [], {}, ['a', 'a'], '\u0000'),
  },
);
const anyField = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...fields) }, { weight: 1, arbitrary: fc.string() });

const bodyOf = (id: OperationId) => {
  const example = fc.constantFrom({}, ...examplesOf(id));
  const changed = fc
    .tuple(example, fc.array(anyField, { maxLength: 2 }), fc.array(fc.tuple(anyField, anyValue), { maxLength: 3 }))
    .map(([from, without, more]) => {
      const remaining = Object.entries(from).filter(([name]) => !without.includes(name));
      return Object.fromEntries([...remaining, ...more]);
    });
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
};

const query = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('?', '?a', '?a=1', '?a[b]=1', '?a=%zz', '?__proto__=1', '?slug=x&slug=y', '?=', '??'),
  },
  { weight: 1, arbitrary: fc.webQueryParameters().map((text) => `?${text}`) },
);
const headers = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ 'idempotency-key': fc.string({ maxLength: 300 }) }) },
  { weight: 1, arbitrary: fc.constant({ accept: 'text/csv', cookie: 'portal_session=x', 'x-other': '1' }) },
);

const input = fc
  .constantFrom(...ids)
  .chain((id) => fc.record({ id: fc.constant(id), body: bodyOf(id), query, headers }));

describe('our call of the validator', () => {
  test('returns the same result as the library for random requests', async () => {
    const seen = { accepted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(input, async (given) => {
        const ours = await outcomeOf(given, (req, res) => validator.check(given.id, req, res));
        expect(ours).toEqual(await outcomeOf(given, (req, res) => libraryCheck(given.id, req, res)));
        if ('body' in (ours as object)) seen.accepted++;
        else seen.refused++;
      }),
      { numRuns: runs, endOnFailure: true },
    );
    // The comparison proves something only if some requests pass and some fail.
    expect(seen.accepted).toBeGreaterThan(runs / 20);
    expect(seen.refused).toBeGreaterThan(runs / 20);
  }, 300_000);
});
