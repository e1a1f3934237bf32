import { quoted } from './curl.ts';
import type { ConformanceOptions } from './options.ts';

/** The arguments that repeat one check, or undefined for a target that is no URL. */
export function repeatArguments(options: ConformanceOptions, seed: number, title: string): string | undefined {
  const { target, slug, disabledSlug, openapiUrl, contractVersion, profile, strictResponses } = options;
  if (typeof target !== 'string') return undefined;
  const exactly = `^${title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
  const named = {
    ...{
      target,
      slug,
      'disabled-slug': disabledSlug,
      'openapi-url': openapiUrl,
      profile,
      'contract-version': contractVersion,
    },
    ...{ seed: String(seed), only: exactly },
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(value)}`])),
    ...(strictResponses ? ['--strict-responses'] : []),
  ].join(' ');
}
