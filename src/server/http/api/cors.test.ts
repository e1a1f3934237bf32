import { expect, jest, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import { StoreUnavailable } from '../../store/redis.ts';
import { allowCalling, allowReading, crossOriginAccess } from './cors.ts';

const origin = 'https://app.example';
const isOriginAllowed = jest.fn<(origin: string) => Promise<boolean>>();
const newAccess = () => crossOriginAccess({ portals: { isOriginAllowed } } as unknown as Store);
const outage = () => isOriginAllowed.mockRejectedValueOnce(new StoreUnavailable('gone'));

test('during an outage an origin stays allowed if it was allowed last', async () => {
  const access = newAccess();
  outage();
  await expect(access.isAllowed(origin)).rejects.toThrow(StoreUnavailable);
  isOriginAllowed.mockResolvedValueOnce(true);
  expect(await access.isAllowed(origin)).toBe(true);
  outage();
  expect(await access.isAllowed(origin)).toBe(true);
  isOriginAllowed.mockResolvedValueOnce(false);
  expect(await access.isAllowed(origin)).toBe(false);
  outage();
  await expect(access.isAllowed(origin)).rejects.toThrow(StoreUnavailable);
});

test('an origin that the portal of a session has allowed is remembered, and others are not', async () => {
  const access = newAccess();
  access.remember(origin);
  outage();
  expect(await access.isAllowed(origin)).toBe(true);
  outage();
  await expect(access.isAllowed(`${origin}:8443`)).rejects.toThrow(StoreUnavailable);
});

test('only an outage is bridged', async () => {
  const access = newAccess();
  access.remember(origin);
  isOriginAllowed.mockRejectedValueOnce(new TypeError('a mistake'));
  await expect(access.isAllowed(origin)).rejects.toThrow('a mistake');
});

test('an allowed origin is named exactly, because a browser refuses * with credentials', () => {
  for (const headers of [allowReading(origin), allowCalling(origin, 'POST')]) {
    expect(headers.slice(0, 4)).toEqual([
      'Access-Control-Allow-Origin',
      origin,
      'Access-Control-Allow-Credentials',
      'true',
    ]);
    expect(headers).not.toContain('*');
  }
});
