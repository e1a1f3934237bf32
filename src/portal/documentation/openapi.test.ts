import { describe, expect, test } from '@jest/globals';
import { sampleDocument } from '../../../scripts/sample-api.ts';
import { leastCpuMs } from '../../ui/least-cpu.ts';
import { basicsOf, keySchemes } from './openapi.ts';

describe('how to call the API', () => {
  test('is read from an ordinary document', () => {
    expect(basicsOf(sampleDocument('https://api.acme.example/'))).toEqual({
      place: { in: 'bearer' },
      url: 'https://api.acme.example/v1/projects',
    });
  });

  test('uses the scheme that operations require, not an unused one', () => {
    const securitySchemes = {
      login: { type: 'oauth2' },
      bearer: { type: 'http', scheme: 'Bearer' },
      key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
    };
    const document = { openapi: '3.1.0', security: [{ key: [] }], components: { securitySchemes } };
    expect(basicsOf(document).place).toEqual({ in: 'header', name: 'X-Api-Key' });
    expect(keySchemes(document).map(([name]) => name)).toEqual(['key', 'bearer']);
    expect(basicsOf({ ...document, security: [] }).place).toEqual({ in: 'bearer' });
  });

  test('is read from Swagger 2.0, and from server variables', () => {
    expect(
      basicsOf({
        swagger: '2.0',
        host: 'api.acme.example',
        basePath: '/v2',
        schemes: ['https'],
        securityDefinitions: { key: { type: 'apiKey', in: 'query', name: 'key' } },
        paths: { '/a/{id}': { get: {} }, '/b': { post: {} }, '/c': { get: {} } },
      }),
    ).toEqual({ place: { in: 'query', name: 'key' }, url: 'https://api.acme.example/v2/c' });
    const servers = [{ url: 'https://{region}.acme.example', variables: { region: { default: 'eu' } } }];
    expect(basicsOf({ servers }).url).toBe('https://eu.acme.example/');
  });

  test.each([
    null,
    {},
    { servers: 'x', paths: [], components: null, security: [null] },
    {
      servers: [null],
      security: { a: 1 },
      components: { securitySchemes: { a: null, b: { type: 'apiKey', in: 'cookie' } } },
    },
  ])('falls back where there is nothing to follow: %j', (document) => {
    expect(basicsOf(document)).toEqual({ place: { in: 'bearer' }, url: 'https://api.example.com/' });
  });
});

test('the address of a server takes time in proportion to its length', () => {
  const servers = [{ url: `https://a.example/${'{'.repeat(60_000)}` }];
  // A quadratic expression takes seconds.
  expect(leastCpuMs(() => basicsOf({ openapi: '3.1.0', servers }))).toBeLessThan(300);
});
