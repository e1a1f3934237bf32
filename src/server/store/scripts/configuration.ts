import { auditing } from './audit.ts';
import { verifiesManager } from './callers.ts';
import { changesControl } from './control.ts';
import { locksOut } from './dataset.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { list, number, script, snippet, text } from './script.ts';

const findsUnknownApis = snippet('unknownPositions');
/** Needs the argument `apiId`. */
const dropsCatalogues = snippet('dropCatalogue', { keys: ['scopeCatalogues'] });
const quota = [readsClock, countsBytes] as const;

/** The positions, from 0, of the API ids that are unknown, among those that the script got. */
const api_not_found = { positions: list(number) };

/** Workspaces, portals and APIs. */
export const configurationScripts = {
  putWorkspace: script('putWorkspace', {
    uses: [changesControl, auditing, locksOut],
    keys: ['workspace'],
    args: ['workspace'],
    outcomes: { ok: {} },
  }),
  createPortal: script('createPortal', {
    uses: [verifiesManager, auditing, findsUnknownApis, ...quota, limitsBytes],
    keys: ['portalSlugs', 'portals', 'portalOrder', 'apis'],
    args: ['slug', 'portalId', 'portal', 'place', 'maxPortals'],
    rest: 'apiIds',
    outcomes: { ok: {}, slug_taken: {}, api_not_found, too_many: {} },
  }),
  findPortal: script('findPortal', {
    writes: 'nothing',
    keys: ['portalSlugs', 'portals'],
    args: ['slug'],
    outcomes: { ok: { portal: text }, not_found: {} },
  }),
  replacePortal: script('replacePortal', {
    uses: [verifiesManager, changesControl, auditing, findsUnknownApis, ...quota, limitsBytes],
    keys: ['portals', 'apis', 'portalEpochs'],
    args: ['portalId', 'versionRead', 'portal'],
    rest: 'addedApiIds',
    // `endedEpoch` is that of the sessions that the change ends, or ''.
    outcomes: { ok: { endedEpoch: text }, stale: {}, not_found: {}, api_not_found },
  }),
  deletePortal: script('deletePortal', {
    uses: [verifiesManager, changesControl, auditing, ...quota],
    keys: ['portalSlugs', 'portals', 'portalOrder', 'portalEpochs', 'document'],
    args: ['slug', 'portalId', 'place'],
    outcomes: { ok: { endedEpoch: text }, not_found: {} },
  }),
  endPortalSessions: script('endPortalSessions', {
    uses: [verifiesManager, changesControl, auditing],
    keys: ['portals', 'portalEpochs'],
    args: ['portalId'],
    outcomes: { ok: {}, not_found: {} },
  }),
  createApi: script('createApi', {
    uses: [verifiesManager, auditing, ...quota, limitsBytes],
    keys: ['apis', 'apiOrder', 'deletedApis'],
    args: ['apiId', 'api', 'place', 'maxApis'],
    outcomes: { ok: {}, too_many: {} },
  }),
  replaceApi: script('replaceApi', {
    uses: [verifiesManager, changesControl, auditing, ...quota, limitsBytes, dropsCatalogues],
    keys: ['apis'],
    // `dropsCatalogue` is 1 if the record names no catalogue any more.
    args: ['apiId', 'textRead', 'api', 'dropsCatalogue'],
    outcomes: { ok: {}, stale: {}, not_found: {} },
  }),
  deleteApi: script('deleteApi', {
    uses: [verifiesManager, changesControl, auditing, ...quota, dropsCatalogues],
    keys: ['apis', 'apiOrder', 'deletedApis'],
    args: ['apiId', 'place'],
    outcomes: { ok: {}, not_found: {} },
  }),
  /** `placesAndRecords` alternates: place, record, place, record … */
  readPage: script('readPage', {
    writes: 'nothing',
    keys: ['records', 'order'],
    args: ['from', 'size'],
    outcomes: { ok: { placesAndRecords: list(text) } },
  }),
};
