import { expect, test } from '@jest/globals';
import { addressOf, isWithin, networkOf, rangeOf } from './networks.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::', '2001:db8:1:3::/64'],
  ['::1', '::/64'],
  // In the forms of proxies.
  ['203.0.113.7:50007', '203.0.113.7'],
  ['[2001:db8:1:2::3]:443', '2001:db8:1:2::/64'],
  ['not an address', 'unknown'],
  ['', 'unknown'],
  [undefined, 'unknown'],
])('the network of %s is %s', (address, network) => {
  const shortened = networkOf(address)
    .replace(/(:0)+::?/, '::')
    .replace('::::', '::');
  expect(shortened).toBe(network);
});

test.each([
  ['203.0.113.7:50007', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['"203.0.113.7:50007"', '203.0.113.7'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['"[2001:db8::1]:443"', '2001:db8::1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:443', 'fe80::1'],
])('%s is %s', (text, address) => {
  expect(addressOf(text)).toBe(address);
});

test.each(['', 'unknown', '_hidden', '203.0.113', '1.5', '203.0.113.7:port', '[203.0.113.7', 'proxy:80', '2130706433'])(
  '%j is no address',
  (text) => {
    expect(addressOf(text)).toBeUndefined();
  },
);

const ranges: [text: string, range: string | undefined][] = [
  ['192.0.2.0/24', '192.0.2.0/24'],
  ['192.0.2.7', '192.0.2.7/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0:0::/32', '2001:db8::/32'],
  ['::1', '::1/128'],
  ['::/0', '::/0'],
  ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
  ['::ffff:0:0/96', '0.0.0.0/0'],
  ['192.0.2.7/24', undefined],
  ['2001:db8::1/64', undefined],
  ['192.0.2.0/33', undefined],
  ['2001:db8::/129', undefined],
  ['192.0.2/24', undefined],
  ['192.0.2.0/', undefined],
  ['192.0.2.0/24/1', undefined],
  ['/24', undefined],
  ['a.example', undefined],
];

test.each(ranges)('the range of %j is %j', (text, range) => {
  expect(rangeOf(text)).toBe(range);
});

const within: [inner: string, outer: string, isIn: boolean][] = [
  ['192.0.2.0/24', '192.0.2.0/24', true],
  ['192.0.2.128/25', '192.0.2.0/24', true],
  ['192.0.0.0/16', '192.0.2.0/24', false],
  ['192.0.3.0/24', '192.0.2.0/24', false],
  ['2001:db8:1::/48', '2001:db8::/32', true],
  ['2001:db9::/48', '2001:db8::/32', false],
  ['192.0.2.0/24', '::/0', false],
];

test.each(within)('whether %s is within %s: %s', (inner, outer, isIn) => {
  expect(isWithin(inner, outer)).toBe(isIn);
});
