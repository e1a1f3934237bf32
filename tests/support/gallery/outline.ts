/** The accessible names of the controls of a page, as a screen reader names them. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../../src/server/package.ts';

/** The outlines of all states, for reviews. */
export const controlsFile = join(root, 'tests/portal/controls.txt');

/** What the outline has: controls, what says where they are, and what a page announces. */
const roles = new Set([
  ...['banner', 'navigation', 'main', 'complementary', 'contentinfo', 'region', 'article', 'form', 'search', 'group'],
  ...['dialog', 'alertdialog', 'menu', 'heading', 'table', 'img', 'meter', 'alert', 'status'],
  ...['link', 'button', 'textbox', 'searchbox', 'spinbutton', 'combobox', 'listbox', 'checkbox', 'radio', 'switch'],
  ...['menuitem', 'tab', 'slider'],
]);

/**
 * The outline of an accessibility tree: one line for each role above, indented below those that contain it.
 *
 * @param snapshot as Playwright writes it: `- role "name" [state]: text`
 */
function outlineOf(snapshot: string): string[] {
  const parents: number[] = [];
  return snapshot.split('\n').flatMap((line) => {
    const [, space = '', role = '', rest = ''] = /^(\s*)- '?([a-z]+)\b(.*)$/.exec(line) ?? [];
    if (!roles.has(role)) return [];
    while ((parents.at(-1) ?? -1) >= space.length) parents.pop();
    const text = `${'  '.repeat(parents.length)}${role}${rest.replace(/'?:$|'$/, '').trimEnd()}`;
    parents.push(space.length);
    return [text];
  });
}

/** The outline of what is visible on a page. While a dialog is open, nothing else is. */
export const readOutline = async (page: Page): Promise<string[]> =>
  outlineOf(await page.locator('body').ariaSnapshot());

/** The text of the file that has the outlines of all states. */
export const outlineFile = (outlines: ReadonlyMap<string, readonly string[]>): string =>
  [
    '# What a screen reader finds in each state of the portal: the roles and the accessible names of its controls.',
    '# `npm run screenshots -- --names` writes this file; `npm test` compares it.',
    ...[...outlines].map(([name, lines]) => ['', `## ${name}`, '', ...lines].join('\n')),
    '',
  ].join('\n');

/** The outlines in such a file, by state. */
export const outlinesIn = (text: string): Map<string, string[]> =>
  new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((part) => {
        const [name = '', , ...lines] = part.trimEnd().split('\n');
        return [name, lines];
      }),
  );
