/** Every state of the portal that reviews look at: where it is, what the server answers, and what the user does to get there. */
import type { Page } from 'playwright-core';
import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import type { Messages } from '../../../src/portal/messages/messages.ts';
import type { PortalPage } from '../../../src/server/http/pages/portal-html.ts';
import { apiOrigin, day, firstKey, noUsage, present, session, usage } from './data.ts';
import type { Answers } from './site.ts';

/** A state of the portal. */
export interface Scene {
  name: string;
  path: string;
  /** The page that the server selects; the app if there is none. */
  page?: PortalPage;
  /** Whether the server does not know the portal. */
  isUnknown?: boolean;
  /** The portal, if it is not the usual one. */
  portal?: SessionPortal;
  answers?: Answers;
  /** Whether it differs from another state only in its text: it has one picture, and axe does not check it again. */
  isVariant?: boolean;
  /** Goes to the state with the texts of the language, and waits for it. */
  reach: (page: Page, texts: Messages) => Promise<unknown>;
}

/** A text with its placeholders filled in. */
const filled = (text: string, values: Record<string, string>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).first().waitFor();
const dialog = (page: Page) => page.getByRole('dialog');

/** The list of keys is complete. */
const listed = (page: Page) => page.getByRole('row').nth(1).waitFor();
const openDetails = async (page: Page) => {
  await listed(page);
  await page.getByRole('button', { name: 'Production', exact: true }).click();
  await dialog(page).getByRole('heading', { name: 'Production' }).waitFor();
};
const openStep = (step: (texts: Messages) => string) => async (page: Page, texts: Messages) => {
  await openDetails(page);
  await dialog(page)
    .getByRole('button', { name: step(texts), exact: true })
    .click();
  await dialog(page).getByRole('button', { name: texts.common.cancel, exact: true }).waitFor();
};
const openCreate = async (page: Page, texts: Messages) => {
  await listed(page);
  await button(page, texts.keys.create).first().click();
  await dialog(page).getByLabel(texts.keys.form.expiry).waitFor();
};
const create = async (page: Page, texts: Messages) => {
  await openCreate(page, texts);
  await dialog(page).getByRole('textbox').first().fill('Production');
  await dialog(page).getByRole('button', { name: texts.keys.create, exact: true }).click();
  await dialog(page).getByLabel(texts.keys.created.label, { exact: true }).waitFor();
};
const showWeek = async (page: Page, texts: Messages) => {
  await page.getByLabel(texts.analytics.ranges['7d'], { exact: true }).check();
  await page.getByRole('img').first().waitFor();
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
};

/** A key that was just created. */
const { lastUsedAt: _, ...neverUsed } = firstKey;
const newKey = { ...neverUsed, createdAt: present };

const nothing = { data: [], pagination: { hasMore: false, counts: { all: 0, active: 0, expiring: 0, inactive: 0 } } };

/** A page that the server writes, with or without a session. */
const notice = (name: PortalPage, texts: (all: Messages) => { title: string }, isUnknown = false): Scene => ({
  ...{ name: `notice-${name}`, path: '/', page: name, isUnknown, isVariant: name !== 'session-expired' },
  reach: (page, all) => heading(page, texts(all).title),
});

/** All states, in the order in which a user meets them. */
export const scenes: Scene[] = [
  notice('come-from-your-app', ({ pages }) => pages.comeFromYourApp, true),
  notice('session-expired', ({ pages }) => pages.expired),
  notice('portal-disabled', ({ pages }) => pages.disabled),
  notice('workspace-disabled', ({ pages }) => pages.workspaceDisabled),
  notice('several-sessions', ({ pages }) => pages.severalSessions, true),
  notice('signed-out', ({ pages }) => pages.signedOut),
  notice('not-found', ({ pages }) => pages.notFound, true),
  notice('unreachable', ({ pages }) => pages.unreachable, true),
  notice('too-many-requests', ({ pages }) => pages.tooManyRequests, true),
  {
    ...{ name: 'notice-dead-link', path: '/', page: 'enter', isVariant: true },
    reach: (page, { pages }) => heading(page, pages.deadLink.title),
  },
  {
    ...{ name: 'notice-other-user', path: '/?session=pst_1', page: 'enter' },
    answers: {
      'portal.exchangeSession': () => ({ status: 409, code: 'unkey/data/other_user_signed_in' }),
    },
    reach: (page, { pages }) => heading(page, pages.otherUser.title),
  },
  { name: 'keys', path: '/keys', reach: listed },
  {
    ...{ name: 'keys-preview', path: '/keys' },
    answers: {
      'portal.getSession': () => ({ data: { ...session, preview: true } }),
      'portal.listKeys': () => nothing,
    },
    reach: (page, { keys }) => heading(page, keys.empty.title),
  },
  {
    ...{ name: 'keys-first-call', path: '/keys' },
    answers: {
      'portal.listKeys': () => ({
        data: [newKey],
        pagination: { hasMore: false, counts: { all: 1, active: 1, expiring: 0, inactive: 0 } },
      }),
    },
    reach: (page, { keys }) => page.getByText(keys.firstRun.waiting).waitFor(),
  },
  {
    ...{ name: 'keys-loading', path: '/keys', answers: { 'portal.listKeys': () => 'never' } },
    reach: (page, { keys }) => heading(page, keys.title),
  },
  {
    ...{ name: 'keys-failed', path: '/keys' },
    answers: { 'portal.listKeys': () => ({ status: 400, code: 'unkey/application/invalid_input' }) },
    reach: (page) => page.getByRole('alert').waitFor(),
  },
  {
    ...{ name: 'keys-no-match', path: '/keys' },
    answers: {
      'portal.listKeys': ({ search }) =>
        search === undefined
          ? {
              data: [firstKey],
              pagination: { hasMore: false, counts: { all: 1, active: 1, expiring: 0, inactive: 0 } },
            }
          : nothing,
    },
    async reach(page, { keys }) {
      await listed(page);
      await page.getByRole('searchbox').fill('qqq');
      await heading(page, keys.noMatch.title);
    },
  },
  {
    ...{ name: 'key-menu', path: '/keys' },
    async reach(page, { keys }) {
      await listed(page);
      await button(page, filled(keys.actionsOf, { name: 'Production' })).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    ...{ name: 'account-menu', path: '/keys' },
    async reach(page, { frame }) {
      await listed(page);
      await page.getByRole('banner').getByRole('button').click();
      await page.getByText(frame.logOut, { exact: true }).waitFor();
    },
  },
  {
    ...{ name: 'keys-undo', path: '/keys', isVariant: true },
    answers: { 'portal.updateKey': () => ({ data: { ...firstKey, enabled: false } }) },
    async reach(page, texts) {
      await openDetails(page);
      await dialog(page).getByRole('button', { name: texts.keys.disable.action, exact: true }).click();
      await button(page, texts.keys.undo).waitFor();
    },
  },
  {
    ...{ name: 'still-signed-in', path: '/keys', isVariant: true },
    answers: { 'portal.endSession': () => ({ status: 500, code: 'unkey/application/unexpected_error' }) },
    async reach(page, { frame, pages }) {
      await listed(page);
      await page.getByRole('banner').getByRole('button').click();
      await page.getByText(frame.logOut, { exact: true }).click();
      await heading(page, pages.stillSignedIn.title);
    },
  },
  { name: 'key-create', path: '/keys', reach: openCreate },
  {
    ...{ name: 'key-create-wrong', path: '/keys' },
    async reach(page, texts) {
      await openCreate(page, texts);
      await dialog(page).getByLabel(texts.keys.form.expiry).selectOption('date');
      await dialog(page).getByText(texts.keys.form.more, { exact: true }).click();
      await dialog(page).getByLabel(texts.keys.form.ratelimit, { exact: true }).fill('x');
      await dialog(page).getByRole('button', { name: texts.keys.create, exact: true }).click();
      await dialog(page).getByText(texts.keys.form.dateInvalid).waitFor();
    },
  },
  { name: 'key-created', path: '/keys', reach: create },
  {
    ...{ name: 'key-created-leave', path: '/keys' },
    async reach(page, texts) {
      await create(page, texts);
      await page.keyboard.press('Escape');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'key-details', path: '/keys', reach: openDetails },
  { name: 'key-edit', path: '/keys', reach: openStep(({ keys }) => keys.edit.action) },
  { name: 'key-rotate', path: '/keys', reach: openStep(({ keys }) => keys.reroll.action) },
  { name: 'key-delete', path: '/keys', reach: openStep(({ keys }) => keys.delete.action) },
  {
    ...{ name: 'analytics', path: '/analytics' },
    reach: showWeek,
  },
  {
    ...{ name: 'analytics-table', path: '/analytics' },
    async reach(page, texts) {
      await showWeek(page, texts);
      await button(page, texts.analytics.showTable).click();
      await page.getByRole('table').first().waitFor();
    },
  },
  {
    ...{ name: 'analytics-custom', path: '/analytics' },
    async reach(page, texts) {
      await page.getByLabel(texts.analytics.ranges.custom, { exact: true }).check();
      await page.getByLabel(texts.analytics.from, { exact: true }).waitFor();
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
    },
  },
  {
    ...{ name: 'analytics-tooltip', path: '/analytics', isVariant: true },
    async reach(page, texts) {
      await showWeek(page, texts);
      await page.getByRole('slider').focus();
      await page.locator('.tooltip').waitFor();
    },
  },
  {
    ...{ name: 'analytics-too-early', path: '/analytics', isVariant: true },
    answers: {
      'portal.getVerifications': (window) =>
        window.endTime - window.startTime > 8 * day
          ? { status: 400, code: 'unkey/application/invalid_input', location: 'body.startTime' }
          : { data: usage(window) },
    },
    async reach(page, texts) {
      await showWeek(page, texts);
      await page.getByLabel(texts.analytics.ranges['30d'], { exact: true }).check();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    ...{
      name: 'analytics-empty',
      path: '/analytics',
      answers: {
        'portal.getVerifications': (window) => ({ data: noUsage(window) }),
      },
    },
    reach: (page, { analytics }) => heading(page, analytics.empty.title),
  },
  {
    ...{ name: 'documentation', path: '/documentation' },
    reach: (page, { docs }) => heading(page, docs.authentication.title),
  },
  {
    ...{ name: 'documentation-operation', path: '/documentation#/listProjects' },
    async reach(page, { viewer }) {
      await heading(page, 'List projects');
      await button(page, viewer.tryIt).click();
      await button(page, viewer.send).waitFor();
    },
  },
  {
    ...{ name: 'documentation-response', path: '/documentation#/listProjects' },
    async reach(page, { viewer }) {
      await page.route(`${apiOrigin}/**`, (route) =>
        route.fulfill({ json: { data: [{ id: 'prj_42', name: 'Website', archived: false }] } }),
      );
      await heading(page, 'List projects');
      await button(page, viewer.tryIt).click();
      await page.getByLabel(viewer.key, { exact: true }).fill('acme_lyOG2x8PqRt4');
      await button(page, viewer.send).click();
      await page.getByRole('status').getByText('prj_42').scrollIntoViewIfNeeded();
    },
  },
  {
    ...{ name: 'documentation-none', path: '/documentation' },
    answers: { 'portal.getOpenapiDocument': () => ({ status: 404, code: 'unkey/data/openapi_document_not_found' }) },
    reach: (page, { docs }) => heading(page, docs.none.title),
  },
  { name: 'account', path: '/account', reach: (page) => page.getByRole('table').nth(1).waitFor() },
  {
    ...{ name: 'account-sign-out-everywhere', path: '/account' },
    async reach(page, { account }) {
      await page.getByRole('table').nth(1).waitFor();
      await button(page, account.everywhere.action).click();
      await dialog(page).waitFor();
    },
  },
];

/** The portal that the pages of a scene are about. */
export const portalOf = ({ isUnknown = false, portal = session.portal }: Scene): SessionPortal | undefined =>
  isUnknown ? undefined : portal;
