import { expect, test } from '@jest/globals';
import { originsOfServers, settleServers } from './openapi-servers.ts';

const at = 'https://docs.acme.example/v1/openapi.json';

test.each([
  // A variable is spelled as the document has it.
  ['//{Host}/a', 'https://{Host}/a'],
  ['//API.acme.example', 'https://API.acme.example'],
  ['/v2//', 'https://docs.acme.example/v2//'],
  ['v2/{Id}?a={Id}', 'https://docs.acme.example/v1/v2/{Id}?a={Id}'],
  ['{Base}/a', '{Base}/a'],
])('servers of an OpenAPI document become absolute: %s', (url, absolute) => {
  const document = { servers: [{ url }] };
  settleServers(document, at);
  expect(document).toEqual({ servers: [{ url: absolute }] });
});

test.each<[string, variables: unknown, origins: string[]]>([
  // Only a variable has the part before the path.
  ['{base}/v1//x', { base: { default: 'https://api.acme.example/root' } }, ['https://api.acme.example']],
  ['{base}', { base: { default: 'api', enum: ['https://a.example', 'http://b.example'] } }, ['https://a.example']],
  ['{base}', undefined, []],
  // Nothing is known of the variable, and it decides nothing about the origin.
  ['https://api.acme.example?tenant={tenant}', undefined, ['https://api.acme.example']],
  ['https://api.acme.example?tenant={tenant}', { tenant: 'a' }, ['https://api.acme.example']],
  ['https://{a}.acme.example/{b}', { a: { enum: ['x', 'y'] } }, ['https://x.acme.example', 'https://y.acme.example']],
  ['https://{a}{a}.acme.example', { a: { default: '$&' } }, []],
])('servers of an OpenAPI document have the origins of their addresses: %s with %j', (url, variables, origins) => {
  expect(originsOfServers({ servers: [{ url, variables }] })).toEqual(origins);
});

test('servers of a Swagger document have the origin of each scheme', () => {
  const document = { swagger: '2.0' };
  settleServers(document, at);
  expect(document).toEqual({ swagger: '2.0', host: 'docs.acme.example', schemes: ['https'] });
  expect(originsOfServers({ ...document, schemes: ['wss', 'https', 'https'] })).toEqual(['https://docs.acme.example']);
});
