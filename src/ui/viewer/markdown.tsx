/** Markdown of a document that is not trusted. Code stays as it is; other HTML is sanitized, and nothing is fetched to show it. */
import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { memo, useLayoutEffect, useRef } from 'react';

/** A description of more characters is cut: nobody reads it, and it would be parsed before anything is shown. */
const maxCharacters = 200_000;

const allowed = {
  ALLOWED_TAGS: [
    ...[
      'a',
      'b',
      'blockquote',
      'br',
      'code',
      'dd',
      'del',
      'details',
      'div',
      'dl',
      'dt',
      'em',
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
    ],
    ...[
      'hr',
      'i',
      'img',
      'kbd',
      'li',
      'ol',
      'p',
      'pre',
      's',
      'span',
      'strong',
      'sub',
      'summary',
      'sup',
      'table',
      'tbody',
      'td',
    ],
    ...['th', 'thead', 'tr', 'u', 'ul'],
  ],
  // No class, id, name or style: a document must not look like the page around it, or be found by its scripts.
  ALLOWED_ATTR: ['align', 'alt', 'colspan', 'href', 'rowspan', 'src', 'start'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

const attribute = /\b(align|alt|colspan|href|rowspan|src|start)\s*=\s*("[^"]*"|'[^']*')/gi;

/**
 * The HTML of a description without scripts, and with few tags and attributes. It spares the policy of the page what it would
 * refuse: a browser reports a style of a document even while it is parsed. DOMPurify decides what is safe.
 */
const plainHtml = (html: string): string =>
  html
    .replaceAll(/<(script|style)\b.*?(?:<\/\1\s*>|$)/gis, '')
    .replaceAll(
      /<(\/?)([a-z][a-z\d]*)((?:"[^"]*"|'[^']*'|[^'"<>]){0,500})>?/gi,
      (_, end: string, name: string, rest: string) => {
        if (!allowed.ALLOWED_TAGS.includes(name.toLowerCase())) return '';
        const attributes = end === '' ? Array.from(rest.matchAll(attribute), ([found]) => ` ${found}`) : [];
        return `<${end}${name}${attributes.join('')}>`;
      },
    );

const marked = new Marked({ gfm: true, renderer: { html: ({ text }) => plainHtml(text) } });

/** An image in the document itself is shown. Another one would tell its server who reads; a click opens it. */
function settleImages(fragment: DocumentFragment): void {
  for (const image of fragment.querySelectorAll('img')) {
    const source = image.getAttribute('src') ?? '';
    if (/^data:image\/(?:png|gif|jpeg|webp);/i.test(source)) continue;
    const link = document.createElement('a');
    link.textContent = image.alt || source;
    link.setAttribute('href', source);
    image.replaceWith(image.closest('a') === null ? link : (link.textContent ?? ''));
  }
}

/** A link leaves the page, and only to a place outside: a relative one would lead into the portal. */
function settleLinks(fragment: DocumentFragment): void {
  for (const link of fragment.querySelectorAll('a')) {
    const address = link.getAttribute('href') ?? '';
    if (/^(?:https?:|mailto:)/i.test(address) && URL.canParse(address)) {
      link.target = '_blank';
      link.rel = 'noreferrer';
    } else link.replaceWith(...link.childNodes);
  }
}

/** Headings are below that of the place, and the keyboard can scroll code. */
function settleStructure(fragment: DocumentFragment, level: number): void {
  for (const heading of fragment.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    const own = document.createElement(`h${level}`);
    own.append(...heading.childNodes);
    heading.replaceWith(own);
  }
  for (const scroller of fragment.querySelectorAll('pre')) scroller.tabIndex = 0;
}

function fragmentOf(source: string, level: number): DocumentFragment {
  const fragment = DOMPurify.sanitize(marked.parse(source.slice(0, maxCharacters), { async: false }), allowed);
  settleImages(fragment);
  settleLinks(fragment);
  settleStructure(fragment, level);
  return fragment;
}

/**
 * Shows Markdown.
 *
 * @param level of its headings
 */
export const Markdown = memo(function Markdown({ source, level = 4 }: { source: string | undefined; level?: number }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (source !== undefined) place.current?.replaceChildren(fragmentOf(source, level));
  }, [source, level]);
  return source === undefined || source.trim() === '' ? null : (
    <div ref={place} dir="auto" className="viewer-markdown" />
  );
});
