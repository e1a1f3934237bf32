/**
 * Each state of the portal looks as in its stored picture: light, dark, on a phone, and from right to left. If a change of looks is
 * meant, `npm run screenshots` makes the pictures again, and the review shows them.
 */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { sampleDocument } from '../../scripts/sample-api.ts';
import { startBrowser } from '../support/browser.ts';
import { apiOrigin } from '../support/gallery/data.ts';
import { differingPixels } from '../support/gallery/differing-pixels.ts';
import { isMadeFrom, paletted } from '../support/gallery/palette-png.ts';
import {
  difference,
  looksOf,
  openPages,
  profiles,
  storedDirectory,
  takePictures,
} from '../support/gallery/pictures.ts';
import { scenes } from '../support/gallery/scenes.ts';
import { type GallerySite, startGallerySite } from '../support/gallery/site.ts';

let browser: Browser;
let site: GallerySite;
let pages: Page[];
beforeAll(async () => {
  [browser, site] = await Promise.all([startBrowser(), startGallerySite(sampleDocument(apiOrigin))]);
  pages = await openPages(browser);
});
afterAll(() => Promise.all([browser.close(), site.stop()]));

test.each(scenes)('$name looks as in its pictures', async (scene) => {
  const differences: (string | undefined)[] = [];
  for (const [name, picture] of await takePictures(pages, site, scene))
    differences.push(await difference(name, picture, browser.version()));
  expect(differences.length).toBeGreaterThan(scene.isVariant === true ? 0 : 1);
  expect(differences.filter((each) => each !== undefined)).toEqual([]);
});

test('every stored picture is one of a state', async () => {
  const names = scenes.flatMap((scene) =>
    profiles.flatMap((profile) => looksOf(scene, profile).map((look) => `${scene.name}-${look}.png`)),
  );
  expect((await readdir(storedDirectory)).toSorted()).toEqual([...names, 'origin.json'].toSorted());
});

describe('the comparison', () => {
  /** A picture of so many colours, with a square in one of its own. */
  const drawn = (colors: number, square: number) => {
    const picture = new PNG({ width: 120, height: 100 });
    for (let i = 0; i < 120 * 100; i++) {
      const isInSquare = i % 120 < square && i < 120 * square;
      const color = (i * 7) % colors;
      picture.data.set(isInSquare ? [200, 0, 0, 255] : [250, 255 - (color % 32), 255 - (color >> 5), 255], 4 * i);
    }
    return PNG.sync.write(picture);
  };

  test.each([10, 1000])('a stored picture of %d colours is like the original, and known by its bytes', (colors) => {
    const [original, other] = [drawn(colors, 5), drawn(colors, 6)];
    const stored = paletted(original);
    expect(stored.length).toBeLessThan(original.length);
    expect(differingPixels(stored, original)?.count).toBe(0);
    expect([isMadeFrom(stored, original), isMadeFrom(stored, other)]).toEqual([true, false]);
  });

  test('a square that is larger by a pixel is found', () => {
    expect(differingPixels(paletted(drawn(10, 20)), drawn(10, 21))?.count).toBeGreaterThan(6);
  });

  test('another size is no difference of pixels', () => {
    expect(differingPixels(PNG.sync.write(new PNG({ width: 2, height: 2 })), drawn(10, 1))).toBeUndefined();
  });
});
