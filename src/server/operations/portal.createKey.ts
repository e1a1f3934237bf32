import { createKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const portalCreateKey: Operation<'portal.createKey'> = async (
  { body, caller, repeatable, author },
  { store, maxKeysPerUserAndApi },
) => ({ data: await createKey(store, caller, body, maxKeysPerUserAndApi, repeatable, author()) });
