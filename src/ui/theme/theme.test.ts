import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { knownValues } from '../../../generated/known-values.ts';
import { controlContrast, textContrast } from './colors.ts';
import { contrast, toOklch } from './oklch.ts';
import { groundRoles, palette, type Role, type Scheme } from './palette.ts';
import { colorsOf, groundContrast, type Look, themeCss, variableFailures, variableTargets } from './theme.ts';

const plain: Look = { primaryColor: '#2563eb' };
const hex = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
/** Backgrounds that the contract accepts. */
const groundOf = (scheme: Scheme) => hex.filter((color) => isAccepted({ name: '--portico-ground', [scheme]: color }));
const isAccepted = (variable: Parameters<typeof variableFailures>[0]) => variableFailures(variable).length === 0;
/** The declarations of a stylesheet, by property. */
const declarations = (css: string) =>
  new Map([...css.matchAll(/(--[\w-]+):([^;}]*)/g)].map(([, name = '', value = '']) => [name, value]));

const texts: [Role, Role?][] = [
  ['text'],
  ['muted'],
  ['good', 'good-ground'],
  ['warning', 'warning-ground'],
  ['bad', 'bad-ground'],
];
const marks: Role[] = [
  'control-line',
  'bar',
  ...(Object.keys(palette) as Role[]).filter((role) => /^outcome-/.test(role)),
];

test.each(['light', 'dark'] as const)('every colour is readable on any background of the %s scheme', (scheme) => {
  const neutral = fc.constantFrom('zinc', 'slate', 'gray', 'stone', 'neutral');
  fc.assert(
    fc.property(
      hex,
      hex,
      hex,
      neutral,
      fc.array(groundOf(scheme), { maxLength: 3 }),
      (primary, text, muted, tint, own) => {
        const names = groundRoles.map((role) => `--portico-${role}`);
        const variables = [
          ...own.map((color, i) => ({ name: names[i] ?? '', [scheme]: color })),
          { name: '--portico-text', [scheme]: text },
          { name: '--portico-muted', [scheme]: muted },
        ];
        const colors = colorsOf({ primaryColor: primary, neutral: tint, variables }, scheme);
        for (const [i, color] of own.entries()) expect(colors[groundRoles[i] ?? 'ground']).toBe(color);
        const grounds = groundRoles.map((role) => colors[role]);
        for (const [role, ground] of texts)
          for (const on of [...grounds, ...(ground === undefined ? [] : [colors[ground]])])
            expect(contrast(colors[role], on)).toBeGreaterThanOrEqual(textContrast);
        for (const on of grounds) {
          expect(contrast(colors['accent-text'], on)).toBeGreaterThanOrEqual(textContrast);
          expect(contrast(colors['accent-line'], on)).toBeGreaterThanOrEqual(controlContrast);
          for (const role of marks) expect(contrast(colors[role], on)).toBeGreaterThanOrEqual(controlContrast);
        }
        expect(contrast(colors['on-fill'], colors.fill)).toBeGreaterThanOrEqual(textContrast);
      },
    ),
    { numRuns: 300 },
  );
});

test('a portal that changes nothing has the colours of the palette', () => {
  for (const scheme of ['light', 'dark'] as const)
    for (const role of Object.keys(palette) as Role[])
      expect(colorsOf(plain, scheme)[role]).toBe(palette[role][scheme]);
  expect([...declarations(themeCss(plain)).keys()].sort()).toEqual(
    ['--accent-line', '--accent-text', '--fill', '--on-fill'].sort(),
  );
  expect(themeCss({ ...plain, ...{ neutral: 'zinc', radius: 'medium', density: 'comfortable', font: 'system' } })).toBe(
    themeCss(plain),
  );
});

test.each([
  ['light', '#e2e8f0'],
  ['light', '#fffaf0'],
  ['dark', '#27272a'],
  ['dark', '#000000'],
] as const)('in the %s scheme the grounds of states follow the background %s', (scheme, color) => {
  const colors = colorsOf({ ...plain, variables: [{ name: '--portico-ground', [scheme]: color }] }, scheme);
  const lighter = (role: Role, { [role]: ground, ground: below }: Record<string, string>) =>
    toOklch(ground ?? '').l - toOklch(below ?? '').l;
  const usual = Object.fromEntries(Object.entries(palette).map(([role, both]) => [role, both[scheme]]));
  const roles: Role[] = ['good-ground', 'warning-ground', 'bad-ground'];
  const differences = roles.map((role) => Math.abs(lighter(role, colors) - lighter(role, usual)));
  expect(Math.max(...differences)).toBeLessThan(0.01);
  expect(roles.map((role) => colors[role] === usual[role])).toEqual([false, false, false]);
});

test('each scheme has its own accent', () => {
  const look = { primaryColor: '#1D4ED8', primaryColorDark: '#FB923C' };
  expect(colorsOf(look, 'light').fill).toBe('#1d4ed8');
  expect(colorsOf(look, 'dark')).toMatchObject({ fill: '#fb923c', 'on-fill': '#000000' });
  expect(declarations(themeCss(look)).get('--fill')).toBe('var(--when-light,#1d4ed8) var(--when-dark,#fb923c)');
});

test('a neutral colour tints grounds, lines and texts, and keeps their lightness', () => {
  const stone = colorsOf({ ...plain, neutral: 'stone' }, 'dark');
  expect(stone.ground).not.toBe(palette.ground.dark);
  expect(contrast(stone.text, stone.ground)).toBeGreaterThan(14);
  const grey = colorsOf({ ...plain, neutral: 'neutral' }, 'light');
  for (const role of [...groundRoles, 'text', 'muted', 'line'] as const)
    expect(grey[role]).toMatch(/^#([0-9a-f]{2})\1\1$/);
  expect(colorsOf({ ...plain, neutral: 'toString' }, 'light')).toEqual(colorsOf(plain, 'light'));
});

test('corners, density and font are properties', () => {
  const of = (look: Partial<Look>) => declarations(themeCss({ ...plain, ...look }));
  expect(of({ radius: 'none' }).get('--radius')).toBe('0px');
  expect(of({ radius: 'large' }).get('--radius')).toBe('12px');
  expect(of({ radius: 'large', variables: [{ name: '--portico-radius', value: '3px' }] }).get('--radius')).toBe('3px');
  expect(of({ density: 'compact' }).get('--control')).toBe('2rem');
  expect(of({ font: 'inter' }).get('--font')).toBe('"Inter"');
  expect(of({ font: 'inter', fontUrl: 'https://a.example/f.woff2' }).get('--font')).toBe('"Own"');
  expect(themeCss({ ...plain, fontUrl: 'https://a.example/f.woff2?a=1&b=%20' })).toContain(
    '@font-face{font-family:"Own";src:url("https://a.example/f.woff2?a=1&b=%20") format("woff2")',
  );
});

describe('the variables', () => {
  test('are those of the contract', () => {
    expect(Object.keys(variableTargets)).toEqual(knownValues.ThemeVariableName);
  });

  test.each([
    [{ name: '--portico-ground', light: '#ffffff', dark: '#000000' }, []],
    [{ name: '--portico-ground' }, ['name']],
    [{ name: '--portico-ground', value: '1px' }, ['value']],
    [{ name: '--portico-ground', light: '#000000', dark: '#ffffff' }, ['light', 'dark']],
    [{ name: '--portico-text', light: '#ffffff' }, []],
    [{ name: '--portico-text', light: 'white', dark: '#12345' }, ['light', 'dark']],
    [{ name: '--portico-radius', value: '0px' }, []],
    [{ name: '--portico-radius', value: '24px' }, []],
    [{ name: '--portico-radius', value: '25px' }, ['value']],
    [{ name: '--portico-radius', value: '1em' }, ['value']],
    [{ name: '--portico-radius' }, ['value']],
    [{ name: '--portico-radius', value: '1px', light: '#ffffff' }, ['light']],
    [{ name: '--portico-radius', value: '1px', dark: '#ffffff' }, ['dark']],
    [{ name: '--portico-content-width', value: '599px' }, ['value']],
    [{ name: '--portico-logo-height', value: '64px' }, []],
    [{ name: '--ground', light: '#ffffff' }, ['name']],
    [{ name: 'constructor', light: '#ffffff' }, ['name']],
  ])('%j has failures at %j', (variable, fields) => {
    const failures = variableFailures(variable);
    expect(failures.map(({ field }) => field)).toEqual(fields);
    expect(failures.filter(({ message, fix }) => message === '' || fix === '')).toEqual([]);
  });

  test('set what they name, and nothing if they are refused', () => {
    const css = (variable: Parameters<typeof variableFailures>[0]) =>
      declarations(themeCss({ ...plain, variables: [variable] }));
    expect(css({ name: '--portico-line', light: '#AABBCC' }).get('--line')).toBe(
      `var(--when-light,#aabbcc) var(--when-dark,${palette.line.dark})`,
    );
    const chart = css({ name: '--portico-chart', light: '#112233' });
    expect([chart.get('--bar'), chart.get('--outcome-valid')]).toEqual(
      Array(2).fill(expect.stringContaining('#112233')),
    );
    expect(css({ name: '--portico-content-width', value: '960px' }).get('--content-width')).toBe('960px');
    expect(css({ name: '--portico-ground', light: '#808080' })).toEqual(declarations(themeCss(plain)));
    expect(css({ name: '--portico-radius', value: '99px' })).toEqual(declarations(themeCss(plain)));
  });

  test('a background is accepted exactly if the other colours can be readable on it', () => {
    fc.assert(
      fc.property(hex, (color) => {
        expect(isAccepted({ name: '--portico-raised', light: color })).toBe(
          contrast('#000000', color) >= groundContrast,
        );
        expect(isAccepted({ name: '--portico-raised', dark: color })).toBe(
          contrast('#ffffff', color) >= groundContrast,
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** What a record could hold that nobody has checked, such as one of another program that writes to Redis. */
const hostile = [
  '</style><script>alert(1)</script>',
  'red;}body{display:none',
  '#fff;background:url(https://evil.example)',
  '#12345g',
  '"); } @import "https://evil.example"; x{',
  '\\22 ) }',
  'a\nb',
  '*/ x /*',
  '__proto__',
];

test.each(hostile)('no setting is CSS of its own: %j', (text) => {
  const css = themeCss({
    ...{ primaryColor: text, primaryColorDark: text, neutral: text, radius: text, density: text, font: text },
    fontUrl: text,
    variables: [
      { name: text, light: '#ffffff', value: '1px' },
      { name: '--portico-ground', light: text, dark: text },
      { name: '--portico-radius', value: `1px${text}` },
      { name: '--portico-text', light: text },
    ],
  });
  const [, url = ''] = /^@font-face\{font-family:"Own";src:url\("([^"]*)"\) format\("woff2"\);/.exec(css) ?? [];
  expect(url).not.toMatch(/[<>"\n'{}]/);
  expect(url.replaceAll(/\\([0-9a-f]+) /g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))).toBe(text);
  // Beside the font, the style is that of a portal without settings.
  expect(css.slice(css.indexOf(':root{')).replace(';--font:"Own"', '')).toBe(themeCss(plain));
});
