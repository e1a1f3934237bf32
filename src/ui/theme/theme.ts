/**
 * The look of a portal as CSS. Everything that it writes is computed here: colours as six hexadecimal digits, lengths as whole
 * numbers, and the URL of a font with every unsafe character escaped. So no setting, however it got into the store, can be CSS of
 * its own.
 */
import { type Accent, accentOf, controlContrast, textContrast, withContrast } from './colors.ts';
import { contrast, toHex, toOklch } from './oklch.ts';
import { groundRoles, palette, type Role, type Scheme } from './palette.ts';

/** A variable, as the contract has it. */
export interface Variable {
  name: string;
  light?: string;
  dark?: string;
  value?: string;
}

/** The part of a portal's branding that is its look. */
export interface Look {
  primaryColor: string;
  primaryColorDark?: string;
  neutral?: string;
  radius?: string;
  density?: string;
  font?: string;
  fontUrl?: string;
  variables?: readonly Variable[];
}

const schemes = ['light', 'dark'] as const satisfies Scheme[];

/** What a variable sets: colours, or a length in CSS pixels between two bounds. */
type Target = { roles: Role[] } | { length: string; least: number; most: number };

/** The variables of the contract, and what each sets. */
export const variableTargets: Record<string, Target> = {
  '--portico-ground': { roles: ['ground'] },
  '--portico-subtle': { roles: ['subtle'] },
  '--portico-raised': { roles: ['raised'] },
  '--portico-text': { roles: ['text'] },
  '--portico-muted': { roles: ['muted'] },
  '--portico-line': { roles: ['line'] },
  '--portico-control-line': { roles: ['control-line'] },
  '--portico-chart': { roles: ['bar', 'outcome-valid'] },
  '--portico-radius': { length: 'radius', least: 0, most: 24 },
  '--portico-content-width': { length: 'content-width', least: 600, most: 2000 },
  '--portico-logo-height': { length: 'logo-height', least: 16, most: 64 },
};

const targetOf = (name: string): Target | undefined =>
  Object.hasOwn(variableTargets, name) ? variableTargets[name] : undefined;

const isColor = (text: string | undefined): text is string => /^#[0-9a-f]{6}$/i.test(text ?? '');
/** Whether a role is a background of text. */
const isGround = (role: Role): boolean => groundRoles.some((ground) => ground === role);

/** The contrast that black, in the light scheme, or white, in the dark one, has at least on a background. */
export const groundContrast = 10;
const endOf: Record<Scheme, string> = { light: '#000000', dark: '#ffffff' };
/** Whether all other colours can be made readable on a background. */
const isUsableGround = (color: string, scheme: Scheme) => contrast(color, endOf[scheme]) >= groundContrast;

/** A failure of a variable: the field, and what is wrong with it. */
export interface VariableFailure {
  field: 'name' | 'light' | 'dark' | 'value';
  message: string;
  fix: string;
}

function lengthFailures({ value, light, dark }: Variable, least: number, most: number): VariableFailure[] {
  const fix = `Use a length from ${least}px to ${most}px as \`value\`.`;
  if (light !== undefined || dark !== undefined)
    return [{ field: light === undefined ? 'dark' : 'light', message: 'is for colours only', fix }];
  const length = /^\d{1,4}px$/.test(value ?? '') ? Number.parseInt(value ?? '', 10) : Number.NaN;
  return length >= least && length <= most ? [] : [{ field: 'value', message: 'is not in the range', fix }];
}

function colorFailures(variable: Variable, roles: Role[]): VariableFailure[] {
  if (variable.value !== undefined)
    return [{ field: 'value', message: 'is for lengths only', fix: 'Use `light` and `dark`.' }];
  if (variable.light === undefined && variable.dark === undefined)
    return [{ field: 'name', message: 'has no colour', fix: 'Add `light`, `dark` or both.' }];
  return schemes.flatMap((scheme): VariableFailure[] => {
    const color = variable[scheme];
    if (color === undefined) return [];
    if (!isColor(color)) return [{ field: scheme, message: 'is not valid', fix: 'Use a colour of the form #rrggbb.' }];
    if (!roles.some(isGround) || isUsableGround(color, scheme)) return [];
    const [wrong, right] = scheme === 'light' ? ['dark', 'lighter'] : ['light', 'darker'];
    return [
      {
        field: scheme,
        message: `is too ${wrong} for a background of the ${scheme} scheme`,
        fix: `Use a ${right} one.`,
      },
    ];
  });
}

/** The failures of a variable. Never repeats a value. */
export function variableFailures(variable: Variable): VariableFailure[] {
  const target = targetOf(variable.name);
  if (target === undefined) {
    const fix = `Use one of ${Object.keys(variableTargets).join(', ')}.`;
    return [{ field: 'name', message: 'is no variable of the theme', fix }];
  }
  return 'roles' in target
    ? colorFailures(variable, target.roles)
    : lengthFailures(variable, target.least, target.most);
}

/** The tints of the neutral colours: hue in degrees, and chroma at most. The palette itself is `zinc`. */
const tints: Record<string, { hue: number; chroma: number }> = {
  slate: { hue: 257, chroma: 0.03 },
  gray: { hue: 264, chroma: 0.018 },
  stone: { hue: 65, chroma: 0.012 },
  neutral: { hue: 0, chroma: 0 },
};
const neutralRoles = [...groundRoles, 'text', 'muted', 'line', 'control-line'] as const satisfies Role[];

function tinted(color: string, { hue, chroma }: { hue: number; chroma: number }): string {
  return toHex({ l: toOklch(color).l, c: chroma, h: (hue * Math.PI) / 180 });
}

/** The grounds of what is good, a warning or bad, such as badges. */
const stateGrounds = ['good-ground', 'warning-ground', 'bad-ground'] as const satisfies Role[];

/** A colour whose lightness is changed by a difference, as far as there are such colours. */
function shifted(color: string, difference: number): string {
  const { l, c, h } = toOklch(color);
  return toHex({ l: Math.min(1, Math.max(0, l + difference)), c, h });
}

/** The colours that must be readable, the contrast that each needs, and the ground of its own that it has beside the others. */
const readable: Partial<Record<Role, { ratio: number; on?: Role }>> = {
  text: { ratio: textContrast },
  muted: { ratio: textContrast },
  good: { ratio: textContrast, on: 'good-ground' },
  warning: { ratio: textContrast, on: 'warning-ground' },
  bad: { ratio: textContrast, on: 'bad-ground' },
  ...Object.fromEntries(
    (Object.keys(palette) as Role[])
      .filter((role) => role === 'control-line' || role === 'bar' || role.startsWith('outcome-'))
      .map((role) => [role, { ratio: controlContrast }]),
  ),
};

/** All colours of a portal in one scheme. */
export function colorsOf(look: Look, scheme: Scheme): Record<Role | keyof Accent, string> {
  const colors = Object.fromEntries(Object.entries(palette).map(([role, both]) => [role, both[scheme]])) as Record<
    Role,
    string
  >;
  const tint = look.neutral !== undefined && Object.hasOwn(tints, look.neutral) ? tints[look.neutral] : undefined;
  if (tint !== undefined) for (const role of neutralRoles) colors[role] = tinted(colors[role], tint);
  for (const variable of look.variables ?? []) {
    const [target, color] = [targetOf(variable.name), variable[scheme]];
    if (target === undefined || !('roles' in target) || variableFailures(variable).length > 0) continue;
    if (isColor(color)) for (const role of target.roles) colors[role] = color.toLowerCase();
  }
  // They are as much lighter or darker than the ground of the portal as they are beside ours. A tint keeps the lightness.
  const difference = toOklch(colors.ground).l - toOklch(palette.ground[scheme]).l;
  if (Math.abs(difference) > 0.005) for (const role of stateGrounds) colors[role] = shifted(colors[role], difference);
  const grounds = groundRoles.map((role) => colors[role]);
  const areOwn = groundRoles.some((role) => colors[role] !== palette[role][scheme]);
  for (const [role, { ratio, on }] of Object.entries(readable) as [Role, { ratio: number; on?: Role }][]) {
    if (areOwn || colors[role] !== palette[role][scheme])
      colors[role] = withContrast(colors[role], on === undefined ? grounds : [...grounds, colors[on]], ratio);
  }
  const { primaryColor, primaryColorDark = primaryColor } = look;
  const primary = scheme === 'dark' ? primaryColorDark : primaryColor;
  return { ...colors, ...accentOf(isColor(primary) ? primary : '#2563eb', grounds) };
}

/** The radius of corners, in CSS pixels. theme.css has that of `medium`. */
const radii: Record<string, number> = { none: 0, small: 4, large: 12 };

/** A string of CSS (CSS Syntax Module Level 3, section 4.3.5), in which no character can end the string or the element. */
const cssString = (text: string) =>
  `"${text.replaceAll(/[^\w\-.~:/?#[\]@!$&()*+,;=%]/gu, (character) => `\\${character.codePointAt(0)?.toString(16)} `)}"`;

/** The lengths of a portal, by the name of their property, without `--`. */
function lengthsOf({ radius = '', variables = [] }: Look): Record<string, number> {
  const named = Object.hasOwn(radii, radius) ? { radius: radii[radius] } : {};
  const own = variables.flatMap((variable) => {
    const target = targetOf(variable.name);
    if (target === undefined || !('length' in target) || variableFailures(variable).length > 0) return [];
    return [[target.length, Number.parseInt(variable.value ?? '', 10)]];
  });
  return { ...named, ...Object.fromEntries(own) };
}

/**
 * The rules that make the styles of the portal those of one portal. A property of a colour has its values for both schemes, as in
 * theme.css.
 *
 * @returns CSS, without anything that could end a style element
 */
export function themeCss(look: Look): string {
  const [light, dark] = [colorsOf(look, 'light'), colorsOf(look, 'dark')];
  const isOwn = (name: keyof typeof light) =>
    !(name in palette) || light[name] !== palette[name as Role].light || dark[name] !== palette[name as Role].dark;
  const colors = (Object.keys(light) as (keyof typeof light)[])
    .filter(isOwn)
    .map((name) => `--${name}:var(--when-light,${light[name]}) var(--when-dark,${dark[name]})`);
  const lengths = Object.entries(lengthsOf(look)).map(([name, pixels]) => `--${name}:${pixels}px`);
  const dense = look.density === 'compact' ? ['--control:2rem', '--density:.7'] : [];
  const { fontUrl } = look;
  const font = fontUrl !== undefined ? ['--font:"Own"'] : look.font === 'inter' ? ['--font:"Inter"'] : [];
  // All weights: a static file has one, and a variable one has all.
  const face =
    fontUrl === undefined
      ? ''
      : `@font-face{font-family:"Own";src:url(${cssString(fontUrl)}) format("woff2");font-weight:100 900;font-display:swap}`;
  return `${face}:root{${[...colors, ...lengths, ...dense, ...font].join(';')}}`;
}
