import { verifyKeys } from '../domain/usage/usage.ts';
import type { Operation } from './operation.ts';

export const keysVerifyKeys: Operation<'keys.verifyKeys'> = async ({ body, caller }, { store }) => ({
  data: { verifications: await verifyKeys(store, caller, body.keys) },
});
