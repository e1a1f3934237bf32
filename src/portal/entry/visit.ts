import { useEffect, useState } from 'react';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { bearsToken } from '../embedding/frame-parent.ts';
import { onOtherTab } from './other-tabs.ts';

/** So long after its end, in ms, the server surely says that a session is over, also where the clocks differ a little. */
const graceMs = 1000;

/** Ends the visit with the session, also in a tab where nothing is done. */
export function useExpiry(expiresAt: number | undefined, onEnded: (page: 'session-expired') => void): void {
  useEffect(() => {
    if (expiresAt === undefined) return;
    const leftMs = expiresAt - Date.now();
    // The server has just said that the session is good. A clock that says otherwise is wrong; the next call will tell.
    if (leftMs <= 0) return;
    const timer = setTimeout(() => onEnded('session-expired'), leftMs + graceMs);
    return () => clearTimeout(timer);
  }, [expiresAt, onEnded]);
}

/** Whose eyes this is for, and what they may see. */
const whose = ({ externalId, permissions, preview, portal }: PortalSession) =>
  JSON.stringify([portal.slug, externalId, permissions, preview]);

/**
 * Whether the cookie has become someone else's, by a newer link in another tab: then everything on this page is the one
 * person's, and everything that it would send the other's. The page is loaded anew. A newer link of the same person
 * changes nothing, lest a key be lost that is shown this once.
 *
 * @param lookAgain asks the server whose session it is now
 */
export function useIsSomeoneElse(session: PortalSession | undefined, lookAgain: () => unknown): boolean {
  const [first, setFirst] = useState<string>();
  const now = session && whose(session);
  if (first === undefined && now !== undefined) setFirst(now);
  const isSomeoneElse = first !== undefined && now !== first;
  useEffect(() => {
    if (!bearsToken) return onOtherTab(lookAgain);
  }, [lookAgain]);
  useEffect(() => {
    if (isSomeoneElse) location.reload();
  }, [isSomeoneElse]);
  return isSomeoneElse;
}
