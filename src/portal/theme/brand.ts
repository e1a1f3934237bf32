import type { SessionPortal } from '../../../generated/client/types.gen.ts';

/** Returns the portal's name, or a default. */
export const nameOf = ({ name, slug }: SessionPortal): string => name ?? slug;

/** Returns the portal's part of the document title. */
export const titleOf = (portal: SessionPortal): string => portal.branding.title ?? nameOf(portal);
