/** Random malformed requests, made from the contract's examples: valid HTTP, and raw bytes. */
import fc from 'fast-check';
import { resolve, type Spec, type SpecOperation, specOperations } from '../../contract-tests/engine/spec.ts';

/** A request before its mutation. */
export interface Draft {
  operation: SpecOperation;
  /** The contract's example body. */
  example: object;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** The credentials of the requests, unless a mutation changes them. */
interface Credentials {
  rootKey: string;
  token: string;
}

/** The operation's example with valid credentials. */
function validRequest(spec: Spec, operation: SpecOperation, { rootKey, token }: Credentials): Draft {
  const { method, path, security, requestBody } = operation;
  const [named] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  const example = ((named && resolve(spec, named).value) ?? {}) as object;
  const bearer = security.some((scheme) => 'portalSessionBearer' in scheme) ? token : rootKey;
  const authorization = security.length > 0 && { Authorization: `Bearer ${bearer}` };
  const headers = { 'Content-Type': 'application/json', ...authorization };
  return { operation, example, method: method.toUpperCase(), path, headers, body: JSON.stringify(example) };
}

/** Characters that are valid in a header. The raw requests send the invalid ones. */
const headerText = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,200}$/);
const headerName = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,40}$/);
const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1e308,
    [],
    {},
    [[]],
    true,
    '\u0000',
    '\ud83d\ude00',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.integer({ min: 200, max: 5000 }).map((length) => 'x'.repeat(length)),
);
const fieldName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    'slug',
    'key',
    'apiId',
    'limit',
    'cursor',
    'meta',
    'expires',
  ),
  fc.string({ maxLength: 30 }),
);

/** Drops, replaces, adds or nests a field of an object; `at` selects the field. */
const mutateJson = fc
  .tuple(fc.nat(), fc.constantFrom('drop', 'replace', 'add', 'nest'), fieldName, anyJson)
  .map(([at, how, name, value]) => (body: object): unknown => {
    const entries = Object.entries(body);
    const i = entries.length === 0 ? 0 : at % entries.length;
    if (how === 'drop') return Object.fromEntries(entries.filter((_, j) => j !== i));
    if (how === 'nest') return { ...body, [name]: [body, value] };
    // Object.fromEntries creates `__proto__` as an own property, like JSON.parse.
    const added: [string, unknown][] =
      how === 'add' ? [...entries, [name, value]] : entries.map((entry, j) => (j === i ? [entry[0], value] : entry));
    return Object.fromEntries(added);
  });

const withBody =
  (body: (draft: Draft) => string | Buffer) =>
  (draft: Draft): Draft => ({ ...draft, body: body(draft) });
const withHeaders =
  (headers: Record<string, string>) =>
  (draft: Draft): Draft => ({ ...draft, headers: { ...draft.headers, ...headers } });

const mutation: fc.Arbitrary<(draft: Draft) => Draft> = fc.oneof(
  {
    weight: 8,
    arbitrary: mutateJson.map((mutate) => withBody(({ example }) => JSON.stringify(mutate(example)) ?? '')),
  },
  { weight: 2, arbitrary: anyJson.map((value) => withBody(() => JSON.stringify(value) ?? '')) },
  // Valid JSON with changed bytes.
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })).map(([at, bytes]) =>
      withBody(({ body }) => {
        const copy = Buffer.from(body);
        bytes.forEach((byte, i) => {
          if (copy.length > 0) copy[(at + i) % copy.length] = byte;
        });
        return copy;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat().map((at) => withBody(({ body }) => Buffer.from(body).subarray(0, at % (body.length + 1)))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }).map((bytes) => withBody(() => Buffer.from(bytes))) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 3000 })
      .map((depth) => withBody(() => `${'['.repeat(depth)}${']'.repeat(depth)}`)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(101_000, 102_400, 103_000)
      .map((size) => withBody(() => JSON.stringify('x'.repeat(size)))),
  },
  { weight: 2, arbitrary: headerText.map((Authorization) => withHeaders({ Authorization })) },
  { weight: 1, arbitrary: headerText.map((text) => withHeaders({ Authorization: `Bearer ${text}` })) },
  { weight: 1, arbitrary: headerText.map((Cookie) => withHeaders({ Cookie })) },
  {
    weight: 1,
    arbitrary: headerText.map((text) =>
      withHeaders({ Cookie: `__Host-portal_session=${text}; portal_session=${text}; ${text}` }),
    ),
  },
  { weight: 2, arbitrary: headerText.map((type) => withHeaders({ 'Content-Type': type })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('gzip', 'br', 'deflate', 'identity, gzip', 'nonsense')
      .map((encoding) => withHeaders({ 'Content-Encoding': encoding })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('utf-16', 'utf-7', 'x', '"')
      .map((charset) => withHeaders({ 'Content-Type': `application/json; charset=${charset}` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'Idempotency-Key',
          'Accept',
          'Accept-Encoding',
          'Origin',
          'Sec-Fetch-Site',
          'Range',
          'If-None-Match',
          'X-Forwarded-For',
          'X-HTTP-Method-Override',
        ),
        headerText,
      )
      .map(([name, text]) => withHeaders({ [name]: text })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(headerName, headerText)
      .filter(
        ([name]) =>
          !/^(content-length|transfer-encoding|connection|host|expect|upgrade|trailer|te|keep-alive)$/i.test(name),
      )
      .map(([name, text]) => withHeaders({ [name]: text })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE', 'LOCK')
      .map((method) => (draft: Draft) => ({ ...draft, method })),
  },
  {
    weight: 2,
    arbitrary: fc
      .stringMatching(/^[!-~]{0,80}$/)
      .map((query) => (draft: Draft) => ({ ...draft, path: `${draft.path}?${query}` })),
  },
  {
    weight: 1,
    arbitrary: fc
      .stringMatching(/^[!-~]{0,80}$/)
      .map((rest) => (draft: Draft) => ({ ...draft, path: draft.path + rest })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', '/assets', '/docs', '/docs/reference', '/v2')
      .chain((base) =>
        fc.stringMatching(/^[!-~]{0,80}$/).map((rest) => (draft: Draft) => ({ ...draft, path: `${base}/${rest}` })),
      ),
  },
);

/** A complete request as bytes, some of them changed, dropped, doubled or inserted. */
const rawOf = (drafts: fc.Arbitrary<Draft>) =>
  fc
    .tuple(
      drafts,
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.constantFrom('change', 'drop', 'double', 'insert'),
          fc.uint8Array({ minLength: 1, maxLength: 12 }),
        ),
        { minLength: 1, maxLength: 6 },
      ),
    )
    .map(([draft, edits]) => {
      const { method, path, headers, body } = draft;
      const head = Object.entries({ Host: 'x', ...headers, 'Content-Length': Buffer.byteLength(body) }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      let bytes: Buffer = Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
      for (const [at, how, changed] of edits) {
        const i = at % bytes.length;
        const [before, after] = [bytes.subarray(0, i), bytes.subarray(i)];
        const slice = after.subarray(0, changed.length);
        if (how === 'change') bytes = Buffer.concat([before, changed, after.subarray(changed.length)]);
        else if (how === 'drop') bytes = Buffer.concat([before, after.subarray(changed.length)]);
        else if (how === 'double') bytes = Buffer.concat([before, slice, after]);
        else bytes = Buffer.concat([before, changed, after]);
      }
      return bytes;
    });

/** Valid HTTP requests with one to three mutations, and requests as bytes with mutations anywhere. */
export function malformed(spec: Spec, credentials: Credentials) {
  const drafts = fc.constantFrom(
    ...specOperations(spec).map((operation) => validRequest(spec, operation, credentials)),
  );
  return {
    structured: fc
      .tuple(drafts, fc.array(mutation, { minLength: 1, maxLength: 3 }))
      .map(([draft, mutations]) => mutations.reduce((broken, mutate) => mutate(broken), draft)),
    raw: rawOf(drafts),
  };
}
