import { createKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const keysCreateKey: Operation<'keys.createKey'> = async (
  { body, caller, repeatable, author },
  { store, maxKeysPerUserAndApi },
) => ({ data: await createKey(store, caller, body, maxKeysPerUserAndApi, repeatable, author()) });
