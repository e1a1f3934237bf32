import { configurationOf, updatePortal } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalUpdateConfiguration: Operation<'portal.updateConfiguration'> = async (
  { body: { portal, ...changes }, caller, author },
  { store },
) => ({ data: configurationOf(await updatePortal(store, caller.workspaceId, portal, changes, author())) });
