/** The look of a portal: schemes, fonts, tabs, links, header and title, as its operator has set them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Known, knownValues } from '../../generated/known-values.ts';
import { root } from '../../src/server/package.ts';
import { colorsOf, type Look, themeCss, type Variable } from '../../src/ui/theme/theme.ts';
import { otherSite, portalWorld } from '../support/portal.ts';

const { world, createPortal, createApi, createSession, asUser, enter, newProfile } = portalWorld();
const cdn = 'https://cdn.acme.example';
const framing = (path: string) => `<!doctype html><title>Framing</title><script>
const schemes = [], heights = [];
addEventListener('message', ({ data }) => {
  if (data.type === 'portico:color-scheme') schemes.push(data.scheme);
  if (data.type === 'portico:height') heights.push(data.height);
});
</script><iframe width="1000" height="300" src="${decodeURIComponent(path.slice(1))}"></iframe>`;
const host = otherSite('127.0.0.1', framing);
const stranger = otherSite('127.0.0.1', framing);

const ember = {
  primaryColor: '#c2410c',
  primaryColorDark: '#fb923c',
  neutral: 'stone' as const,
  radius: 'none' as const,
  density: 'compact' as const,
  title: 'Ember for developers',
  tabs: [{ tab: 'docs' as const, label: 'Reference' }, { tab: 'analytics' as const }],
  links: [{ label: 'Terms of service', url: 'https://ember.example/terms' }],
  variables: [
    { name: '--portico-ground' as const, light: '#fffaf0', dark: '#14110c' },
    { name: '--portico-content-width' as const, value: '800px' },
  ],
};

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Ember', branding: ember });
  await createPortal({
    slug: 'always-dark',
    branding: { primaryColor: '#1e3a8a', colorScheme: 'dark', font: 'inter' },
  });
  const logos = { logoUrl: `${cdn}/logo.svg`, logoDarkUrl: `${cdn}/dark.svg`, logoShowsName: true };
  await createPortal({
    slug: 'own-font',
    name: 'Own Font',
    branding: { primaryColor: '#1e3a8a', fontUrl: `${cdn}/brand.woff2?v=1`, header: 'compact', ...logos },
  });
  const embeddingOrigins = [host.origin];
  await createPortal({ slug: 'framed', embeddingOrigins, branding: { primaryColor: '#1e3a8a', header: 'none' } });
});

const styleOf = (selector: string, property: string) =>
  world.page.evaluate(`getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${property}')`);
/** Whether a family has a face that the page has loaded. */
const hasLoaded = (family: string) =>
  world.page.waitForFunction(
    `document.fonts.ready.then(() => [...document.fonts].some((face) => face.family.replaceAll('"', '') === '${family}' && face.status === 'loaded'))`,
  );

describe('the colours', () => {
  test.each([
    ['light', 'rgb(255, 250, 240)', 'rgb(194, 65, 12)'],
    ['dark', 'rgb(20, 17, 12)', 'rgb(251, 146, 60)'],
  ] as const)('are those of the portal in the %s scheme, before the app has run', async (colorScheme, ground, fill) => {
    await newProfile({ colorScheme, javaScriptEnabled: false });
    const { url } = await createSession();
    await world.page.goto(url);
    expect(await styleOf('body', 'background-color')).toBe(ground);
    await newProfile({ colorScheme });
    await enter();
    expect(await styleOf('body', 'background-color')).toBe(ground);
    await world.page.evaluate(
      'document.body.append(Object.assign(document.createElement("button"), { className: "button primary sample" }))',
    );
    expect(await styleOf('.sample', 'background-color')).toBe(fill);
    expect(await styleOf('.sample', 'border-top-left-radius')).toBe('0px');
  });

  test('of a portal that is always dark do not follow the system', async () => {
    await newProfile({ colorScheme: 'light' });
    await enter({ slug: 'always-dark' });
    expect(await styleOf('body', 'background-color')).toBe('rgb(11, 11, 13)');
    expect(await styleOf(':root', 'color-scheme')).toBe('dark');
  });
});

describe('the font', () => {
  test('Inter comes from the portal itself', async () => {
    await enter({ slug: 'always-dark' });
    await hasLoaded('Inter');
    expect(await styleOf('body', 'font-family')).toMatch(/^"?Inter"?, system-ui, sans-serif$/);
  });

  test('of the operator is loaded from its host, which the policy allows', async () => {
    const body = readFileSync(join(root, 'src/portal/theme/fonts/inter-latin.woff2'));
    const asked: string[] = [];
    await world.context.route(`${cdn}/**`, (route) => {
      asked.push(new URL(route.request().url()).pathname);
      return route.request().url().includes('woff2')
        ? route.fulfill({ contentType: 'font/woff2', headers: { 'access-control-allow-origin': '*' }, body })
        : route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' });
    });
    await enter({ slug: 'own-font' });
    await hasLoaded('Own');
    expect(asked).toContain('/brand.woff2');
    // Of the two logos, only that of the scheme is loaded.
    expect(asked).toContain('/logo.svg');
    expect(asked).not.toContain('/dark.svg');
  });
});

test('the tabs have the order and the labels of the portal, and the link opens the first', async () => {
  await enter();
  await world.page.waitForURL(`${world.base}/documentation`);
  const tabs = world.page.getByRole('navigation', { name: 'Portal' }).getByRole('link');
  expect(await tabs.allTextContents()).toEqual(['Reference', 'Analytics', 'API keys']);
  await world.page.locator('xpath=//title[.="Reference · Ember for developers"]').waitFor({ state: 'attached' });
  const link = world.page.getByRole('contentinfo').getByRole('link', { name: 'Terms of service' });
  expect(await link.getAttribute('href')).toBe('https://ember.example/terms');
  expect(await link.getAttribute('rel')).toBe('noreferrer');
  expect(await world.page.getByRole('contentinfo').textContent()).not.toMatch(/portico/i);
});

describe('the header', () => {
  test('of a logo that shows the name does not repeat it, and a compact one has the tabs beside it', async () => {
    await world.context.route(`${cdn}/**`, (route) =>
      route.fulfill({
        contentType: 'image/svg+xml',
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"/>',
      }),
    );
    await enter({ slug: 'own-font' });
    const header = world.page.getByRole('banner');
    await header.getByRole('img', { name: 'Own Font logo' }).waitFor();
    expect(await header.getByText('Own Font', { exact: true }).count()).toBe(0);
    expect((await header.boundingBox())?.height).toBeLessThan(70);
    await header.getByRole('navigation').getByRole('link', { name: 'API keys' }).waitFor();
  });

  test('can be left out in a frame, and not elsewhere', async () => {
    await enter({ slug: 'framed' });
    await world.page.getByText('Signed in as').waitFor({ state: 'attached' });
    const { url } = await createSession({ slug: 'framed' });
    await world.page.goto(`${host.origin}/${encodeURIComponent(url)}`);
    const frame = world.page.frameLocator('iframe');
    await frame.getByRole('navigation').getByRole('link', { name: 'Analytics' }).waitFor();
    expect(await frame.getByText('Signed in as').isVisible()).toBe(false);
  });
});

describe('a page around the portal', () => {
  const schemes = () => world.page.evaluate('schemes');
  const setScheme = (type: string, scheme: string) =>
    world.page.evaluate(`frames[0].postMessage({ type: '${type}', scheme: '${scheme}' }, '*')`);
  const inFrame = (text: string) => world.page.frames()[1]?.waitForFunction(text);

  test('gets the height and the scheme, and can set the scheme', async () => {
    await newProfile({ colorScheme: 'light' });
    const { url } = await createSession({ slug: 'framed' });
    await world.page.goto(`${host.origin}/${encodeURIComponent(url)}`);
    await world.page.frameLocator('iframe').getByRole('navigation').waitFor();
    await world.page.waitForFunction('schemes.length === 1 && heights.length > 0');
    await setScheme('portico:set-color-scheme', 'dark');
    await world.page.waitForFunction('schemes.length === 2');
    await inFrame('getComputedStyle(document.body).backgroundColor === "rgb(11, 11, 13)"');
    await setScheme('portico:set-color-scheme', 'url(x)');
    await setScheme('other', 'light');
    await setScheme('portico:set-color-scheme', 'auto');
    await world.page.waitForFunction('schemes.length === 3');
    expect(await schemes()).toEqual(['light', 'dark', 'light']);
    const heights = (await world.page.evaluate('heights')) as number[];
    expect(heights.every((height) => Number.isInteger(height) && height > 50)).toBe(true);
  });

  test('that may not embed it can set nothing', async () => {
    await world.page.route(`${world.base}/?session=*`, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    const { url } = await createSession({ slug: 'framed' });
    await world.page.goto(`${stranger.origin}/${encodeURIComponent(url)}`);
    await world.page.frameLocator('iframe').getByRole('navigation').waitFor();
    // The listener of the portal is older, so it is called first.
    const [, frame] = world.page.frames();
    await frame?.evaluate(
      'void (globalThis.heard = new Promise((done) => addEventListener("message", () => done("heard"), { once: true })))',
    );
    await setScheme('portico:set-color-scheme', 'dark');
    expect(await frame?.evaluate('heard')).toBe('heard');
    expect(await frame?.evaluate('document.documentElement.dataset.scheme')).toBeUndefined();
    expect(await schemes()).toEqual([]);
  });
});

describe('every setting of the look is seen', () => {
  /** A value of each variable that nothing else has. */
  const sampleOf: Record<Known<'ThemeVariableName'>, Omit<Variable, 'name'>> = {
    '--portico-ground': { light: '#fffaf1' },
    '--portico-subtle': { light: '#f9f8f1' },
    '--portico-raised': { light: '#f1f8f9' },
    '--portico-text': { light: '#010203' },
    '--portico-muted': { light: '#3a2b1c' },
    '--portico-line': { light: '#abcdef' },
    '--portico-control-line': { light: '#445566' },
    '--portico-chart': { light: '#334455' },
    '--portico-radius': { value: '13px' },
    '--portico-content-width': { value: '777px' },
    '--portico-logo-height': { value: '17px' },
  };
  const plain: Look = { primaryColor: '#1e3a8a' };
  /** Gives the page this look, as the server would write it into the page. */
  const apply = (look: Look) =>
    world.page.evaluate((css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [sheet];
    }, themeCss(look));
  /** Every computed value of these properties in the page. */
  const values = () =>
    world.page.evaluate(() => {
      const properties = [
        'color',
        'background-color',
        'border-top-color',
        'border-top-left-radius',
        'fill',
        'max-height',
      ];
      const found = new Set<string>();
      for (const element of document.querySelectorAll('*')) {
        const style = getComputedStyle(element);
        for (const property of [...properties, 'font-family', 'width']) found.add(style.getPropertyValue(property));
      }
      return [...found];
    });
  const rgb = (hex: string) => `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
  const heightOf = async (selector: string) => (await world.page.locator(selector).first().boundingBox())?.height ?? 0;

  test('the variables, the density, the corners, the tint and the font', async () => {
    const apiId = await createApi('Themed');
    await createPortal({
      slug: 'themed',
      apiIds: [apiId],
      branding: { primaryColor: '#1e3a8a', logoUrl: `${cdn}/logo.svg` },
    });
    const user = await asUser({ slug: 'themed' });
    const { key } = await user.portal.createKey({ apiId, name: 'Production' });
    await world.backend.keys.verifyKey({ key });
    await newProfile({ colorScheme: 'light' });
    await world.context.route(`${cdn}/**`, (route) =>
      route.fulfill({
        contentType: 'image/svg+xml',
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"/>',
      }),
    );
    await enter({ slug: 'themed' });
    await world.page.getByRole('table').waitFor();
    const unseen = new Set<string>(knownValues.ThemeVariableName);
    const look = async () => {
      for (const name of knownValues.ThemeVariableName) {
        const { light, value } = sampleOf[name];
        await apply({ ...plain, variables: [{ name, ...sampleOf[name] }] });
        if ((await values()).includes(light === undefined ? (value ?? '') : rgb(light))) unseen.delete(name);
      }
    };
    await look();
    await apply(plain);
    const [row, button] = [await heightOf('tbody tr'), await heightOf('.button.primary')];
    await apply({ ...plain, density: 'compact' });
    expect(await heightOf('tbody tr')).toBeLessThan(row);
    expect(await heightOf('.button.primary')).toBeLessThan(button);
    // A control stays large enough for a pointer (WCAG 2.2, 2.5.8).
    expect(await heightOf('.button.primary')).toBeGreaterThanOrEqual(24);
    await apply({ ...plain, radius: 'none' });
    // What is round by nature stays so: avatars, and the dots of states.
    expect((await values()).filter((each) => /^[\d.]+px$/.test(each) && Number.parseFloat(each) === 8)).toEqual([]);
    await apply({ ...plain, neutral: 'stone' });
    expect(await values()).toContain(rgb(colorsOf({ ...plain, neutral: 'stone' }, 'light').line));
    await apply({ ...plain, font: 'inter' });
    expect((await values()).some((each) => each.startsWith('Inter'))).toBe(true);
    await world.page.getByRole('link', { name: 'Analytics' }).click();
    await world.page.getByRole('figure').first().waitFor();
    await look();
    expect([...unseen]).toEqual([]);
  });
});
