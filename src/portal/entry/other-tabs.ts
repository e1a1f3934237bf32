/** All tabs of a browser share one cookie: what one of them does to the session, the others must know. */
let channel: BroadcastChannel | undefined;

/** One for the page: a channel hears every other one, of its own page too. */
function otherTabs(): BroadcastChannel {
  channel ??= new BroadcastChannel('portico:session');
  return channel;
}

/** Tells the portal's other tabs that the cookie is another's now, or nobody's. */
export function tellOtherTabs(): void {
  otherTabs().postMessage(null);
}

/** Calls the listener whenever another tab has changed the session. Returns what ends that. */
export function onOtherTab(listener: () => void): () => void {
  const tabs = otherTabs();
  tabs.addEventListener('message', listener);
  return () => tabs.removeEventListener('message', listener);
}
