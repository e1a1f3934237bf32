import { updateIdentity } from '../domain/identities/identities.ts';
import type { Operation } from './operation.ts';

export const identitiesUpdateIdentity: Operation<'identities.updateIdentity'> = async (
  { body: { externalId, ...changes }, caller, author },
  { store },
) => ({ data: await updateIdentity(store, caller.workspaceId, externalId, changes, author()) });
