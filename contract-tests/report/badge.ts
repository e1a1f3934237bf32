import type { ConformanceReport } from '../index.ts';
import { escapeHtml } from './escape.ts';
import { promisedAndHeld } from './kinds.ts';

/** Widths of characters in Verdana at 11 px, in px; the browser fits the text to their sum, also with another font. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/[ilI.,·]/.test(letter) ? 4 : /[mwMW]/.test(letter) ? 10 : 6.8), 0);

/** Space on both sides of a text, in px. */
const padding = 6;

const number = (value: number): string => value.toLocaleString('en');

/** Green if every promise held, red if one is broken, and otherwise yellow: some were not tested. Each has a contrast of 4.5 with white. */
function colorOf({ failed, expected, skipped }: ConformanceReport): string {
  if (failed + expected > 0) return '#b3261e';
  return skipped > 0 ? '#8a6100' : '#1a7f37';
}

/** The report as a badge in SVG: the profile, what it promises, and what of it held. */
export function reportBadge(report: ConformanceReport): string {
  const { promised, held } = promisedAndHeld(report.results);
  const label = `${report.profile} ${report.contractVersion}`;
  const value = `${number(promised)} promised · ${number(held)} held`;
  const [left, right] = [label, value].map((text) => Math.ceil(widthOf(text)) + 2 * padding) as [number, number];
  const text = (content: string, x: number, width: number) =>
    `<text x="${x + padding}" y="14" textLength="${width - 2 * padding}" lengthAdjust="spacingAndGlyphs">${escapeHtml(content)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${escapeHtml(`${label}: ${value}`)}">
<title>${escapeHtml(`${label}: ${value}`)}</title>
<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${colorOf(report)}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(label, 0, left)}${text(value, left, right)}</g>
</svg>
`;
}
