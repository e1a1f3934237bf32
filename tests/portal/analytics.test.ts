/** The analytics tab on the real server: its numbers are compared with the API, and the API with the calls that were made. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { addDays, format, parseISO, subDays } from 'date-fns';
import type { Locator, Page, Request, Route } from 'playwright-core';
import type { GetVerificationsRequest, Verifications } from '../../generated/client/types.gen.ts';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const retentionDays = 7;
const { world, newProfile, createPortal, createApi, createSession, enter, asUser, expectHeading, expire } = portalWorld(
  {
    env: { USAGE_RETENTION_DAYS: String(retentionDays) },
  },
);

const day = 86_400_000;
const call = '**/v2/portal.getVerifications';
const analyst = { permissions: ['api.*.read_analytics'] };
let apiId: string;
const ids: Record<string, string> = {};

/** Verifies a key this many times, as an API does that receives it. */
async function verify(key: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await world.backend.keys.verifyKey({ key, apiId });
}

beforeAll(async () => {
  apiId = await createApi('Payments', 'pay');
  await createPortal({ slug: 'my-portal', name: 'Acme', apiIds: [apiId] });
  await createPortal({ slug: 'with-return', returnUrl: world.appUrl, apiIds: [apiId] });
  const { portal } = await asUser();
  const create = async (name: string, over = {}) => {
    const { keyId, key } = await portal.createKey({ apiId, name, ...over });
    ids[name] = keyId;
    return key;
  };
  await verify(await create('Production'), 9);
  const paused = await create('Paused');
  await verify(paused, 1);
  await portal.updateKey({ keyId: String(ids['Paused']), enabled: false });
  await verify(paused, 5);
  await verify(await create('Staging', { ratelimit: { limit: 2, duration: 86_400_000 } }), 5);
  await verify(await create('Gone'), 3);
  await portal.deleteKey({ keyId: String(ids['Gone']) });
  const replaced = await create('Replaced');
  await portal.rerollKey({ keyId: String(ids['Replaced']), expiration: 0 });
  await verify(replaced, 2);
  await create('Unused');
});

/** Opens the tab in a session that was exchanged before, which saves loading two pages, and waits for the numbers. */
async function open(over: Parameters<typeof createSession>[0] = {}): Promise<Page> {
  const { sessionId } = await createSession(over);
  const { token } = await world.backend.portal.exchangeSession({ sessionId });
  await world.context.addCookies([{ name: 'portal_session', value: token, url: world.base }]);
  await world.page.goto(`${world.base}/analytics`);
  await expectHeading('Analytics');
  await settled(world.page).waitFor();
  return world.page;
}

/** The part with the numbers, when it shows the requested ones. */
const settled = (page: Page) => page.locator('.usage[aria-busy="false"]');

/** Returns the request that the action causes, after the page shows the response. */
async function requested(page: Page, action: () => Promise<unknown>): Promise<GetVerificationsRequest> {
  const [request] = await Promise.all([page.waitForRequest(call), action()]);
  await request.response();
  await settled(page).waitFor();
  return request.postDataJSON();
}

const usageOf = async (body: GetVerificationsRequest): Promise<Verifications> =>
  (await asUser()).portal.getVerifications(body);

/** Returns the texts of cells, with plain spaces instead of narrow ones. */
const cells = async (rows: Locator): Promise<string[][]> =>
  (await rows.allInnerTexts()).map((row) => row.split('\t').map((cell) => cell.trim().replace(/\s+/gu, ' ')));

const totals = async (page: Page) =>
  (await page.locator('.figures > div').allInnerTexts()).map((text) => text.trim().replace(/\s+/gu, ' '));
const topKeys = async (page: Page) => cells(page.getByRole('table', { name: 'Most used keys' }).locator('tbody tr'));
const seriesRows = (page: Page) => cells(page.getByRole('region', { name: 'Calls over time' }).locator('tbody tr'));
const radio = (page: Page, name: string) => page.getByRole('radio', { name });
const keySelect = (page: Page) => page.getByLabel('Key', { exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name });

/** Replaces the responses to usage requests. */
const respondWith = (page: Page, respond: (route: Route) => Promise<void>) => page.route(call, respond);
const problem = (status: number, code: string) => ({
  status,
  json: { meta: { requestId: 'req_test' }, error: { title: code, detail: code, status, type: `https://e/${code}` } },
});

/** Waits for a chart of minutes: there are many, and few have calls. */
async function expectMinutes(page: Page): Promise<void> {
  await button(page, 'Zoom out').waitFor();
  await settled(page).waitFor();
  await page.waitForFunction(() => Number(document.querySelector('.pointer-area')?.ariaValueMax) > 100);
  expect(new URL(page.url()).searchParams.has('start')).toBe(true);
}

/** A time zone without daylight saving time where midnight is hours away, and today's date there. */
function calendar(): { timeZone: string; today: string } {
  for (const timeZone of ['Asia/Kabul', 'America/Phoenix']) {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
    const [today = '', time = ''] = format.format().split(' ');
    if (time > '02:00' && time < '20:00') return { timeZone, today };
  }
  throw new Error('it is never almost midnight in both time zones');
}

describe('the numbers', () => {
  test('are compared with the window before', async () => {
    const page = await open();
    await respondWith(page, async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.data.previousTotals = { ...body.data.totals, total: 20, valid: 16 };
      await route.fulfill({ response, json: body });
    });
    await button(page, 'Refresh').click();
    await page.locator('.change').first().waitFor();
    // For screen readers, the arrow is a text.
    const [calls, rate, refused] = await page.locator('.figures > div').allTextContents();
    expect([calls, rate, refused].map((text) => text?.replace(/\s+/gu, ' '))).toEqual([
      'Calls25 ▲ 25%25% more than in the time before',
      'Success rate60% ▼ 20 pt20 pt less than in the time before',
      'Refused10 ▲ 150%150% more than in the time before',
    ]);
  });

  test('match the calls', async () => {
    const page = await open();
    await page.getByText('of 6').waitFor();
    // There was no call in the window before, so nothing is compared.
    expect(await totals(page)).toEqual(['Calls 25', 'Success rate 60%', 'Refused 10', 'Active keys 4 of 6']);
    expect(await page.title()).toBe('Analytics · Acme');
  });

  test('list the most used keys, without deleted ones', async () => {
    const page = await open();
    // The names of keys come with a call of their own.
    await page
      .getByRole('row', { name: /Production pay_/ })
      .first()
      .waitFor();
    const rows = await topKeys(page);
    // The trend is a drawing; calls, the share of all, the part that succeeds, and how many are refused.
    expect(rows.map((row) => row.slice(2))).toEqual([
      ['9', '36%', '100%', '0'],
      ['6', '24%', '16.7%', '5'],
      ['5', '20%', '40%', '3'],
      ['2', '8%', '0%', '2'],
    ]);
    expect(await page.locator('.top-keys .sparkline').count()).toBe(4);
    const names = rows.map(([name]) => name);
    expect(names[0]).toMatch(/^Production pay_\w+…$/);
  });

  test('match the API in the table, bucket by bucket', async () => {
    const page = await open();
    const body = await requested(page, () => radio(page, '1 hour').check());
    await button(page, 'Show as table').click();
    const rows = await seriesRows(page);
    const { series, granularity } = await usageOf(body);
    const time = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
    expect(granularity).toBe('minute');
    expect(rows).toEqual(
      series.map((bucket) => [
        time.format(bucket.time).replace(/\s+/gu, ' '),
        ...[bucket.total, bucket.valid, bucket.rateLimited, bucket.disabled, bucket.expired].map(String),
      ]),
    );
    expect(rows.reduce((sum, [, total]) => sum + Number(total), 0)).toBe(25);
    await button(page, 'Show as chart').click();
    await page.getByRole('img', { name: /^25 calls from/ }).waitFor();
  });

  test('are said to end where what is counted ends, not where the last bar begins', async () => {
    const page = await open();
    const { endTime, series } = await usageOf(await requested(page, () => button(page, 'Refresh').click()));
    expect(endTime).toBeGreaterThan(Number(series.at(-1)?.time));
    const time = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
    const caption = (await page.locator('figcaption').innerText()).replace(/\s+/gu, ' ');
    expect(caption).toContain(` to ${time.format(endTime).replace(/\s+/gu, ' ')}, with a peak at `);
  });

  test('are drawn with one segment per outcome in each bar', async () => {
    const page = await open();
    const { series } = await usageOf(await requested(page, () => button(page, 'Refresh').click()));
    const parts = series.flatMap(({ valid, rateLimited, disabled, expired }) => [
      valid,
      rateLimited,
      disabled,
      expired,
    ]);
    expect(await page.locator('.chart rect').count()).toBe(parts.filter((count) => count > 0).length);
  });

  test('of a bar are shown at the pointer', async () => {
    const page = await open();
    const tooltip = page.locator('.tooltip');
    expect(await page.locator('figcaption').innerText()).toMatch(/^25 calls from .* with a peak at .*\.$/s);
    const bar = await page.locator('.chart rect').last().boundingBox();
    await page.mouse.move(Number(bar?.x) + 2, Number(bar?.y) + 1);
    expect((await tooltip.innerText()).replace(/\s+/gu, ' ')).toMatch(
      /^\w+ \d+, \d+:00.* – .*\d:\d\d [AP]M Valid \d+( Rate limited \d+)?( Disabled \d+)? Expired [12]$/,
    );
    // Beside the bar, and inside the chart.
    const [own, chart] = [await tooltip.boundingBox(), await page.locator('.chart').boundingBox()];
    expect(Number(own?.x) + Number(own?.width)).toBeLessThan(Number(bar?.x));
    expect(Number(own?.x)).toBeGreaterThanOrEqual(Number(chart?.x));
    await page.getByRole('heading', { name: 'Analytics' }).hover();
    expect(await tooltip.count()).toBe(0);
  });

  test('of a bar are spoken and shown by keyboard, and a part can be selected and enlarged', async () => {
    const page = await open();
    const position = page.getByRole('slider', { name: 'Position in the chart' });
    await position.focus();
    expect(await position.getAttribute('aria-valuetext')).toMatch(/ – .*[AP]M, Valid \d+, /);
    await page.locator('.tooltip').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await position.getAttribute('aria-valuetext')).toMatch(/, No calls$/);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    // The sums of the selected hours.
    expect(await position.getAttribute('aria-valuetext')).toMatch(/, Valid 15, Rate limited 3, Disabled 5, Expired 2$/);
    const part = await requested(page, () => page.keyboard.press('Enter'));
    const minutes = part.endTime - part.startTime;
    expect(minutes).toBeGreaterThan(2 * 3_600_000);
    expect(minutes).toBeLessThanOrEqual(3 * 3_600_000);
    await expectMinutes(page);
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('slider');
    // Escape shows all of the time range again, from the copy that the page has.
    await page.keyboard.press('Escape');
    await page.waitForURL(`${world.base}/analytics`);
    expect(await button(page, 'Zoom out').count()).toBe(0);
  });

  test('of a part of the chart are shown by dragging, and those of the time range again', async () => {
    const page = await open();
    const area = await page.locator('.pointer-area').boundingBox();
    const [right, y] = [Number(area?.x) + Number(area?.width), Number(area?.y) + 40];
    const drag = async () => {
      await page.mouse.move(right - Number(area?.width) / 12, y);
      await page.mouse.down();
      await page.mouse.move(right + 30, y);
      await page.locator('.pointed.selected').waitFor();
      await page.mouse.up();
    };
    const part = await requested(page, drag);
    await expectMinutes(page);
    expect(new URL(page.url()).search).toBe(`?start=${part.startTime}&end=${part.endTime}`);
    expect((await totals(page))[0]).toBe('Calls 25');
    await button(page, 'Zoom out').click();
    await page.waitForURL(`${world.base}/analytics`);
    // The address has all of it, so that a reload and "back" show the same.
    await drag();
    await expectMinutes(page);
    await page.reload();
    await expectMinutes(page);
    await page.goBack();
    await button(page, 'Zoom out').waitFor({ state: 'detached' });
  });

  test('can be downloaded as the CSV of the API', async () => {
    const page = await open();
    const body = await requested(page, () => radio(page, '1 hour').check());
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    const name = (moment: number) => new Date(moment).toISOString().replace(/T(..):(..).*$/, 'T$1$2');
    expect(download.suggestedFilename()).toBe(`usage-${name(body.startTime)}-${name(body.endTime)}.csv`);
    const csv = await readFile(await download.path(), 'utf8');
    const { portal } = await asUser();
    expect(csv).toBe(await portal.getVerificationsCsv(body));
    expect(csv).toMatch(
      /^time,total,valid,rateLimited,disabled,expired,usageExceeded,insufficientPermissions,forbidden\n/,
    );
    await page.getByText('The file has been downloaded.').waitFor();
  });

  test('a failed download can be retried', async () => {
    const page = await open();
    await respondWith(page, (route) => route.fulfill(problem(503, 'service_unavailable')));
    await button(page, 'Download CSV').click();
    await page.getByRole('alert').getByText('The service is unavailable right now').waitFor();
    await page.unroute(call);
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Try again').click()]);
    expect(download.suggestedFilename()).toMatch(/^usage-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
  });
});

describe('one key', () => {
  test('can be selected from the user’s keys, and filters all numbers', async () => {
    const page = await open();
    const body = await requested(page, () => keySelect(page).selectOption({ value: String(ids['Staging']) }));
    expect(body.keyId).toBe(ids['Staging']);
    expect((await totals(page)).slice(0, 3)).toEqual(['Calls 5', 'Success rate 40%', 'Refused 3']);
    expect((await topKeys(page)).map(([name]) => name?.split(' ')[0])).toEqual(['Staging']);
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    const { portal } = await asUser();
    expect(await readFile(await download.path(), 'utf8')).toBe(await portal.getVerificationsCsv(body));
  });

  test('is highlighted in the chart by its row, and the numbers of all keys stay', async () => {
    const page = await open();
    const calls: string[] = [];
    // The number of keys can still be on its way.
    page.on('request', (request: Request) => {
      if (/getVerifications$/.test(request.url())) calls.push(request.url());
    });
    const bars = page.locator('.chart rect');
    const before = await bars.count();
    await page.getByRole('row', { name: 'Paused' }).getByRole('cell').last().click();
    const name = button(page, 'Paused');
    expect(await name.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.chart .behind rect').count()).toBe(before);
    expect(await bars.count()).toBeGreaterThan(before);
    await page.getByRole('slider').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    expect((await page.locator('.tooltip').innerText()).replace(/\s+/gu, ' ')).toMatch(/ Expired 2 Paused 6$/);
    expect([(await totals(page))[0], (await topKeys(page)).length]).toEqual(['Calls 25', 4]);
    await name.click();
    expect(await name.getAttribute('aria-pressed')).toBe('false');
    expect(await bars.count()).toBe(before);
    expect(calls).toEqual([]);
  });

  test('that was never used shows an empty state', async () => {
    const page = await open();
    await keySelect(page).selectOption({ value: String(ids['Unused']) });
    await page.getByRole('heading', { name: 'No usage in this time range' }).waitFor();
  });

  test('that is deleted meanwhile shows an error', async () => {
    const { portal } = await asUser({ externalId: 'other' });
    const { keyId, key } = await portal.createKey({ apiId, name: 'Short-lived' });
    await verify(key, 1);
    const page = await open({ externalId: 'other' });
    await requested(page, () => keySelect(page).selectOption({ value: keyId }));
    await portal.deleteKey({ keyId });
    await button(page, 'Refresh').click();
    await page.getByRole('alert').getByText('This key no longer exists.').waitFor();
    await keySelect(page).selectOption('All keys');
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('can be selected from the keys with usage if the user cannot list keys', async () => {
    const page = await enter(analyst);
    const refused: string[] = [];
    page.on('request', (request: Request) => {
      if (request.url().endsWith('/v2/portal.listKeys')) refused.push(request.url());
    });
    await page.reload();
    await expectHeading('Analytics');
    await settled(page).waitFor();
    const options = await keySelect(page).locator('option').allTextContents();
    expect(options).toEqual([
      'All keys',
      ...['Paused', 'Production', 'Replaced', 'Staging'].map((name) => `${name} (${ids[name]})`),
    ]);
    await requested(page, () => keySelect(page).selectOption({ value: String(ids['Paused']) }));
    expect((await totals(page))[0]).toBe('Calls 6');
    // The other keys can still be selected.
    expect(await keySelect(page).locator('option').count()).toBe(options.length);
    expect(refused).toEqual([]);
  });
});

describe('the time range', () => {
  test.each([
    ['1 hour', (now: number) => now - 59 * 60_000],
    ['7 days', (now: number) => Math.floor(now / day) * day - 6 * day],
  ])('%s ends now, and begins when its name says', async (name, start) => {
    const page = await open();
    const before = Date.now();
    const body = await requested(page, () => radio(page, name).check());
    expect(body.endTime).toBeGreaterThanOrEqual(before);
    expect(body.endTime).toBeLessThanOrEqual(Date.now());
    expect(body.startTime).toBe(start(body.endTime));
    expect((await totals(page))[0]).toBe('Calls 25');
  });

  test('is the last 24 hours by default, and moves forward on refresh', async () => {
    const page = await open();
    expect(await radio(page, '24 hours').isChecked()).toBe(true);
    const first = await requested(page, () => button(page, 'Refresh').click());
    const second = await requested(page, () => button(page, 'Refresh').click());
    expect(first.endTime - first.startTime).toBe(24 * 3_600_000 - 60_000);
    expect(second.endTime).toBeGreaterThan(first.endTime);
    expect(second.endTime - second.startTime).toBe(first.endTime - first.startTime);
  });

  test('of custom days is one of the user’s days, in each number', async () => {
    const { timeZone, today } = calendar();
    await newProfile({ timezoneId: timeZone });
    const page = await open();
    const dayBefore = (back: number) => format(subDays(parseISO(today), back), 'yyyy-MM-dd');
    const midnightOf = (date: string) =>
      Date.parse(`${date}T00:00:00${timeZone === 'Asia/Kabul' ? '+04:30' : '-07:00'}`);
    await radio(page, 'Custom').check();
    await page.getByLabel('From', { exact: true }).fill(dayBefore(6));
    await page.getByLabel('To', { exact: true }).fill(dayBefore(1));
    const before = await requested(page, () => button(page, 'Apply').click());
    expect(before).toEqual({ startTime: midnightOf(dayBefore(6)), endTime: midnightOf(today), timeZone });
    // Everything was used today, which is not in the range.
    await page.getByRole('heading', { name: 'No usage in this time range' }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    expect(download.suggestedFilename()).toBe(`usage-${dayBefore(6)}-${dayBefore(1)}.csv`);
    await page.getByLabel('To', { exact: true }).fill(today);
    await requested(page, () => button(page, 'Apply').click());
    await button(page, 'Show as table').click();
    const name = (date: string) => new Intl.DateTimeFormat('en-US', { dateStyle: 'medium' }).format(parseISO(date));
    // A week has hours, each with its day.
    const hours = (await seriesRows(page)).map(([time = '', total]) => [
      time.split(', ').slice(0, 2).join(', '),
      total,
    ]);
    const days = Map.groupBy(hours, ([date]) => date);
    expect([...days].map(([date, rows]) => [date, rows.reduce((sum, [, total]) => sum + Number(total), 0)])).toEqual([
      ...[6, 5, 4, 3, 2, 1].map((back) => [name(dayBefore(back)), 0]),
      [name(today), 25],
    ]);
    expect(days.get(name(dayBefore(6)))).toHaveLength(24);
    await page.getByText(`Time zone: ${timeZone}`).waitFor();
    const [csv] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    const lines = (await readFile(await csv.path(), 'utf8')).trim().split('\n').slice(1);
    expect([...new Set(lines.map((line) => line.slice(0, 10)))]).toEqual([6, 5, 4, 3, 2, 1, 0].map(dayBefore));
    expect(lines[0]?.slice(0, 16)).toBe(`${dayBefore(6)}T00:00`);
  });

  test.each(['Etc/Unknown', 'Mars/Olympus'])('is in UTC if the browser’s time zone is %s', async (timeZone) => {
    await world.page.addInitScript(`{
      const { prototype } = Intl.DateTimeFormat;
      const original = prototype.resolvedOptions;
      prototype.resolvedOptions = function () {
        return { ...original.call(this), timeZone: ${JSON.stringify(timeZone)} };
      };
    }`);
    const page = await open();
    expect((await requested(page, () => radio(page, '7 days').check())).timeZone).toBe('UTC');
    await button(page, 'Show as table').click();
    const today = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format();
    expect((await seriesRows(page)).at(-1)?.[0]).toContain(today);
    await page.getByText('Time zone: UTC').waitFor();
  });

  test('is in UTC if the server does not know the time zone of the browser', async () => {
    await newProfile({ timezoneId: 'Asia/Kabul' });
    await respondWith(world.page, (route) => {
      const body = route.request().postDataJSON();
      const isNew = body.timeZone === 'Asia/Kabul';
      return route.continue({ postData: JSON.stringify({ ...body, ...(isNew && { timeZone: 'Asia/New_City' }) }) });
    });
    const page = await open();
    await page.getByText('Time zone: UTC').waitFor();
    expect((await totals(page))[0]).toBe('Calls 25');
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download CSV').click()]);
    expect(await readFile(await download.path(), 'utf8')).toMatch(/\n\d{4}-\d\d-\d\dT\d\d:00:00\.000Z,/);
  });

  test('in which clocks go back names the repeated hour twice', async () => {
    await respondWith(world.page, async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const start = Date.parse('2026-11-01T04:00Z');
      const [bucket] = body.data.series;
      const series = Array.from({ length: 25 }, (_, i) => ({ ...bucket, time: start + i * 3_600_000 }));
      const data = { ...body.data, timeZone: 'America/New_York', granularity: 'hour', series };
      await route.fulfill({ response, json: { ...body, data } });
    });
    const page = await open();
    await button(page, 'Show as table').click();
    const times = (await seriesRows(page)).map(([time]) => time);
    expect(times.slice(0, 4)).toEqual([
      'Nov 1, 2026, 12:00 AM',
      'Nov 1, 2026, 1:00 AM EDT',
      'Nov 1, 2026, 1:00 AM EST',
      'Nov 1, 2026, 2:00 AM',
    ]);
    expect(new Set(times).size).toBe(25);
  });

  test.each([
    ['8 days ahead', 8 * day],
    ['10 days behind', -10 * day],
  ])('ends now by the server’s clock if the device is %s', async (_, aheadMs) => {
    await world.page.clock.install({ time: Date.now() + aheadMs });
    const page = await open();
    expect((await totals(page))[0]).toBe('Calls 25');
    const before = Date.now();
    const body = await requested(page, () => radio(page, '7 days').check());
    expect(Math.abs(body.endTime - before)).toBeLessThan(60_000);
    expect(body.startTime).toBe(Math.floor(body.endTime / day) * day - 6 * day);
    expect((await totals(page))[0]).toBe('Calls 25');
    await radio(page, 'Custom').check();
    const today = new Date(before).toISOString().slice(0, 10);
    expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe(today);
    expect(await page.getByLabel('To', { exact: true }).getAttribute('max')).toBe(today);
  });

  test('with invalid days shows the error at the field', async () => {
    const page = await open();
    const calls: string[] = [];
    await radio(page, 'Custom').check();
    page.on('request', (request: Request) => calls.push(request.url()));
    const [from, to] = [page.getByLabel('From', { exact: true }), page.getByLabel('To', { exact: true })];
    const today = await to.inputValue();
    await from.fill(today);
    await to.fill(format(subDays(parseISO(today), 1), 'yyyy-MM-dd'));
    await button(page, 'Apply').click();
    const note = async (field: Locator) => page.locator(`[id="${await field.getAttribute('aria-describedby')}"]`);
    expect(await (await note(to)).textContent()).toBe('The last day must not be before the first day.');
    expect(await to.getAttribute('aria-invalid')).toBe('true');
    expect(await to.evaluate((element) => document.activeElement === element)).toBe(true);
    await from.fill('');
    await to.fill(format(addDays(parseISO(today), 2), 'yyyy-MM-dd'));
    await button(page, 'Apply').click();
    expect(await (await note(from)).textContent()).toBe('Choose a day.');
    expect(await (await note(to)).textContent()).toBe('Choose today or an earlier day.');
    expect(calls).toEqual([]);
    await from.fill(today);
    await to.fill(today);
    await requested(page, () => to.press('Enter'));
    expect(await to.getAttribute('aria-invalid')).toBeNull();
    expect(await page.getByText('Choose a day.').count()).toBe(0);
  });

  test('before the retention period shows an error, and a valid one shows the numbers again', async () => {
    const page = await open();
    await radio(page, '30 days').check();
    const alert = page.getByRole('alert');
    const first = new Date(Math.floor(Date.now() / day) * day - retentionDays * day);
    const date = first.toLocaleDateString('en', { dateStyle: 'long', timeZone: 'UTC' });
    const sentences = `Usage data does not go back that far. Choose a later first day. The first day with usage data is ${date}.`;
    expect(await alert.textContent()).toBe(sentences);
    await radio(page, 'Custom').check();
    const from = page.getByLabel('From', { exact: true });
    expect(await from.getAttribute('min')).toBe(first.toISOString().slice(0, 10));
    await from.fill('2020-01-01');
    const refused = await requested(page, () => button(page, 'Apply').click());
    expect(refused.startTime).toBe(Date.parse('2020-01-01T00:00:00Z'));
    expect(await alert.textContent()).toBe(sentences);
    // A mistake in the form replaces the error of other days.
    await from.fill('');
    await button(page, 'Apply').click();
    await page.getByText('Choose a day.').waitFor();
    expect(await alert.count()).toBe(0);
    await requested(page, () => radio(page, '7 days').check());
    expect(await alert.count()).toBe(0);
    expect((await totals(page))[0]).toBe('Calls 25');
  });
});

describe('without numbers', () => {
  test('the tab explains what to do, and links to the keys', async () => {
    const page = await open({ externalId: 'newcomer' });
    await page.getByRole('heading', { name: 'No usage in this time range' }).waitFor();
    await page.getByRole('link', { name: 'Go to your keys' }).click();
    await page.waitForURL(`${world.base}/keys`);
  });

  test('there is no link to the keys if the user has no keys tab', async () => {
    await open({ externalId: 'newcomer', ...analyst });
    await world.page.getByRole('heading', { name: 'No usage in this time range' }).waitFor();
    expect(await world.page.getByRole('link', { name: 'Go to your keys' }).count()).toBe(0);
  });

  test.each<[string, (route: Route) => Promise<void>, RegExp]>([
    ['unreachable', (route) => route.abort(), /is unreachable/],
    ['broken', (route) => route.fulfill(problem(500, 'unexpected_error')), /wrong on our side/],
    ['unavailable', (route) => route.fulfill(problem(503, 'service_unavailable')), /unavailable right now/],
    [
      'behind a failing proxy',
      (route) => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }),
      /is unreachable/,
    ],
  ])('because the server is %s, it shows an error and can be retried', async (_, respond, message) => {
    const page = await open();
    await respondWith(page, respond);
    await radio(page, '1 hour').check();
    await page.getByRole('alert').getByText(message).waitFor();
    expect(await button(page, 'Download CSV').isDisabled()).toBe(true);
    // The numbers that are there stay.
    expect((await totals(page))[0]).toBe('Calls 25');
    await page.unroute(call);
    await requested(page, () => button(page, 'Try again').click());
    expect(await page.getByRole('alert').count()).toBe(0);
    expect((await totals(page))[0]).toBe('Calls 25');
  });

  test('yet, the previous ones stay, with a loading text', async () => {
    const page = await open();
    let release = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    await respondWith(page, async (route) => {
      await blocked;
      await route.continue();
    });
    await keySelect(page).selectOption({ value: String(ids['Staging']) });
    await page.locator('.usage[aria-busy="true"]').waitFor();
    expect((await totals(page))[0]).toBe('Calls 25');
    expect(await page.getByRole('status').filter({ hasText: 'Loading' }).count()).toBe(1);
    expect(await button(page, 'Download CSV').isDisabled()).toBe(true);
    release();
    await settled(page).waitFor();
    expect((await totals(page))[0]).toBe('Calls 5');
    expect(await page.getByRole('status').filter({ hasText: 'Loading' }).count()).toBe(0);
  });

  test('at first, it shows a loading text', async () => {
    const page = await enter(analyst);
    await page.route(call, () => {});
    await page.reload();
    await page.getByRole('status').getByText('Loading…').waitFor();
    expect(await page.getByRole('heading', { name: 'No usage in this time range' }).count()).toBe(0);
  });

  test('because the session has expired, it redirects to the return URL', async () => {
    const page = await open({ slug: 'with-return' });
    await expire();
    await button(page, 'Refresh').click();
    await page.waitForURL(`${world.appUrl}&reason=session_expired`);
  });
});

/** Replaces the responses with large numbers, which would need too many calls. */
const large = (page: Page) =>
  respondWith(page, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    const { totals, series } = body.data;
    Object.assign(totals, { total: 1_234_567, valid: 1_000_000, rateLimited: 234_567, disabled: 0, expired: 0 });
    Object.assign(series.at(-1), totals);
    await route.fulfill({ response, json: body });
  });

describe('accessibility', () => {
  test('numbers and times have the format of the user’s locale', async () => {
    await newProfile({ locale: 'de-DE', timezoneId: 'Europe/Berlin' });
    const page = await enter(analyst);
    await large(page);
    await page.reload();
    await settled(page).waitFor();
    const written = await totals(page);
    expect(written[0]).toContain('1.234.567');
    expect(written[1]).toMatch(/81 %/);
    expect(written[2]).toContain('234.567');
    // The axis shows 1,5 million, and hours without AM and PM.
    const ticks = await page.locator('.chart text').allTextContents();
    expect(ticks.map((tick) => tick.replace(/\s+/gu, ' '))).toEqual(expect.arrayContaining(['1,5 Mio.', '500.000']));
    expect(ticks.filter((tick) => /^\d\d:\d\d$/.test(tick)).length).toBeGreaterThan(0);
    expect(ticks.filter((tick) => /AM|PM/.test(tick))).toEqual([]);
  });

  test('Tab reaches every control in reading order, with a visible focus', async () => {
    const page = await open();
    await page.getByRole('button', { name: /^Signed in as/ }).focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('Tab');
    const stops: string[] = [];
    for (let i = 0; i < 9; i++) {
      const [name, outline] = (await page.evaluate(
        `(() => {
          const it = document.activeElement;
          const named = it.getAttribute('aria-label') ?? it.getAttribute('aria-labelledby');
          const label = it.labels?.[0]?.innerText ?? named ?? it.innerText;
          return [label, getComputedStyle(it).outlineStyle];
        })()`,
      )) as [string, string];
      stops.push(name);
      expect([name, outline]).not.toContain('none');
      await page.keyboard.press('Tab');
    }
    expect(stops).toEqual([
      '24 hours',
      'Key',
      'Refresh',
      'Download CSV',
      'Position in the chart',
      'Show as table',
      'top-keys',
      'Production',
      'Paused',
    ]);
  });

  test('every control works with the keyboard', async () => {
    const page = await open();
    await radio(page, '24 hours').focus();
    const body = await requested(page, () => page.keyboard.press('ArrowLeft'));
    expect(body.endTime - body.startTime).toBe(59 * 60_000);
    await keySelect(page).focus();
    await requested(page, () => page.keyboard.press('ArrowDown'));
    await page.keyboard.press('Home');
    await page.getByRole('row', { name: 'Paused' }).waitFor();
    await button(page, 'Production').focus();
    await page.keyboard.press('Enter');
    await page.locator('.chart .behind').waitFor();
    // The focus stays, so Enter also highlights none.
    await page.keyboard.press('Enter');
    await page.locator('.chart .behind').waitFor({ state: 'detached' });
    await button(page, 'Show as table').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+Tab');
    const region = page.getByRole('region', { name: 'Calls over time' });
    expect(await region.evaluate((element) => document.activeElement === element)).toBe(true);
    await page.keyboard.press('End');
    await page.waitForFunction(() => (document.querySelector('.series')?.scrollTop ?? 0) > 0);
  });

  test.each([320, 360])('nothing is wider than a screen of %d px', async (width) => {
    await newProfile({ viewport: { width, height: 740 } });
    const page = await open();
    await large(page);
    const widest = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await widest()).toBe(width);
    expect((await page.locator('.chart svg').boundingBox())?.width).toBeLessThanOrEqual(width);
    await requested(page, () => radio(page, '1 hour').check());
    expect(await widest()).toBe(width);
    await radio(page, 'Custom').check();
    await button(page, 'Show as table').click();
    expect(await widest()).toBe(width);
  });

  test('the chart follows the width of its container', async () => {
    const page = await open();
    const svg = page.locator('.chart svg');
    const before = (await svg.boundingBox())?.width ?? 0;
    await page.setViewportSize({ width: 500, height: 700 });
    await page.waitForFunction(() => (document.querySelector('.chart svg')?.clientWidth ?? 500) < 500);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.waitForFunction((was) => document.querySelector('.chart svg')?.clientWidth === was, before);
    expect(before).toBeGreaterThan(500);
  });

  test('axe finds no violations', async () => {
    const page = await open();
    await expectNoViolations(page);
    await button(page, 'Show as table').click();
    await radio(page, 'Custom').check();
    await page.getByLabel('From', { exact: true }).fill('');
    await button(page, 'Apply').click();
    await page.getByText('Choose a day.').waitFor();
    await expectNoViolations(page);
    await keySelect(page).selectOption({ value: String(ids['Unused']) });
    await page.getByRole('heading', { name: 'No usage in this time range' }).waitFor();
    await settled(page).waitFor();
    await expectNoViolations(page);
    await radio(page, '30 days').check();
    await page.getByRole('alert').waitFor();
    await expectNoViolations(page);
  });
});
