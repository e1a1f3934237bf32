/** Synchronizes the tabs of a browser. They share one cookie, so a session change in one affects all. */
let channel: BroadcastChannel | undefined;

/** One channel per page: a channel receives messages of all other channels, also of its own page. */
function otherTabs(): BroadcastChannel {
  channel ??= new BroadcastChannel('portico:session');
  return channel;
}

/** Notifies the other tabs that the session of the cookie has changed or ended. */
export function notifyOtherTabs(): void {
  otherTabs().postMessage(null);
}

/** Calls the listener when another tab changes the session. Returns a function that unsubscribes. */
export function onSessionChange(listener: () => void): () => void {
  const tabs = otherTabs();
  tabs.addEventListener('message', listener);
  return () => tabs.removeEventListener('message', listener);
}
