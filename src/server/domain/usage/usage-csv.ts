import { stringify } from 'csv-stringify/sync';
import type { Verifications } from '../../../../generated/client/types.gen.ts';
import { clockOf, isoTime } from '../time-zone.ts';

const columns = [
  ...(['time', 'total', 'valid', 'rateLimited', 'disabled', 'expired'] as const),
  ...(['usageExceeded', 'insufficientPermissions', 'forbidden'] as const),
];

/** A series as CSV with a header line; times in ISO 8601, as the clocks of the time zone show them. */
export function verificationsCsv({ series, timeZone }: Verifications): string {
  const clock = clockOf(timeZone);
  return stringify(
    series.map((bucket) => ({ ...bucket, time: isoTime(timeZone, clock, bucket.time) })),
    { header: true, columns: [...columns] },
  );
}
