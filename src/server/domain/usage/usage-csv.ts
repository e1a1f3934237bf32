import { stringify } from 'csv-stringify/sync';
import type { Verifications } from '../../../../generated/client/types.gen.ts';

const columns = ['time', 'total', 'valid', 'rateLimited', 'disabled', 'expired'] as const;

/** A series as CSV with a header line; times in ISO 8601, as spreadsheets read them. */
export const verificationsCsv = ({ series }: Verifications): string =>
  stringify(
    series.map((bucket) => ({ ...bucket, time: new Date(bucket.time).toISOString() })),
    { header: true, columns: [...columns] },
  );
