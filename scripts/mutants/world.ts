/** The healthy server that mutants stand in front of, with the credentials that the suite needs. */
import type { Target } from '../../contract-tests/engine/target.ts';
import type { MutantOptions } from '../../contract-tests/mutants/mutant.ts';
import { type Defect, startProxy } from '../../contract-tests/mutants/proxy.ts';
import { portico } from '../../tests/support/server.ts';
import { type ServerTarget, startServerTarget } from '../../tests/support/server-target.ts';

/** A started server, and what the suite and the mutants know about it. */
interface World {
  target: ServerTarget;
  options: MutantOptions & { otherApiRootKey: string };
}

/** Many runs of the suite store more in one workspace than its usual limits allow: each makes tens of portals. */
const unbounded = { MAX_PORTALS_PER_WORKSPACE: '1000000', MAX_APIS_PER_WORKSPACE: '1000000', WORKSPACE_QUOTA_MB: '0' };

/** Starts Redis and a server, and creates a workspace with an enabled and a disabled portal. */
export async function startWorld(): Promise<World> {
  const target = await startServerTarget(unbounded);
  const cli = <T>(...args: string[]) => portico<T>(target.redisEnv, ...args);
  const { rootKey, slug } = await target.arrange('portal');
  const disabledSlug = 'closed-portal';
  await cli('portal', 'create', '--workspace', target.workspaceId, '--slug', disabledSlug, '--disabled');
  const { rootKey: foreignRootKey } = await cli<{ rootKey: string }>('workspace', 'create', '--name', 'Other');
  const { rootKey: otherApiRootKey } = await target.arrange('otherApiRootKey');
  const { openapiUrl } = target;
  return { target, options: { rootKey, slug, disabledSlug, foreignRootKey, openapiUrl, otherApiRootKey } };
}

/**
 * Runs `work` against the target with a defect in front of it, also in front of the other servers that some states need.
 * States are created without the defect, so that a check fails at the promise that it is about.
 */
export async function behind<T>(target: Target, defect: Defect, work: (target: Target) => Promise<T>): Promise<T> {
  const proxies = new Map<string, ReturnType<typeof startProxy>>();
  const proxyOf = (url: string) => {
    const proxy = proxies.get(url) ?? startProxy(url, defect);
    proxies.set(url, proxy);
    return proxy;
  };
  try {
    const { url } = await proxyOf(target.baseUrl);
    return await work({
      ...target,
      baseUrl: url,
      async arrange(state, operation) {
        const { baseUrl, ...fixture } = await target.arrange(state, operation);
        return baseUrl === undefined ? fixture : { ...fixture, baseUrl: (await proxyOf(baseUrl)).url };
      },
    });
  } finally {
    for (const proxy of proxies.values()) await (await proxy).stop();
  }
}
