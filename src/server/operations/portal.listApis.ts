import { usableApis } from '../domain/keys/key-access.ts';
import type { Operation } from './operation.ts';

export const portalListApis: Operation<'portal.listApis'> = async ({ caller }, { store }) => ({
  data: await usableApis(store, caller),
  pagination: { hasMore: false },
});
