import type { LimitsOfApi } from '../../../../generated/client/types.gen.ts';
import type { Store } from '../../store/index.ts';
import { periodNameOf } from '../../store/policies.ts';
import { ownerOf, usedApis } from '../keys/key-access.ts';
import { boundsOf } from '../policies/bounds.ts';
import { periodsOf } from '../policies/periods.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';

/**
 * What is left of the limits of the session's user in each API of the portal that the session can use. A verification decides by the
 * clock of Redis, and this by that of the process: around the end of a period they may differ for a moment.
 */
export async function getLimits(store: Store, session: AuthenticatedSession): Promise<LimitsOfApi[]> {
  const owner = ownerOf(session);
  const [apis, userPolicy] = await Promise.all([usedApis(store, session), store.userPolicies.find(owner)]);
  return Promise.all(
    apis.map(async (api): Promise<LimitsOfApi> => {
      const { apiId } = api;
      const { userRate, quota } = boundsOf(api, userPolicy);
      if (userRate === undefined && quota === undefined) return { apiId };
      const counts = await store.limitCounts.find(owner, apiId);
      const now = Date.now();
      const latest = now + (userRate?.duration ?? 0);
      // A window that ends later is of an earlier policy.
      const window = counts.rate !== undefined && counts.rate.ends <= latest ? counts.rate : { used: 0, ends: latest };
      const reset = periodsOf(periodNameOf(quota) ?? 'day,UTC', now).end;
      const used = counts.quota?.ends === reset ? counts.quota.used : 0;
      return {
        apiId,
        ...(userRate !== undefined && {
          ratelimit: { ...userRate, remaining: Math.max(userRate.limit - window.used, 0), reset: window.ends },
        }),
        ...(quota !== undefined && { quota: { ...quota, remaining: Math.max(quota.limit - used, 0), reset } }),
      };
    }),
  );
}
