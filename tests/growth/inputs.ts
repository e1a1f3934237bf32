/** Inputs of any size for every operation and page, derived from the contract: each field, list, text, header, path and query. */
import { gzipSync } from 'node:zlib';
import { type JsonSchema, resolve, type Spec, type SpecOperation } from '../../contract-tests/engine/spec.ts';

/** A request. */
export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
}

/** A request that grows with a number of bytes, up to `limit`. */
export interface Input {
  name: string;
  limit: number;
  of(bytes: number): Sent;
}

/** The server refuses longer bodies, and longer heads. */
const bodyLimit = 100_000;
const headLimit = 13_000;

const fill = (unit: string, bytes: number) => unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes);

/** Texts that make a regular expression with two ways to match try all of them, if there is one. */
const texts: Record<string, (bytes: number) => string> = {
  letters: (n) => fill('a', n),
  'letters before another character': (n) => `${fill('a', n)}!`,
  'slashes before a letter': (n) => `${fill('/', n)}a/`,
  'spaces before a letter': (n) => `x${fill(' ', n)}x`,
  'zeros before a letter': (n) => `${fill('0', n)}x`,
  dots: (n) => fill('a.', n),
  hyphens: (n) => `${fill('-', n)}!`,
  underscores: (n) => `${fill('a_', n)}!`,
  escapes: (n) => fill('%41', n),
  'runs as long as a secret': (n) => fill(`${'a'.repeat(21)}-`, n),
  'a URL': (n) => `https://${fill('a@', n)}`,
  'a URL of many parts': (n) => `https://a/${fill('?#/', n)}`,
};

/** Values in place of a list or an object. */
const lists: Record<string, (bytes: number) => string> = {
  zeros: (n) => `[${fill('0,', n - 3)}0]`,
  'empty objects': (n) => `[${'{},'.repeat(n / 3)}{}]`,
  'different objects': (n) => `[${Array.from({ length: n / 11 }, (_, i) => `{"a":${1e4 + i}}`).join()}]`,
  'different texts': (n) => `[${Array.from({ length: n / 8 }, (_, i) => `"${1e4 + i}"`).join()}]`,
  'the same text': (n) => `[${'"api_aaaa",'.repeat(n / 11)}"a"]`,
  levels: (n) => '['.repeat(n / 2) + ']'.repeat(n / 2),
};

/** Whole bodies. */
const bodies: Record<string, (bytes: number) => string | Buffer> = {
  ...lists,
  'unknown fields': (n) => `{${Array.from({ length: n / 9 }, (_, i) => `"${1e4 + i}":0`).join()}}`,
  'the same field': (n) => `{${'"a":0,'.repeat(n / 6)}"a":0}`,
  'one long name': (n) => `{"${fill('a', n)}":0}`,
  'one long text': (n) => `{"a":"${fill('a-', n)}"}`,
  'one long number': (n) => fill('9', n),
  'one long exponent': (n) => `1e${fill('9', n)}`,
  'inexact numbers': (n) => `[${'1e400,'.repeat(n / 6)}0]`,
  'halves of surrogate pairs': (n) => `[${'"\\ud800",'.repeat(n / 9)}0]`,
  'halves of surrogate pairs below long names': (n) =>
    `{"${fill('a', n / 3)}":{"${fill('b', n / 3)}":[${'"\\ud800",'.repeat(n / 27)}0]}}`,
  'objects in each other': (n) => `${'{"a":'.repeat(n / 6)}0${'}'.repeat(n / 6)}`,
  spaces: (n) => `${fill(' ', n)}{}`,
  'no JSON': (n) => fill('{"a":[', n),
};

/** Headers that the server reads. */
const headers: Record<string, Record<string, (bytes: number) => string>> = {
  Accept: { types: (n) => fill('text/html;q=0.1,', n), parameters: (n) => `text/html${fill(';a=b', n)}` },
  'Accept-Language': { languages: (n) => fill('de-DE;q=0.1,', n), hyphens: (n) => fill('a-', n) },
  'Accept-Encoding': { encodings: (n) => fill('x;q=0.1,', n) },
  'Content-Type': {
    parameters: (n) => `application/json${fill(';a=b', n)}`,
    quotes: (n) => `application/json;a="${fill('\\"', n)}`,
  },
  Cookie: {
    empty: (n) => fill(';', n),
    'other cookies': (n) => fill('a=b;', n),
    sessions: (n) => fill('portal_session=ps_a;', n),
    'last portals': (n) => fill('portal_last=ws_a.portal_b;', n),
    'JSON cookies': (n) => fill('portal_session=j:[0];', n),
    'one long value': (n) => `portal_last=${fill('ws_a.', n)}`,
  },
  'If-None-Match': { tags: (n) => fill('"a",', n), commas: (n) => fill(',', n) },
  'Idempotency-Key': texts,
  Origin: texts,
  'User-Agent': texts,
  'X-Forwarded-For': {
    addresses: (n) => fill('10.0.0.1,', n),
    'IPv6 addresses': (n) => fill('[2001:db8::1]:80,', n),
    commas: (n) => fill(',', n),
    quotes: (n) => fill('"', n),
  },
  'Sec-Fetch-Dest': { letters: (n) => fill('iframe', n) },
};

const inputsOf = (
  of: string,
  table: Record<string, (bytes: number) => string | Buffer>,
  limit: number,
  make: (value: string) => Sent,
): Input[] =>
  Object.entries(table).map(([name, value]) => ({
    name: `${of}: ${name}`,
    limit,
    of: (bytes) => make(value(bytes) as string),
  }));

const headerInputs = (of: string, base: Sent): Input[] =>
  Object.entries({
    ...headers,
    Authorization: Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, (n: number) => `Bearer ${text(n)}`]),
    ),
  }).flatMap(([header, table]) =>
    inputsOf(`${of}, ${header}`, table, headLimit, (value) => ({
      ...base,
      headers: { ...base.headers, [header]: value },
    })),
  );

const queryInputs = (of: string, base: Sent): Input[] =>
  inputsOf(
    `${of}, query`,
    {
      parameters: (n) => fill('a=b&', n),
      'one value': (n) => `session=${fill('a', n)}`,
      brackets: (n) => `a${fill('[a]', n)}=1`,
      escapes: (n) => `session=${fill('%41', n)}`,
      'broken escapes': (n) => `session=${fill('%', n)}`,
    },
    headLimit,
    (query) => ({ ...base, path: `${base.path}?${query}` }),
  );

/** Every text and list in the body of an operation, by the names on the way to it. */
function placesOf(spec: Spec, node: JsonSchema, way: string[] = []): { way: string[]; isList: boolean }[] {
  const schema = resolve(spec, node);
  const types = [schema['type']].flat();
  const own = [
    ...(types.includes('string') ? [{ way, isList: false }] : []),
    ...(types.includes('array') ? [{ way, isList: true }] : []),
  ];
  const fields = Object.entries((schema['properties'] as Record<string, JsonSchema>) ?? {});
  return [...own, ...fields.flatMap(([name, field]) => placesOf(spec, field, [...way, name]))];
}

/** The example of an operation with a value, given as JSON, in one place. */
function bodyWith(example: unknown, way: string[], json: string): string {
  const copy = structuredClone(example ?? {}) as Record<string, unknown>;
  const last = way.at(-1) ?? '';
  const parent = way.slice(0, -1).reduce<Record<string, unknown>>((at, name) => {
    at[name] ??= {};
    return at[name] as Record<string, unknown>;
  }, copy);
  parent[last] = '@@here@@';
  return JSON.stringify(copy).replace('"@@here@@"', () => json);
}

/** The inputs of an operation, as a caller with these credentials. */
export function operationInputs(spec: Spec, operation: SpecOperation, authorization: string | undefined): Input[] {
  const { operationId, method, path, requestBody } = operation;
  const base: Sent = {
    method: method.toUpperCase(),
    path,
    headers: { 'Content-Type': 'application/json', ...(authorization && { Authorization: authorization }) },
  };
  const { schema, examples } = requestBody?.content['application/json'] ?? {};
  if (schema === undefined) return [...headerInputs(operationId, base), ...queryInputs(operationId, base)];
  const example = Object.values(examples ?? {})[0]?.value;
  const withBody = (body: string | Buffer): Sent => ({ ...base, body });
  const fields = placesOf(spec, schema).flatMap(({ way, isList }) =>
    inputsOf(
      `${operationId}, body.${way.join('.')}`,
      isList
        ? lists
        : Object.fromEntries(
            Object.entries(texts).flatMap(([name, text]) => [
              [name, (n: number) => JSON.stringify(text(Math.min(n, 4000)))],
            ]),
          ),
      bodyLimit - 3000,
      (json) => withBody(bodyWith(example, way, json)),
    ),
  );
  // As many valid items as a list can have: only these reach what the operation does with each.
  const full = placesOf(spec, schema).flatMap(({ way: [list = '', ...deeper], isList }): Input[] => {
    const items = (example as Record<string, unknown>)?.[list];
    if (!isList || deeper.length > 0 || !Array.isArray(items) || typeof items[0] !== 'object') return [];
    const properties = resolve(spec, schema)['properties'] as Record<string, JsonSchema>;
    const { maxItems } = resolve(spec, properties[list] ?? {}) as { maxItems?: number };
    const json = JSON.stringify(items[0]);
    const limit = Number(maxItems) * (json.length + 1);
    const of = (bytes: number) => `[${Array(Math.floor(bytes / (json.length + 1))).fill(json)}]`;
    return inputsOf(`${operationId}, body.${list}`, { 'valid items': of }, limit, (value) =>
      withBody(bodyWith(example, [list], value)),
    );
  });
  const packed: Input = {
    name: `${operationId}, compressed body`,
    limit: bodyLimit,
    of: (bytes) => ({
      ...base,
      headers: { ...base.headers, 'Content-Encoding': 'gzip' },
      body: gzipSync(`{"a":"${fill('a', bytes)}"}`),
    }),
  };
  return [
    ...inputsOf(`${operationId}, body`, bodies, bodyLimit, withBody),
    ...fields,
    ...full,
    packed,
    ...headerInputs(operationId, withBody(JSON.stringify(example ?? {}))),
    ...queryInputs(operationId, withBody('{}')),
  ];
}

/** The inputs of a page. */
export function pageInputs(path: string, cookie: string | undefined): Input[] {
  const base: Sent = { method: 'GET', path, headers: { Accept: 'text/html', ...(cookie && { Cookie: cookie }) } };
  const below = path.endsWith('/') ? path : `${path}/`;
  return [
    ...headerInputs(path, base),
    ...queryInputs(path, base),
    ...inputsOf(
      `below ${path}`,
      Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [name, (n: number) => encodeURI(text(n)).slice(-headLimit)]),
      ),
      headLimit,
      (rest) => ({ ...base, path: below + rest }),
    ),
  ];
}
