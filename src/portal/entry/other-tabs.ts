/**
 * Synchronizes the tabs of a browser. They share one cookie, so a session change in one affects all. A browser without
 * channels, or that forbids them, as some do where they forbid storage, works without: a tab then learns of the change at
 * its next call.
 */
let channel: BroadcastChannel | undefined;

/** One channel per page: a channel receives messages of all other channels, also of its own page. */
function otherTabs(): BroadcastChannel | undefined {
  try {
    channel ??= new BroadcastChannel('portal:session');
  } catch {
    return undefined;
  }
  return channel;
}

/** Notifies the other tabs that the session of the cookie has changed or ended. */
export function notifyOtherTabs(): void {
  try {
    otherTabs()?.postMessage(null);
  } catch {
    // The same browsers may refuse the message instead.
  }
}

/** Calls the listener when another tab changes the session. Returns a function that unsubscribes. */
export function onSessionChange(listener: () => void): () => void {
  const tabs = otherTabs();
  tabs?.addEventListener('message', listener);
  return () => tabs?.removeEventListener('message', listener);
}
