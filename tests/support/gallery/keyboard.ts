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

/** The elements that are wider than the window, or that cut off the text of a control. */
const findOverflow = `(() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : [];
  const cut = [...document.querySelectorAll('button, .button, .tabs a, .status, .badge, .segments label, th')]
    .filter((each) => each.checkVisibility() && getComputedStyle(each).textOverflow !== 'ellipsis' && getComputedStyle(each).position !== 'absolute')
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1)
    .map((each) => each.outerHTML.slice(0, 160));
  return [...wide, ...cut];
})()`;

/** How long a page may take to fit a new size, in ms. Only one that does not fit takes so long. */
const fitsWithinMs = 10_000;

/** At this width nothing makes the page scroll sideways, and no control cuts off its text. */
export async function expectFits(page: Page, width: number, height = 640): Promise<void> {
  await page.setViewportSize({ width, height });
  // A busy browser draws a new size later than the next frames.
  await page
    .waitForFunction(`${findOverflow}.length === 0 && innerWidth === ${width}`, undefined, { timeout: fitsWithinMs })
    .catch(() => undefined);
  expect({ width, overflow: await page.evaluate(findOverflow) }).toEqual({ width, overflow: [] });
}
