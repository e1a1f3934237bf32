/** The search: in the browser, over an index that was made with the pages. */
import MiniSearch, { type SearchResult } from 'minisearch';
import { type SearchEntry, searchOptions } from '../search-options.ts';

const mostResults = 20;

let index: Promise<MiniSearch<SearchEntry>> | undefined;
/** Fetches the index once; a failure is not kept. */
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

const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Record<string, unknown>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.append(...children);
  return made;
};

const input = element('input', {
  type: 'search',
  placeholder: 'Operation, error, setting, …',
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

const item = ({ id, title, page }: SearchResult) =>
  element(
    'li',
    {},
    element(
      'a',
      { href: String(id) },
      element('strong', { textContent: title }),
      ...(title === page ? [] : [element('span', { textContent: page })]),
    ),
  );

async function search(): Promise<void> {
  const query = input.value.trim();
  if (query === '') {
    results.replaceChildren();
    status.textContent = '';
    return;
  }
  try {
    const found = (await loadIndex()).search(query);
    // Another letter may have been typed in the meantime.
    if (query !== input.value.trim()) return;
    results.replaceChildren(...found.slice(0, mostResults).map(item));
    status.textContent = found.length === 0 ? `Nothing is found for “${query}”.` : `${found.length} found`;
  } catch {
    status.textContent = 'The search index cannot be loaded. Try again.';
  }
}

/** Escape closes, where it would else only empty the field. Arrow keys go from the field through the results and back. */
function move(event: KeyboardEvent): void {
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

/** Puts the dialog into the page, and shows the button that opens it. */
export function prepareSearch(): void {
  document.body.append(dialog);
  input.addEventListener('input', () => void search());
  dialog.addEventListener('keydown', move);
  close.addEventListener('click', () => dialog.close());
  // A click beside it closes it; one on a heading of the same page too, as nothing is loaded then.
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog || (target instanceof Element && target.closest('a') !== null)) dialog.close();
  });
  const button = document.getElementById('open-search');
  button?.addEventListener('click', openSearch);
  button?.removeAttribute('hidden');
}
