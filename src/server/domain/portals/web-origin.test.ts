import { expect, test } from '@jest/globals';
import { isSameServer, originFailures, policyOriginFailures, webOriginOf } from './web-origin.ts';

test.each([
  ['https://a.example', true],
  ['https://a.example:8443', true],
  ['http://localhost:8080', true],
  ['https://a.example/', false],
  ['https://A.example', false],
  ['https://a.example:443', false],
  ['http://a.example', false],
  ['not an origin', false],
  ['', false],
])('%j is an origin: %s', (origin, isOrigin) => {
  expect(originFailures('list[0]', origin).map(({ location }) => location)).toEqual(isOrigin ? [] : ['body.list[0]']);
});

test.each(['https://a_b.example', 'https://[2606:4700::1111]', 'http://[::1]:3000'])(
  '%s is an origin, and no policy can name it',
  (origin) => {
    expect(originFailures('list[0]', origin)).toEqual([]);
    expect(policyOriginFailures('list[0]', origin).map(({ location }) => location)).toEqual(['body.list[0]']);
    expect(webOriginOf(`${origin}/path`)).toBeUndefined();
  },
);

test('an origin has one failure, also where a policy names it', () => {
  expect(policyOriginFailures('list[0]', 'nothing')).toEqual(originFailures('list[0]', 'nothing'));
});

test.each([
  ['https://a.example/path?query', 'https://a.example'],
  ['https://A.example:443', 'https://a.example'],
  ['http://a.example', undefined],
  ['https://a;b.example', undefined],
  ['mailto:a@b.example', undefined],
  ['not a URL', undefined],
])('the origin of %j is %j', (url, origin) => {
  expect(webOriginOf(url)).toBe(origin);
});

test.each([
  ['https://a.example', 'https://a.example', true],
  ['https://a.example.', 'https://a.example', true],
  ['https://a.example', 'https://a.example.', true],
  ['http://a.example', 'https://a.example', true],
  ['http://a.example:443', 'https://a.example', true],
  ['http://localhost:3000', 'http://localhost:3000', true],
  ['https://a.example:8443', 'https://a.example', false],
  ['https://b.a.example', 'https://a.example', false],
  ['http://localhost:4000', 'http://localhost:3000', false],
])('%s is the server of %s: %s', (origin, own, isSame) => {
  expect(isSameServer(origin, own)).toBe(isSame);
});
