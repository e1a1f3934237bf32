import { rerollKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const portalRerollKey: Operation<'portal.rerollKey'> = async (
  { body: { keyId, expiration }, caller, repeatable, author },
  { store },
) => ({ data: await rerollKey(store, caller, { keyId, overlap: expiration }, repeatable, author()) });
