import { deleteIdentity } from '../domain/identities/erasure.ts';
import type { Operation } from './operation.ts';

export const identitiesDeleteIdentity: Operation<'identities.deleteIdentity'> = async (
  { body, caller, author },
  { store },
) => ({ data: await deleteIdentity(store, caller.workspaceId, body.externalId, author()) });
