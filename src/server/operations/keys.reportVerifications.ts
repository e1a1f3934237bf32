import { reportVerifications } from '../domain/usage/reports.ts';
import type { Operation } from './operation.ts';

/** The contract requires the Idempotency-Key. */
export const keysReportVerifications: Operation<'keys.reportVerifications'> = async (
  { body, caller, idempotencyKey = '' },
  { store },
) => {
  await reportVerifications(store, caller, idempotencyKey, body.verifications);
  return { data: {} };
};
