import { configurationOf, getPortal } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalGetConfiguration: Operation<'portal.getConfiguration'> = async ({ body, caller }, { store }) => ({
  data: configurationOf(await getPortal(store, caller.workspaceId, body.portal)),
});
