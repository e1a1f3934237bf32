import {
  AllowedOriginsSchema,
  ApiIdsSchema,
  BrandingSchema,
  BrandingSettingsSchema,
  ColorSchemeSettingSchema,
  CornerRadiusSettingSchema,
  DensitySettingSchema,
  EmbeddingOriginsSchema,
  FirstTabSchema,
  HeaderFormSettingSchema,
  NeutralColorSettingSchema,
  PortalConfigurationSchema,
  PortalFontSettingSchema,
  PortalLinkSettingSchema,
  PortalSlugSchema,
  PortalTabSettingSchema,
  ReturnOriginsSchema,
  SessionPortalSchema,
} from '../../../../generated/client/schemas.gen.ts';
import type { Branding } from '../../../../generated/client/types.gen.ts';
import { type Variable, variableFailures } from '../../../ui/theme/theme.ts';
import { invalidInput, type ValidationFailure } from '../../problem.ts';
import type { Portal } from '../../store/portals.ts';
import { localeFailures } from '../locale.ts';
import { nameFailures, storedName, type TextRule, textFailures } from '../text.ts';
import { originFailures, policyOriginFailures } from './web-origin.ts';

/** Changes of a record: an absent field stays and null clears it. */
type Changes<T> = { [Name in keyof T]?: T[Name] | null };

/** The settings of a portal. In a change, an absent field stays and null clears it. */
export interface PortalSettings
  extends Changes<Pick<Portal, 'name' | 'hostname' | 'returnUrl' | 'supportUrl' | 'openapiUrl'>> {
  enabled?: boolean;
  allowedReturnOrigins?: string[];
  embeddingOrigins?: string[];
  allowedOrigins?: string[];
  branding?: Changes<Branding>;
  apiIds?: string[];
}

const defaultColor = BrandingSchema.properties.primaryColor.default;

const { name: nameRule, returnUrl: returnUrlRule, supportUrl: supportUrlRule } = SessionPortalSchema.properties;
const { hostname: hostnameRule, openapiUrl: openapiUrlRule } = PortalConfigurationSchema.properties;
const { primaryColor, primaryColorDark, logoUrl, logoDarkUrl, faviconUrl, fontUrl } = BrandingSchema.properties;
const { title: titleRule, language: languageRule } = BrandingSchema.properties;

const httpsFix = 'Use a percent-encoded https:// URL.';
/** The policy of the pages names the host. */
const imageFix = 'Use a percent-encoded https:// URL with a host of letters, digits, dots and hyphens.';
const slugFix = 'Use 3 to 64 lowercase letters, digits and hyphens, with no hyphen first or last.';

/** The texts among the settings: their location, their rule in the contract, and how to fix them. */
const textRules: [location: string, rule: TextRule, fix: string][] = [
  ['slug', PortalSlugSchema, slugFix],
  ['hostname', hostnameRule, 'Use a host name in lower case, such as keys.acme.example.'],
  ['returnUrl', returnUrlRule, 'Use a percent-encoded https:// URL, or http:// on localhost.'],
  ['supportUrl', supportUrlRule, httpsFix],
  ['openapiUrl', openapiUrlRule, 'Use a percent-encoded https:// URL, or http:// on localhost.'],
  ['branding.primaryColor', primaryColor, 'Use a colour of the form #rrggbb.'],
  ['branding.primaryColorDark', primaryColorDark, 'Use a colour of the form #rrggbb.'],
  ['branding.logoUrl', logoUrl, imageFix],
  ['branding.logoDarkUrl', logoDarkUrl, imageFix],
  ['branding.faviconUrl', faviconUrl, imageFix],
  ['branding.fontUrl', fontUrl, 'Use a percent-encoded https:// URL of a .woff2 file.'],
];

/** The settings of the branding that have one of a few values. */
const choices = {
  colorScheme: ColorSchemeSettingSchema.enum,
  font: PortalFontSettingSchema.enum,
  radius: CornerRadiusSettingSchema.enum,
  density: DensitySettingSchema.enum,
  neutral: NeutralColorSettingSchema.enum,
  header: HeaderFormSettingSchema.enum,
} as const satisfies { [Name in keyof Branding]?: readonly string[] };

/** The values of each setting of the branding that has one of a few. */
export const brandingChoices: Readonly<Record<keyof typeof choices, readonly string[]>> = choices;

/** The lists among the settings, with their rule in the contract. */
const listRules = {
  allowedReturnOrigins: ReturnOriginsSchema,
  embeddingOrigins: EmbeddingOriginsSchema,
  allowedOrigins: AllowedOriginsSchema,
  apiIds: ApiIdsSchema,
};

/** The failures of a list as a whole, for the command line, which has no validator. */
function listFailures(name: keyof typeof listRules, items: readonly string[] = []): ValidationFailure[] {
  const { maxItems } = listRules[name];
  const again = items.findIndex((item, i) => items.indexOf(item) < i);
  const failure = (position: number, message: string, fix: string) => ({
    location: `body.${name}[${position}]`,
    message,
    fix,
  });
  return [
    ...(items.length > maxItems ? [failure(maxItems, `is more than ${maxItems}`, 'Use fewer of them.')] : []),
    ...(again > 0 ? [failure(again, 'is there already', 'Use each one once.')] : []),
  ];
}

/** The failures of a list in the branding that is too long. */
function lengthFailures(name: 'tabs' | 'links' | 'variables', items: readonly unknown[]): ValidationFailure[] {
  const { maxItems } = BrandingSettingsSchema.properties[name];
  const at = { location: `body.branding.${name}[${maxItems}]`, message: `is more than ${maxItems}` };
  return items.length > maxItems ? [{ ...at, fix: 'Use fewer of them.' }] : [];
}

/** Whether another item of the list before this one has the same text. */
const isRepeated = (texts: readonly string[], i: number) => texts.indexOf(texts[i] ?? '') < i;

function tabsFailures(tabs: NonNullable<Branding['tabs']>): ValidationFailure[] {
  const names = tabs.map(({ tab }) => tab);
  return tabs.flatMap(({ tab, label }, i) => {
    const location = `body.branding.tabs[${i}].tab`;
    const known: readonly string[] = FirstTabSchema.enum;
    return [
      ...(known.includes(tab) ? [] : [{ location, message: 'is no tab', fix: `Use ${known.join(', ')}.` }]),
      ...(isRepeated(names, i) ? [{ location, message: 'is there already', fix: 'Use each one once.' }] : []),
      ...nameFailures(`branding.tabs[${i}].label`, label, PortalTabSettingSchema.properties.label),
    ];
  });
}

const linksFailures = (links: NonNullable<Branding['links']>): ValidationFailure[] =>
  links.flatMap(({ label, url }, i) => [
    ...nameFailures(`branding.links[${i}].label`, label, PortalLinkSettingSchema.properties.label),
    ...textFailures(`branding.links[${i}].url`, url, PortalLinkSettingSchema.properties.url, httpsFix),
  ]);

function variablesFailures(variables: readonly Variable[]): ValidationFailure[] {
  const names = variables.map(({ name }) => name);
  return variables.flatMap((variable, i) => {
    const at = `body.branding.variables[${i}]`;
    return [
      ...variableFailures(variable).map(({ field, ...rest }) => ({ location: `${at}.${field}`, ...rest })),
      ...(isRepeated(names, i)
        ? [{ location: `${at}.name`, message: 'is there already', fix: 'Use each one once.' }]
        : []),
    ];
  });
}

function languageFailures(tag: string | undefined): ValidationFailure[] {
  const failures = textFailures('branding.language', tag, languageRule, 'Use a tag such as de or pt-BR.');
  return failures.length > 0 ? failures : localeFailures('branding.language', tag);
}

/** What only the command line can get wrong, and what a schema cannot express. */
function brandingFailures(branding: Changes<Branding>): ValidationFailure[] {
  const { tabs, links, variables } = branding;
  return [
    ...nameFailures('branding.title', branding.title, titleRule),
    ...languageFailures(branding.language ?? undefined),
    ...(Object.keys(choices) as (keyof typeof choices)[]).flatMap((name) => {
      const [value, values]: [unknown, readonly unknown[]] = [branding[name], choices[name]];
      if (value === undefined || value === null || values.includes(value)) return [];
      return [{ location: `body.branding.${name}`, message: 'is not valid', fix: `Use ${values.join(', ')}.` }];
    }),
    ...lengthFailures('tabs', tabs ?? []),
    ...lengthFailures('links', links ?? []),
    ...lengthFailures('variables', variables ?? []),
    ...tabsFailures(tabs ?? []),
    ...linksFailures(links ?? []),
    ...variablesFailures(variables ?? []),
  ];
}

/** A configuration is no place for a password, and the server sends none. */
function passwordFailures(openapiUrl: string | null | undefined): ValidationFailure[] {
  const url = openapiUrl ? URL.parse(openapiUrl) : null;
  if (url === null || (url.username === '' && url.password === '')) return [];
  const fix = 'Leave out the user name and the password: the document is fetched without credentials.';
  return [{ location: 'body.openapiUrl', message: 'holds credentials', fix }];
}

/**
 * Checks the settings against the rules of the contract, and against those that a pattern cannot express.
 *
 * @throws Problem invalid_input with all failures at once
 */
export function checkSettings({ branding = {}, ...settings }: PortalSettings & { slug?: string }): void {
  const prefixed = Object.entries(branding).map(([name, value]) => [`branding.${name}`, value]);
  const values: Record<string, unknown> = { ...settings, ...Object.fromEntries(prefixed) };
  const failures = [
    ...textRules.flatMap(([at, rule, fix]) => textFailures(at, values[at] as string | null | undefined, rule, fix)),
    ...nameFailures('name', settings.name, nameRule),
    ...brandingFailures(branding),
    ...passwordFailures(settings.openapiUrl),
    ...(Object.keys(listRules) as (keyof typeof listRules)[]).flatMap((name) => listFailures(name, settings[name])),
    ...(['allowedReturnOrigins', 'allowedOrigins'] as const).flatMap((list) =>
      (settings[list] ?? []).flatMap((origin, i) => originFailures(`${list}[${i}]`, origin)),
    ),
    ...(settings.embeddingOrigins ?? []).flatMap((origin, i) => policyOriginFailures(`embeddingOrigins[${i}]`, origin)),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The record with the changes. One that is undefined is none. */
function withChanges<T extends object>(record: T, changes: Changes<T> = {}): T {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    Object.entries({ ...record, ...Object.fromEntries(given) }).filter(([, value]) => value !== null),
  ) as T;
}

/** The branding as it is stored: names in their form, and no empty list. */
function storedBranding({ title, tabs, links, ...branding }: Changes<Branding>): Changes<Branding> {
  const named = <Item extends { label?: string }>(items: Item[]) =>
    items.map((item) => ({ ...item, ...(item.label !== undefined && { label: storedName(item.label) }) }));
  const changed = {
    ...branding,
    title: title && storedName(title),
    tabs: tabs && named(tabs),
    links: links && named(links),
  };
  return Object.fromEntries(
    Object.entries(changed).map(([name, value]) => [name, Array.isArray(value) && value.length === 0 ? null : value]),
  );
}

/** The portal with the changes. */
export function applySettings(portal: Portal, { branding, ...settings }: PortalSettings): Portal {
  const { name } = settings;
  return {
    ...withChanges<Portal>(portal, { ...settings, ...(name && { name: storedName(name) }) }),
    branding: Object.assign(
      { primaryColor: defaultColor },
      withChanges<Branding>(portal.branding, storedBranding(branding ?? {})),
    ),
  };
}
