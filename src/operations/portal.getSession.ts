import { visibleTabs } from '../domain/permissions.ts';
import { returnUrlOf } from '../domain/portals.ts';
import type { Operation } from './operation.ts';

export const portalGetSession: Operation<'portal.getSession'> = ({ caller: { grant, expiresAt, portal } }) => {
  const { externalId, permissions, preview } = grant;
  const { slug, name, supportUrl, embeddingOrigins = [], branding } = portal;
  const returnUrl = returnUrlOf(portal, grant.returnUrl);
  return {
    data: {
      externalId,
      permissions,
      preview,
      tabs: visibleTabs(permissions),
      expiresAt,
      portal: {
        slug,
        ...(name !== undefined && { name }),
        ...(returnUrl !== undefined && { returnUrl }),
        ...(supportUrl !== undefined && { supportUrl }),
        ...(embeddingOrigins.length > 0 && { embeddingOrigins }),
        branding,
      },
    },
  };
};
