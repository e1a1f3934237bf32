import { deletePortal } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalDeleteConfiguration: Operation<'portal.deleteConfiguration'> = async (
  { body, caller, author },
  { store },
) => ({
  data: { portalId: await deletePortal(store, caller.workspaceId, body.portal, author()) },
});
