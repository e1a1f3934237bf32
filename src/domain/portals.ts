import { BrandingSchema, PortalSlugSchema, SessionPortalSchema } from '../../generated/client/schemas.gen.ts';
import { invalidInput, Problem, type ValidationFailure } from '../problem.ts';
import type { Store } from '../store/index.ts';
import type { Portal } from '../store/portals.ts';
import { newId } from './credentials.ts';

/** What an operator can say of a portal. In a change, absent keeps and null clears. */
export interface PortalSettings {
  name?: string | null;
  enabled?: boolean;
  returnUrl?: string | null;
  primaryColor?: string | null;
  logoUrl?: string | null;
}

const textRules = {
  slug: PortalSlugSchema,
  name: SessionPortalSchema.properties.name,
  returnUrl: SessionPortalSchema.properties.returnUrl,
  primaryColor: BrandingSchema.properties.primaryColor,
  logoUrl: BrandingSchema.properties.logoUrl,
} as const;

const advice: Record<keyof typeof textRules, string> = {
  slug: 'Use 3 to 64 lowercase letters, digits and single hyphens, with no hyphen first or last.',
  name: 'Use 1 to 128 characters.',
  returnUrl: 'Use an https:// URL, or http:// on localhost.',
  primaryColor: 'Use a colour of the form #rrggbb.',
  logoUrl: 'Use an https:// URL.',
};

/** Holds each text against the bounds that the contract gives it, and throws invalid_input with all failures at once. */
function check(texts: Partial<Record<keyof typeof textRules, string | null>>): void {
  const failures = Object.entries(texts).flatMap(([field, value]): ValidationFailure[] => {
    if (value === null || value === undefined) return [];
    const rule: { minLength: number; maxLength: number; pattern?: string; format?: string } =
      textRules[field as keyof typeof textRules];
    const fits =
      value.length >= rule.minLength &&
      value.length <= rule.maxLength &&
      (rule.pattern === undefined || new RegExp(rule.pattern, 'u').test(value)) &&
      (rule.format !== 'uri' || URL.canParse(value));
    return fits ? [] : [{ location: field, message: 'is not valid', fix: advice[field as keyof typeof textRules] }];
  });
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The portal with the settings laid over it. */
function apply(portal: Portal, { name, enabled, returnUrl, primaryColor, logoUrl }: PortalSettings): Portal {
  const { name: oldName, returnUrl: oldReturnUrl, branding, ...rest } = portal;
  const newName = name === undefined ? oldName : name;
  const newReturnUrl = returnUrl === undefined ? oldReturnUrl : returnUrl;
  const newLogoUrl = logoUrl === undefined ? branding.logoUrl : logoUrl;
  const newPrimaryColor = primaryColor === undefined ? branding.primaryColor : primaryColor;
  return {
    ...rest,
    enabled: enabled ?? portal.enabled,
    ...(newName != null && { name: newName }),
    ...(newReturnUrl != null && { returnUrl: newReturnUrl }),
    branding: {
      primaryColor: newPrimaryColor ?? BrandingSchema.properties.primaryColor.default,
      ...(newLogoUrl != null && { logoUrl: newLogoUrl }),
    },
  };
}

/**
 * Makes a portal.
 *
 * @throws Problem invalid_input, portal_config_already_exists, workspace_not_found
 */
export async function createPortal(
  store: Store,
  workspaceId: string,
  { slug, ...settings }: PortalSettings & { slug: string },
): Promise<Portal> {
  const { enabled, ...texts } = settings;
  check({ slug, ...texts });
  if ((await store.workspaces.find(workspaceId)) === undefined) throw new Problem('unkey/data/workspace_not_found');
  const now = Date.now();
  const blank: Portal = {
    portalId: newId('portal'),
    workspaceId,
    slug,
    enabled: true,
    branding: { primaryColor: BrandingSchema.properties.primaryColor.default },
    createdAt: now,
    updatedAt: now,
  };
  const portal = apply(blank, settings);
  if (!(await store.portals.create(portal))) throw new Problem('unkey/data/portal_config_already_exists');
  return portal;
}

/**
 * Changes what is given and keeps the rest.
 *
 * @throws Problem invalid_input, portal_config_not_found
 */
export async function updatePortal(
  store: Store,
  workspaceId: string,
  slug: string,
  settings: PortalSettings,
): Promise<Portal> {
  const { enabled, ...texts } = settings;
  check(texts);
  const changed = await store.portals.update(workspaceId, slug, (portal) => ({
    ...apply(portal, settings),
    updatedAt: Date.now(),
  }));
  if (changed === undefined) throw new Problem('unkey/data/portal_config_not_found');
  return changed;
}

/**
 * The portal with this slug.
 *
 * @throws Problem portal_config_not_found
 */
export async function getPortal(store: Store, workspaceId: string, slug: string): Promise<Portal> {
  const portal = await store.portals.findBySlug(workspaceId, slug);
  if (portal === undefined) throw new Problem('unkey/data/portal_config_not_found');
  return portal;
}

/**
 * Removes a portal, and returns its id. Its sessions are refused from then on.
 *
 * @throws Problem portal_config_not_found
 */
export async function deletePortal(store: Store, workspaceId: string, slug: string): Promise<string> {
  const portalId = await store.portals.delete(workspaceId, slug);
  if (portalId === undefined) throw new Problem('unkey/data/portal_config_not_found');
  return portalId;
}

/** Where people of this portal go when they leave it, or undefined where it has no such place, or is gone. */
export async function findReturnUrl(store: Store, workspaceId: string, portalId: string): Promise<string | undefined> {
  return (await store.portals.find(workspaceId, portalId))?.returnUrl;
}

/** The return URL that tells the customer's application to mint a new session. Keeps the rest of its query. */
export function withExpiredReason(returnUrl: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set('reason', 'session_expired');
  return url.href;
}
