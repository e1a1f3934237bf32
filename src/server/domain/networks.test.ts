import { expect, test } from '@jest/globals';
import { addressOf, networkOf } from './networks.ts';

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
