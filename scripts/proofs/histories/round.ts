/** A round: new objects, clients that act on them at the same time, and the history of that. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '../../lab/soak/servers.ts';
import { callerOf, type Workspace } from './client.ts';
import type { Call } from './history.ts';
import { chainsOf, limitsOf } from './keys.ts';
import type { Plan } from './plan.ts';
import { portalOf } from './sessions.ts';

/** What the clients of a round have learned. */
export interface Recorded {
  calls: Call[];
  /** Responses that no client should get. */
  unexpected: string[];
}

/** Does all steps of a plan, with the faults that happen meanwhile, and then reads every object on every server. */
export async function runRound(
  name: string,
  { clients }: Plan,
  workspace: Workspace,
  places: Place[],
  faults: () => Promise<unknown>,
): Promise<Recorded> {
  const unexpected: string[] = [];
  const caller = callerOf(workspace, places, unexpected);
  const portal = portalOf(name, caller);
  const chains = chainsOf(name, caller);
  const limits = limitsOf(name, caller);
  await Promise.all([portal.prepare(), limits.prepare()]);
  const actors = { user: portal, keys: chains, limits, window: limits };
  const run = clients.map(async (steps, client) => {
    for (const step of steps) {
      await sleep(step.pauseMs);
      await actors[step.kind].step(client, step);
    }
  });
  await Promise.all([...run, faults()]);
  // What was acknowledged is there, and what has ended stays over.
  const settle = places.map(async (_, client) => {
    for (const actor of [portal, chains, limits]) await actor.settle(client);
  });
  await Promise.all(settle);
  return { calls: [portal, chains, limits].flatMap((actor) => actor.history()), unexpected };
}
