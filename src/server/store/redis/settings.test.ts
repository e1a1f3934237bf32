import { expect, test } from '@jest/globals';
import { readRedisUrl, standalone } from './settings.ts';

test('a URL with everything', () => {
  expect(readRedisUrl('rediss://an%40n:p%3Ass@redis.example:7000/3')).toEqual({
    node: { host: 'redis.example', port: 7000 },
    login: { username: 'an@n', password: 'p:ss' },
    tls: true,
    database: 3,
  });
});

test('a URL with nothing but a host', () => {
  expect(readRedisUrl('redis://redis.example')).toEqual({
    node: { host: 'redis.example', port: 6379 },
    login: {},
    tls: false,
  });
  expect(readRedisUrl('redis://redis.example/', 26_379)).toEqual({
    node: { host: 'redis.example', port: 26_379 },
    login: {},
    tls: false,
  });
});

test('an IPv6 address has brackets in the URL only', () => {
  expect(readRedisUrl('redis://[::1]:7000').node).toEqual({ host: '::1', port: 7000 });
});

test('one Redis at a URL', () => {
  const nodes = [{ host: 'a', port: 6379 }];
  expect(standalone('redis://a')).toStrictEqual({ mode: 'standalone', nodes, login: {} });
  expect(standalone('rediss://:secret@a/0')).toEqual({
    mode: 'standalone',
    nodes,
    login: { password: 'secret' },
    tls: {},
    database: 0,
  });
});
