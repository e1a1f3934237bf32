import type { StoreLimits } from '../../src/server/store/limits.ts';

/** No limits, for what measures more than one workspace should have. */
export const noLimits: StoreLimits = {
  ...{ keysPerUser: 1e9, sessionsPerUser: 1e9, workspaceMegabytes: 0, userKilobytes: 0 },
  ...{ apis: 1e9, portals: 1e9, rootKeys: 1e9 },
};
