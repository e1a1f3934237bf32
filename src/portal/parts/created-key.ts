/**
 * Hands a key that was just created to a documentation tab of the same user. The key is in the memory of the two pages only: the page
 * that shows it offers it as long as it does, and a documentation page asks for it once. In a frame of another site the documentation has
 * no page of its own, so the last key stays in the memory of the page.
 */
import { useEffect, useState } from 'react';
import { usesBearerToken } from '../embedding/frame-parent.ts';

const channelName = 'portal:created-key';

/** The last key, in a page that all tabs share. */
let ownSecret: string | undefined;

/** A channel to the other pages of the portal; undefined in a browser that has none. */
function open(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(channelName);
  } catch {
    return undefined;
  }
}

/** Offers the key to documentation pages while the component is shown. */
export function useOfferKey(secret: string): void {
  useEffect(() => {
    if (usesBearerToken) ownSecret = secret;
    const channel = open();
    channel?.addEventListener('message', ({ data }) => {
      if (data === 'ask') channel.postMessage({ secret });
    });
    return () => channel?.close();
  }, [secret]);
}

/** The key that another page of the portal offers when this one opens, or undefined. */
export function useOfferedKey(): string | undefined {
  const [secret, setSecret] = useState(ownSecret);
  useEffect(() => {
    const channel = open();
    channel?.addEventListener('message', ({ data }) => {
      if (typeof data?.secret === 'string') setSecret(data.secret);
    });
    channel?.postMessage('ask');
    return () => channel?.close();
  }, []);
  return secret;
}
