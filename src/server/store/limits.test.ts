import { expect, test } from '@jest/globals';
import { defaultLimits, homeQuota, limitReached, partitionQuota } from './limits.ts';

const limits = { ...defaultLimits, workspaceMegabytes: 100, userKilobytes: 3 };

test('the limits by default are those of the documentation', () => {
  expect(defaultLimits).toEqual({
    ...{ keysPerUser: 1000, sessionsPerUser: 1000, workspaceMegabytes: 1000, userKilobytes: 2000 },
    ...{ apis: 1000, portals: 1000, rootKeys: 1000 },
  });
  expect(homeQuota(defaultLimits).args).toEqual({ quotaBytes: 500_000_000, userQuotaBytes: 2_000_000 });
});

test('half of the limit of a workspace is at home, and each of 64 partitions has a part of the other half', () => {
  expect(homeQuota(limits).args).toEqual({ quotaBytes: 50_000_000, userQuotaBytes: 3000 });
  expect(partitionQuota(limits).args).toEqual({ quotaBytes: 781_250, userQuotaBytes: 3000 });
});

test('a limit of 0 stays 0, which disables it, and a small one is rounded up', () => {
  const none = { ...limits, workspaceMegabytes: 0, userKilobytes: 0 };
  expect(partitionQuota(none).args).toEqual({ quotaBytes: 0, userQuotaBytes: 0 });
  expect(partitionQuota({ ...limits, workspaceMegabytes: 0.0001 }).args.quotaBytes).toBe(1);
});

test.each([
  ['of home', homeQuota, 'quota_exceeded', '100 MB per workspace, of which portals, APIs and documents have 50 MB'],
  [
    'of a partition',
    partitionQuota,
    'quota_exceeded',
    '100 MB per workspace, of which each of 64 partitions of its users has 0.8 MB',
  ],
  ['of a user', partitionQuota, 'user_quota_exceeded', '3 kB of keys per user'],
])('the refusal over the limit %s says what the limit is', (_, quotaOf, outcome, limit) => {
  const quota = quotaOf(limits);
  expect(() => quota.within({ outcome })).toThrow(limitReached(limit));
  expect(() => quota.within({ outcome })).toThrow(
    expect.objectContaining({ code: 'unkey/data/limit_exceeded', message: `The limit is ${limit}.` }),
  );
});

test('any other reply within the limits is handed on', () => {
  const reply = { outcome: 'not_found', more: 1 };
  expect([homeQuota(limits).within(reply), partitionQuota(limits).within(reply)]).toEqual([reply, reply]);
});
