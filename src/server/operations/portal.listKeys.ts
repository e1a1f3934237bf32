import { listKeys } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const portalListKeys: Operation<'portal.listKeys'> = async ({ body, caller }, { store }) => {
  const { keys, pagination } = await listKeys(store, caller, body);
  return { data: keys, pagination };
};
