/** What a document says of an operation, in every version of OpenAPI. */
import { describe, expect, test } from '@jest/globals';
import { groupsOf, searched } from './navigation.ts';
import { type Operation, operationOf } from './operation.ts';
import { initialInput, keyOf, requestOf } from './request.ts';
import { alternativesOf } from './security.ts';
import { callable, serversOf, urlOfServer } from './servers.ts';

const ok = { 200: { description: 'Fine.' } };
/** The first operation of a document with these paths. */
function first(document: object): Operation {
  const [entry] = groupsOf(document).flatMap(({ entries }) => entries);
  if (entry === undefined) throw new Error('the document has no operation');
  return operationOf(document, entry);
}
const request = (document: object, over: Record<string, string> = {}) => {
  const operation = first(document);
  const input = initialInput(document, operation, operation.servers);
  return requestOf(document, operation, { ...input, parameters: { ...input.parameters, ...over } });
};

describe('the tree', () => {
  const document = {
    openapi: '3.1.0',
    tags: [{ name: 'Zoo', description: 'Animals.' }, { name: 'Empty' }],
    paths: {
      '/a/{id}': {
        get: { tags: ['Other'], summary: 'Get Ä' },
        'x-get': {},
        put: { operationId: 'put', deprecated: true },
      },
      '/b': { $ref: '#/components/pathItems/b' },
      '/c': { get: { operationId: 'put' }, post: null },
      'x-path': { get: {} },
    },
    webhooks: { made: { post: { summary: 'It is made' } } },
    components: { pathItems: { b: { post: { tags: ['Zoo', 'Other'] } } } },
  };

  test('has each operation once, in the order of the tags, with an id of its own', () => {
    const groups = groupsOf(document);
    expect(groups.map(({ name, isWebhooks, entries }) => [name, isWebhooks, entries.map(({ id }) => id)])).toEqual([
      ['Zoo', false, ['post-b']],
      ['Other', false, ['get-a-id']],
      ['', false, ['put', 'put-2']],
      ['', true, ['post-made']],
    ]);
    expect(groups[2]?.entries[0]).toMatchObject({ method: 'PUT', path: '/a/{id}', title: 'put', isDeprecated: true });
  });

  test.each([
    ['get ae', []],
    ['GET a', ['get-a-id']],
    ['a/{id}', ['get-a-id', 'put']],
    ['zoo', ['post-b']],
    ['made', ['post-made']],
  ])('is searched: %s', (search, ids) => {
    expect(searched(groupsOf(document), search).flatMap(({ entries }) => entries.map(({ id }) => id))).toEqual(ids);
  });

  test.each([null, {}, { paths: [] }, { paths: { '/a': null, '/b': 1 }, tags: 'x', webhooks: 3 }])(
    'of %j is empty',
    (odd) => {
      expect(groupsOf(odd)).toEqual([]);
    },
  );
});

describe('who calls', () => {
  const securitySchemes = {
    bearer: { type: 'http', scheme: 'Bearer' },
    basic: { type: 'http', scheme: 'basic' },
    header: { type: 'apiKey', in: 'header', name: 'X-Key' },
    other: { type: 'apiKey', in: 'header', name: 'X-App' },
    query: { type: 'apiKey', in: 'query', name: 'key' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
    oauth: { type: 'oauth2', flows: {} },
    bad: { type: 'apiKey', in: 'header', name: 'X-K: !?AWS_SECRET? -' },
  };
  const kinds = (security: unknown) =>
    alternativesOf({ components: { securitySchemes } }, { security }).map((all) => all.map(({ kind }) => kind));

  test.each([
    [
      'one of several, and never a query parameter',
      [{ query: [] }, { bearer: [] }, { header: [] }],
      [['bearer'], ['header']],
    ],
    ['both of two', [{ header: [], other: [] }], [['header', 'header']]],
    ['a query parameter where nothing else will do', [{ query: [] }], [['query']]],
    ['one without a parameter of the query', [{ header: [], query: [] }, { cookie: [] }], [['cookie']]],
    ['nobody, if the user wants it', [{}, { bearer: [] }], [['bearer'], []]],
    ['nobody', [], []],
    ['a name that no header can have', [{ bad: [] }, { basic: [] }], [['basic']]],
    ['an unknown scheme', [{ missing: [] }], [['other']]],
    ['a token of OAuth', [{ oauth: ['read'] }], [['bearer']]],
  ])('%s', (_, security, expected) => {
    expect(kinds(security)).toEqual(expected);
  });

  test('each secret of an "and" has a variable of its own', () => {
    const [both = []] = alternativesOf({ components: { securitySchemes } }, { security: [{ header: [], other: [] }] });
    expect(both.map(({ variables }) => variables)).toEqual([['HEADER'], ['OTHER']]);
    const [one = []] = alternativesOf({ components: { securitySchemes } }, { security: [{ basic: [] }] });
    expect(one[0]?.variables).toEqual(['API_USER', 'API_PASSWORD']);
  });

  test('a request has the credentials of one alternative', () => {
    const document = {
      openapi: '3.1.0',
      servers: [{ url: 'https://a.example' }],
      security: [{ query: [] }, { header: [], other: [] }],
      paths: { '/x': { get: {} } },
      components: { securitySchemes },
    };
    expect(request(document)).toMatchObject({
      url: 'https://a.example/x',
      secretQuery: [],
      headers: [
        ['X-Key', [{ secret: 'HEADER' }]],
        ['X-App', [{ secret: 'OTHER' }]],
      ],
    });
  });
});

describe('servers', () => {
  const server = {
    url: 'https://{region}.a.example:{port}/{version}/',
    variables: {
      region: { default: 'eu', enum: ['eu', 'us', 'evil'] },
      port: { default: 8443 },
      version: { default: 'v1' },
    },
  };

  test('are those of the operation, of its path, or of the document', () => {
    const document = { servers: [{ url: 'https://d.example' }] };
    const urls = (item: object, operation: object) =>
      serversOf(document, { ...item }, { ...operation }).map(({ url }) => url);
    expect(urls({}, {})).toEqual(['https://d.example']);
    expect(urls({ servers: [{ url: 'https://i.example' }] }, {})).toEqual(['https://i.example']);
    expect(urls({ servers: [{ url: 'https://i.example' }] }, { servers: [{ url: 'https://o.example' }, {}] })).toEqual([
      'https://o.example',
    ]);
    expect(
      serversOf({ swagger: '2.0', host: 'h.example', basePath: '/v1', schemes: ['wss', 'http'] }, {}, {}),
    ).toMatchObject([{ url: 'http://h.example/v1' }]);
  });

  test('offer only what can be called', () => {
    const [found] = serversOf({ servers: [server] }, {}, {});
    if (found === undefined) throw new Error('no server');
    expect(urlOfServer(found, { region: 'us' })).toBe('https://us.a.example:8443/v1');
    const isCallable = (url: string) =>
      ['https://eu.a.example:8443', 'https://us.a.example:8443'].includes(URL.parse(url)?.origin ?? '');
    const [offered] = callable([found, { ...found, url: 'https://b.example' }], isCallable);
    // A free text is possible in the path, and not where it could be a part of the host.
    expect(offered?.variables.map(({ name, values }) => [name, values])).toEqual([
      ['region', ['eu', 'us']],
      ['port', ['8443']],
      ['version', []],
    ]);
    expect(callable([found], () => false)).toEqual([]);
  });
});

describe('parameters', () => {
  const of = (parameter: object, text: string) => {
    const document = {
      openapi: '3.0.3',
      servers: [{ url: 'https://a.example' }],
      paths: {
        '/x/{p}': {
          parameters: [{ name: 'p', in: 'path', required: true, example: 'a/b' }],
          get: { parameters: [{ name: 'q', ...parameter }] },
        },
      },
    };
    return request(document, { [keyOf({ in: (parameter as { in: 'query' }).in, name: 'q' })]: text });
  };
  const list = { type: 'array', items: { type: 'string' } };

  test.each([
    [{ in: 'query' }, 'a b&c', '?q=a%20b%26c'],
    [{ in: 'query', schema: list }, 'a,b c', '?q=a&q=b%20c'],
    [{ in: 'query', schema: list, explode: false }, '["a","b,c"]', '?q=a,b%2Cc'],
    [{ in: 'query', schema: list, style: 'pipeDelimited', explode: false }, 'a,b', '?q=a|b'],
    [{ in: 'query', style: 'deepObject', schema: { type: 'object' } }, '{"a":1,"b":"x"}', '?q%5Ba%5D=1&q%5Bb%5D=x'],
    [{ in: 'query', schema: { type: 'object' } }, '{"a":1}', '?a=1'],
    [{ in: 'query', allowReserved: true }, 'a/b?c#d', '?q=a/b?c%23d'],
    [{ in: 'query', type: 'array', collectionFormat: 'csv' }, 'a,b', '?q=a,b'],
    [{ in: 'query', type: 'array', collectionFormat: 'multi' }, 'a,b', '?q=a&q=b'],
    [{ in: 'query', content: { 'application/json': {} } }, '{"a":1}', '?q=%7B%22a%22%3A1%7D'],
  ])('%j with %s is %s', (parameter, text, query) => {
    expect(of(parameter, text).url).toBe(`https://a.example/x/a%2Fb${query}`);
  });

  test('of headers are lines, and have names', () => {
    expect(of({ in: 'header', schema: list }, 'a,b').headers).toEqual([['q', ['a,b']]]);
    expect(of({ in: 'header' }, 'a\r\nX: y').headers).toEqual([]);
  });
});

test('an example is shown as it is written, also a reference', () => {
  const value = { $ref: 'https://evil.example/x', list: [{ $ref: '#/a' }] };
  const content = { 'application/json': { example: value } };
  const operation = first({
    paths: {
      '/a': {
        post: {
          requestBody: { content },
          responses: { 200: { content: { 'application/json': { examples: { one: { value } } } } } },
        },
      },
    },
  });
  expect(operation.body?.contents[0]?.examples[0]?.value).toEqual(value);
  expect(operation.responses[0]?.contents[0]?.examples).toEqual([{ name: 'one', summary: undefined, value }]);
});

describe('Swagger 2.0 is read as OpenAPI 3', () => {
  const document = {
    swagger: '2.0',
    host: 'api.acme.example',
    basePath: '/',
    schemes: ['https'],
    consumes: ['application/json'],
    securityDefinitions: { key: { type: 'apiKey', in: 'query', name: 'key' }, basic: { type: 'basic' } },
    security: [{ key: [] }],
    parameters: { limit: { name: 'limit', in: 'query', type: 'integer', default: 20, maximum: 100 } },
    definitions: { Pet: { type: 'object', properties: { name: { type: 'string', example: 'Rex' } } } },
    paths: {
      '/pets': {
        post: {
          parameters: [
            { $ref: '#/parameters/limit' },
            { name: 'pet', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } },
          ],
          responses: {
            201: {
              description: 'Made.',
              schema: { $ref: '#/definitions/Pet' },
              examples: { 'application/json': { name: 'Max' } },
            },
          },
        },
        put: {
          security: [{ basic: [] }],
          parameters: [
            { name: 'photo', in: 'formData', type: 'file', required: true },
            { name: 'note', in: 'formData', type: 'string' },
          ],
          responses: ok,
        },
      },
    },
  };

  test('with its bodies, responses and credentials', () => {
    expect(request(document)).toEqual({
      method: 'POST',
      url: 'https://api.acme.example/pets',
      secretQuery: [['key', [{ secret: 'API_KEY' }]]],
      headers: [['Content-Type', ['application/json']]],
      body: { kind: 'text', text: '{\n  "name": "Rex"\n}' },
    });
    const operation = first(document);
    expect(operation.parameters).toMatchObject([{ name: 'limit', schema: { type: 'integer', maximum: 100 } }]);
    expect(operation.responses[0]?.contents).toMatchObject([
      { mediaType: 'application/json', examples: [{ value: { name: 'Max' } }] },
    ]);
  });

  test('with its forms', () => {
    const [, put] = groupsOf(document).flatMap(({ entries }) => entries);
    const operation = put && operationOf(document, put);
    expect(operation?.body).toMatchObject({ isRequired: true, contents: [{ mediaType: 'multipart/form-data' }] });
    expect(
      operation && requestOf(document, operation, initialInput(document, operation, operation.servers)).body,
    ).toEqual({
      kind: 'form',
      parts: [
        ['photo', { file: 'photo' }],
        ['note', 'string'],
      ],
    });
  });
});

test('callbacks and responses are in order, and odd parts are left out', () => {
  const operation = first({
    paths: {
      '/a': {
        parameters: [null, { name: 'id', in: 'path' }],
        post: {
          parameters: [{ name: 'id', in: 'path', description: 'Own.' }, { in: 'query' }, { name: 'x', in: 'nowhere' }],
          responses: { default: { $ref: '#/nowhere' }, 404: {}, 201: {}, 'x-a': {} },
          callbacks: { done: { '{$request.body#/url}': { post: { summary: 'Called.' }, parameters: [] } } },
          externalDocs: { url: 'https://a.example' },
        },
      },
    },
  });
  expect(operation.parameters.map(({ name, description }) => [name, description])).toEqual([['id', 'Own.']]);
  expect(operation.responses.map(({ status }) => status)).toEqual(['201', '404', 'default']);
  expect(operation.callbacks).toMatchObject([
    { name: 'done', method: 'POST', url: '{$request.body#/url}', description: 'Called.' },
  ]);
});

test('a place in the path that the document has forgotten is a parameter, and is filled in the request', () => {
  const parameters = [{ name: 'a', in: 'path', required: true, schema: { type: 'integer' } }];
  const document = { paths: { '/x/{a}/{b}.{c}/{b}': { get: { parameters, responses: ok } } } };
  const [a, ...forgotten] = first(document).parameters;
  expect(a?.schema).toEqual({ type: 'integer' });
  expect(forgotten.map(({ name, in: where, isRequired }) => [name, where, isRequired])).toEqual([
    ['b', 'path', true],
    ['c', 'path', true],
  ]);
  expect(request(document, { 'path b': 'B', 'path c': 'C' }).url).toBe('https://api.example.com/x/1/B.C/B');
});
