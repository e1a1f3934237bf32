import { updateKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const portalUpdateKey: Operation<'portal.updateKey'> = async (
  { body: { keyId, ...settings }, caller },
  { store, maxKeysPerUserAndApi },
) => ({ data: await updateKey(store, caller, keyId, settings, maxKeysPerUserAndApi) });
