/** The keys tab: the list and every action, against the real server. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { sampleDocument } from '../../scripts/sample-api.ts';
import { everything, portalWorld } from '../support/portal.ts';

const { world, createPortal, createApi, enter, asUser, expire, newProfile } = portalWorld({
  permissions: ['clipboard-read', 'clipboard-write'],
});
let apiId: string;
let secondApiId: string;

beforeAll(async () => {
  apiId = await createApi('Payments', 'pay');
  secondApiId = await createApi('Shipping', 'ship');
  await createPortal({ slug: 'my-portal', name: 'Acme', apiIds: [apiId] });
  await createPortal({ slug: 'two-apis', apiIds: [apiId, secondApiId] });
  await createPortal({ slug: 'no-apis' });
  // The tests answer instead of this host.
  await createPortal({ slug: 'documented', apiIds: [apiId], openapiUrl: 'https://api.acme.example/openapi.json' });
});

const day = 86_400_000;
let users = 0;
/** Creates a new user with these keys. The last key is at the top of the list. */
async function userWith(...keys: { name?: string; apiId?: string; enabled?: boolean; expires?: number }[]) {
  const externalId = `user_${++users}`;
  const user = await asUser({ externalId, slug: 'two-apis' });
  const made: { keyId: string; key: string }[] = [];
  for (const key of keys) made.push(await user.portal.createKey({ apiId, ...key }));
  return { externalId, user, made };
}

const verify = async (key: string) => (await world.backend.keys.verifyKey({ key })).code;
const button = (name: string | RegExp, within: Locator = world.page.locator('body')) =>
  within.getByRole('button', { name, exact: true });
const dialog = () => world.page.getByRole('dialog');
const row = (text: string) => world.page.getByRole('row').filter({ hasText: text });
const names = () => world.page.getByRole('rowheader').locator('.key-name').allTextContents();
/** Waits for a text in the live region. */
const announced = (text: string) => world.page.getByRole('status').filter({ hasText: text }).waitFor();
/** Stores a new key, and closes the dialog. */
const finish = async () => {
  await button('Copy', dialog()).click();
  await announced('Copied');
  await button('Done').click();
};
/** Opens the details of a key. */
const manage = async (name: string) => {
  await button(name).click();
  await dialog().waitFor();
};
/** Does something with a key by the menu of its row. */
const choose = async (name: string, action: string) => {
  await button(`Actions for ${name}`).click();
  await world.page.getByRole('menuitem', { name: action }).click();
};
const search = () => world.page.getByRole('searchbox', { name: 'Search by name, key prefix or ID' });
/** Waits for a text in the count below the table. */
const position = (text: string) => world.page.locator('.pages').getByText(text, { exact: true }).waitFor();

describe('the table', () => {
  test('shows the name, start, state and dates of each key', async () => {
    const inTwoDays = Date.now() + 2 * 24 * 3_600_000;
    const { externalId, made } = await userWith(
      { name: 'Old' },
      { enabled: false },
      { name: 'New', expires: inTwoDays },
    );
    await verify(String(made[0]?.key));
    await enter({ externalId });
    await row('Old').waitFor();
    const cells = async (text: string) => (await row(text).getByRole('cell').allTextContents()).slice(0, -1);
    const starts = made.map(({ key }) => key.slice(0, 'pay_'.length + 4));
    expect(await names()).toEqual([`New${starts[2]}`, `Unnamed key${starts[1]}`, `Old${starts[0]}`]);
    const end = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(inTwoDays);
    expect(await cells('New')).toEqual(['Expires in 2 days', '0', 'Never used', end]);
    expect(await cells('Unnamed key')).toEqual(['Disabled', '0', 'Never used', 'Never']);
    expect(await cells('Old')).toEqual(['Active', '1', expect.stringMatching(/^now$|seconds? ago$/), 'Never']);
    // The hour of the verification is the only bar.
    expect(await row('Old').locator('.sparkline rect:not(.none)').count()).toBe(1);
    // The page contains no complete key.
    const html = await world.page.content();
    for (const { key } of made) expect(html).not.toContain(key);
  });

  test('shows the API if there are several, and filters by API and name', async () => {
    const { externalId } = await userWith(
      { name: 'Alpha' },
      { name: 'Beta', apiId: secondApiId },
      { name: 'alphabet' },
    );
    await enter({ externalId, slug: 'two-apis' });
    await row('Beta').waitFor();
    expect(await row('Beta').getByRole('cell').first().textContent()).toBe('Shipping');
    await search().fill('ALPHA');
    await row('Beta').waitFor({ state: 'detached' });
    expect(await names()).toEqual([expect.stringMatching(/^alphabet/), expect.stringMatching(/^Alpha/)]);
    await world.page.getByLabel('API', { exact: true }).selectOption('Shipping');
    await world.page.getByRole('heading', { name: 'No matching keys' }).waitFor();
    await button('Clear search').click();
    await row('Beta').waitFor();
    expect(await search().inputValue()).toBe('');
    expect(await names()).toHaveLength(3);
  });

  test('filters by state with counts, and sorts by its headings', async () => {
    const { externalId, made } = await userWith(
      { name: 'Beta' },
      { name: 'Alpha', expires: Date.now() + 2 * day },
      { name: 'Gamma', enabled: false },
    );
    await verify(String(made[0]?.key));
    const page = await enter({ externalId });
    await position('1–3 of 3');
    expect(
      await page.getByRole('radio').evaluateAll((all) => all.map((one) => one.parentElement?.textContent)),
    ).toEqual([...['All3', 'Active1', 'Expiring1', 'Inactive1']]);
    await page.getByText('Expiring').click();
    await position('1–1 of 1');
    expect(await names()).toEqual([expect.stringMatching(/^Alpha/)]);
    await page.locator('.segments label').first().click();
    await position('1–3 of 3');
    for (const [heading, first, order] of [
      ['Name', /^Alpha/, 'ascending'],
      ['Last used', /^Beta/, 'descending'],
      ['Expires', /^Alpha/, 'ascending'],
    ] as const) {
      await button(heading).click();
      await page.locator(`th[aria-sort=${order}]`, { hasText: heading }).waitFor();
      await page.locator('table:not([aria-busy=true])').waitFor();
      expect((await names())[0]).toMatch(first);
    }
    await button('Expires').click();
    await page.locator('table:not([aria-busy=true]):not(:has([aria-sort]))').waitFor();
    expect((await names())[0]).toMatch(/^Gamma/);
  });

  test('has a next and a previous page', async () => {
    const { externalId } = await userWith(...Array.from({ length: 23 }, (_, i) => ({ name: `Key ${i}` })));
    await enter({ externalId });
    await row('Key 22').waitFor();
    expect(await names()).toHaveLength(20);
    await button('Next page').click();
    await position('21–23 of 23');
    expect((await names()).map((name) => name.replace(/pay_.*/, ''))).toEqual(['Key 2', 'Key 1', 'Key 0']);
    expect(await button('Next page').count()).toBe(0);
    // The button that had the focus is gone.
    expect(await world.page.evaluate('document.activeElement.role')).toBe('status');
    await button('Previous page').click();
    await row('Key 22').waitFor();
    expect(await button('Previous page').count()).toBe(0);
  });

  test('is in the address: a reload and Back show the same, and a pasted key never gets there', async () => {
    const { externalId, made } = await userWith(...Array.from({ length: 23 }, (_, i) => ({ name: `Key ${i}` })));
    const page = await enter({ externalId });
    await button('Next page').click();
    await position('21–23 of 23');
    expect(page.url()).toBe(`${world.base}/keys?page=2`);
    await page.reload();
    await position('21–23 of 23');
    await page.goBack();
    await position('1–20 of 23');
    await button('Name').click();
    await search().fill('Key 2');
    await position('1–4 of 4');
    await page.reload();
    await position('1–4 of 4');
    expect(await search().inputValue()).toBe('Key 2');
    expect(page.url()).toBe(`${world.base}/keys?search=Key+2&sort=name`);
    expect((await names())[0]).toMatch(/^Key 2pay_/);
    await search().fill(String(made[0]?.key));
    await page.waitForURL(`${world.base}/keys?sort=name`);
    await page.goto(`${world.base}/keys?search=${made[0]?.key}&page=9`);
    // The list ends before this page.
    await position('21–23 of 23');
    expect(page.url()).toBe(`${world.base}/keys?page=2`);
    expect(await page.evaluate('navigation.entries().map(({ url }) => url).slice(-1)')).toEqual([page.url()]);
  });

  test('is sorted by a list on a phone', async () => {
    const { externalId } = await userWith({ name: 'Alpha' }, { name: 'Beta' });
    await newProfile({ viewport: { width: 360, height: 640 } });
    const page = await enter({ externalId });
    await row('Beta').waitFor();
    expect((await names())[0]).toMatch(/^Beta/);
    await page.getByLabel('Sort by').selectOption('Name');
    await page.locator('tbody tr').first().filter({ hasText: 'Alpha' }).waitFor();
    await page.setViewportSize({ width: 1280, height: 640 });
    expect(await page.getByLabel('Sort by').isVisible()).toBe(false);
    await page.locator('th[aria-sort=ascending]', { hasText: 'Name' }).waitFor();
  });

  test('shows the page before the last one after the last key of the last page is deleted', async () => {
    const { externalId } = await userWith(...Array.from({ length: 21 }, (_, i) => ({ name: `Key ${i}` })));
    await enter({ externalId });
    await button('Next page').click();
    await position('21–21 of 21');
    expect(await names()).toHaveLength(1);
    await choose('Key 0', 'Delete');
    await button('Delete key').click();
    await row('Key 20').waitFor();
    expect(await names()).toHaveLength(20);
    await position('1–20 of 20');
  });

  test('cuts off a long name, and leaves every other cell its words', async () => {
    const long = 'Production '.repeat(10).trim();
    const { externalId } = await userWith({ name: long }, { name: 'Short' });
    const page = await enter({ externalId, slug: 'two-apis' });
    await row('Short').waitFor();
    for (const [width, lines] of [
      [1280, 1],
      [970, 1],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      const heights = await page
        .getByRole('cell')
        .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().height));
      expect(Math.max(...heights)).toBeLessThan(48 + lines * 24);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    }
    expect(await row(long).getByTitle(long).count()).toBe(1);
  });

  test('shows that a key has expired while it is open', async () => {
    const { externalId } = await userWith({ name: 'Brief', expires: Date.now() + 90_000 });
    await world.page.clock.install();
    await enter({ externalId });
    await row('Brief')
      .getByText(/^Expires in/)
      .waitFor();
    // A response would tell the page that only the clock of the browser is ahead.
    await world.context.setOffline(true);
    await world.page.clock.runFor(180_000);
    await row('Brief').getByText('Expired', { exact: true }).waitFor();
  });

  test('finds a key on a later page', async () => {
    const others = Array.from({ length: 60 }, (_, i) => ({ name: `Other ${i}` }));
    const { externalId, user } = await userWith({ name: 'needle' }, ...others);
    await enter({ externalId });
    await search().fill('needle');
    await row('needle').waitFor();
    expect(await names()).toHaveLength(1);
    const [other] = (await user.portal.listKeys({ search: 'Other 7' })).data;
    for (const text of [String(other?.keyId), String(other?.start)]) {
      await search().fill(text);
      await row('Other 7').waitFor();
      expect(await names()).toHaveLength(1);
    }
  });

  test('explains an empty list, and why the user cannot create a key', async () => {
    await enter({ externalId: 'nobody' });
    await world.page.getByRole('heading', { name: 'No keys yet' }).waitFor();
    expect(await button('Create key').count()).toBe(2);
    await enter({ externalId: 'nobody', permissions: ['api.*.read_key'] });
    await world.page.getByText('You do not have permission to create keys').waitFor();
    expect(await button('Create key').count()).toBe(0);
    await enter({ externalId: 'nobody', slug: 'no-apis' });
    await world.page.getByText('This portal has no API for your keys yet').waitFor();
    await enter({ externalId: 'nobody', permissions: ['api.*.create_key'] });
    await world.page.getByText('You can create keys, but not list them').waitFor();
  });
});

/** Describes an API to the portal. Its server would have to be public. */
const withDocument = () =>
  world.page.route('**/v2/portal.getOpenapiDocument', (route) =>
    route.fulfill({
      json: {
        meta: { requestId: 'req_test12345678' },
        data: { fetchedAt: Date.now(), stale: false, document: sampleDocument('https://api.acme.example') },
      },
    }),
  );

test('a new user is led to the first call, for which the page looks while its tab is visible', async () => {
  const { externalId } = await userWith();
  await world.page.clock.install();
  await withDocument();
  const page = await enter({ externalId, slug: 'documented' });
  const step = () => page.locator('[aria-current=step] .step-title');
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  expect(await step().textContent()).toBe('Create a key');
  await button('Create key').last().click();
  await button('Create key', dialog()).click();
  const key = await page.getByLabel('API key').inputValue();
  await button('Copy').click();
  await button('Done').click();
  await page.getByRole('status').getByText('Waiting for your first call…').waitFor();
  expect(await step().textContent()).toBe('Make the first call');
  expect(await page.locator('.first-run pre').textContent()).toContain("curl 'https://api.acme.example/v1/projects'");
  expect(await page.content()).not.toContain(key);
  let looks = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/v2/portal.listKeys')) looks++;
  });
  const see = (visibility: string) =>
    page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${visibility}', configurable: true });
      window.dispatchEvent(new Event('visibilitychange'));`);
  await see('hidden');
  await page.clock.runFor(60_000);
  expect(looks).toBe(0);
  await see('visible');
  expect(await verify(key)).toBe('VALID');
  await page.clock.runFor(10_000);
  await page.getByRole('status').getByText('Your first call has arrived.').waitFor();
  await row('Unnamed key').locator('.sparkline rect:not(.none)').waitFor();
  looks = 0;
  await page.clock.runFor(120_000);
  expect(looks).toBe(0);
  await button('Close').click();
  expect(await page.locator('.first-run').count()).toBe(0);
});

describe('create key', () => {
  test('offers a command for the first call, which shows a part of the key and copies all of it', async () => {
    const { externalId } = await userWith();
    await withDocument();
    const page = await enter({ externalId, slug: 'documented' });
    await button('Create key').first().click();
    await button('Create key', dialog()).click();
    const key = await page.getByLabel('API key').inputValue();
    const sample = dialog().locator('.call-sample');
    const copied = async () => {
      await button('Copy the call', sample).click();
      await announced('Copied');
      return page.evaluate('navigator.clipboard.readText()');
    };
    const call = `curl 'https://api.acme.example/v1/projects' \\\n  -H 'Authorization: Bearer '"$API_KEY"`;
    expect(await sample.locator('pre').textContent()).toBe(`API_KEY=${key.slice(0, 12)}…\n${call}`);
    expect(await copied()).toBe(`API_KEY='${key}'\n${call}`);
    await sample.getByText('Python').click();
    await sample.getByText('os.environ["API_KEY"]').waitFor();
    expect(await copied()).not.toContain(key);
    // A copied program is no stored key.
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog', { name: 'Have you saved the key?' }).waitFor();
  });

  test('shows the key once, copies it, and the key works', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId, slug: 'two-apis' });
    await button('Create key').first().click();
    await dialog().getByRole('textbox', { name: /^Name/ }).fill('  Production  ');
    await page.getByLabel('API', { exact: true }).selectOption('Shipping');
    await page.getByLabel('Expires').selectOption('30d');
    await button('Create key', dialog()).click();
    await page.getByRole('heading', { name: 'Save your key' }).waitFor();
    const key = await page.getByLabel('API key').inputValue();
    expect(key).toMatch(/^ship_[A-Za-z0-9]{22,}$/);
    expect(await verify(key)).toBe('VALID');
    await button('Copy').click();
    await announced('Copied');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
    await button('Done').click();
    await dialog().waitFor({ state: 'detached' });
    const end = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(
      Date.now() + 30 * day,
    );
    await row('Production').getByText(end).waitFor();
    // The key is neither in the page nor in its storage.
    expect(await page.content()).not.toContain(key);
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(key);
  });

  test.each([
    ['2 days ahead', 2 * day],
    ['10 days behind', -10 * day],
  ])('counts its expiry from the server’s time if the device is %s', async (_, aheadMs) => {
    const { externalId, user } = await userWith({ name: 'Short', expires: Date.now() + 3 * day });
    await world.page.clock.install({ time: Date.now() + aheadMs });
    const page = await enter({ externalId });
    await row('Short').getByText('Expires in 3 days').waitFor();
    await button('Create key').first().click();
    await dialog().getByRole('textbox', { name: /^Name/ }).fill('Week');
    await page.getByLabel('Expires').selectOption('7d');
    await button('Create key', dialog()).click();
    await page.getByLabel('API key').waitFor();
    const { data } = await user.portal.listKeys({ search: 'Week' });
    expect(Math.abs((data[0]?.expires ?? 0) - Date.now() - 7 * day)).toBeLessThan(60_000);
  });

  test('asks for confirmation before it hides a key that was not copied', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await button('Create key', dialog()).click();
    await page.getByLabel('API key').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog', { name: 'Have you saved the key?' }).waitFor();
    await button('Show the key again').click();
    await page.getByLabel('API key').waitFor();
    // A reload also asks, with the dialog of the browser. The test cancels it.
    const opened = page.waitForEvent('dialog');
    await page.evaluate('void setTimeout(() => location.reload())');
    const question = await opened;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();
    await button('Done').click();
    await button('Close without saving').click();
    await dialog().waitFor({ state: 'detached' });
    await row('Unnamed key').waitFor();
    // What was typed is not lost by a key press either.
    await button('Create key').first().click();
    await dialog().getByRole('textbox', { name: /^Name/ }).fill('Typed');
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog', { name: 'Discard your input?' }).waitFor();
    await button('Continue editing').click();
    await dialog().getByRole('textbox', { name: /^Name/ }).press('ControlOrMeta+Enter');
    await page.getByLabel('API key').waitFor();
  });

  test('does not ask about a key that was copied by hand', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await button('Create key', dialog()).click();
    await dialog().getByLabel('API key').waitFor();
    await page.keyboard.press('ControlOrMeta+C');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^pay_\w+$/);
  });

  test('can be copied again, which is announced again, and the announcement ends with the dialog', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await button('Create key', dialog()).click();
    await button('Copy', dialog()).click();
    await announced('Copied');
    await page.evaluate('document.querySelector(".announcement > *").dataset.seen = "yes"');
    await button('Copy', dialog()).click();
    await page.locator('.announcement > :not([data-seen])').filter({ hasText: 'Copied' }).waitFor();
    await button('Done', dialog()).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await page.locator('.announcement').textContent()).toBe('');
  });

  test('accepts a last day, and explains which days are valid', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await page.getByLabel('Expires').selectOption('date');
    await button('Create key', dialog()).click();
    await page.getByText('Choose today or a later day').waitFor();
    expect(await page.getByLabel('Last day').getAttribute('aria-invalid')).toBe('true');
    await dialog().locator('[aria-invalid=true]:focus').waitFor();
    await page.getByLabel('Last day').fill('2099-12-31');
    await button('Create key', dialog()).click();
    await finish();
    await row('Unnamed key').getByText('Dec 31, 2099').waitFor();
  });

  test('shows an error if the user has the maximum number of keys', async () => {
    const { externalId } = await userWith(...Array.from({ length: 100 }, () => ({})));
    await enter({ externalId });
    await button('Create key').first().click();
    await button('Create key', dialog()).click();
    await dialog().getByRole('alert').getByText('You have reached the maximum number of keys').waitFor();
  });

  test('keeps the input if the server fails, and works on retry', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await dialog().getByRole('textbox', { name: /^Name/ }).fill('Kept');
    await page.route('**/v2/portal.createKey', (route) => route.abort());
    await button('Create key', dialog()).click();
    await dialog().getByRole('alert').getByText('The server is unreachable').waitFor();
    expect(await dialog().getByRole('textbox', { name: /^Name/ }).inputValue()).toBe('Kept');
    await page.unroute('**/v2/portal.createKey');
    await button('Create key', dialog()).click();
    await finish();
    await row('Kept').waitFor();
  });
});

describe('a lost response', () => {
  /** The server carries out the next call of the operation, and the browser never gets the response. */
  const loseResponseOf = (operation: string) =>
    world.page.route(
      `**/v2/${operation}`,
      async (route) => {
        await route.fetch();
        await route.abort();
      },
      { times: 1 },
    );
  const shownKey = async () => {
    await world.page.getByRole('heading', { name: 'Save your key' }).waitFor();
    return world.page.getByLabel('API key').inputValue();
  };

  test('of createKey: submitting again shows the key that exists, and creates no second one', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await dialog().getByRole('textbox', { name: /^Name/ }).fill('Once');
    // Its expiry is a moment that passes with each attempt.
    await page.getByLabel('Expires').selectOption('7d');
    await loseResponseOf('portal.createKey');
    await button('Create key', dialog()).click();
    await dialog().getByText('The key may already exist').waitFor();
    // The same request again is the only one that leads to the key, so the form cannot change.
    expect(await dialog().getByRole('textbox', { name: /^Name/ }).isDisabled()).toBe(true);
    await page.waitForFunction('document.activeElement?.textContent === "Create key"');
    await page.keyboard.press('Enter');
    const key = await shownKey();
    expect(await verify(key)).toBe('VALID');
    await finish();
    await row('Once').waitFor();
    expect(await names()).toEqual([expect.stringContaining(key.slice(0, 8))]);
  });

  test('of rerollKey without an overlap: submitting again shows the new key', async () => {
    const { externalId, made } = await userWith({ name: 'Rolled' });
    const page = await enter({ externalId });
    await manage('Rolled');
    await button('Rotate').click();
    await page.getByLabel('Now').check();
    await loseResponseOf('portal.rerollKey');
    await button('Rotate key').click();
    await dialog().getByText('The key may already exist').waitFor();
    expect(await page.getByLabel('In 1 hour').isDisabled()).toBe(true);
    expect(await verify(String(made[0]?.key))).toBe('EXPIRED');
    await button('Rotate key').click();
    expect(await verify(await shownKey())).toBe('VALID');
    await finish();
    expect(await names()).toHaveLength(2);
    // The two keys lead to each other.
    await row('Expired').click();
    await dialog().getByText('Replaced by').waitFor();
    await button(/^Rolled pay_/, dialog()).click();
    await dialog().getByText('Replaces').waitFor();
    await button(new RegExp(`^Rolled ${made[0]?.key.slice(0, 8)}`), dialog()).waitFor();
  });

  test('that is followed by a refusal lets the user change the form again', async () => {
    const { externalId } = await userWith();
    const page = await enter({ externalId });
    await button('Create key').first().click();
    await page.route('**/v2/portal.createKey', (route) => route.abort(), { times: 1 });
    await button('Create key', dialog()).click();
    await dialog().getByText('The key may already exist').waitFor();
    const user = await asUser({ externalId });
    for (let made = 0; made < 100; made++) await user.portal.createKey({ apiId });
    await button('Create key', dialog()).click();
    await dialog().getByText('You have reached the maximum number of keys').waitFor();
    expect(await dialog().getByRole('textbox', { name: /^Name/ }).isEnabled()).toBe(true);
  });
});

describe('a key', () => {
  test('can be renamed, disabled and enabled with immediate effect', async () => {
    const { externalId, made } = await userWith({ name: 'First' });
    const key = String(made[0]?.key);
    const page = await enter({ externalId });
    await manage('First');
    await button('Edit').click();
    await dialog().getByRole('textbox', { name: /^Name/ }).fill('Second');
    await button('Save').click();
    await announced('Second is saved.');
    await button('Disable').click();
    await announced('Second is disabled.');
    expect(await verify(key)).toBe('DISABLED');
    await button('Undo').click();
    await announced('Second is enabled.');
    expect(await verify(key)).toBe('VALID');
    await button('Disable').click();
    await announced('Second is disabled.');
    await button('Enable').click();
    await announced('Second is enabled.');
    expect(await verify(key)).toBe('VALID');
    // What can be taken back stays when the details close, with the buttons that copy.
    await button(/^Copy/, dialog()).first().click();
    await announced('Copied');
    await button('Disable').click();
    await announced('Second is disabled.');
    await button('Close').click();
    await row('Second').waitFor();
    // The focus returns to the button.
    await page.waitForFunction('document.activeElement?.textContent === "Second"');
    await button('Undo').click();
    await announced('Second is enabled.');
  });

  test('that is in use says no number of calls to a user who may not see it', async () => {
    const { externalId, made } = await userWith({ name: 'Used' });
    await verify(String(made[0]?.key));
    await enter({ externalId, permissions: ['api.*.read_key', 'api.*.delete_key'] });
    await manage('Used');
    await button('Delete').click();
    await dialog()
      .getByText(/^This key is in use: last used [^,]*\.$/)
      .waitFor();
  });

  test('that is in use is deleted only after its name is typed', async () => {
    const { externalId, made } = await userWith({ name: 'Doomed' }, { name: 'Spared' });
    await verify(String(made[0]?.key));
    const page = await enter({ externalId });
    await manage('Doomed');
    await button('Delete').click();
    await dialog()
      .getByText(/in use: last used .*, 1 call in the last 24 hours/)
      .waitFor();
    expect(await button('Delete key').isDisabled()).toBe(true);
    await page.getByLabel('Type Doomed to confirm').fill('doomed');
    await page.keyboard.press('Enter');
    expect(await button('Delete key').isDisabled()).toBe(true);
    await page.getByLabel('Type Doomed to confirm').fill('Doomed');
    await button('Delete key').click();
    await announced('Doomed is deleted.');
    await row('Doomed').waitFor({ state: 'detached' });
    expect(await names()).toHaveLength(1);
    expect(await verify(String(made[0]?.key))).toBe('NOT_FOUND');
    // The button that opened the dialog is gone, so the focus moves to the content.
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
  });

  test.each([
    ['without a name', undefined],
    ['with a long name', 'A name that nobody wants to type again to delete it'],
  ])('%s is confirmed by its start', async (_, name) => {
    const { externalId, made } = await userWith({ ...(name !== undefined && { name }) });
    await verify(String(made[0]?.key));
    const start = String(made[0]?.key).slice(0, 8);
    const page = await enter({ externalId });
    await choose(name ?? start, 'Delete');
    await page.getByLabel(`Type ${start} to confirm`).fill(start);
    await button('Delete key').click();
    await world.page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  });

  test.each([
    ['Now', 'EXPIRED'],
    ['In 15 minutes', 'VALID'],
    ['In 1 hour', 'VALID'],
    ['In 24 hours', 'VALID'],
    ['In 7 days', 'VALID'],
  ])('rerolled with the overlap "%s" leaves the old key %s', async (overlap, code) => {
    const { externalId, made } = await userWith({ name: 'Rolled' });
    const page = await enter({ externalId });
    await manage('Rolled');
    await button('Rotate').click();
    await page.getByLabel(overlap, { exact: true }).check();
    const end = overlap === 'In 24 hours' ? /^Replaced · ends in 24 hours$/ : /^Replaced · ends in/;
    const status = code === 'VALID' ? end : 'Expired';
    // The form says what the old key will say.
    await dialog().locator('.rotation').getByText(status).waitFor();
    await button('Rotate key').click();
    await dialog()
      .getByText(/^The old key \(pay_\w{4}••••\) ends (now|in)/)
      .waitFor();
    const fresh = await page.getByLabel('API key').inputValue();
    expect(await verify(fresh)).toBe('VALID');
    expect(await verify(String(made[0]?.key))).toBe(code);
    await finish();
    await row('Rolled').nth(1).waitFor();
    await row('Rolled').getByText(status).waitFor();
  });

  test('that expires soon is named above the list until its expiry changes, and then the next one', async () => {
    const { externalId } = await userWith(
      { name: 'Later', expires: Date.now() + 5 * day },
      { name: 'Next', expires: Date.now() + 3 * day },
      { name: 'Far', expires: Date.now() + 20 * day },
    );
    const page = await enter({ externalId });
    const strip = page.locator('.ending-key');
    await strip.getByText('Next · Expires in 3 days').waitFor();
    await button('Edit', strip).click();
    await page.getByLabel('Expires').selectOption('30d');
    await button('Save', dialog()).click();
    await strip.getByText('Later · Expires in 5 days').waitFor();
    await enter({ externalId, permissions: ['api.*.read_key', 'api.*.create_key'] });
    await row('Later').waitFor();
    expect(await strip.count()).toBe(0);
  });

  test('that expires before the end of the overlap shows a note', async () => {
    const { externalId } = await userWith({ name: 'Short', expires: Date.now() + 3_600_000 });
    const page = await enter({ externalId });
    await manage('Short');
    await button('Rotate').click();
    await page.getByText(/^It expires on .* at the latest\.$/).waitFor();
    await page.getByLabel('Now', { exact: true }).check();
    expect(await page.getByText(/at the latest/).count()).toBe(0);
  });

  test('that is deleted in the meantime shows an error', async () => {
    const { externalId, user, made } = await userWith({ name: 'Gone' });
    await enter({ externalId });
    await manage('Gone');
    await user.portal.deleteKey({ keyId: String(made[0]?.keyId) });
    await button('Disable').click();
    await dialog().getByRole('alert').getByText('This key no longer exists.').waitFor();
  });
});

test('a key gets limits, and they can be changed and removed', async () => {
  const { externalId, user } = await userWith();
  await enter({ externalId, slug: 'my-portal' });
  await button('Create key').first().click();
  await dialog().getByText('Limits').click();
  const limit = dialog().getByRole('textbox', { name: 'Rate limit' });
  const addresses = dialog().getByRole('textbox', { name: 'IP addresses' });
  await limit.fill('1.5');
  await addresses.fill('192.0.2.0/24\nnowhere');
  await button('Create key', dialog()).click();
  await dialog().getByText('Enter a whole number from 1 to 1,000,000,000.').waitFor();
  await limit.fill('5');
  await dialog().getByLabel('Time window').selectOption('Per hour');
  await button('Create key', dialog()).click();
  // The server has found this mistake.
  await dialog().getByText('“nowhere” cannot be used').waitFor();
  await addresses.fill('192.0.2.0/24');
  await button('Create key', dialog()).click();
  await finish();
  const keys = async () => (await user.portal.listKeys({})).data;
  expect(await keys()).toMatchObject([{ ratelimit: { limit: 5, duration: 3_600_000 }, ipRanges: ['192.0.2.0/24'] }]);
  await manage('Unnamed key');
  await dialog().getByText('5 requests per hour').waitFor();
  await button('Edit').click();
  await limit.fill('');
  await button('Save').click();
  await button('Edit').waitFor();
  const [changed] = await keys();
  expect(changed).toMatchObject({ ipRanges: ['192.0.2.0/24'] });
  expect(changed).not.toHaveProperty('ratelimit');
});

describe('actions without permission are hidden', () => {
  /** What the details of a key offer besides their end and the copy of the id. */
  const actions = async () =>
    (await dialog().getByRole('button').allTextContents()).filter((text) => text !== '' && text !== 'Close');

  test.each([
    [['read_key'], []],
    [
      ['read_key', 'update_key'],
      ['Edit', 'Disable'],
    ],
    [['read_key', 'create_key'], ['Rotate']],
    [['read_key', 'delete_key'], ['Delete']],
    [
      ['read_key', 'create_key', 'update_key', 'delete_key'],
      ['Rotate', 'Edit', 'Disable', 'Delete'],
    ],
  ])('with %j the dialog of a key has %j', async (permitted, expected) => {
    const { externalId } = await userWith({ name: 'Mine' });
    await enter({ externalId, permissions: permitted.map((action) => `api.*.${action}`) });
    await manage('Mine');
    expect(await actions()).toEqual(expected);
    await button('Close').click();
    expect(await button('Create key').count()).toBe(permitted.includes('create_key') ? 1 : 0);
  });

  test('a permission for one API does not apply to another', async () => {
    const { externalId } = await userWith({ name: 'Here' }, { name: 'There', apiId: secondApiId });
    const page = await enter({
      externalId,
      slug: 'two-apis',
      permissions: ['api.*.read_key', `api.${apiId}.create_key`, `api.${secondApiId}.delete_key`],
    });
    await manage('Here');
    expect(await actions()).toEqual(['Rotate']);
    await button('Close').click();
    await manage('There');
    expect(await actions()).toEqual(['Delete']);
    await button('Close').click();
    await button('Create key').click();
    await dialog().getByLabel('Expires').waitFor();
    // The user can create keys in one API only.
    expect(await page.getByLabel('API', { exact: true }).count()).toBe(1);
    expect(await dialog().getByRole('combobox').count()).toBe(1);
  });
});

describe('failures', () => {
  test('a failed list offers a retry, and recovers', async () => {
    const { externalId } = await userWith({ name: 'Back' });
    await world.page.route('**/v2/portal.listKeys', (route) =>
      route.fulfill({
        status: 400,
        json: {
          meta: { requestId: 'req_test12345678' },
          error: { title: 'x', detail: 'x', status: 400, type: 'https://d/errors/unkey/application/unexpected_error' },
        },
      }),
    );
    await enter({ externalId });
    await world.page.getByRole('alert').getByText('Something went wrong on our side').waitFor();
    await world.page.getByText('req_test12345678').waitFor();
    await world.page.unroute('**/v2/portal.listKeys');
    await button('Try again').click();
    await row('Back').waitFor();
  });

  test('a failure that the portal does not know is described in the language of the user, with its code', async () => {
    const { externalId } = await userWith({ name: 'Unknown' });
    await newProfile({ locale: 'de-DE' });
    const error = {
      ...{ title: 'Conflict', detail: 'A sentence in English.', status: 409 },
      type: 'https://d/errors/unkey/data/of_a_later_version',
    };
    await world.page.route('**/v2/portal.listKeys', (route) =>
      route.fulfill({ status: 409, json: { meta: { requestId: 'req_test12345678' }, error } }),
    );
    await enter({ externalId });
    const shown = world.page.getByRole('alert');
    await shown.getByText(/Die Anfrage ist fehlgeschlagen\..*Fehlercode: of_a_later_version\./).waitFor();
    expect(await shown.textContent()).not.toContain(error.detail);
  });

  test('a short failure of the server is retried without a message', async () => {
    const { externalId } = await userWith({ name: 'Patient' });
    let refusals = 0;
    await world.page.route('**/v2/portal.listKeys', (route) =>
      refusals++ < 2 ? route.fulfill({ status: 503, body: 'no' }) : route.continue(),
    );
    await enter({ externalId });
    await row('Patient').waitFor();
    expect(refusals).toBe(3);
  });

  test('a search that fails keeps the search and the list', async () => {
    const { externalId } = await userWith({ name: 'Alpha' }, { name: 'Beta' });
    const page = await enter({ externalId });
    await row('Beta').waitFor();
    await page.route('**/v2/portal.listKeys', (route) => route.abort());
    await search().fill('alp');
    await page.getByRole('alert').waitFor();
    expect(await search().inputValue()).toBe('alp');
    expect(await names()).toHaveLength(2);
    await page.unrouteAll();
    await button('Try again').click();
    await row('Beta').waitFor({ state: 'detached' });
    expect(await names()).toHaveLength(1);
  });

  test('without a match, a list of one API does not point to others', async () => {
    const { externalId } = await userWith({ name: 'Alpha' });
    const page = await enter({ externalId });
    await row('Alpha').waitFor();
    await search().fill('nothing');
    await page.getByText('Try another text or another filter.', { exact: true }).waitFor();
    expect(await page.locator('.pages').textContent()).toBe('');
  });

  test('a slow list shows a loading text', async () => {
    const { externalId } = await userWith({ name: 'Slow' });
    let release = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    await world.page.route('**/v2/portal.listKeys', async (route) => {
      await blocked;
      await route.continue();
    });
    await enter({ externalId });
    await world.page.getByRole('main').getByText('Loading…').waitFor();
    release();
    await row('Slow').waitFor();
  });

  test('an expired session shows its notice on the next action', async () => {
    const { externalId } = await userWith({ name: 'Late' });
    await enter({ externalId });
    await manage('Late');
    await expire();
    await button('Disable').click();
    await world.page.getByRole('heading', { name: 'Session expired' }).waitFor();
    expect(await world.page.textContent('body')).not.toContain('Late');
  });
});

test('a key can be created and deleted with the keyboard only', async () => {
  const { externalId } = await userWith();
  const page = await enter({ externalId });
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  const focused = () =>
    page.evaluate('document.activeElement.textContent || document.activeElement.name') as Promise<string>;
  const tabTo = async (text: string | RegExp) => {
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press('Tab');
      if ((await focused()).match(text)) return;
    }
    throw new Error(`Tab did not reach ${text}`);
  };
  await tabTo(/^Create key$/);
  await page.keyboard.press('Enter');
  await dialog().waitFor();
  // The name field has the focus.
  await page.keyboard.type('Typed');
  await page.keyboard.press('Enter');
  await page.getByLabel('API key').waitFor();
  await page.keyboard.press('ControlOrMeta+C');
  await tabTo(/^Done$/);
  await page.keyboard.press('Enter');
  await row('Typed').waitFor();
  await tabTo(/^Typed$/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  // The last entry of the menu.
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await dialog().waitFor();
  await tabTo(/^Delete key$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
});

test('the tab and its dialogs fit a screen of 360 px', async () => {
  const { externalId } = await userWith({
    name: 'A name that is rather long and has_no_place_to_break_at_all_anywhere',
  });
  const page = await enter({ externalId, permissions: everything });
  await page.setViewportSize({ width: 360, height: 640 });
  const overflow = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await row('A name').waitFor();
  expect(await overflow()).toBe(0);
  await row('A name').getByRole('rowheader').getByRole('button').click();
  for (const step of ['Edit', 'Rotate', 'Delete']) {
    await button(step).click();
    expect(await overflow()).toBe(0);
    await button('Cancel').click();
  }
});
