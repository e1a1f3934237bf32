/**
 * Versions of the control data of a workspace. Each is the time of the change in microseconds, so that none is used twice, even if a
 * failover has lost the last one.
 */
import { readsClock } from './quota.ts';
import { script, snippet, text } from './script.ts';

/** For scripts that change control data which a process may have read. They call `newVersion`. */
export const changesControl = snippet('newVersion', { uses: [readsClock], keys: ['control'] });

export const controlScripts = {
  readControl: script('readControl', {
    writes: 'nothing',
    keys: ['control', 'published', 'workspace', 'rootKeys', 'portalSlugs', 'portals', 'portalEpochs', 'apis'],
    // A portal is named by its slug or its id. An empty name reads nothing.
    args: ['rootKeyHash', 'slug', 'portalId', 'apiId'],
    // Records are JSON, or '' if there is none.
    outcomes: {
      ok: { version: text, published: text, workspace: text, rootKey: text, portal: text, epoch: text, api: text },
    },
  }),
  raiseVersion: script('raiseVersion', {
    keys: ['version'],
    args: ['version'],
    outcomes: { ok: { version: text } },
  }),
};
