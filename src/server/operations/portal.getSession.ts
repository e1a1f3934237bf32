import { visibleTabs } from '../domain/permissions.ts';
import { portalForUsers } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalGetSession: Operation<'portal.getSession'> = ({ caller: { grant, expiresAt, portal } }) => {
  const { externalId, actor, permissions, preview, returnUrl } = grant;
  const tabs = visibleTabs(permissions);
  const shown = portalForUsers(portal, returnUrl);
  return { data: { externalId, ...(actor && { actor }), permissions, preview, tabs, expiresAt, portal: shown } };
};
