/**
 * Every state of the portal is accessible (WCAG 2.2 AA), also from right to left: axe finds nothing, the names of the controls are those in
 * controls.txt, the keyboard reaches all of them, and nothing is cut off at 320 px or at 200 %.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { sampleDocument } from '../../scripts/sample-api.ts';
import { type Language, languages } from '../../src/portal/messages/index.ts';
import { expectNoViolations } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { apiOrigin } from '../support/gallery/data.ts';
import { expectFits, expectKeyboardReachesAll } from '../support/gallery/keyboard.ts';
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

const pages = new Map<Language, Page>();

/** Opens a state in a language. The states of a language use one page, so that the browser loads the app only once. */
async function open(scene: (typeof scenes)[number], language: Language): Promise<Page> {
  const used = pages.get(language);
  const page = used ?? (await (await openProfile(browser, { locale: localeOf(language) })).newPage());
  pages.set(language, page);
  await page.setViewportSize({ width: 1280, height: 720 });
  await visit(page, site, scene, language);
  return page;
}

/** A window of 1280 × 720 px at 200 %. */
const zoomed = { width: 640, height: 360 };

test.each(scenes.filter(({ isVariant }) => isVariant !== true))(
  '$name: names, axe, motion, keyboard, zoom and 320 px',
  async (scene) => {
    const page = await open(scene, 'en');
    expect(await readOutline(page)).toEqual(recorded.get(scene.name));
    await expectNoViolations(page);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    // Tab closes a menu, whose entries have tests of their own.
    if (!scene.name.endsWith('-menu')) await expectKeyboardReachesAll(page);
    await expectFits(page, zoomed.width, zoomed.height);
    await expectFits(page, 320);
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
const layouts = ['keys', 'key-create', 'key-details', 'analytics', 'account'];
const mirrored = [...layouts, 'notice-session-expired', 'documentation-operation'];

test.each((Object.keys(languages) as Language[]).filter((language) => language !== 'en'))(
  'in %s each layout has its direction, and fits 320 px and 1024 px; from right to left axe finds nothing',
  async (language) => {
    const isMirrored = isRightToLeft(language);
    const chosen = scenes.filter(({ name }) => (isMirrored ? mirrored : layouts).includes(name));
    expect(chosen).toHaveLength((isMirrored ? mirrored : layouts).length);
    for (const scene of chosen) {
      const page = await open(scene, language);
      expect(await page.locator('html').getAttribute('dir')).toBe(isMirrored ? 'rtl' : 'ltr');
      if (isMirrored) await expectNoViolations(page);
      await expectFits(page, 1024);
      await expectFits(page, 320);
    }
  },
);
