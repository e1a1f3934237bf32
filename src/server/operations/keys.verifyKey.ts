import { verifyKey } from '../domain/usage/usage.ts';
import type { Operation } from './operation.ts';

export const keysVerifyKey: Operation<'keys.verifyKey'> = async ({ body, caller }, { store }) => ({
  data: await verifyKey(store, caller, body),
});
