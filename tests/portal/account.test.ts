/** The Account tab: the user's own sessions and activity, against the real server. */
import { beforeAll, expect, test } from '@jest/globals';
import { expectNoViolations } from '../support/axe.ts';
import { portalWorld } from '../support/portal.ts';

const { world, createPortal, createSession, enter, asUser, cookie, isAlive, newProfile } = portalWorld();

beforeAll(async () => {
  await createPortal({ slug: 'my-portal', name: 'Acme' });
});

const permissions = ['portal.*.read_account'];
let users = 0;
/** Opens the tab as a new user, who has no other session. */
async function openAccount(externalId = `account_${++users}`) {
  const page = await enter({ externalId, permissions, actor: { id: 'p1', name: 'Ada Lovelace' } });
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
  return { externalId, page };
}
const table = (name: string) => world.page.getByRole('table', { name });
const button = (name: string) => world.page.getByRole('button', { name, exact: true });
const overflow = () =>
  world.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

test('lists the sessions of the account, with their persons, and signs out of all others', async () => {
  const externalId = `account_${++users}`;
  const other = await asUser({ externalId, permissions, actor: { id: 'p2' } });
  await createSession({ externalId, permissions });
  const { page } = await openAccount(externalId);
  const rows = table('Sessions of this account').getByRole('row');
  await rows.nth(3).waitFor();
  const cells = (await rows.allTextContents()).slice(1);
  expect(cells.map((text) => text.replace(/(Signed in|not opened yet).*/, '$1'))).toEqual([
    'Ada LovelaceThis sessionSigned in',
    `${externalId}Link not opened yet`,
    'p2Signed in',
  ]);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow()).toBe(0);
  await expectNoViolations(page);
  await button('Sign out everywhere').click();
  await page.getByRole('dialog').waitFor();
  expect(await overflow()).toBe(0);
  await expectNoViolations(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('status').getByText('2 sessions have ended.').waitFor();
  await expect(other.portal.getSession()).rejects.toMatchObject({ status: 401 });
  await rows.nth(2).waitFor({ state: 'detached' });
  expect(await isAlive(await cookie('portal_session'))).toBe(true);
});

test('signs out of this browser too, on request', async () => {
  const { page } = await openAccount();
  const token = await cookie('portal_session');
  await button('Sign out everywhere').click();
  await page.getByLabel('Sign out of this browser too').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  expect(await isAlive(token)).toBe(false);
});

test('shows who did what, newest first, and older activity on request', async () => {
  const externalId = `account_${++users}`;
  for (let made = 0; made < 10; made++) await asUser({ externalId, permissions });
  const { page } = await openAccount(externalId);
  const rows = table('Activity').getByRole('row');
  await rows.nth(20).waitFor();
  const what = async () => (await rows.getByRole('rowheader').allTextContents()).map((text) => text);
  // A session is created by the company, and exchanged by the person.
  expect((await what()).slice(0, 2)).toEqual(['Signed in', 'Link to the portal created']);
  expect(await rows.nth(1).textContent()).toContain('Ada Lovelace');
  expect(await rows.nth(2).textContent()).toContain('Acme');
  await button('Show older activity').click();
  await rows.nth(22).waitFor();
  expect(await what()).toHaveLength(22);
  expect(await button('Show older activity').count()).toBe(0);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow()).toBe(0);
});

test('a list that fails can be read again, and the other one is shown', async () => {
  await newProfile();
  let fails = true;
  await world.page.route('**/v2/portal.listUserSessions', (route) =>
    fails ? route.fulfill({ status: 403, json: {} }) : route.continue(),
  );
  const { page } = await openAccount();
  await table('Activity').waitFor();
  await page.getByRole('alert').waitFor();
  await expectNoViolations(page);
  fails = false;
  await button('Try again').click();
  await table('Sessions of this account').waitFor();
});
