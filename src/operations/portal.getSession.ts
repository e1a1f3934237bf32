import { visibleTabs } from '../domain/permissions.ts';
import type { Operation } from './operation.ts';

export const portalGetSession: Operation<'portal.getSession'> = ({ caller: { grant, expiresAt, portal } }) => {
  const { slug, name, returnUrl, branding } = portal;
  return {
    data: {
      ...grant,
      tabs: visibleTabs(grant.permissions),
      expiresAt,
      portal: { slug, ...(name !== undefined && { name }), ...(returnUrl !== undefined && { returnUrl }), branding },
    },
  };
};
