/** Search, copy buttons and the chosen language. The pages also work without JavaScript. */
import { openSearch, prepareSearch } from './search.ts';

const storageKey = 'portico-docs-language';

/** Shows samples in the language that the reader chose last, on this page and the next. */
function rememberLanguage(): void {
  const choose = (value: string | null) => {
    for (const input of document.querySelectorAll<HTMLInputElement>('.choices > input')) {
      if (input.value === value) input.checked = true;
    }
  };
  try {
    choose(localStorage.getItem(storageKey));
  } catch {
    // The browser blocks storage: each page shows its default language.
  }
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('.choices > input')) return;
    choose(target.value);
    target.scrollIntoView({ block: 'nearest' });
    try {
      localStorage.setItem(storageKey, target.value);
    } catch {
      // The browser blocks storage.
    }
  });
}

/** Adds a copy button to each code block. */
function addCopyButtons(): void {
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

/** Removes elements that need no scrolling from the tab order. */
function skipUnscrollable(): void {
  for (const scroller of document.querySelectorAll('pre[tabindex], .table[tabindex]')) {
    if (scroller.clientWidth > 0 && scroller.scrollWidth <= scroller.clientWidth) scroller.removeAttribute('tabindex');
  }
}

/** Marks the current heading in the table of contents. */
function markCurrentHeading(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('.contents a')].map((link) => [
      decodeURIComponent(link.hash.slice(1)),
      link,
    ]),
  );
  const observer = new IntersectionObserver(
    (entries) => {
      const visible = entries.find(({ isIntersecting }) => isIntersecting);
      if (visible === undefined) return;
      for (const link of links.values()) link.removeAttribute('aria-current');
      links.get(visible.target.id)?.setAttribute('aria-current', 'true');
    },
    { rootMargin: '-80px 0px -70% 0px' },
  );
  for (const id of links.keys()) {
    const heading = document.getElementById(id);
    if (heading !== null) observer.observe(heading);
  }
}

/** Scrolls the navigation to the current page. */
function scrollToCurrentPage(): void {
  const navigation = document.querySelector('.navigation');
  const current = navigation?.querySelector<HTMLElement>('[aria-current=page]');
  if (navigation && current && current.offsetTop > navigation.clientHeight - 80)
    navigation.scrollTop = current.offsetTop - navigation.clientHeight / 2;
}

scrollToCurrentPage();
rememberLanguage();
addCopyButtons();
skipUnscrollable();
markCurrentHeading();
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
