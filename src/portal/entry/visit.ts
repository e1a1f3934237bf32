import { useEffect, useState } from 'react';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { usesBearerToken } from '../embedding/frame-parent.ts';
import { now } from '../server/clock.ts';
import { onSessionChange } from './other-tabs.ts';

/** Delay after the end of a session, in ms. The server then reports the end even if the clocks differ slightly. */
const graceMs = 1000;

/** Ends the visit when the session expires, also in an idle tab. */
export function useExpiry(expiresAt: number | undefined, onEnded: (page: 'session-expired') => void): void {
  useEffect(() => {
    if (expiresAt === undefined) return;
    const leftMs = expiresAt - now();
    // The server has just confirmed the session, so the time is wrong. The next call detects the end.
    if (leftMs <= 0) return;
    const timer = setTimeout(() => onEnded('session-expired'), leftMs + graceMs);
    return () => clearTimeout(timer);
  }, [expiresAt, onEnded]);
}

/** Identifies the user, the person and the portal of a session. */
const identityOf = ({ externalId, actor, permissions, preview, portal }: PortalSession) =>
  JSON.stringify([portal.slug, externalId, actor?.id, permissions, preview]);

/**
 * Whether the cookie now belongs to another user, because of a newer link in another tab. This page would then show one
 * user's data and send the other user's cookie, so it reloads. A newer link of the same user changes nothing, because a
 * reload could lose a key that is shown only once.
 *
 * @param refetch reads the current session from the server
 */
export function useIsOtherUser(session: PortalSession | undefined, refetch: () => unknown): boolean {
  const [first, setFirst] = useState<string>();
  const current = session && identityOf(session);
  if (first === undefined && current !== undefined) setFirst(current);
  const isOtherUser = first !== undefined && current !== first;
  useEffect(() => {
    if (!usesBearerToken) return onSessionChange(refetch);
  }, [refetch]);
  useEffect(() => {
    if (isOtherUser) location.reload();
  }, [isOtherUser]);
  return isOtherUser;
}
