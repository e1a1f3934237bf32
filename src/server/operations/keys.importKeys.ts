import { importKeys } from '../domain/keys/imports.ts';
import type { Operation } from './operation.ts';

export const keysImportKeys: Operation<'keys.importKeys'> = async (
  { body, caller, author },
  { store, maxKeysPerUserAndApi },
) => ({ data: { keys: await importKeys(store, caller, body, maxKeysPerUserAndApi, author()) } });
