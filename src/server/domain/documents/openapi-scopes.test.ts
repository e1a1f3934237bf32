import { describe, expect, test } from '@jest/globals';
import { maxOperations, maxScopes, scopesOf } from './openapi-scopes.ts';

const info = { title: 'Acme' };
const read = (over: object) => scopesOf({ openapi: '3.1.0', info, ...over });
/** A document with these operations at `GET /0`, `GET /1` and so on. */
const withOperations = (operations: unknown[], over: object = {}) =>
  read({ paths: Object.fromEntries(operations.map((get, i) => [`/${i}`, { get }])), ...over });
const oauthFlows = (...flows: object[]) => ({
  type: 'oauth2',
  flows: Object.fromEntries(flows.map((scopes, i) => [`f${i}`, { scopes }])),
});
const names = (scopes: readonly (readonly [string, string?])[]) => scopes.map(([name]) => name);

describe('OAuth scopes', () => {
  test('are those of all flows, once, with their first description', () => {
    const securitySchemes = {
      a: oauthFlows({ 'read:pets': 'Read pets', 'write:pets': '' }, { 'read:pets': 'Again', admin: null }),
      b: oauthFlows({ 'write:pets': 'Change pets', 'https://acme.example/auth/all': 'Everything' }),
      key: { type: 'apiKey', scopes: { no: 'scope' } },
      none: null,
    };
    expect(read({ components: { securitySchemes } }).oauth).toEqual([
      ['read:pets', 'Read pets'],
      ['write:pets', 'Change pets'],
      ['admin'],
      ['https://acme.example/auth/all', 'Everything'],
    ]);
  });

  test('of Swagger 2.0 are those of its definitions, without extensions', () => {
    const securityDefinitions = {
      a: { type: 'oauth2', flow: 'implicit', scopes: { 'read:pets': 'Read pets', 'x-note': 'no scope' } },
      b: { type: 'oauth2', flow: 'application', scopes: { admin: 'All' } },
      c: { type: 'basic' },
    };
    const swagger = {
      swagger: '2.0',
      info,
      securityDefinitions,
      components: { securitySchemes: { x: oauthFlows({ y: '' }) } },
    };
    expect(scopesOf(swagger).oauth).toEqual([
      ['read:pets', 'Read pets'],
      ['admin', 'All'],
    ]);
  });

  test('are also those that a security names: of OpenID Connect, roles of other schemes, and undeclared ones', () => {
    const securitySchemes = { oidc: { type: 'openIdConnect' }, bearer: { type: 'http', scheme: 'bearer' } };
    const security = [{ oidc: ['openid'] }];
    const get = { security: [{ bearer: ['read:users', 'public'] }, { oidc: ['openid', 'profile'] }] };
    expect(withOperations([get], { security, components: { securitySchemes } }).oauth).toEqual([
      ['openid'],
      ['read:users'],
      ['public'],
      ['profile'],
    ]);
  });

  test('are found through references within the document, and no others', () => {
    const parts = {
      'b/c d': oauthFlows({ escaped: '' }),
      '100%': oauthFlows({ unescaped: '' }),
      '~1': oauthFlows({ tilde: '' }),
      list: [oauthFlows({ 'in a list': '' })],
    };
    const securitySchemes = {
      a: { $ref: '#/components/parts/b~1c%20d' },
      b: { $ref: '#/components/parts/100%' },
      c: { $ref: '#/components/parts/~01' },
      list: { $ref: '#/components/parts/list/0' },
      loop: { $ref: '#/components/securitySchemes/loop' },
      other: { $ref: 'other.yaml#/' },
      nothing: { $ref: '#/components/toString/constructor' },
      broken: { $ref: '#/%E0%A4%A' },
      number: { $ref: 7 },
    };
    expect(read({ components: { parts, securitySchemes } }).oauth).toEqual([['escaped'], ['unescaped'], ['tilde']]);
  });

  test('are found through seven references after each other, and not through eight', () => {
    const parts = Object.fromEntries(
      Array.from({ length: 8 }, (_, i): [string, object] => [
        `p${i}`,
        i === 0 ? oauthFlows({ found: '' }) : { $ref: `#/parts/p${i - 1}` },
      ]),
    );
    const through = (first: string) =>
      read({ parts, components: { securitySchemes: { a: { $ref: `#/parts/${first}` } } } }).oauth;
    expect([through('p6'), through('p7')]).toEqual([[['found']], []]);
  });
});

describe('tags', () => {
  test('are those of the document with their descriptions, then those that only operations have', () => {
    const tags = [
      { name: 'Pets', description: 'All pets\nof the shop\n\nAnd more' },
      { name: 'Old', summary: 'Unused' },
      'x',
      {},
    ];
    expect(withOperations([{ tags: ['Shops', 'Pets'] }], { tags })).toEqual({
      oauth: [],
      tags: [['Pets', 'All pets of the shop'], ['Old', 'Unused'], ['Shops']],
      operations: [],
      omitted: { scopes: 0, operations: 0 },
    });
  });
});

describe('operations', () => {
  const operation = (over: object) => withOperations([{ operationId: 'a', ...over }]).operations[0];

  test.each([
    [{ summary: ' List\n pets ', description: 'Long' }, 'List pets'],
    [{ description: 'First part.\n\nSecond part.' }, 'First part.'],
    [{ summary: 7 }, 'GET /0'],
    [{ summary: '\n\n Late' }, 'Late'],
    [{ summary: 'One\ntwo\nthree\n \nfour' }, 'One two three'],
    [{ summary: 'Rings\u0007' }, 'Rings'],
    [{ summary: `${'x'.repeat(298)} ${'y'.repeat(9)}` }, `${'x'.repeat(298)}…`],
    [{ summary: 'x'.repeat(301) }, `${'x'.repeat(299)}…`],
    [{ summary: 'x'.repeat(300) }, 'x'.repeat(300)],
    [{ summary: '😀'.repeat(400) }, `${'😀'.repeat(299)}…`],
  ])('%#: are described in one line, shortened', (over, description) => {
    expect(operation(over)?.description).toBe(description);
  });

  test.each([
    ['nothing', undefined, undefined, { isPublic: false, security: [] }],
    ['that of the document', undefined, [{ a: ['x'] }], { isPublic: false, security: [['x']] }],
    ['null, which is nothing', null, [{ a: ['x'] }], { isPublic: false, security: [['x']] }],
    ['its own', [{ a: ['y'] }], [{ a: ['x'] }], { isPublic: false, security: [['y']] }],
    ['none', [], [{ a: ['x'] }], { isPublic: true, security: [] }],
    ['none for the whole document', undefined, [], { isPublic: true, security: [] }],
    ['an optional one', [{ a: ['y'] }, {}], undefined, { isPublic: true, security: [['y'], []] }],
    ['one without scopes', [{ a: [] }, { b: null }], undefined, { isPublic: false, security: [[], []] }],
    [
      'two schemes at once',
      [{ a: ['x', 'y'], b: ['y', 'z'] }],
      undefined,
      { isPublic: false, security: [['x', 'y', 'z']] },
    ],
  ])('with security: %s', (_, security, ofDocument, expected) => {
    const over = { ...(ofDocument !== undefined && { security: ofDocument }) };
    const get = { operationId: 'a', ...(security !== undefined && { security }) };
    expect(withOperations([get], over).operations).toMatchObject([expected]);
  });

  test.each([
    ['has no valid id', { operationId: ' a' }],
    ['has a number as its id', { operationId: 7 }],
    ['has too long an id', { operationId: 'a'.repeat(257) }],
    ['has a line break in its id', { operationId: 'a\nb' }],
    ['has a replacement character in its id', { operationId: 'a\ufffd' }],
    ['has half a character in its id', { operationId: 'a\ud83d' }],
    ['has no list as security', { security: { a: ['x'] } }],
    ['has a text in its security', { security: ['x'] }],
    ['has a scope that is no text', { security: [{ a: [7] }] }],
    ['has scopes that are no list', { security: [{ a: 'x' }] }],
    ['needs a scope that no key can carry', { security: [{ a: ['x\n'] }] }],
    ['has a tag that no key can carry', { tags: [''] }],
    ['has a tag that is no text', { tags: [2026] }],
    ['has no list of tags', { tags: 'Pets' }],
    ['has 21 alternatives', { security: Array.from({ length: 21 }, () => ({ a: ['x'] })) }],
    ['has 51 scopes', { security: [{ a: Array.from({ length: 51 }, (_, i) => `s${i}`) }] }],
    ['has 11 tags', { tags: Array.from({ length: 11 }, (_, i) => `t${i}`) }],
  ])('are left out, and counted, if one %s', (_, over) => {
    const { operations, omitted } = withOperations([{ operationId: 'a', ...over }, { operationId: 'b' }]);
    expect([operations.map(({ operationId }) => operationId), omitted.operations]).toEqual([['b'], 1]);
  });

  test.each([
    ['an id of 256 characters', { operationId: 'a'.repeat(256) }],
    ['20 alternatives', { security: Array.from({ length: 20 }, () => ({ a: ['x'] })) }],
    ['50 scopes', { security: [{ a: Array.from({ length: 50 }, (_, i) => `s${i}`) }] }],
    ['10 tags', { tags: Array.from({ length: 10 }, (_, i) => `t${i}`) }],
    ['the first tag twice', { tags: ['a', 'a', ...Array.from({ length: 9 }, (_, i) => `t${i}`)] }],
  ])('may have %s', (_, over) => {
    const { operations, omitted } = withOperations([{ operationId: 'a', ...over }]);
    expect([operations.length, omitted]).toEqual([1, { scopes: 0, operations: 0 }]);
  });

  test('are left out if their id is not unique, also those of another method', () => {
    const get = { operationId: 'a' };
    const { operations, omitted } = read({ paths: { '/': { get, put: { operationId: 'b' } }, '/2': { delete: get } } });
    expect([operations.map(({ operationId }) => operationId), omitted.operations]).toEqual([['b'], 2]);
  });

  test('without an id are not counted as left out; callbacks and webhooks are no operations of the API', () => {
    const hook = { '/': { post: { operationId: 'hook', tags: ['Hooks'], security: [{ a: ['hooked'] }] } } };
    const post = { operationId: 'a', callbacks: { called: hook } };
    const found = read({
      paths: { '/': { post, get: {}, parameters: [{ operationId: 'x' }], 'x-y': post } },
      webhooks: hook,
    });
    expect(found).toMatchObject({ oauth: [], tags: [], omitted: { scopes: 0, operations: 0 } });
    expect(found.operations.map(({ operationId }) => operationId)).toEqual(['a']);
  });

  test('have any method, and may be in a referenced path item', () => {
    const of = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id.toLowerCase(), { operationId: id }]));
    const all = of('GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'QUERY');
    const paths = {
      '/': { ...all, additionalOperations: { COPY: { operationId: 'COPY' } } },
      '/2': { $ref: '#/components/pathItems/p' },
    };
    const found = read({ paths, components: { pathItems: { p: of('there') } } }).operations;
    expect(found.map(({ operationId, description }) => `${operationId} ${description}`).sort()).toEqual(
      [...Object.keys(all).map((name) => `${name.toUpperCase()} ${name.toUpperCase()} /`), 'COPY COPY /'].sort(),
    );
  });
});

describe('a document with too much', () => {
  test('has the first scopes, and counts each other name once, also one that no key can carry', () => {
    const tags = Array.from({ length: maxScopes + 1 }, (_, i) => ({ name: `t${i}` }));
    const security = [{ a: ['x', 'y\n', 'y\n', 'z\ufffd'] }];
    const found = read({ tags: [...tags, { name: 't0' }, { name: `t${maxScopes}` }, { name: 7 }], security });
    expect(names(found.tags)).toEqual(tags.slice(0, maxScopes).map(({ name }) => name));
    expect(found).toMatchObject({ oauth: [['x']], omitted: { scopes: 3, operations: 0 } });
  });

  test('has the first scopes and operations, and the number of the others', () => {
    const many = (length: number, prefix: string) => Array.from({ length }, (_, i) => `${prefix}${i}`);
    const tags = many(maxScopes + 3, 't').map((name) => ({ name }));
    const get = many(maxOperations + 2, 'o').map((operationId) => ({ operationId }));
    const found = withOperations(get, { tags, security: [{ a: [...many(maxScopes + 1, 's'), 's0'] }] });
    expect(names(found.oauth)).toEqual(many(maxScopes, 's'));
    expect(names(found.tags)).toEqual(many(maxScopes, 't'));
    // The security of the document has a scope that was left out, so no operation can be certain.
    expect(found).toMatchObject({ operations: [], omitted: { scopes: 4, operations: maxOperations + 2 } });
    const { operations, omitted } = withOperations(get);
    expect([operations.length, omitted]).toEqual([maxOperations, { scopes: 0, operations: 2 }]);
  });

  test('is bounded in characters too', () => {
    const get = Array.from({ length: 1500 }, (_, i) => ({
      operationId: `o${i}`,
      summary: '€'.repeat(300),
      tags: ['€'.repeat(256)],
    }));
    const { operations, omitted } = withOperations(get);
    expect(operations.length + omitted.operations).toBe(1500);
    expect(JSON.stringify(operations).length).toBeLessThan(2 ** 19 + 1500);
    expect(omitted.operations).toBeGreaterThan(0);
  });
});

test.each([
  ['paths', []],
  ['paths', { '/': null, '/a': { get: [] } }],
  ['components', { securitySchemes: [oauthFlows({ no: '' })] }],
  ['components', { securitySchemes: { a: { type: 'oauth2', flows: [null] } } }],
  ['tags', { name: 'no' }],
  ['security', 'none'],
  ['security', [null, 'x', 7]],
])('a document with malformed %s: %j offers nothing, and is no error', (name, value) => {
  expect(read({ [name]: value })).toMatchObject({ oauth: [], tags: [], operations: [] });
});

test('names of the prototype are ordinary names', () => {
  const securitySchemes = { a: oauthFlows({ constructor: 'a', toString: 'b' }) };
  const found = withOperations([{ operationId: 'hasOwnProperty', tags: ['__proto__'] }], {
    components: { securitySchemes },
  });
  expect([names(found.oauth), found.tags, found.operations[0]?.operationId]).toEqual([
    ['constructor', 'toString'],
    [['__proto__']],
    'hasOwnProperty',
  ]);
});
