import { describe, expect, test } from '@jest/globals';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import { readOpenapi } from './openapi-reader.ts';

const at = 'https://docs.acme.example/v1/openapi.json';
/** The maximum size in these tests. */
const maxMib = 2;
const document = (over: object = {}) => ({ openapi: '3.1.0', info: { title: 'Acme' }, ...over });
const read = (over: object = {}, url = at) => readOpenapi(JSON.stringify(document(over)), url, maxMib);
const serversOf = (over: object = {}) => JSON.parse(read(over).json).servers;
/** Why a document is refused. An error without a reason means that it is no document: see `readOpenapi`. */
function reasonOf(text: string, url = at, mib = maxMib): string {
  try {
    readOpenapi(text, url, mib);
    return 'no reason at all';
  } catch (error) {
    return error instanceof DocumentUnavailable ? error.reason : 'it is not an OpenAPI document';
  }
}

describe('the reader', () => {
  test.each([
    ['JSON', JSON.stringify(document())],
    ['YAML', 'openapi: 3.1.0\ninfo: { title: Acme }\n'],
    ['YAML that looks like JSON', '{ openapi: 3.1.0, info: { title: Acme } }'],
    ['YAML with a merge key and an alias', 'x: &x { title: Acme }\nopenapi: 3.1.0\ninfo: *x\n'],
  ])('%s', (_, text) => {
    expect(JSON.parse(readOpenapi(text, at, maxMib).json)).toMatchObject(document());
  });

  test.each([
    ['no text', ''],
    ['a page', '<!doctype html><title>API</title>'],
    ['a list', '[{"openapi":"3.1.0","info":{}}]'],
    ['null', 'null'],
    ['another version', JSON.stringify(document({ openapi: '4.0.0' }))],
    ['a version that is not a string', JSON.stringify(document({ openapi: 3.1 }))],
    ['another Swagger', JSON.stringify({ swagger: '1.2', info: {} })],
    ['no info', JSON.stringify({ openapi: '3.1.0' })],
    ['an invalid info', JSON.stringify(document({ info: 'Acme' }))],
    ['AsyncAPI', JSON.stringify({ asyncapi: '3.0.0', info: {} })],
    ['an unfinished document', JSON.stringify(document()).slice(0, -5)],
    ['an alias of nothing', 'openapi: 3.1.0\ninfo: *nobody\n'],
    ['a version that only contains a supported one', JSON.stringify(document({ openapi: '2.3.1' }))],
  ])('%s is not an OpenAPI document', (_, text) => {
    expect(reasonOf(text)).toBe('it is not an OpenAPI document');
  });
});

describe('numbers', () => {
  /** What a document has as `x`, as text. */
  const xOf = (text: string) => readOpenapi(text, at, maxMib).json.match(/"x":(.*),"servers"/)?.[1];

  test.each([
    ...['9223372036854775807', '-1253261109769874438', '0.1000000000000000055', '10.00', '1.5670', '2.0', '12.0'],
    ...['1e3', '1E+2', '1e400', '-0', '-0.0', '7e1', '[1,3.0]', '[0,10,-1.5,0.5,1e+21]', '{"10.00":"10.00"}'],
    ...[
      '{"\\"":1.0,"a":"b"}',
      '{"a\\\\":1.0,"\\\\\\"b":"\\""}',
      '["",1.0,"\\"c",2.0,""]',
      '{"a\\"b\\"c":1.0,"-0":"1e3"}',
    ],
  ])('of a document in JSON stay as they are written: %s', (x) => {
    expect(xOf(JSON.stringify(document({ x: 0 })).replace('"x":0', `"x":${x}`))).toBe(x);
  });

  test.each([
    ['9223372036854775807', '9223372036854775807'],
    ['10.00', '10.00'],
    ['-0', '-0'],
    ['+1.50', '1.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['0x10', '16'],
    ['0xffffffffffffffff', '18446744073709551615'],
    ['0o17', '15'],
    ['1e400', '1e400'],
    ['1.0E+3', '1.0E+3'],
    ['"10.00"', '"10.00"'],
    ['10.00.1', '"10.00.1"'],
    ['.55', '0.55'],
    ['1.e5', '1e5'],
    ['0123456', '123456'],
    ['0123.456e+1', '123.456e+1'],
    ['!!int 12', '12'],
    ['!!int -12', '-12'],
    ['a1', '"a1"'],
    ['1a', '"1a"'],
    // JSON has no infinity.
    ['.inf', 'null'],
    ['-.inf', 'null'],
    ['+.INF', 'null'],
    ['.NaN', 'null'],
    ['x.inf', '"x.inf"'],
  ])('of a document in YAML have the same digits: %s', (yaml, json) => {
    expect(xOf(`openapi: 3.1.0\ninfo: { title: Acme }\nx: ${yaml}\n`)).toBe(json);
  });

  test('that are names in YAML keep their text', () => {
    const yaml = 'openapi: 3.1.0\ninfo: { title: Acme }\nx: { 200: &a 10.00, 1.10: *a, 0x1: { 2.0: true } }\n';
    expect(xOf(yaml)).toBe('{"200":10.00,"1.10":10.00,"0x1":{"2.0":true}}');
  });

  test('in a deep document are refused with it', () => {
    const deep = JSON.stringify(document({ x: 0 })).replace('0}', `${'['.repeat(50_000)}1.0${']'.repeat(50_000)}}`);
    expect(reasonOf(deep)).toBe('it is nested too deeply');
  });
});

describe('merge keys of YAML', () => {
  const merged = (yaml: string) => JSON.parse(readOpenapi(`openapi: 3.1.0\ninfo: {}\n${yaml}`, at, maxMib).json);

  test('are merged: the own names of a map win, and the first of several maps', () => {
    const yaml = `x-common: &common { 401: { description: No key }, 500: { description: Ours } }
x-more: &more { 500: { description: Theirs }, 503: { description: Busy } }
one: { <<: *common, 200: { description: Fine }, 401: { description: Own } }
two: { 200: { description: Fine }, <<: [*common, *more] }
`;
    expect(merged(yaml)).toMatchObject({
      one: { 200: { description: 'Fine' }, 401: { description: 'Own' }, 500: { description: 'Ours' } },
      two: { 401: { description: 'No key' }, 500: { description: 'Ours' }, 503: { description: 'Busy' } },
    });
    expect(JSON.stringify(merged(yaml))).not.toContain('<<');
  });

  test('are texts where they are quoted, and refused where there is nothing to merge', () => {
    expect(merged("x: { '<<': 1 }").x).toEqual({ '<<': 1 });
    expect(reasonOf('openapi: 3.1.0\ninfo: {}\nx: { <<: 1 }\n')).toBe('it is not an OpenAPI document');
  });

  test('that merge each other are bounded', () => {
    const names = Array.from({ length: 400 }, (_, i) => `k${i}: 1`).join();
    const chain = Array.from({ length: 400 }, (_, i) => `m${i + 1}: &m${i + 1} { <<: *m${i} }\n`).join('');
    expect(reasonOf(`openapi: 3.1.0\ninfo: {}\nm0: &m0 { ${names} }\n${chain}`)).toBe('it is not an OpenAPI document');
  });
});

test('tags of YAML change no value, and a name is a text', () => {
  const yaml =
    'openapi: 3.1.0\ninfo: {}\nx: [!!binary aGk=, !new { a: !old [1] }, !!timestamp 2026-11-26, 2026-11-26]\nyes: no\n';
  expect(JSON.parse(readOpenapi(yaml, at, maxMib).json)).toMatchObject({
    x: ['aGk=', { a: [1] }, '2026-11-26', '2026-11-26'],
    yes: 'no',
  });
  expect(reasonOf('openapi: 3.1.0\ninfo: {}\n? [[a]]\n: 1\n')).toBe('it is not an OpenAPI document');
});

/** As small as a limit can be that ordinary documents keep: about 8,400 characters, and 300 values. */
const tiny = 0.004;

test('of two fields of YAML with one name the last one counts', () => {
  const { json } = readOpenapi('openapi: 3.1.0\ninfo: {}\nx: 1\nx: 2\n', at, maxMib);
  expect(JSON.parse(json)).toMatchObject({ x: 2 });
});

test('a reader refuses more values than its limit, in JSON and in YAML', () => {
  const json = (many: number) => reasonOf(JSON.stringify(document({ x: Array(many).fill(0) })), at, tiny);
  const yaml = (many: number, text = '') =>
    reasonOf(`openapi: 3.1.0\ninfo: {}\ny: ${text}\nx:\n${'- a\n'.repeat(many)}`, at, tiny);
  expect([json(296), json(297)]).toEqual(['no reason at all', 'it has too many values']);
  expect([yaml(295), yaml(296)]).toEqual(['no reason at all', 'it has too many values']);
  expect(yaml(200, 'y'.repeat(1000))).toBe('no reason at all');
});

test('of many values are refused before they are parsed', () => {
  const many = 75_000 * maxMib;
  expect(reasonOf(JSON.stringify(document({ x: Array(many + 1).fill(0) })))).toBe('it has too many values');
  expect(reasonOf(`openapi: 3.1.0\ninfo: {}\nx:\n${'- a\n'.repeat(many)}`)).toBe('it has too many values');
  expect(reasonOf(`openapi: 3.1.0\ninfo: {}\nx:\n${'- a\n'.repeat(1000)}`)).toBe('no reason at all');
});

describe('bombs', () => {
  const nested = (levels: number) =>
    JSON.stringify(document({ x: 0 })).replace('0}', `${'['.repeat(levels)}${']'.repeat(levels)}}`);

  test('of depth are refused', () => {
    // The document is a level too.
    expect(reasonOf(nested(499))).toBe('no reason at all');
    expect(reasonOf(nested(500))).toBe('it is nested too deeply');
    const inMaps = (levels: number) => document(JSON.parse(`${'{"x":'.repeat(levels)}0${'}'.repeat(levels)}`));
    expect(reasonOf(JSON.stringify(inMaps(499)))).toBe('no reason at all');
    expect(reasonOf(JSON.stringify(inMaps(500)))).toBe('it is nested too deeply');
    expect(reasonOf(`openapi: 3.1.0\ninfo: {}\nx: ${'['.repeat(600)}`)).toBe('it is nested too deeply');
  });

  test('of depth are refused long before serializing them would overflow the stack', () => {
    for (const levels of [5000, 140_000]) expect(reasonOf(nested(levels))).toBe('it is nested too deeply');
    expect(reasonOf('['.repeat(5000))).toBe('it is nested too deeply');
  });

  test('of size are refused, whether it is in one text, in many, in names, in numbers or in long letters', () => {
    const left = 500;
    const large = 'x'.repeat(2 * tiny * 2 ** 20 - left);
    const of = (x: unknown) => reasonOf(JSON.stringify(document({ large, x })), at, tiny);
    const many = <T>(length: number, item: (i: number) => T) => Array.from({ length }, (_, i) => item(i));
    const refused = 'it is larger than 0.004 MiB';
    expect(of(0)).toBe('no reason at all');
    expect(of('x'.repeat(left))).toBe(refused);
    // A short text has four characters with its quotes and its comma, and a number has about five.
    expect(of(many(left / 4, () => 'x'))).toBe(refused);
    expect(of(many(left / 5, () => 0))).toBe(refused);
    expect(of(many(left / 7, () => null))).toBe('no reason at all');
    expect(of(many(left / 8, () => ''))).toBe('no reason at all');
    expect(of(Object.fromEntries(many(left / 14, (i) => [`${100_000 + i}`, 0])))).toBe(refused);
    expect([of('e'.repeat(left / 2)), of('é'.repeat(left / 2))]).toEqual(['no reason at all', refused]);
  });

  test('of aliases are refused, nested or many', () => {
    const lol = (n: number) =>
      `l${n}: &l${n} [${Array(9)
        .fill(n === 0 ? 'lol' : `*l${n - 1}`)
        .join()}]\n`;
    const laughs = Array.from({ length: 9 }, (_, n) => lol(n)).join('');
    expect(reasonOf(`openapi: 3.1.0\ninfo: {}\n${laughs}`, at, tiny)).toBe('it is larger than 0.004 MiB');
    const long = `openapi: 3.1.0\ninfo: {}\na: &a ${'x'.repeat(1000)}\nb: [${Array(90).fill('*a').join()}]\n`;
    expect(reasonOf(long, at, tiny)).toBe('it is larger than 0.004 MiB');
    expect(reasonOf('openapi: 3.1.0\ninfo: {}\na: &a { b: *a }\n')).not.toBe('no reason at all');
  });

  test('of relative servers are refused, because each URL grows', () => {
    const servers = Array.from({ length: 20 }, () => ({ url: '' }));
    const found = `https://docs.acme.example/${'x'.repeat(1000)}`;
    expect(reasonOf(JSON.stringify(document({ servers })), found, tiny)).toBe('it is larger than 0.004 MiB');
  });
});

test('a field named like the prototype is an ordinary field', () => {
  const text =
    '{"openapi":"3.1.0","info":{},"__proto__":{"polluted":1},"x":{"constructor":{"prototype":{"polluted":1}}}}';
  const { json } = readOpenapi(text, at, maxMib);
  expect(json).toContain('"__proto__":{"polluted":1}');
  const yaml = readOpenapi('openapi: 3.1.0\ninfo: {}\n__proto__: { polluted: 1, openapi: 4 }\n', at, maxMib);
  expect(yaml.json).toContain('"__proto__":{"polluted":1');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(reasonOf('{"__proto__":{"openapi":"3.1.0","info":{}}}')).toBe('it is not an OpenAPI document');
});

describe('servers', () => {
  test.each([
    ['/v2', 'https://docs.acme.example/v2'],
    ['.', 'https://docs.acme.example/v1/'],
    ['../v2', 'https://docs.acme.example/v2'],
    ['', 'https://docs.acme.example/v1/openapi.json'],
    ['//api.acme.example/{version}', 'https://api.acme.example/{version}'],
    ['/{version}/a', 'https://docs.acme.example/{version}/a'],
    ['https://api.acme.example', 'https://api.acme.example'],
    ['{scheme}://api.acme.example', '{scheme}://api.acme.example'],
    ['http://', 'http://'],
    ['a/b:c', 'https://docs.acme.example/v1/a/b:c'],
    ['//{host}/a', 'https://{host}/a'],
    // It is no URL, so it stays as it is.
    ['/\\[', '/\\['],
  ])('%j is at %s', (url, absolute) => {
    expect(serversOf({ servers: [{ url }] })).toEqual([{ url: absolute }]);
  });

  test('default to the origin of the document', () => {
    const own = [{ url: 'https://docs.acme.example' }];
    for (const servers of [undefined, [], 'none', [null], [{ description: 'no url' }]])
      expect(serversOf({ servers })).toEqual(own);
  });

  test('of paths and of operations are made absolute too', () => {
    const paths = { '/a': { servers: [{ url: '/p' }], get: { servers: [{ url: '/o' }] }, put: null }, '/b': null };
    const { json, origins } = read({ paths, servers: [{ url: 'https://api.acme.example/' }] });
    expect(JSON.parse(json).paths).toEqual({
      '/a': {
        servers: [{ url: 'https://docs.acme.example/p' }],
        get: { servers: [{ url: 'https://docs.acme.example/o' }] },
        put: null,
      },
      '/b': null,
    });
    expect(origins).toEqual(['https://api.acme.example', 'https://docs.acme.example']);
  });

  test('of Swagger 2.0 are filled in where they are missing', () => {
    const swagger = (over: object) =>
      readOpenapi(JSON.stringify({ swagger: '2.0', info: {}, ...over }), 'http://localhost:8080/a', maxMib);
    const bare = swagger({});
    expect(JSON.parse(bare.json)).toMatchObject({ host: 'localhost:8080', schemes: ['http'] });
    expect(bare.origins).toEqual(['http://localhost:8080']);
    const full = { host: 'api.acme.example', schemes: ['https', 'wss', 'http'] };
    expect(JSON.parse(swagger(full).json)).toMatchObject(full);
    expect(swagger(full).origins).toEqual(['https://api.acme.example']);
    expect(swagger({ host: 'api.acme.example; sandbox', schemes: ['https'] }).origins).toEqual([]);
  });

  test('return the origins of every value that a reader can choose, that of the defaults first', () => {
    const variables = {
      region: { default: 'eu', enum: ['us', 'eu', 'a;b', 7] },
      stage: { default: 'live', enum: ['live', 'test'] },
      path: { default: 'v1', enum: Array.from({ length: 50 }, (_, i) => `v${i}`) },
    };
    expect(read({ servers: [{ url: 'https://{region}.{stage}.example/{path}/{region}', variables }] }).origins).toEqual(
      ['https://eu.live.example', 'https://us.live.example', 'https://eu.test.example', 'https://us.test.example'],
    );
    const many = { a: { default: 'a', enum: Array.from({ length: 99 }, (_, i) => `a${i}`) } };
    const servers = [{ url: 'https://{a}.{b}.{c}.example', variables: { ...many, b: many.a, c: many.a } }];
    expect(read({ servers }).origins).toHaveLength(20);
    expect(read({ servers }).origins[0]).toBe('https://a.a.a.example');
  });

  test('return each origin once, with default variables, and nothing that could change a policy', () => {
    const variables = { region: { default: 'eu' }, port: { default: '8443' }, empty: {} };
    const urls = [
      'https://{region}.acme.example:{port}/v1',
      'https://EU.acme.example:8443/v2',
      'https://{port}.acme.example/{region}',
      'http://localhost:3000/x',
    ];
    const bad = [
      'http://acme.example',
      'https://a;sandbox',
      'https://*.acme.example',
      "https://a'b",
      'https://{empty}.acme.example',
    ];
    const worse = [
      'wss://a.example',
      'javascript:alert(1)',
      'https://{toString}.acme.example',
      'data:,',
      'https://',
      'null',
    ];
    const servers = [...urls, ...bad, ...worse].map((url) => ({ url, variables }));
    expect(read({ servers }).origins).toEqual([
      'https://eu.acme.example:8443',
      'https://8443.acme.example',
      'http://localhost:3000',
      'https://docs.acme.example',
    ]);
    const many = Array.from({ length: 30 }, (_, i) => ({ url: `https://a${i}.acme.example` }));
    expect(read({ servers: many }).origins).toHaveLength(20);
  });
});
