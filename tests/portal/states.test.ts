/**
 * Every state of the portal is accessible (WCAG 2.2 AA), also from right to left: axe finds nothing, the names of the controls are those in
 * controls.txt, the keyboard reaches all of them, nothing is cut off at 320 px, at 200 % or with wider text, and the colours of the system
 * show all that ours show. state-checks.test.ts proves that these checks find faults.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { sampleDocument } from '../../scripts/sample-api.ts';
import { type Language, languages } from '../../src/portal/messages/index.ts';
import { expectNoViolations } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { apiOrigin } from '../support/gallery/data.ts';
import { expectForcedColors } from '../support/gallery/forced-colors.ts';
import {
  expectFits,
  expectKeyboardReachesAll,
  expectNoMotion,
  expectTextSpacing,
} from '../support/gallery/keyboard.ts';
import { controlsFile, outlinesIn, readOutline } from '../support/gallery/outline.ts';
import { scenes } from '../support/gallery/scenes.ts';
import { type GallerySite, startGallerySite } from '../support/gallery/site.ts';
import { isRightToLeft, localeOf, openProfile, visit } from '../support/gallery/visit.ts';

let browser: Browser;
let site: GallerySite;
let recorded: Map<string, string[]>;
beforeAll(async () => {
  [browser, site] = await Promise.all([startBrowser(), startGallerySite(sampleDocument(apiOrigin))]);
  recorded = outlinesIn(await readFile(controlsFile, 'utf8'));
});
afterAll(() => Promise.all([browser.close(), site.stop()]));

/** A usual window, and what it has at 200 %. */
const desktop = { width: 1280, height: 720 };
const zoomed = { width: 640, height: 360 };

const pages = new Map<Language, Page>();

/** Opens a state in a language. The states of a language use one page, so that the browser loads the app only once. */
async function open(scene: (typeof scenes)[number], language: Language): Promise<Page> {
  const used = pages.get(language);
  // Where fingers are the pointer, controls are larger.
  const hasTouch = language !== 'en';
  const page = used ?? (await (await openProfile(browser, { locale: localeOf(language), hasTouch })).newPage());
  pages.set(language, page);
  await page.setViewportSize(desktop);
  await visit(page, site, scene, language);
  return page;
}

test.each(scenes.filter(({ isVariant }) => isVariant !== true))(
  '$name: names, axe, motion, text spacing, keyboard, zoom, 320 px and forced colours',
  async (scene) => {
    const page = await open(scene, 'en');
    expect(await readOutline(page)).toEqual(recorded.get(scene.name));
    await expectNoViolations(page);
    await expectNoMotion(page);
    await expectTextSpacing(page);
    // Tab closes a menu, whose entries have tests of their own.
    if (!scene.name.endsWith('-menu')) await expectKeyboardReachesAll(page);
    await expectFits(page, zoomed.width, zoomed.height);
    await expectFits(page, 320);
    await page.setViewportSize(desktop);
    await expectForcedColors(page);
  },
);

test.each(scenes.filter(({ isVariant }) => isVariant === true))('$name: names and 320 px', async (scene) => {
  const page = await open(scene, 'en');
  expect(await readOutline(page)).toEqual(recorded.get(scene.name));
  await expectFits(page, 320);
});

test('controls.txt has exactly the states', () => {
  expect([...recorded.keys()]).toEqual(scenes.map(({ name }) => name));
});

/** The states with the most different layouts, and those that are also looked at in Arabic. */
const layouts = [
  'keys',
  'key-create',
  'key-created',
  'key-details',
  'key-rotate',
  'analytics',
  'account',
  'documentation',
];
const mirrored = [...layouts, 'notice-session-expired', 'documentation-operation'];

test.each((Object.keys(languages) as Language[]).filter((language) => language !== 'en'))(
  'in %s each layout has its direction, and fits 1024, 390 and 320 px; from right to left axe finds nothing',
  async (language) => {
    const isMirrored = isRightToLeft(language);
    const chosen = scenes.filter(({ name }) => (isMirrored ? mirrored : layouts).includes(name));
    expect(chosen).toHaveLength((isMirrored ? mirrored : layouts).length);
    for (const scene of chosen) {
      const page = await open(scene, language);
      expect(await page.locator('html').getAttribute('dir')).toBe(isMirrored ? 'rtl' : 'ltr');
      if (isMirrored) await expectNoViolations(page);
      for (const width of [1024, 390, 320]) await expectFits(page, width);
    }
  },
);
