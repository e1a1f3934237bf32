/** The viewer shows all of a document, with what the documents of real companies have. `scripts/lab/real-documents.ts` tests those. */
import { describe, expect, test } from '@jest/globals';
import { checkStructure } from './check-structure.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object, more = {}) => ({ content: { 'application/json': { schema, ...more } } });
const ok = (schema: object) => ({ 200: { description: 'Fine.', ...json(schema) } });

/** OpenAPI 3.1 as companies write it. */
const modern = {
  openapi: '3.1.0',
  info: { title: 'Modern', version: '1' },
  servers: [{ url: 'https://{region}.acme.example/v1', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } }],
  security: [{ token: [] }, { token: [], organization: [] }, {}],
  tags: [{ name: 'Things' }],
  paths: {
    '/things/{thing_id}': {
      parameters: [
        { $ref: '#/components/parameters/thing' },
        { name: 'trace', in: 'header', schema: { type: 'string' } },
      ],
      get: {
        tags: ['Things', 'Other'],
        operationId: 'getThing',
        parameters: [
          {
            name: 'include',
            in: 'query',
            style: 'form',
            explode: false,
            schema: { type: 'array', items: ref('Kind') },
          },
          { name: 'filter', in: 'query', style: 'deepObject', schema: { type: 'object', properties: { a: {} } } },
          { name: 'at', in: 'query', content: { 'application/json': { schema: ref('Thing') } } },
          { name: 'sid', in: 'cookie', schema: { type: 'string' } },
        ],
        responses: {
          ...ok(ref('Thing')),
          '4XX': { $ref: '#/components/responses/Failed' },
          default: { description: 'Anything else.', headers: { 'X-Id': { schema: { type: 'string' } } } },
        },
      },
      // No id, and the same path with another method.
      post: {
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' }, note: {} } },
            },
            'application/x-www-form-urlencoded': { schema: ref('Thing') },
            'text/plain': { schema: { type: 'string' } },
          },
        },
        responses: { 201: { description: 'Made.', content: { 'text/event-stream': { schema: ref('Event') } } } },
        callbacks: { done: { '{$request.body#/url}': { post: { requestBody: json(ref('Event')), responses: {} } } } },
      },
    },
    '/things': {
      get: { operationId: 'getThing', deprecated: true, responses: ok({ type: 'array', items: ref('Thing') }) },
    },
    '/odd/{a}.{b}/~tilde/%7Bx%7D': {
      trace: { summary: 'Ünïcode & "quotes"', responses: { 204: { description: 'Nothing.' } } },
    },
    '/folders': { get: { responses: ok(ref('Folder')) } },
    '/moved': { $ref: '#/components/pathItems/moved' },
  },
  webhooks: {
    'thing.made': { post: { requestBody: json(ref('Event')), responses: { 200: { description: 'Seen.' } } } },
  },
  components: {
    pathItems: {
      moved: { put: { summary: 'Moved', requestBody: { $ref: '#/components/requestBodies/thing' }, responses: {} } },
    },
    requestBodies: { thing: json(ref('Thing'), { examples: { one: { value: { name: 'x' } } } }) },
    parameters: { thing: { name: 'thing_id', in: 'path', required: true, schema: { type: 'string' } } },
    responses: {
      Failed: { description: 'Failed.', ...json({ allOf: [ref('Problem'), { properties: { code: {} } }] }) },
    },
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer' },
      organization: { type: 'apiKey', in: 'header', name: 'X-Organization' },
    },
    schemas: {
      Kind: { type: 'string', enum: ['a', 'b'] },
      Problem: { type: 'object', properties: { message: { type: 'string' }, inner: ref('Problem') } },
      // In itself, by lists, maps and variants, and null in each of the ways that documents write it.
      Thing: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: ['string', 'null'], default: null },
          parent: { anyOf: [ref('Thing'), { type: 'null' }] },
          children: { type: 'array', items: ref('Thing') },
          byName: { type: 'object', additionalProperties: ref('Thing') },
          'a/b~c': { type: 'integer', format: 'int64', maximum: 9_223_372_036_854_776_000 },
          kind: { allOf: [ref('Kind')], nullable: true },
          pair: { type: 'array', prefixItems: [{ type: 'string' }, ref('Kind')] },
          any: true,
          patterned: { patternProperties: { '^x-': { type: 'string' } } },
        },
      },
      // A folder is in a folder, and both have the same base.
      Mini: { allOf: [ref('Base'), { properties: { name: {} } }] },
      Folder: {
        allOf: [
          ref('Mini'),
          { properties: { parent: { allOf: [ref('Mini'), { nullable: true }] }, made: ref('Made') } },
        ],
      },
      Made: { allOf: [ref('Base'), { type: 'object', properties: { type: { const: 'made' }, thing: ref('Thing') } }] },
      Gone: { allOf: [ref('Base'), { properties: { type: { const: 'gone' }, id: {} } }] },
      Base: { type: 'object', properties: { type: { type: 'string' }, at: { type: 'string', format: 'date-time' } } },
      Event: {
        oneOf: [ref('Made'), ref('Gone')],
        discriminator: { propertyName: 'type', mapping: { made: '#/components/schemas/Made' } },
      },
    },
  },
};

/** OpenAPI 3.0 with forms and HTTP Basic. */
const forms = {
  openapi: '3.0.3',
  info: { title: 'Forms', version: '1' },
  servers: [{ url: 'https://forms.acme.example' }],
  components: {
    securitySchemes: { account: { type: 'http', scheme: 'basic' } },
    schemas: { Sent: { type: 'object', nullable: true, properties: { sid: { type: 'string', nullable: true } } } },
  },
  paths: {
    '/2010/{Sid}/Messages.json': {
      servers: [{ url: 'https://other.acme.example' }],
      parameters: [
        { name: 'Sid', in: 'path', required: true, schema: { type: 'string', pattern: '^AC[0-9a-f]{32}$' } },
      ],
      post: {
        security: [{ account: [] }],
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: { type: 'object', properties: { To: { type: 'string' }, Media: { type: 'array', items: {} } } },
            },
          },
        },
        responses: {
          ...ok(ref('Sent')),
          201: { description: 'Sent.', links: { get: { operationId: 'x' } }, ...json(ref('Sent')) },
        },
      },
    },
  },
};

const swagger = {
  swagger: '2.0',
  info: { title: 'Old', version: '1' },
  host: 'old.acme.example',
  basePath: '/v1',
  consumes: ['application/json'],
  securityDefinitions: { key: { type: 'apiKey', in: 'query', name: 'key' } },
  security: [{ key: [] }],
  definitions: { Pet: { type: 'object', properties: { name: { type: 'string' } } } },
  paths: {
    '/pets/{id}': {
      put: {
        parameters: [
          { name: 'id', in: 'path', required: true, type: 'integer', format: 'int64' },
          { name: 'tags', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'multi' },
          { name: 'pet', in: 'body', schema: { $ref: '#/definitions/Pet' } },
        ],
        responses: { 200: { description: 'Fine.', schema: { $ref: '#/definitions/Pet' } } },
      },
      post: {
        parameters: [
          { name: 'id', in: 'path', required: true, type: 'integer' },
          { name: 'photo', in: 'formData', type: 'file' },
        ],
        responses: { 200: { description: 'Fine.' } },
      },
    },
  },
};

test.each([
  ['OpenAPI 3.1', modern, 7],
  ['OpenAPI 3.0 with forms', forms, 1],
  ['Swagger 2.0', swagger, 2],
])('all of a document of %s is shown', (_, document, operations) => {
  const found = checkStructure(document);
  expect(found.problems).toEqual([]);
  expect(found).toMatchObject({ operations, samples: 4 * operations });
  expect(found.schemaLines).toBeGreaterThan(operations);
});

describe('a document of many operations', () => {
  /** Operations that share schemas, each of which has ten fields of the others. */
  const many = (operations: number, schemas: number) => ({
    openapi: '3.1.0',
    info: { title: 'Many', version: '1' },
    paths: Object.fromEntries(
      Array.from({ length: operations }, (_, i) => [
        `/things/${i}/{id}`,
        { get: { parameters: [{ name: 'id', in: 'path', schema: {} }], responses: ok(ref(`S${i % schemas}`)) } },
      ]),
    ),
    components: {
      schemas: Object.fromEntries(
        Array.from({ length: schemas }, (_, i) => [
          `S${i}`,
          {
            type: 'object',
            properties: Object.fromEntries(
              Array.from({ length: 10 }, (_, j) => [`f${j}`, ref(`S${(i * 7 + j * 13 + 1) % schemas}`)]),
            ),
          },
        ]),
      ),
    },
  });

  test('is shown as well, and what one operation reads does not grow with the document', () => {
    const [small, large] = [checkStructure(many(3, 40)), checkStructure(many(60, 40))];
    expect([...small.problems, ...large.problems]).toEqual([]);
    expect(large.operations).toBe(60);
    expect(large.schemaLines / 60).toBeLessThanOrEqual(small.schemaLines / 3 + 1);
  });
});
