import { visibleTabs } from '../domain/permissions.ts';
import { portalForUsers } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalGetSession: Operation<'portal.getSession'> = ({ caller: { grant, expiresAt, portal } }) => {
  const { externalId, permissions, preview, returnUrl } = grant;
  const tabs = visibleTabs(permissions);
  return { data: { externalId, permissions, preview, tabs, expiresAt, portal: portalForUsers(portal, returnUrl) } };
};
