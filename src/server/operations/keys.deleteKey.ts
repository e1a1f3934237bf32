import { deleteKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const keysDeleteKey: Operation<'keys.deleteKey'> = async ({ body: { keyId }, caller, author }, { store }) => {
  await deleteKey(store, caller, keyId, author());
  return { data: { keyId } };
};
