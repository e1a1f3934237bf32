/** What a page shows where the system chooses the colours (forced colours, as high contrast in Windows): backgrounds and shadows are gone. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectNoViolations } from '../axe.ts';

/** Finds what is chosen and looks like the others beside it, and what lies on the page without an edge. */
const findLost = `(() => {
  const lineOf = (element) => {
    const style = getComputedStyle(element);
    const edges = ['Top', 'Right', 'Bottom', 'Left'].map((side) =>
      style['border' + side + 'Style'] === 'none' ? 'none' : style['border' + side + 'Width'] + ' ' + style['border' + side + 'Color']);
    const outline = style.outlineStyle === 'none' ? 'none' : style.outlineWidth + ' ' + style.outlineColor;
    // A background of the author is the ground of the system, and so is none.
    const background = style.backgroundColor.replace(/^rgba\\((.*), 0\\)$/, 'rgb($1)');
    return [style.color, background, style.fontWeight, style.textDecorationLine, outline, ...edges].join(', ');
  };
  const looks = (element) => [element, ...element.children].map(lineOf).join('; ');
  const current = [...document.querySelectorAll('[aria-current]:not([aria-current=false])')];
  // A radio button that the browser draws shows its state by itself.
  const checked = [...document.querySelectorAll('label:has(input:checked)')].filter(
    (label) => getComputedStyle(label.querySelector('input')).opacity === '0');
  const lost = [...current, ...checked].filter((element) => {
    if (!element.checkVisibility()) return false;
    const group = element.closest('nav, ol, ul, fieldset') ?? element.parentElement;
    return [...group.querySelectorAll(element.localName)].some((other) =>
      other !== element && other.checkVisibility() && other.ariaCurrent === null && !other.querySelector(':checked') &&
      other.children.length === element.children.length && looks(other) === looks(element));
  });
  const flat = [...document.querySelectorAll('[role=dialog], [role=alertdialog], [role=menu], .tooltip, .announcement')].filter(
    (element) => {
      if (!element.checkVisibility()) return false;
      const style = getComputedStyle(element);
      const isDrawn = (kind, width) => kind !== 'none' && parseFloat(width) >= 1;
      return !isDrawn(style.outlineStyle, style.outlineWidth) &&
        !['Top', 'Right', 'Bottom', 'Left'].some((side) => isDrawn(style['border' + side + 'Style'], style['border' + side + 'Width']));
    });
  return [...lost, ...flat].map((element) => element.outerHTML.slice(0, 160));
})()`;

/** In the colours of the system, texts have enough contrast, and what is chosen and what is on top can be seen. */
export async function expectForcedColors(page: Page): Promise<void> {
  await page.emulateMedia({ forcedColors: 'active' });
  await expectNoViolations(page, 'colors');
  expect(await page.evaluate(findLost)).toEqual([]);
  await page.emulateMedia({ forcedColors: null });
}
