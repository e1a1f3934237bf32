import { shown, updateKey } from '../domain/keys/keys.ts';
import type { Operation } from './operation.ts';

export const portalUpdateKey: Operation<'portal.updateKey'> = async (
  { body: { keyId, ...settings }, caller, author },
  { store, maxKeysPerUserAndApi },
) => ({ data: shown(await updateKey(store, caller, keyId, settings, maxKeysPerUserAndApi, author())) });
