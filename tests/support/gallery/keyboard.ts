/** Checks of a page that a keyboard alone, a small window or a system with its own colours needs. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

/** Finds what Tab should reach: everything that can have the focus in the dialog on top, or in the page. */
const findStops = `(() => {
  const dialogs = [...document.querySelectorAll('[role=dialog], [role=alertdialog]')];
  const within = dialogs.at(-1) ?? document.body;
  const candidates = within.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]');
  globalThis.stops = [...candidates].filter((element) => {
    if (element.disabled || element.tabIndex < 0 || !element.checkVisibility()) return false;
    if (element.closest('[inert], [aria-hidden=true], fieldset:disabled') !== null) return false;
    if (element.type !== 'radio' || element.checked) return true;
    const group = [...document.getElementsByName(element.name)];
    return !group.some(({ checked }) => checked) && group[0] === element;
  });
  return globalThis.stops.length;
})()`;

/** What has the focus: its position among the stops, whether its outline is visible, and whether something covers it. */
const look = `(() => {
  const element = document.activeElement;
  const position = globalThis.stops.indexOf(element);
  if (position < 0) return { position };
  const outlined = [element, element.parentElement, element.parentElement?.parentElement].some((each) => {
    if (each === null) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });
  const box = element.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2);
  const covered = hit !== null && !element.contains(hit) && !hit.contains(element) && hit.closest('label')?.control !== element;
  return { position, outlined, covered, html: element.outerHTML.slice(0, 120) };
})()`;

/** Presses Tab until it has been everywhere: each control is reached, shows that it has the focus, and is not covered. */
export async function expectKeyboardReachesAll(page: Page): Promise<void> {
  const count = Number(await page.evaluate(findStops));
  const reached = new Set<number>();
  const faults: unknown[] = [];
  for (let presses = 0; presses < 2 * count + 4 && reached.size < count; presses++) {
    await page.keyboard.press('Tab');
    const seen = (await page.evaluate(look)) as { position: number; outlined?: boolean; covered?: boolean };
    if (seen.position < 0 || reached.has(seen.position)) continue;
    reached.add(seen.position);
    if (!seen.outlined || seen.covered) faults.push(seen);
  }
  const missing = await page.evaluate(
    `globalThis.stops.map((element) => element.outerHTML.slice(0, 120)).filter((_, i) => !${JSON.stringify([...reached])}.includes(i))`,
  );
  expect({ faults, missing }).toEqual({ faults: [], missing: [] });
}

/** The elements that are wider than the window, that cut off the text of a control, or whose words are broken because they are too narrow. */
const findOverflow = `(() => {
  const textWidth = (element, text) => {
    const pen = document.createElement('canvas').getContext('2d');
    const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing } = getComputedStyle(element);
    pen.font = [fontStyle, fontWeight, fontSize, fontFamily].join(' ');
    pen.letterSpacing = letterSpacing === 'normal' ? '0px' : letterSpacing;
    return pen.measureText(text).width;
  };
  const room = (element) => {
    const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(element);
    return element.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd);
  };
  const arrow = 16;
  const short = [...document.querySelectorAll('select')]
    .filter((each) => each.checkVisibility() && textWidth(each, each.selectedOptions[0]?.text ?? '') > room(each) - arrow)
    .map((each) => 'not all of ' + each.selectedOptions[0].text);
  const isBroken = (text) => [...text.data.matchAll(/\\p{L}{2,20}/gu)].some(({ 0: word, index }) => {
    if (/[\\u3000-\\u9fff]/.test(word)) return false;
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  });
  const broken = [...document.querySelectorAll('h1, h2, h3, dt, th, legend, label, button, .button, .status')].flatMap((each) => {
    if (!each.checkVisibility()) return [];
    const texts = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const text = texts.currentNode;
      const { parentElement: place } = text;
      if (place.checkVisibility() && place.closest('code, bdi, .visually-hidden') === null && isBroken(text)) found.push('broken words: ' + text.data);
    }
    return found;
  });
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : [];
  const cut = [...document.querySelectorAll('button, .button, .tabs a, .status, .badge, .segments label, th')]
    .filter((each) => {
      const { textOverflow, position, flexWrap } = getComputedStyle(each);
      // The name of a tab that has no room beside its icon is on a second line, which is not visible.
      return each.checkVisibility() && textOverflow !== 'ellipsis' && position !== 'absolute' && !(each.closest('.tabs') && flexWrap === 'wrap');
    })
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1)
    .map((each) => each.outerHTML.slice(0, 160));
  return [...wide, ...cut, ...short, ...broken];
})()`;

/** How long a page may take to fit a new size, in ms. Only one that does not fit takes so long. */
const fitsWithinMs = 10_000;

/** At this width nothing makes the page scroll sideways, and no control cuts off its text. */
export async function expectFits(page: Page, width: number, height = 640, withinMs = fitsWithinMs): Promise<void> {
  await page.setViewportSize({ width, height });
  // A busy browser draws a new size later than the next frames.
  await page
    .waitForFunction(`${findOverflow}.length === 0 && innerWidth === ${width}`, undefined, { timeout: withinMs })
    .catch(() => undefined);
  expect({ width, overflow: await page.evaluate(findOverflow) }).toEqual({ width, overflow: [] });
}

/** The distances between letters, words and lines that a user may set (WCAG 1.4.12). */
const wideText = `* {
  letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important;
  line-height: 1.5 !important;
}
p { margin-bottom: 2em !important; }`;

/** Nothing is cut off if the user sets wider text. */
export async function expectTextSpacing(page: Page): Promise<void> {
  await page.addStyleTag({ content: wideText });
  expect(await page.evaluate(findOverflow)).toEqual([]);
  await page.evaluate('[...document.head.children].findLast(({ localName }) => localName === "style").remove()');
}

/** Nothing moves, as the user of this browser has asked. */
export const expectNoMotion = async (page: Page): Promise<void> =>
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
