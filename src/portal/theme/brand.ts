import type { SessionPortal } from '../../../generated/client/types.gen.ts';

/** Returns the portal's name, or a default. */
export const nameOf = ({ name, slug }: SessionPortal): string => name ?? slug;
