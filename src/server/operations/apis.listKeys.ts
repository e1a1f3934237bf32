import { listKeysOfApi } from '../domain/keys/keys-of-api.ts';
import type { Operation } from './operation.ts';

export const apisListKeys: Operation<'apis.listKeys'> = async ({ body, caller }, { store }) => {
  const { keys, pagination } = await listKeysOfApi(store, caller, body);
  return { data: keys, pagination };
};
