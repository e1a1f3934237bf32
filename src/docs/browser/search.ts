/** The search dialog. The search runs in the browser, on the index that the build wrote. */
import MiniSearch from 'minisearch';
import { excerptOf, markMatches, type Part } from '../excerpt.ts';
import { type SearchEntry, type SearchHit, searchDocs, searchOptions } from '../search-index.ts';
import { element } from './element.ts';

const maxResults = 20;

let index: Promise<MiniSearch<SearchEntry>> | undefined;
/** Loads the index once. After a failure, the next call tries again. */
function loadIndex(): Promise<MiniSearch<SearchEntry>> {
  index ??= fetch('/docs/search.json')
    .then(async (response) => {
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return MiniSearch.loadJSON<SearchEntry>(await response.text(), searchOptions);
    })
    .catch((error) => {
      index = undefined;
      throw error;
    });
  return index;
}

const input = element('input', {
  type: 'search',
  placeholder: 'Search operations, errors, settings …',
  autocomplete: 'off',
  spellcheck: false,
});
input.setAttribute('aria-label', 'Search the documentation');
const results = element('ul', { className: 'results' });
const status = element('p', { className: 'state' });
status.setAttribute('role', 'status');
const close = element('button', { type: 'button', textContent: 'Close' });
const dialog = element(
  'dialog',
  { className: 'search-dialog' },
  element('div', { className: 'query' }, input, close),
  status,
  results,
);
dialog.setAttribute('aria-label', 'Search');

/** The parts become text nodes, never HTML. */
const marked = (parts: Part[]) =>
  parts.map(({ text, isMatch }) => (isMatch ? element('mark', { textContent: text }) : text));

/** A result: where the page is, the heading, and the text around the match. */
function item({ id, group, page, title, text, terms }: SearchHit): HTMLLIElement {
  const where = title === page ? group : `${group} › ${page}`;
  return element(
    'li',
    {},
    element(
      'a',
      { href: id },
      element('span', { className: 'where', textContent: where }),
      element('strong', {}, ...marked(markMatches(title, terms))),
      element('span', { className: 'excerpt' }, ...marked(excerptOf(text, terms))),
    ),
  );
}

function statusOf(count: number, query: string): string {
  if (count === 0) return `No results for “${query}”.`;
  if (count > maxResults) return `The first ${maxResults} of ${count} results`;
  return count === 1 ? '1 result' : `${count} results`;
}

async function search(): Promise<void> {
  const query = input.value.trim();
  if (query === '') {
    results.replaceChildren();
    status.textContent = '';
    return;
  }
  try {
    const hits = searchDocs(await loadIndex(), query);
    // The reader can type another letter while the index loads.
    if (query !== input.value.trim()) return;
    results.replaceChildren(...hits.slice(0, maxResults).map(item));
    results.scrollTop = 0;
    status.textContent = statusOf(hits.length, query);
  } catch {
    status.textContent = 'The search index could not be loaded. Try again.';
  }
}

/**
 * Handles the keyboard. The arrow keys move between the field and the results. Escape closes the dialog; without this, the
 * first Escape only empties the field.
 */
function handleKey(event: KeyboardEvent): void {
  if (event.key === 'Escape') {
    event.preventDefault();
    dialog.close();
    return;
  }
  const links = [...results.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (event.key === 'Enter' && document.activeElement === input) links[0]?.click();
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  const next = at + (event.key === 'ArrowDown' ? 1 : -1);
  if (next < 0) input.focus();
  else links[Math.min(next, links.length - 1)]?.focus();
}

/** Opens the dialog. */
export function openSearch(): void {
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  void loadIndex().catch(() => undefined);
}

/** Adds the dialog to the page, and shows the button that opens it. */
export function prepareSearch(): void {
  document.body.append(dialog);
  input.addEventListener('input', () => void search());
  dialog.addEventListener('keydown', handleKey);
  close.addEventListener('click', () => dialog.close());
  // A click outside closes the dialog. So does a link, because a link to the current page loads nothing.
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog || (target instanceof Element && target.closest('a') !== null)) dialog.close();
  });
  const button = document.getElementById('open-search');
  button?.addEventListener('click', openSearch);
  button?.removeAttribute('hidden');
}
