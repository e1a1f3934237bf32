import { useTranslations } from 'use-intl';
import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import { nameOf } from '../theme/brand.ts';

/** The logo, if the portal has one. If it cannot be loaded, its text replaces it. */
function Logo({ of: portal }: { of: SessionPortal }) {
  const t = useTranslations('frame');
  const { logoUrl, logoDarkUrl } = portal.branding;
  if (logoUrl === undefined) return null;
  return (
    <picture>
      {logoDarkUrl !== undefined && <source srcSet={logoDarkUrl} media="(prefers-color-scheme: dark)" />}
      <img src={logoUrl} alt={t('logo', { name: nameOf(portal) })} />
    </picture>
  );
}

/** The portal's logo and name. The server writes the same into its pages, in portal-shell.ts. */
export function Brand({ of: portal }: { of: SessionPortal }) {
  return (
    <div className="brand">
      <Logo of={portal} />
      <span className="brand-name" dir="auto">
        {nameOf(portal)}
      </span>
    </div>
  );
}
