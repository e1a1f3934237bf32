import { isFramed, notifyParent } from './frame-parent.ts';

const schemes: readonly unknown[] = ['auto', 'light', 'dark'];
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

/** The scheme that the page shows now. */
function shownScheme(): 'light' | 'dark' {
  const { scheme } = document.documentElement.dataset;
  if (scheme === 'light' || scheme === 'dark') return scheme;
  return prefersDark.matches ? 'dark' : 'light';
}

/**
 * Keeps a frame and the page around it in step: sends the page the height of the content and the colour scheme, each whenever it
 * changes, and takes another scheme from it. Only the pages that may embed the portal get messages and can send one.
 */
export function followParent(embeddingOrigins: readonly string[] = []): void {
  if (!isFramed) return;
  const sendScheme = () => notifyParent({ type: 'portico:color-scheme', scheme: shownScheme() }, embeddingOrigins);
  let sent = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().bottom + window.scrollY);
    if (height !== sent) notifyParent({ type: 'portico:height', height }, embeddingOrigins);
    sent = height;
  }).observe(document.body);
  prefersDark.addEventListener('change', sendScheme);
  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== window.parent || !embeddingOrigins.includes(origin)) return;
    if (data?.type !== 'portico:set-color-scheme' || !schemes.includes(data.scheme)) return;
    document.documentElement.dataset['scheme'] = data.scheme;
    sendScheme();
  });
  sendScheme();
}
