import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { script } from './script.ts';

/** How long an attempt or its failure is stored at most, in seconds. */
export const longestAttemptSeconds = 30;

/** Copies of OpenAPI documents. `marker` names one attempt to fetch a document. */
export const documentScripts = {
  beginDocument: script('beginDocument', {
    keys: ['document', 'attempt'],
    // `fetchedAtRead` is that of the copy that the caller read, or ''.
    args: ['marker', 'ttlSeconds', 'urlHash', 'fetchedAtRead'],
    constants: { longestAttemptSeconds },
    outcomes: { ok: {}, fetched: {}, under_way: {} },
  }),
  keepDocument: script('keepDocument', {
    uses: [readsClock, countsBytes, limitsBytes],
    keys: ['portals', 'document', 'attempt'],
    // `textBytes` is 0 if the stored text stays.
    args: ['portalId', 'openapiUrl', 'marker', 'ttlSeconds', 'textBytes'],
    rest: 'fieldsAndValues',
    outcomes: { ok: {}, not_wanted: {} },
  }),
  failDocument: script('failDocument', {
    keys: ['document', 'attempt'],
    args: ['marker', 'failure', 'ttlSeconds', 'urlHash'],
    outcomes: { ok: {}, timed_out: {} },
  }),
};
