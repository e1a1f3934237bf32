import {
  BrandingSchema,
  PortalSlugSchema,
  ReturnOriginSchema,
  SessionPortalSchema,
} from '../../generated/client/schemas.gen.ts';
import { invalidInput } from '../problem.ts';
import type { Portal } from '../store/portals.ts';
import { textFailures } from './text-rules.ts';

/** What an operator can say of a portal. In a change, absent keeps and null clears. */
export interface PortalSettings {
  name?: string | null;
  enabled?: boolean;
  returnUrl?: string | null;
  allowedReturnOrigins?: string[];
  branding?: { primaryColor?: string | null; logoUrl?: string | null };
  apiIds?: string[];
}

const defaultColor = BrandingSchema.properties.primaryColor.default;

/**
 * Holds the settings against the bounds that the contract gives them: the contract's own, and those a pattern
 * cannot say.
 *
 * @throws Problem invalid_input with all failures at once
 */
export function checkSettings({ slug, ...settings }: PortalSettings & { slug?: string }): void {
  const { name, returnUrl, allowedReturnOrigins = [], branding = {} } = settings;
  const { name: nameRule, returnUrl: returnUrlRule } = SessionPortalSchema.properties;
  const { primaryColor: colorRule, logoUrl: logoRule } = BrandingSchema.properties;
  const slugFix = 'Use 3 to 64 lowercase letters, digits and single hyphens, with no hyphen first or last.';
  const failures = [
    ...textFailures('slug', slug, PortalSlugSchema, slugFix),
    ...textFailures('name', name, nameRule, 'Use 1 to 128 characters.'),
    ...textFailures('returnUrl', returnUrl, returnUrlRule, 'Use an https:// URL, or http:// on localhost.'),
    ...textFailures('branding.primaryColor', branding.primaryColor, colorRule, 'Use a colour of the form #rrggbb.'),
    ...textFailures('branding.logoUrl', branding.logoUrl, logoRule, 'Use an https:// URL.'),
    ...allowedReturnOrigins.flatMap((origin, i) => {
      const fix = 'Use an https:// origin without a path, or http:// on localhost, in lower case.';
      // An origin is compared as browsers write it; another spelling would never match.
      const text = URL.parse(origin)?.origin === origin ? origin : '';
      return textFailures(`allowedReturnOrigins[${i}]`, text, ReturnOriginSchema, fix);
    }),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The portal with the settings laid over it. */
export function applySettings(portal: Portal, settings: PortalSettings): Portal {
  const { name: oldName, returnUrl: oldReturnUrl, branding: oldBranding, ...rest } = portal;
  const { enabled, allowedReturnOrigins, branding, apiIds } = settings;
  const name = settings.name === undefined ? oldName : settings.name;
  const returnUrl = settings.returnUrl === undefined ? oldReturnUrl : settings.returnUrl;
  const logoUrl = branding?.logoUrl === undefined ? oldBranding.logoUrl : branding.logoUrl;
  const primaryColor = branding?.primaryColor === undefined ? oldBranding.primaryColor : branding.primaryColor;
  return {
    ...rest,
    enabled: enabled ?? portal.enabled,
    ...(name != null && { name }),
    ...(returnUrl != null && { returnUrl }),
    allowedReturnOrigins: allowedReturnOrigins ?? portal.allowedReturnOrigins,
    branding: { primaryColor: primaryColor ?? defaultColor, ...(logoUrl != null && { logoUrl }) },
    apiIds: apiIds ?? portal.apiIds,
  };
}
