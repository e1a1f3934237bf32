import { expect, test } from '@jest/globals';
import { originFailures, webOriginOf } from './web-origin.ts';

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
