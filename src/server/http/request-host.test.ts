import { expect, test } from '@jest/globals';
import { hostnameOf } from './request-host.ts';

test.each([
  ['keys.acme.example', 'keys.acme.example'],
  ['Keys.Acme.Example:8443', 'keys.acme.example'],
  ['keys.acme.example.', 'keys.acme.example'],
  ['127.0.0.1:3000', '127.0.0.1'],
  ['[::1]:3000', '[::1]'],
  ['', ''],
  [undefined, ''],
  ['a b', ''],
])('the host of %j is %j', (host, expected) => {
  expect(hostnameOf({ headers: { ...(host !== undefined && { host }) } })).toBe(expected);
});
