import { getLimits } from '../domain/usage/limits.ts';
import type { Operation } from './operation.ts';

export const portalGetLimits: Operation<'portal.getLimits'> = async ({ caller }, { store }) => ({
  data: await getLimits(store, caller),
  pagination: { hasMore: false },
});
