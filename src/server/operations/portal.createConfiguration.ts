import { configurationOf, createPortal } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalCreateConfiguration: Operation<'portal.createConfiguration'> = async (
  { body, caller, author },
  { store },
) => ({
  data: configurationOf(await createPortal(store, caller.workspaceId, body, author())),
});
