import { script } from './script.ts';

/** Copies of OpenAPI documents. `marker` names one attempt to fetch a document. */
export const documentScripts = {
  beginDocument: script('beginDocument', {
    keys: ['document', 'attempt'],
    // `fetchedAtRead` is that of the copy that the caller read, or ''.
    args: ['marker', 'ttlSeconds', 'urlHash', 'fetchedAtRead'],
    outcomes: { ok: {}, fetched: {}, under_way: {} },
  }),
  keepDocument: script('keepDocument', {
    keys: ['portals', 'document', 'attempt'],
    args: ['portalId', 'openapiUrl', 'marker', 'ttlSeconds'],
    rest: 'fieldsAndValues',
    outcomes: { ok: {}, not_wanted: {} },
  }),
  failDocument: script('failDocument', {
    keys: ['document', 'attempt'],
    args: ['marker', 'failure', 'ttlSeconds', 'urlHash'],
    outcomes: { ok: {}, timed_out: {} },
  }),
};
