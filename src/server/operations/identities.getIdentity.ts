import { getIdentity } from '../domain/identities/identities.ts';
import type { Operation } from './operation.ts';

export const identitiesGetIdentity: Operation<'identities.getIdentity'> = async ({ body, caller }, { store }) => ({
  data: await getIdentity(store, caller.workspaceId, body.externalId),
});
