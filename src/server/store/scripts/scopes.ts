import { changesControl } from './control.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { list, script, snippet, text } from './script.ts';

/** The field of the counts that has the number of keys without an end. No scope is encoded like this. */
export const countsEndless = '=';

/** Counts the scopes of keys. `scopeCounts` and `scopeEnds` are the prefixes of the records of each API. */
export const countsScopes = snippet('scopeCounts', { keys: ['scopeCounts', 'scopeEnds'] });

/** The scopes of APIs. */
export const scopeScripts = {
  keepCatalogue: script('keepCatalogue', {
    uses: [changesControl, countsBytes, limitsBytes],
    keys: ['apis', 'scopeCatalogues'],
    args: ['apiId', 'textRead', 'api', 'catalogue'],
    outcomes: { ok: {}, stale: {}, not_found: {} },
  }),
  readScopes: script('readScopes', {
    writes: 'counts',
    uses: [readsClock, countsScopes],
    args: ['apiId'],
    constants: { settledAtOnce: 500 },
    // `more` until no key has ended that still counts.
    outcomes: { ok: { scopesAndCounts: list(text) }, more: {} },
  }),
};
