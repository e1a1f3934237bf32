/**
 * `npm run screenshots`: makes the pictures of every state of the portal again (tests/portal/pictures, which `npm test` compares), those of the
 * documentation (docs/screenshots), and the list of accessible names (tests/portal/controls.txt). `-- keys` does it only for the states
 * whose names contain the word, `-- --names` writes only the names.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { root } from '../src/server/package.ts';
import { startBrowser } from '../tests/support/browser.ts';
import { branded, brands } from '../tests/support/gallery/brands.ts';
import { apiOrigin } from '../tests/support/gallery/data.ts';
import { controlsFile, outlineFile, readOutline } from '../tests/support/gallery/outline.ts';
import {
  openPages,
  storedDirectory,
  storePicture,
  takePictures,
  writeOrigin,
} from '../tests/support/gallery/pictures.ts';
import { scenes } from '../tests/support/gallery/scenes.ts';
import { type GallerySite, startGallerySite } from '../tests/support/gallery/site.ts';
import { openProfile, visit } from '../tests/support/gallery/visit.ts';
import { buildIfStale } from './freshness/if-stale.ts';
import { sampleDocument } from './sample-api.ts';

/** The pictures of the documentation, which are larger: a window as people have it, and the pixels of a phone. */
const documented = {
  keys: 'keys',
  analytics: 'analytics',
  documentation: 'documentation-operation',
  account: 'account',
};
/** What is shown in each of two brands. */
const shownBranded: keyof typeof documented = 'keys';
const documentedLooks: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1200, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1200, height: 800 }, colorScheme: 'dark' },
  phone: {
    viewport: { width: 390, height: 780 },
    colorScheme: 'light',
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { names: { type: 'boolean', default: false } },
});
const isChosen = ({ name }: { name: string }) =>
  positionals.length === 0 || positionals.some((word) => name.includes(word));
const chosen = scenes.filter(isChosen);

async function writeNames(browser: Browser, site: GallerySite): Promise<void> {
  const context = await openProfile(browser, { locale: 'en-US', viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  const outlines = new Map<string, string[]>();
  for (const scene of scenes) {
    await visit(page, site, scene, 'en');
    outlines.set(scene.name, await readOutline(page));
  }
  await context.close();
  await writeFile(controlsFile, outlineFile(outlines));
}

async function writeDocumented(browser: Browser, site: GallerySite): Promise<void> {
  const directory = join(root, 'docs/screenshots');
  await mkdir(directory, { recursive: true });
  for (const [look, options] of Object.entries(documentedLooks)) {
    const context = await openProfile(browser, { locale: 'en-US', ...options });
    const page = await context.newPage();
    for (const [name, of] of Object.entries(documented)) {
      const scene = chosen.find((each) => each.name === of);
      if (scene === undefined) continue;
      await visit(page, site, scene, 'en');
      await page.screenshot({ path: join(directory, `${name}-${look}.png`), animations: 'disabled' });
      for (const [brand, portal] of Object.entries(name === shownBranded ? brands : {})) {
        await visit(page, site, branded(scene, portal), 'en');
        await page.screenshot({ path: join(directory, `brand-${brand}-${look}.png`), animations: 'disabled' });
      }
    }
    await context.close();
  }
}

await buildIfStale(['portal']);
const [browser, site] = await Promise.all([startBrowser(), startGallerySite(sampleDocument(apiOrigin))]);
try {
  await writeNames(browser, site);
  if (!values.names) {
    const isComplete = chosen.length === scenes.length;
    const stored = new Set<string>();
    const pages = await openPages(browser);
    for (const scene of chosen) {
      for (const [name, picture] of await takePictures(pages, site, scene)) {
        await storePicture(name, picture);
        stored.add(`${name}.png`);
      }
      console.log(scene.name);
    }
    if (isComplete) {
      for (const name of (await readdir(storedDirectory)).filter((each) => !stored.has(each)))
        await rm(join(storedDirectory, name));
      await writeOrigin({ chromium: browser.version() });
    }
    await writeDocumented(browser, site);
  }
} finally {
  await Promise.all([browser.close(), site.stop()]);
}
