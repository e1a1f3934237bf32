/**
 * Rules for all styles of the portal. The layout is mirrored in languages that are written from right to left: no style says left or right
 * where it means the start or the end of a line. Nothing moves for users who have asked for less motion.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const source = join(import.meta.dirname, '../..');

/** Files with an ending in the portal and in what it shares. */
async function filesWith(ending: string): Promise<{ name: string; text: string }[]> {
  const found = await Promise.all(
    ['portal', 'ui'].map((folder) => readdir(join(source, folder), { recursive: true, withFileTypes: true })),
  );
  const files = found.flat().filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { name: relative(source, path), text: await readFile(path, 'utf8') };
    }),
  );
}

/** Splits a value at a separator outside of parentheses. */
function split(value: string, separator: RegExp): string[] {
  let depth = 0;
  const parts = [''];
  for (const character of value) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth === 0 && separator.test(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The four sides of a shorthand, in the order of CSS. */
function sidesOf(value: string): string[] {
  const [first = '', second = first, third = first, fourth = second] = split(value.replace('!important', ''), /\s/);
  return [first, second, third, fourth];
}

/** A length along the line that the other direction would reverse. `--forward` is 1 or -1. */
const isOneSided = (length = '0') => !/^-?0[a-z%]*$/.test(length) && !length.includes('--forward');

/** Whether a declaration names a physical side although a logical one exists. Above and below are the same in every direction. */
function isPhysical(property: string, value: string): boolean {
  if (/(^|-)(left|right)(-|$)/.test(property) || /\b(left|right)\b/.test(value)) return true;
  if (/^(margin|padding|inset|scroll-margin|scroll-padding|border-(width|style|color))$/.test(property)) {
    const [, right, , left] = sidesOf(value);
    return right !== left;
  }
  if (property === 'border-radius') {
    const [topLeft, topRight, bottomRight, bottomLeft] = sidesOf(value);
    return topLeft !== topRight || bottomRight !== bottomLeft;
  }
  if (property === 'transform' || property === 'translate') {
    const moves = property === 'translate' ? [split(value, /\s/)[0]] : [];
    for (const [, inside = ''] of value.matchAll(/\btranslate(?:X|3d)?\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g))
      moves.push(split(inside, /,/)[0]);
    return moves.filter((move) => move !== 'none').some(isOneSided);
  }
  if (property === 'box-shadow' || property === 'text-shadow')
    return split(value, /,/).some((layer) =>
      isOneSided(split(layer, /\s/).find((part) => /^(-?[\d.]|calc)/.test(part))),
    );
  return false;
}

/** The declarations of a style sheet. */
const declarationsOf = (css: string): { property: string; value: string }[] =>
  css
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split(/[{};]/)
    .flatMap((part) => {
      const [, property = '', value = ''] = /^\s*([\w-]+)\s*:\s*([\s\S]+?)\s*$/.exec(part) ?? [];
      return property === '' || property.startsWith('--') ? [] : [{ property, value: value.replaceAll(/\s+/g, ' ') }];
    });

const physicalIn = (css: string) =>
  declarationsOf(css).flatMap(({ property, value }) => (isPhysical(property, value) ? [`${property}: ${value}`] : []));

test.each([
  'margin-left: 1px',
  'padding-right: 0',
  'left: 50%',
  'border-left: 1px solid',
  'border-left-color: red',
  'border-top-right-radius: 4px',
  'text-align: left',
  'float: right',
  'transform-origin: top left',
  'margin: 0 0 -1px -1px',
  'inset: 0 0 0 auto',
  'border-width: 0 1px 0 0',
  'border-radius: 4px 0',
  'border-radius: 4px 4px 0 4px',
  'transform: rotate(45deg) translate(-50%, 0)',
  'transform: translateX(calc(1rem + 2px))',
  'translate: 1rem',
  'box-shadow: 0 1px 2px black, inset 2px 0 0 red',
])('%s is refused', (declaration) => {
  expect(physicalIn(`.a { color: red; ${declaration}; }`)).toEqual([declaration]);
});

test.each([
  'margin: 0 auto',
  'margin-inline-start: 1px',
  'inset: auto 0 1rem',
  'inset: calc(1px + 1px) 1rem 0',
  'text-align: start',
  'border-radius: 12px 12px 0 0',
  'transform: translateY(-50%)',
  'transform: translate(0, 1rem)',
  'transform: translate(calc(var(--forward) * 1rem), 0)',
  'box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 16%)',
  'box-shadow: inset calc(var(--forward) * 2px) 0 0 red',
  'top: 0',
  '--left: 1px',
  '/* left: 0 */ color: red',
])('%s is accepted', (declaration) => {
  expect(physicalIn(`@media (min-width: 1px) { .a:hover { ${declaration} } }`)).toEqual([]);
});

test('no style sheet of the portal names a physical side', async () => {
  const files = await filesWith('.css');
  expect(files.length).toBeGreaterThan(8);
  expect(files.flatMap(({ text }) => declarationsOf(text)).length).toBeGreaterThan(500);
  expect(files.flatMap(({ name, text }) => physicalIn(text).map((found) => `${name}: ${found}`))).toEqual([]);
});

test('no component sets a physical side, except for a place that it has measured', async () => {
  /** Each measures rectangles, which have physical sides in every direction. */
  const measuring = ['portal/analytics/chart-tooltip.tsx', 'portal/parts/popover.ts'];
  const physical =
    /style=\{\{[^}]*\b(left|right|(?:margin|padding|border)(?:Left|Right))\b|\.style\.\w*([lL]eft|[rR]ight)\b/;
  const found = (await Promise.all(['.ts', '.tsx'].map(filesWith)))
    .flat()
    .filter(({ name, text }) => !name.endsWith('.test.ts') && physical.test(text))
    .map(({ name }) => name);
  expect(found.sort()).toEqual(measuring);
});

/** The declarations that move something outside of a block for users who have not asked for less motion. */
function movingIn(css: string): string[] {
  const blocks: string[] = [];
  const found: string[] = [];
  for (const [, text = '', mark] of css.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{};]*)([{};])/g)) {
    const part = text.trim().replaceAll(/\s+/g, ' ');
    if (mark === '{') blocks.push(part);
    else if (/^(animation|transition)(-\w+)?\s*:(?!\s*none)/.test(part)) {
      if (!blocks.some((block) => block.includes('prefers-reduced-motion: no-preference'))) found.push(part);
    }
    if (mark === '}') blocks.pop();
  }
  return found;
}

describe('motion', () => {
  test.each([
    ['.a { transition: opacity 1s; }', ['transition: opacity 1s']],
    ['@media (min-width: 1px) { .a { color: red; animation-name: b } }', ['animation-name: b']],
    ['@media (prefers-reduced-motion: no-preference) { .a { animation: b 1s } } .c { transition: none }', []],
    [
      '@media (prefers-reduced-motion: no-preference) { .a { color: red } } .c { animation: d 1s }',
      ['animation: d 1s'],
    ],
  ])('in %s', (css, found) => {
    expect(movingIn(css)).toEqual(found);
  });

  test('there is none without the consent of the user', async () => {
    const files = await filesWith('.css');
    expect(files.some(({ text }) => text.includes('animation:'))).toBe(true);
    expect(files.flatMap(({ name, text }) => movingIn(text).map((found) => `${name}: ${found}`))).toEqual([]);
  });
});
