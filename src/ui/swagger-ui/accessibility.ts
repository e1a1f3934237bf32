/**
 * Adds to Swagger UI's markup what screen readers and keyboards need, and translates it, where plug-ins cannot. Changes only
 * attributes and text data, never nodes: React owns them.
 */

const set = (element: Element, name: string, value: string) => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};

/** Selects the customer's texts, which are never translated. Markdown in a response is an error message of Swagger UI or ours. */
const customerTexts =
  '.renderedMarkdown:not(.live-responses-table *),pre,code,textarea,.parameter__name,.opblock-summary-path,.opblock-summary-description,.opblock-tag>a,h1,h2.title,#servers,.json-schema-2020-12__title,.json-schema-2020-12-property';

/** Returns a name for a control without a label. */
function nameOf(
  control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement,
  t: (text: string) => string,
): string {
  const parameter = control.closest('tr')?.querySelector('.parameter__name')?.textContent;
  if (control.id === 'servers') return t('Server');
  // At its end, this expression takes quadratic time, and the document is not ours.
  if (parameter) return parameter.slice(0, 256).replace(/[\s*\u00a0]+$/, '');
  if (control.closest('.opblock-section-request-body,.body-param')) return t('Request body');
  if (control.closest('.examples-select')) return t('Examples');
  return 'placeholder' in control && control.placeholder !== '' ? control.placeholder : t('Value');
}

function nameControls(host: HTMLElement, t: (text: string) => string): void {
  const controls = 'select,textarea,input:not([type=hidden])';
  for (const control of host.querySelectorAll<HTMLInputElement>(controls)) {
    if (control.hasAttribute('aria-label') || control.hasAttribute('aria-labelledby')) continue;
    // A label that contains only the control gives it no name.
    const isNamed = [...(control.labels ?? [])].some((label) =>
      [...label.childNodes].some((node) => !node.contains(control) && node.textContent?.trim()),
    );
    if (!isNamed) set(control, 'aria-label', nameOf(control, t));
  }
  for (const button of host.querySelectorAll('button[aria-label]')) {
    // Voice control needs the visible text in the name (WCAG 2.5.3).
    const text = button.textContent?.trim().toLowerCase();
    if (text && !button.getAttribute('aria-label')?.toLowerCase().includes(text)) button.removeAttribute('aria-label');
  }
  for (const button of host.querySelectorAll('.json-schema-2020-12-accordion,.model-box-control')) {
    if (!button.textContent?.trim()) set(button, 'aria-label', t('Schema'));
  }
}

function fixStructure(host: HTMLElement): void {
  for (const code of host.querySelectorAll('pre:not([tabindex])')) {
    if (!code.closest('h1,h2,button,small')) set(code, 'tabindex', '0');
  }
  for (const table of host.querySelectorAll('table[role=region]')) table.removeAttribute('role');
  for (const cell of host.querySelectorAll('thead td.col_header')) set(cell, 'role', 'columnheader');
  for (const image of host.querySelectorAll('img:not([alt])')) set(image, 'alt', '');
  for (const box of host.querySelectorAll('div.copy-to-clipboard[aria-label]')) box.removeAttribute('aria-label');
  // Headings are below the tab's own headings, and levels have no gaps.
  let level = 2;
  for (const heading of host.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    level = Math.min(Math.max(Number(heading.tagName.charAt(1)) + 2, 3), level + 1, 6);
    set(heading, 'aria-level', String(level));
  }
}

function translate(host: HTMLElement, texts: Record<string, string>): void {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.nodeValue?.trim() ?? '';
    const translated = texts[text];
    if (translated !== undefined && translated !== text && !node.parentElement?.closest(customerTexts)) {
      node.nodeValue = node.nodeValue?.replace(text, translated) ?? null;
    }
  }
  for (const element of host.querySelectorAll('[title],[aria-label]')) {
    for (const name of ['title', 'aria-label']) {
      const translated = texts[element.getAttribute(name) ?? ''];
      if (translated !== undefined) set(element, name, translated);
    }
  }
}

/**
 * Fixes the current markup, and all later changes of it.
 *
 * @param texts translations of Swagger UI's own texts: English → the user's language
 * @returns a function that stops the observer
 */
export function fixAccessibility(host: HTMLElement, texts: Record<string, string>): () => void {
  const all = () => {
    nameControls(host, (text) => texts[text] ?? text);
    fixStructure(host);
    translate(host, texts);
  };
  const observer = new MutationObserver(all);
  const attributeFilter = ['class', 'title', 'aria-label', 'role'];
  observer.observe(host, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter });
  all();
  return () => observer.disconnect();
}
