import { apiKeyStore } from './api-keys.ts';
import { apiStore } from './apis.ts';
import { portalStore } from './portals.ts';
import type { Redis } from './redis.ts';
import { rootKeyStore } from './root-keys.ts';
import { sessionStore } from './sessions.ts';
import { usageStore } from './usage.ts';
import { workspaceStore } from './workspaces.ts';

/** Everything that is kept, by the kind of record. */
export type Store = ReturnType<typeof createStore>;

/** The store on one Redis. */
export function createStore(redis: Redis) {
  return {
    workspaces: workspaceStore(redis),
    rootKeys: rootKeyStore(redis),
    portals: portalStore(redis),
    apis: apiStore(redis),
    sessions: sessionStore(redis),
    apiKeys: apiKeyStore(redis),
    usage: usageStore(redis),
    /** Throws StoreUnavailable where Redis does not answer. */
    ping: async (): Promise<void> => {
      await redis.run((client) => client.ping());
    },
    close: () => redis.close(),
  };
}
