import { getKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const keysGetKey: Operation<'keys.getKey'> = async ({ body: { keyId }, caller }, { store }) => ({
  data: await getKey(store, caller, keyId),
});
