import { visibleTabs } from '../domain/permissions.ts';
import { portalForUsers } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalGetSession: Operation<'portal.getSession'> = ({ caller: { grant, expiresAt, portal } }) => {
  const { externalId, actor, permissions, preview, returnUrl, locale, tab } = grant;
  const tabs = visibleTabs(permissions, portal.branding.tabs);
  const shown = portalForUsers(portal, returnUrl);
  const chosen = { ...(actor && { actor }), ...(locale && { locale }), ...(tab && { tab }) };
  return { data: { externalId, permissions, preview, tabs, ...chosen, expiresAt, portal: shown } };
};
