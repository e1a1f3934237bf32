/**
 * Runs first on the page of a link, before any request: removes the session id from the address bar, so that it is not in
 * the history, bookmarks or screenshots. The build inlines this script into the page.
 */
declare global {
  var portalSessionId: string | undefined;
}

globalThis.portalSessionId = new URLSearchParams(location.search).get('session') ?? undefined;
history.replaceState(null, '', '/');

export {};
