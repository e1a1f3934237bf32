/** The checks of states.test.ts find what they look for: each of these pages has one fault. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { expectNoViolations } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { expectForcedColors } from '../support/gallery/forced-colors.ts';
import {
  expectFits,
  expectKeyboardReachesAll,
  expectNoMotion,
  expectTextSpacing,
} from '../support/gallery/keyboard.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await startBrowser();
  page = await browser.newPage({ reducedMotion: 'reduce' });
});
afterAll(() => browser.close());

const style = 'a, button { outline-width: 3px } button:focus-visible { outline-style: solid }';
const show = (content: string, css = '') =>
  page.setContent(`<!doctype html><html lang="en"><title>Page</title><style>${style} ${css}</style>
<meta name="viewport" content="width=device-width"><main><h1>Page</h1>${content}</main></html>`);

/** A page with a fault, the check that must find it, and what the check says. */
interface Fault {
  fault: string;
  check: (page: Page) => Promise<void>;
  says: RegExp;
  content: string;
  css?: string;
}

const at320 = (of: Page) => expectFits(of, 320, 640, 500);
const cutOff = 'overflow: hidden; white-space: nowrap';
const faults: Fault[] = [
  {
    ...{ fault: 'a text without contrast', check: expectNoViolations, says: /color-contrast/ },
    content: '<p style="color: #999">Text</p>',
  },
  {
    ...{ fault: 'a target that is too small', check: expectNoViolations, says: /target-size/ },
    content: '<nav aria-label="A"><a href="#a">A</a><a href="#b">B</a></nav>',
    css: 'a { display: block; width: 8px; font-size: 8px }',
  },
  {
    ...{ fault: 'a text without contrast in forced colours', check: expectForcedColors, says: /color-contrast/ },
    content: '<p>Text</p>',
    css: 'p { forced-color-adjust: none; color: #888; background: #999 }',
  },
  {
    ...{ fault: 'a current link that only its background shows', check: expectForcedColors, says: /aria-current/ },
    content: '<nav><a href="#a" aria-current="page">A</a> <a href="#b">B</a></nav>',
    css: '[aria-current] { background: yellow }',
  },
  {
    ...{ fault: 'a choice that only its shadow shows', check: expectForcedColors, says: /<label>/ },
    content: `<fieldset><legend>Range</legend><label>A<input type="radio" name="r" checked></label>
      <label>B<input type="radio" name="r"></label></fieldset>`,
    css: 'input { opacity: 0 } label:has(:checked) { box-shadow: 0 0 2px red }',
  },
  {
    ...{ fault: 'a menu without an edge', check: expectForcedColors, says: /role=\\"menu/ },
    content: '<div role="menu"><a role="menuitem" href="#a">A</a></div>',
    css: '[role=menu] { box-shadow: 0 0 4px black }',
  },
  {
    ...{ fault: 'a control that the keyboard does not reach', check: expectKeyboardReachesAll, says: /this\.blur/ },
    content: '<button>A</button><button onfocus="this.blur()">B</button>',
  },
  {
    ...{ fault: 'a focus that is not visible', check: expectKeyboardReachesAll, says: /"outlined": false/ },
    content: '<button class="b">A</button>',
    css: '.b:focus-visible { outline: none }',
  },
  {
    ...{ fault: 'a focus that something covers', check: expectKeyboardReachesAll, says: /"covered": true/ },
    content: '<button>A</button>',
    css: 'h1 { position: fixed; inset: 0; margin: 0; background: white }',
  },
  {
    ...{ fault: 'a page that scrolls sideways', check: at320, says: /scrolls sideways/ },
    content: '<p style="width: 400px">Text</p>',
  },
  {
    ...{ fault: 'a button that cuts off its text', check: at320, says: /A long text/ },
    content: `<button style="width: 60px; ${cutOff}">A long text</button>`,
  },
  {
    ...{ fault: 'a choice that is cut off', check: at320, says: /not all of A long text/ },
    content: '<select aria-label="A" style="width: 70px"><option>A long text</option></select>',
  },
  {
    ...{ fault: 'a label whose words are broken', check: at320, says: /broken words: Label/ },
    content: '<dl><dt style="width: 2em; overflow-wrap: anywhere">Label</dt><dd>A</dd></dl>',
  },
  {
    ...{ fault: 'a button that has no room for wider text', check: expectTextSpacing, says: /A long text/ },
    content: `<button style="width: 90px; ${cutOff}">A long text</button>`,
  },
  {
    ...{ fault: 'something that moves', check: expectNoMotion, says: /Expected: 0/ },
    content: '<p>Text</p>',
    css: 'p { animation: a 1s infinite } @keyframes a { to { opacity: 0 } }',
  },
];

test.each(faults)('$fault is found', async ({ check, says, content, css }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await show('<p>Text</p><button>A long text</button>');
  await check(page);
  await show(content, css);
  await expect(check(page)).rejects.toThrow(says);
});
