import { usableApis } from '../domain/key-access.ts';
import type { Operation } from './operation.ts';

export const portalListApis: Operation<'portal.listApis'> = async ({ caller }, { store }) => ({
  data: await usableApis(store, caller),
  pagination: { hasMore: false },
});
