import { isDeepStrictEqual } from 'node:util';
import { BrandingSchema } from '../../../../generated/client/schemas.gen.ts';
import type { PortalConfiguration, SessionPortal } from '../../../../generated/client/types.gen.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { Portal, UnknownApis } from '../../store/portals.ts';
import type { Manager } from '../../store/proof.ts';
import { newId } from '../credentials.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';
import { applySettings, checkSettings, type PortalSettings } from './portal-settings.ts';
import { originFailures } from './web-origin.ts';

/** The portal as the contract shows it to its operator. */
export const configurationOf = ({ workspaceId: _, ...configuration }: Portal): PortalConfiguration => ({
  embeddingOrigins: [],
  allowedOrigins: [],
  ...configuration,
});

const resourceOf = ({ portalId }: Portal) => ({ type: 'portal', id: portalId }) as const;

/** An API of another workspace gets the same response as one that does not exist. */
const notApis = ({ unknownApis }: UnknownApis): Problem =>
  invalidInput(
    ...unknownApis.map((position) => ({
      location: `body.apiIds[${position}]`,
      message: 'is no API of the workspace',
      fix: 'Use the ids that apis.listApis returns.',
    })),
  );

/**
 * Creates a portal.
 *
 * @throws Problem invalid_input, portal_config_already_exists, portal_hostname_taken, limit_exceeded; of a caller that is no longer valid
 */
export async function createPortal(
  store: Store,
  workspaceId: string,
  { slug, ...settings }: PortalSettings & { slug: string },
  by: Author<Manager>,
): Promise<Portal> {
  checkSettings({ slug, ...settings });
  const now = Date.now();
  const blank: Portal = {
    portalId: newId('portal'),
    workspaceId,
    slug,
    enabled: true,
    allowedReturnOrigins: [],
    embeddingOrigins: [],
    allowedOrigins: [],
    branding: { primaryColor: BrandingSchema.properties.primaryColor.default },
    apiIds: [],
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  const portal = applySettings(blank, settings);
  const outcome = await store.portals.create(
    portal,
    changeOf(by, 'portal.create', resourceOf(portal), undefined, configurationOf(portal)),
  );
  if (outcome === 'slug_taken') throw new Problem('unkey/data/portal_config_already_exists');
  if (outcome === 'hostname_taken') throw new Problem('unkey/data/portal_hostname_taken');
  if (outcome !== 'ok') throw notApis(outcome);
  return portal;
}

/**
 * The portal with this id or slug.
 *
 * @throws Problem portal_config_not_found
 */
export async function getPortal(store: Store, workspaceId: string, idOrSlug: string): Promise<Portal> {
  // No slug has an underscore.
  const isId = idOrSlug.startsWith('portal_');
  const portal = await (isId
    ? store.portals.find(workspaceId, idOrSlug)
    : store.portals.findBySlug(workspaceId, idOrSlug));
  if (portal === undefined) throw new Problem('unkey/data/portal_config_not_found');
  return portal;
}

/**
 * Changes the given settings. With `version`, only if it is the current version of the portal. If nothing changes, writes
 * nothing.
 *
 * @throws Problem invalid_input, portal_config_not_found, portal_config_version_conflict, portal_hostname_taken, limit_exceeded; of a
 *   caller that is no longer valid
 */
export async function updatePortal(
  store: Store,
  workspaceId: string,
  idOrSlug: string,
  { version, ...settings }: PortalSettings & { version?: number },
  by: Author<Manager>,
): Promise<Portal> {
  checkSettings(settings);
  for (;;) {
    const before = await getPortal(store, workspaceId, idOrSlug);
    const isStale = version !== undefined && version !== before.version;
    const changed = applySettings(before, settings);
    if (!isStale && isDeepStrictEqual(changed, before)) return before;
    const after = { ...changed, version: before.version + 1, updatedAt: Date.now() };
    const change = changeOf(by, 'portal.update', resourceOf(before), configurationOf(before), configurationOf(after));
    const outcome = isStale ? 'stale' : await store.portals.replace(before, after, change);
    if (outcome === 'ok') return after;
    if (outcome === 'not_found') throw new Problem('unkey/data/portal_config_not_found');
    if (outcome === 'hostname_taken') throw new Problem('unkey/data/portal_hostname_taken');
    if (outcome !== 'stale') throw notApis(outcome);
    if (version !== undefined) throw new Problem('unkey/data/portal_config_version_conflict');
  }
}

/**
 * Removes a portal, and returns its id. Its sessions end.
 *
 * @throws Problem portal_config_not_found; of a caller that is no longer valid
 */
export async function deletePortal(
  store: Store,
  workspaceId: string,
  idOrSlug: string,
  by: Author<Manager>,
): Promise<string> {
  const portal = await getPortal(store, workspaceId, idOrSlug);
  const change = changeOf(by, 'portal.delete', resourceOf(portal), configurationOf(portal));
  if (!(await store.portals.delete(portal, change))) throw new Problem('unkey/data/portal_config_not_found');
  return portal.portalId;
}

/** Whether a session of the portal can return there: to the origin of the return URL, or to an origin on its list. */
function allowsReturnTo({ returnUrl, allowedReturnOrigins }: Portal, url: string): boolean {
  const origin = URL.parse(url)?.origin;
  if (origin === undefined) return false;
  return allowedReturnOrigins.includes(origin) || (returnUrl !== undefined && new URL(returnUrl).origin === origin);
}

/**
 * The portal as its users can see it. Its return URL is that of the session while the portal allows it, else that of the
 * portal.
 *
 * @param own the return URL of the session
 */
export function portalForUsers(portal: Portal, own?: string): SessionPortal {
  const { slug, name, supportUrl, embeddingOrigins = [], branding } = portal;
  const returnUrl = own !== undefined && allowsReturnTo(portal, own) ? own : portal.returnUrl;
  return {
    slug,
    ...(name !== undefined && { name }),
    ...(returnUrl !== undefined && { returnUrl }),
    ...(supportUrl !== undefined && { supportUrl }),
    ...(embeddingOrigins.length > 0 && { embeddingOrigins }),
    branding,
  };
}

/**
 * The portal that a browser was last signed in to, or undefined if it was deleted. `own` comes from a cookie, so it is used
 * only if the portal allows it now.
 */
export async function findPortalForUsers(
  store: Store,
  workspaceId: string,
  portalId: string,
  own: string | undefined,
): Promise<SessionPortal | undefined> {
  const portal = await store.portals.find(workspaceId, portalId);
  return portal && portalForUsers(portal, own);
}

/**
 * Whether a portal of any workspace allows pages of this origin to call its operations.
 *
 * @param origin as a browser sends it, or any text
 */
export const isAllowedOrigin = async (store: Store, origin: string): Promise<boolean> =>
  originFailures('', origin).length === 0 && store.portals.isOriginAllowed(origin);
