/**
 * The first thing that runs on the page of a link, in front of everything that is fetched: the session id leaves the
 * address bar, and with it the history, bookmarks and screenshots. Built as a script of its own that stands in the page.
 */
declare global {
  var porticoSessionId: string | undefined;
}

globalThis.porticoSessionId = new URLSearchParams(location.search).get('session') ?? undefined;
history.replaceState(null, '', '/');

export {};
