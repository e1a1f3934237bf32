import { describe, expect, test } from '@jest/globals';
import { readOpenapi } from './openapi-reader.ts';
import { readInThread } from './openapi-thread.ts';

const at = 'https://docs.acme.example/v1/openapi.json';
/** For documents that are not refused because of time, in ms. */
const patience = 60_000;
const document = (over: object = {}) => ({ openapi: '3.1.0', info: { title: 'Acme' }, ...over });
const read = (over: object = {}, url = at) => readOpenapi(JSON.stringify(document(over)), url);
const serversOf = (over: object = {}) => JSON.parse(read(over).json).servers;
const reasonOf = (text: string) =>
  readInThread(text, at, patience).then(
    () => 'no reason at all',
    (error) => error.reason,
  );

describe('the reader', () => {
  test.each([
    ['JSON', JSON.stringify(document())],
    ['YAML', 'openapi: 3.1.0\ninfo: { title: Acme }\n'],
    ['YAML that looks like JSON', '{ openapi: 3.1.0, info: { title: Acme } }'],
    ['YAML with a merge key and an alias', 'x: &x { title: Acme }\nopenapi: 3.1.0\ninfo: *x\n'],
  ])('%s', async (_, text) => {
    expect(JSON.parse((await readInThread(text, at, patience)).json)).toMatchObject(document());
  });

  test.each([
    ['no text', ''],
    ['a page', '<!doctype html><title>API</title>'],
    ['a list', '[{"openapi":"3.1.0","info":{}}]'],
    ['null', 'null'],
    ['another version', JSON.stringify(document({ openapi: '4.0.0' }))],
    ['a version that is not a string', JSON.stringify(document({ openapi: 3 }))],
    ['another Swagger', JSON.stringify({ swagger: '1.2', info: {} })],
    ['no info', JSON.stringify({ openapi: '3.1.0' })],
    ['an invalid info', JSON.stringify(document({ info: 'Acme' }))],
    ['AsyncAPI', JSON.stringify({ asyncapi: '3.0.0', info: {} })],
    ['an unfinished document', JSON.stringify(document()).slice(0, -5)],
    ['an alias of nothing', 'openapi: 3.1.0\ninfo: *nobody\n'],
  ])('%s is not an OpenAPI document', async (_, text) => {
    expect(await reasonOf(text)).toBe('it is not an OpenAPI document');
  });
});

describe('bombs', () => {
  const nested = (levels: number) =>
    JSON.stringify(document({ x: 0 })).replace('0}', `${'['.repeat(levels)}${']'.repeat(levels)}}`);

  test('of depth are refused long before serializing them would overflow the stack', async () => {
    await expect(readInThread(nested(400), at, patience)).resolves.toBeDefined();
    for (const levels of [600, 5000, 500_000]) expect(await reasonOf(nested(levels))).toBe('it is nested too deeply');
    expect(await reasonOf('['.repeat(5000))).toBe('it is not an OpenAPI document');
  });

  test('of aliases are refused, nested or many', async () => {
    const lol = (n: number) =>
      `l${n}: &l${n} [${Array(9)
        .fill(n === 0 ? 'lol' : `*l${n - 1}`)
        .join()}]\n`;
    const laughs = Array.from({ length: 9 }, (_, n) => lol(n)).join('');
    expect(await reasonOf(`openapi: 3.1.0\ninfo: {}\n${laughs}`)).toBe('it is not an OpenAPI document');
    const long = `openapi: 3.1.0\ninfo: {}\na: &a ${'x'.repeat(1_000_000)}\nb: [${Array(90).fill('*a').join()}]\n`;
    expect(await reasonOf(long)).toBe('it is larger than 2 MiB');
    expect(await reasonOf('openapi: 3.1.0\ninfo: {}\na: &a { b: *a }\n')).not.toBe('no reason at all');
  });

  test('of relative servers are refused, because each URL grows', async () => {
    const servers = Array.from({ length: 100_000 }, () => ({ url: '' }));
    const found = `https://docs.acme.example/${'x'.repeat(1000)}`;
    const text = JSON.stringify(document({ servers }));
    await expect(readInThread(text, found, patience)).rejects.toMatchObject({ reason: 'it is larger than 2 MiB' });
  });

  test('of time end with the timeout of their thread', async () => {
    const begun = Date.now();
    // For each alias the library searches everything before it.
    const aliases = Array.from({ length: 60_000 }, (_, i) => `a${i}: &a${i} 1\nb${i}: *a${i}\n`).join('');
    const bomb = readInThread(`openapi: 3.1.0\ninfo: {}\n${aliases}`, at, 500);
    await expect(bomb).rejects.toMatchObject({ reason: 'it takes too long to parse' });
    expect(Date.now() - begun).toBeLessThan(4000);
  });
});

test('a field named like the prototype is an ordinary field', async () => {
  const text =
    '{"openapi":"3.1.0","info":{},"__proto__":{"polluted":1},"x":{"constructor":{"prototype":{"polluted":1}}}}';
  const { json } = await readInThread(text, at, patience);
  expect(json).toContain('"__proto__":{"polluted":1}');
  const yaml = await readInThread('openapi: 3.1.0\ninfo: {}\n__proto__: { polluted: 1, openapi: 4 }\n', at, patience);
  expect(yaml.json).toContain('"__proto__":{"polluted":1');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(await reasonOf('{"__proto__":{"openapi":"3.1.0","info":{}}}')).toBe('it is not an OpenAPI document');
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
  ])('%j is at %s', (url, absolute) => {
    expect(serversOf({ servers: [{ url }] })).toEqual([{ url: absolute }]);
  });

  test('default to the origin of the document', () => {
    const own = [{ url: 'https://docs.acme.example' }];
    for (const servers of [undefined, [], 'none', [null], [{ description: 'no url' }]])
      expect(serversOf({ servers })).toEqual(own);
  });

  test('of paths and of operations are made absolute too', () => {
    const paths = { '/a': { servers: [{ url: '/p' }], get: { servers: [{ url: '/o' }] } }, '/b': null };
    const { json, origins } = read({ paths, servers: [{ url: 'https://api.acme.example/' }] });
    expect(JSON.parse(json).paths).toEqual({
      '/a': {
        servers: [{ url: 'https://docs.acme.example/p' }],
        get: { servers: [{ url: 'https://docs.acme.example/o' }] },
      },
      '/b': null,
    });
    expect(origins).toEqual(['https://api.acme.example', 'https://docs.acme.example']);
  });

  test('of Swagger 2.0 are filled in where they are missing', () => {
    const swagger = (over: object) =>
      readOpenapi(JSON.stringify({ swagger: '2.0', info: {}, ...over }), 'http://localhost:8080/a');
    const bare = swagger({});
    expect(JSON.parse(bare.json)).toMatchObject({ host: 'localhost:8080', schemes: ['http'] });
    expect(bare.origins).toEqual(['http://localhost:8080']);
    const full = { host: 'api.acme.example', schemes: ['https', 'wss', 'http'] };
    expect(JSON.parse(swagger(full).json)).toMatchObject(full);
    expect(swagger(full).origins).toEqual(['https://api.acme.example']);
    expect(swagger({ host: 'api.acme.example; sandbox', schemes: ['https'] }).origins).toEqual([]);
  });

  test('return each origin once, with default variables, and nothing that could change a policy', () => {
    const variables = { region: { default: 'eu' }, port: { default: '8443' }, empty: {} };
    const urls = [
      'https://{region}.acme.example:{port}/v1',
      'https://EU.acme.example:8443/v2',
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
      'http://localhost:3000',
      'https://docs.acme.example',
    ]);
    const many = Array.from({ length: 30 }, (_, i) => ({ url: `https://a${i}.acme.example` }));
    expect(read({ servers: many }).origins).toHaveLength(20);
  });
});
