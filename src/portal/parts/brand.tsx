import { useTranslations } from 'use-intl';
import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import { nameOf } from '../theme/brand.ts';

/** The logo, if the portal has one. If it cannot be loaded, its text replaces it. */
function Logo({ of: portal }: { of: SessionPortal }) {
  const t = useTranslations('frame');
  const { logoUrl, logoDarkUrl } = portal.branding;
  const alt = t('logo', { name: nameOf(portal) });
  if (logoUrl === undefined) return null;
  if (logoDarkUrl === undefined) return <img src={logoUrl} alt={alt} />;
  // The scheme can be another one than the system's. The browser does not load the hidden one.
  return (
    <>
      <img className="light-only" loading="lazy" src={logoUrl} alt={alt} />
      <img className="dark-only" loading="lazy" src={logoDarkUrl} alt={alt} />
    </>
  );
}

/** The portal's logo and name. The server writes the same into its pages, in portal-shell.ts. */
export function Brand({ of: portal }: { of: SessionPortal }) {
  const { branding } = portal;
  return (
    <div className="brand">
      <Logo of={portal} />
      {(branding.logoUrl === undefined || !branding.logoShowsName) && (
        <span className="brand-name" dir="auto">
          {nameOf(portal)}
        </span>
      )}
    </div>
  );
}
