/** The hosts at which users reach portals. */
import { PortalConfigurationSchema } from '../../../../generated/client/schemas.gen.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { Portal } from '../../store/portals.ts';

const { pattern, maxLength } = PortalConfigurationSchema.properties.hostname;
const form = new RegExp(pattern, 'u');

/** The host that a request was sent to. */
export interface RequestHost {
  /** In lower case, without a port. */
  name: string;
  /** The portal that the host belongs to, if it belongs to one. */
  owner?: { workspaceId: string; portalId: string };
}

/**
 * Whose host this is.
 *
 * @param base the host of the server, which belongs to no portal
 * @throws StoreUnavailable
 */
export async function hostOf(store: Store, name: string, base: string): Promise<RequestHost> {
  if (name === base || name.length > maxLength || !form.test(name)) return { name };
  const owner = await store.hostnames.find(name);
  return owner === undefined ? { name } : { name, owner };
}

/** The portal of a host, if it belongs to one. @throws StoreUnavailable */
export const portalOfHost = async (store: Store, { owner }: RequestHost): Promise<Portal | undefined> =>
  owner && store.portals.find(owner.workspaceId, owner.portalId);

/**
 * Whether the portal is served at the host: at its own, or else at any that is not that of another portal. A proxy may use a name of its
 * own for the server.
 */
export const isServedAt = ({ hostname }: Pick<Portal, 'hostname'>, { name, owner }: RequestHost): boolean =>
  hostname === undefined ? owner === undefined : hostname === name;

/** @throws Problem wrong_host if the portal is not served at the host */
export function requireHost(portal: Pick<Portal, 'hostname'>, host: RequestHost): void {
  if (!isServedAt(portal, host)) throw new Problem('unkey/authorization/wrong_host');
}

/** The origin at which users reach a portal: that of the server, with the host of the portal. */
export function originOf(base: string, hostname: string | undefined): string {
  if (hostname === undefined) return base;
  const url = new URL(base);
  url.hostname = hostname;
  return url.origin;
}
