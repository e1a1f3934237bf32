/** What the pages do beyond being read: the search, copying, and remembering a language. All of it can be done without. */
import { openSearch, prepareSearch } from './search.ts';

const remembered = 'portico-docs-language';

/** Shows samples in the language that was last chosen, here and on the next page. */
function rememberLanguage(): void {
  const choose = (value: string | null) => {
    for (const input of document.querySelectorAll<HTMLInputElement>('.choices > input')) {
      if (input.value === value) input.checked = true;
    }
  };
  try {
    choose(localStorage.getItem(remembered));
  } catch {
    // Storage is switched off; then each page begins anew.
  }
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('.choices > input')) return;
    choose(target.value);
    target.scrollIntoView({ block: 'nearest' });
    try {
      localStorage.setItem(remembered, target.value);
    } catch {
      // As above.
    }
  });
}

/** Puts a button on every block of code that copies it. */
function offerCopying(): void {
  if (navigator.clipboard === undefined) return;
  for (const block of document.querySelectorAll('.code')) {
    const button = Object.assign(document.createElement('button'), {
      type: 'button',
      className: 'copy',
      textContent: 'Copy',
    });
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(block.querySelector('code')?.textContent ?? '');
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Not allowed';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
    block.append(button);
  }
}

/** What fits need not be stopped at on the way through the page by keyboard. */
function skipWhatFits(): void {
  for (const scroller of document.querySelectorAll('pre[tabindex], .table[tabindex]')) {
    if (scroller.clientWidth > 0 && scroller.scrollWidth <= scroller.clientWidth) scroller.removeAttribute('tabindex');
  }
}

/** Marks the heading that is being read, in the list of those on this page. */
function followReading(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('.contents a')].map((link) => [
      decodeURIComponent(link.hash.slice(1)),
      link,
    ]),
  );
  const observer = new IntersectionObserver(
    (entries) => {
      const seen = entries.find(({ isIntersecting }) => isIntersecting);
      if (seen === undefined) return;
      for (const link of links.values()) link.removeAttribute('aria-current');
      links.get(seen.target.id)?.setAttribute('aria-current', 'true');
    },
    { rootMargin: '-80px 0px -70% 0px' },
  );
  for (const id of links.keys()) {
    const heading = document.getElementById(id);
    if (heading !== null) observer.observe(heading);
  }
}

/** The page one is on is in sight in the navigation, however long that is. */
function showWhere(): void {
  const navigation = document.querySelector('.navigation');
  const here = navigation?.querySelector<HTMLElement>('[aria-current=page]');
  if (navigation && here && here.offsetTop > navigation.clientHeight - 80)
    navigation.scrollTop = here.offsetTop - navigation.clientHeight / 2;
}

showWhere();
rememberLanguage();
offerCopying();
skipWhatFits();
followReading();
prepareSearch();

document.addEventListener('keydown', (event) => {
  const isTyping =
    event.target instanceof Element && event.target.closest('input,textarea,select,[contenteditable]') !== null;
  const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isSlash || (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    openSearch();
  }
});
