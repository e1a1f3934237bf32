import { expect, test } from '@jest/globals';
import { verificationsCsv } from './usage-csv.ts';

const header = 'time,total,valid,rateLimited,disabled,expired,usageExceeded,insufficientPermissions,forbidden';

test('a series has a header line and a line for each bucket, also without buckets', () => {
  const counts = {
    total: 3,
    valid: 1,
    rateLimited: 2,
    disabled: 0,
    expired: 0,
    usageExceeded: 4,
    insufficientPermissions: 5,
    forbidden: 6,
  };
  const window = { startTime: 0, endTime: 60_000, storedSince: 0, timeZone: 'UTC', granularity: 'minute' as const };
  const usage = { ...window, totals: counts, topKeys: [] };
  expect(verificationsCsv({ ...usage, series: [{ time: 1_742_000_040_000, ...counts }] })).toBe(
    `${header}\n2025-03-15T00:54:00.000Z,3,1,2,0,0,4,5,6\n`,
  );
  expect(verificationsCsv({ ...usage, series: [] })).toBe(`${header}\n`);
  expect(
    verificationsCsv({ ...usage, timeZone: 'Asia/Kolkata', series: [{ time: 1_742_000_040_000, ...counts }] }),
  ).toBe(`${header}\n2025-03-15T06:24:00.000+05:30,3,1,2,0,0,4,5,6\n`);
});
