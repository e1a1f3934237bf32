import { shownToBackend, updateKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const keysUpdateKey: Operation<'keys.updateKey'> = async (
  { body: { keyId, ...settings }, caller, author },
  { store, maxKeysPerUserAndApi },
) => ({ data: shownToBackend(await updateKey(store, caller, keyId, settings, maxKeysPerUserAndApi, author())) });
