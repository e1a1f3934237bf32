import { auditing } from './audit.ts';
import { verifiesCaller } from './callers.ts';
import { list, number, script, snippet, text } from './script.ts';

const findsUnknownApis = snippet('unknownPositions');

/** The positions, from 0, of the API ids that are unknown, among those that the script got. */
const api_not_found = { positions: list(number) };

/** Workspaces, portals and APIs. */
export const configurationScripts = {
  putWorkspace: script('putWorkspace', {
    uses: [auditing],
    keys: ['workspace'],
    args: ['workspace'],
    outcomes: { ok: {} },
  }),
  createPortal: script('createPortal', {
    uses: [verifiesCaller, auditing, findsUnknownApis],
    keys: ['portalSlugs', 'portals', 'portalOrder', 'apis'],
    args: ['slug', 'portalId', 'portal', 'place'],
    rest: 'apiIds',
    outcomes: { ok: {}, slug_taken: {}, api_not_found },
  }),
  findPortal: script('findPortal', {
    keys: ['portalSlugs', 'portals'],
    args: ['slug'],
    outcomes: { ok: { portal: text }, not_found: {} },
  }),
  replacePortal: script('replacePortal', {
    uses: [verifiesCaller, auditing, findsUnknownApis],
    keys: ['portals', 'apis', 'portalEpochs', 'portalSessions'],
    args: ['portalId', 'versionRead', 'portal'],
    rest: 'addedApiIds',
    outcomes: { ok: {}, stale: {}, not_found: {}, api_not_found },
  }),
  deletePortal: script('deletePortal', {
    uses: [verifiesCaller, auditing],
    keys: ['portalSlugs', 'portals', 'portalOrder', 'portalEpochs', 'portalSessions', 'openapiDocument'],
    args: ['slug', 'portalId', 'place'],
    outcomes: { ok: {}, not_found: {} },
  }),
  createApi: script('createApi', {
    uses: [verifiesCaller, auditing],
    keys: ['apis', 'apiOrder'],
    args: ['apiId', 'api', 'place'],
    outcomes: { ok: {} },
  }),
  deleteApi: script('deleteApi', {
    uses: [verifiesCaller, auditing],
    keys: ['apis', 'apiOrder'],
    args: ['apiId', 'place'],
    outcomes: { ok: {}, not_found: {} },
  }),
  /** `placesAndRecords` alternates: place, record, place, record … */
  readPage: script('readPage', {
    keys: ['records', 'order'],
    args: ['from', 'size'],
    outcomes: { ok: { placesAndRecords: list(text) } },
  }),
};
