import { getVerifications } from '../domain/usage/usage.ts';
import { verificationsCsv } from '../domain/usage/usage-csv.ts';
import type { Operation } from './operation.ts';

export const portalGetVerifications: Operation<'portal.getVerifications'> = async (
  { body, caller },
  { store, usageRetentionDays },
) => {
  const data = await getVerifications(store, caller, body, usageRetentionDays);
  return { data, csv: () => verificationsCsv(data) };
};
