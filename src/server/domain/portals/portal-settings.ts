import {
  AllowedOriginsSchema,
  ApiIdsSchema,
  BrandingSchema,
  EmbeddingOriginsSchema,
  PortalConfigurationSchema,
  PortalSlugSchema,
  ReturnOriginsSchema,
  SessionPortalSchema,
} from '../../../../generated/client/schemas.gen.ts';
import type { Branding } from '../../../../generated/client/types.gen.ts';
import { invalidInput, type ValidationFailure } from '../../problem.ts';
import type { Portal } from '../../store/portals.ts';
import { nameFailures, storedName, type TextRule, textFailures } from '../text.ts';
import { originFailures, policyOriginFailures } from './web-origin.ts';

/** Changes of a record: an absent field stays and null clears it. */
type Changes<T> = { [Name in keyof T]?: T[Name] | null };

/** The settings of a portal. In a change, an absent field stays and null clears it. */
export interface PortalSettings extends Changes<Pick<Portal, 'name' | 'returnUrl' | 'supportUrl' | 'openapiUrl'>> {
  enabled?: boolean;
  allowedReturnOrigins?: string[];
  embeddingOrigins?: string[];
  allowedOrigins?: string[];
  branding?: Changes<Branding>;
  apiIds?: string[];
}

const defaultColor = BrandingSchema.properties.primaryColor.default;

const { name: nameRule, returnUrl: returnUrlRule, supportUrl: supportUrlRule } = SessionPortalSchema.properties;
const { openapiUrl: openapiUrlRule } = PortalConfigurationSchema.properties;
const { primaryColor, logoUrl, logoDarkUrl, faviconUrl } = BrandingSchema.properties;

const httpsFix = 'Use a percent-encoded https:// URL.';
/** The policy of the pages names the host. */
const imageFix = 'Use a percent-encoded https:// URL with a host of letters, digits, dots and hyphens.';
const slugFix = 'Use 3 to 64 lowercase letters, digits and hyphens, with no hyphen first or last.';

/** The texts among the settings: their location, their rule in the contract, and how to fix them. */
const textRules: [location: string, rule: TextRule, fix: string][] = [
  ['slug', PortalSlugSchema, slugFix],
  ['returnUrl', returnUrlRule, 'Use a percent-encoded https:// URL, or http:// on localhost.'],
  ['supportUrl', supportUrlRule, httpsFix],
  ['openapiUrl', openapiUrlRule, 'Use a percent-encoded https:// URL, or http:// on localhost.'],
  ['branding.primaryColor', primaryColor, 'Use a colour of the form #rrggbb.'],
  ['branding.logoUrl', logoUrl, imageFix],
  ['branding.logoDarkUrl', logoDarkUrl, imageFix],
  ['branding.faviconUrl', faviconUrl, imageFix],
];

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
    ...passwordFailures(settings.openapiUrl),
    ...(Object.keys(listRules) as (keyof typeof listRules)[]).flatMap((name) => listFailures(name, settings[name])),
    ...(['allowedReturnOrigins', 'allowedOrigins'] as const).flatMap((list) =>
      (settings[list] ?? []).flatMap((origin, i) => originFailures(`${list}[${i}]`, origin)),
    ),
    ...(settings.embeddingOrigins ?? []).flatMap((origin, i) => policyOriginFailures(`embeddingOrigins[${i}]`, origin)),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The record with the changes. */
function withChanges<T extends object>(record: T, changes: Changes<T> = {}): T {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    Object.entries({ ...record, ...Object.fromEntries(given) }).filter(([, value]) => value !== null),
  ) as T;
}

/** The portal with the changes. */
export function applySettings(portal: Portal, { branding, ...settings }: PortalSettings): Portal {
  const { name } = settings;
  return {
    ...withChanges<Portal>(portal, { ...settings, ...(name && { name: storedName(name) }) }),
    branding: Object.assign({ primaryColor: defaultColor }, withChanges<Branding>(portal.branding, branding)),
  };
}
