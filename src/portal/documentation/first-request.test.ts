import { describe, expect, test } from '@jest/globals';
import { sampleDocument } from '../../../scripts/sample-api.ts';
import { sampleIn } from '../../ui/openapi/samples.ts';
import { firstRequest } from './first-request.ts';

const bearer = { kind: 'bearer', parameter: 'Authorization' };
/** How the key is sent, and where. */
const seen = (document: unknown) => {
  const { scheme, request } = firstRequest(document);
  return { kind: scheme.kind, parameter: scheme.parameter, url: request.url };
};

describe('how to call the API', () => {
  test('is read from an ordinary document', () => {
    const document = sampleDocument('https://api.acme.example/');
    expect(seen(document)).toEqual({ ...bearer, url: 'https://api.acme.example/v1/projects' });
    expect(sampleIn('curl', firstRequest(document).request)).toBe(
      `curl 'https://api.acme.example/v1/projects' \\\n  -H 'Authorization: Bearer '"$API_KEY"`,
    );
  });

  test('uses the scheme that operations require, and one that nothing requires only if there is no other', () => {
    const securitySchemes = {
      bearer: { type: 'http', scheme: 'Bearer' },
      key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      certificate: { type: 'mutualTLS' },
    };
    const document = { openapi: '3.1.0', security: [{ key: [] }], components: { securitySchemes } };
    const key = { kind: 'header', parameter: 'X-Api-Key' };
    expect(seen(document)).toMatchObject(key);
    const paths = { '/open': { get: { security: [] } }, '/own': { get: { security: [{ bearer: [] }] } } };
    // The first operation needs no key, so the guide shows the one of the others.
    expect(seen({ ...document, paths })).toMatchObject({ ...key, url: 'https://api.example.com/open' });
    expect(seen({ ...document, paths: { '/own': paths['/own'] } })).toMatchObject(bearer);
    expect(seen({ ...document, security: [] })).toMatchObject(bearer);
    expect(seen({ ...document, security: [{ certificate: [] }] })).toMatchObject(bearer);
    expect(seen({ ...document, security: [{ key: [], certificate: [] }, { key: [] }] })).toMatchObject(key);
  });

  test('is read from Swagger 2.0, from server variables, and for each place of a key', () => {
    const swagger = {
      swagger: '2.0',
      host: 'api.acme.example',
      basePath: '/v2',
      schemes: ['https'],
      securityDefinitions: { key: { type: 'apiKey', in: 'query', name: 'key' } },
      paths: { '/a/{id}': { get: {} }, '/b': { post: {} }, '/c': { get: {} } },
    };
    expect(seen(swagger)).toEqual({ kind: 'query', parameter: 'key', url: 'https://api.acme.example/v2/c' });
    const servers = [{ url: 'https://{region}.acme.example', variables: { region: { default: 'eu' } } }];
    expect(seen({ servers }).url).toBe('https://eu.acme.example/');
    const kindOf = (scheme: object) => seen({ components: { securitySchemes: { scheme } } }).kind;
    expect(kindOf({ type: 'http', scheme: 'basic' })).toBe('basic');
    expect(kindOf({ type: 'apiKey', in: 'cookie', name: 'sid' })).toBe('cookie');
  });

  test('has the parameters that the operation needs, and no others', () => {
    const parameters = [
      { name: 'account', in: 'query', required: true, example: 'acc_1' },
      { name: 'limit', in: 'query', example: 5 },
    ];
    expect(seen({ paths: { '/a': { get: { parameters } } } }).url).toBe('https://api.example.com/a?account=acc_1');
  });

  test.each([
    undefined,
    null,
    {},
    { servers: 'x', paths: [], components: null, security: [null] },
    { servers: [null], security: { a: 1 }, components: { securitySchemes: { a: null, b: { type: 'apiKey' } } } },
  ])('falls back where there is nothing to follow: %j', (document) => {
    expect(seen(document)).toEqual({ ...bearer, url: 'https://api.example.com/' });
  });
});
