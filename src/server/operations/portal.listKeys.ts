import { listKeys } from '../domain/keys/key-list.ts';
import type { Operation } from './operation.ts';

export const portalListKeys: Operation<'portal.listKeys'> = async ({ body, caller }, { store }) => {
  const { keys, pagination } = await listKeys(store, caller, body);
  return { data: keys, pagination };
};
