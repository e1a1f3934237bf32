/** One cut: what each server of the old side acknowledges meanwhile, and how much of that the new primary knows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Acknowledged, usersOfTenant } from './load.ts';
import { type StageSettings, startStage } from './stage.ts';

/** How long users act before the cut, in ms. */
export const leadMs = 1500;

/** How to cut. */
export interface Settings extends StageSettings {
  /** Users of each server of the old side. */
  users: number;
  /** How long the network is cut at least, in ms. */
  cutMs: number;
  /** Whether the network heals before the judgement. If not, the new primary is judged as it is. */
  heals: boolean;
  random: () => number;
}

/** What happened to the calls of one server of the old side. */
interface Count {
  server: string;
  wait: number;
  exchanged: number;
  lostExchanges: number;
  /** Links that gave a session on both sides, of how many that were opened on both. */
  doubled: number;
  contested: number;
  /** Deleted keys, and sessions that were ended or revoked. */
  ended: number;
  resurrected: number;
  created: number;
  lostCreated: number;
  /** Until when after the cut it acknowledged changes, in ms. */
  acknowledgedForMs: number;
  /** What it took at the end of the cut, of keys and sessions that had ended on the new side. */
  staleKeys: number;
  staleSessions: number;
}

/** The result of a cut. */
export interface Split {
  counts: Count[];
  /** How many users lost their key and session on the new side during the cut. */
  endedOnNewSide: number;
  /** For each server of the new side: when after the cut it acknowledged a change, in ms; Infinity if not before the end. */
  newSide: { server: string; wait: number; refusedForMs: number }[];
  /** How long the network was cut, and until when after that the old primary was a replica, in ms. */
  cutForMs: number;
  demotedAfterMs: number;
}

/** Cuts the network once. The last server of the new side judges. @throws MissingBinary; Error if something does not start */
export async function split(settings: Settings): Promise<Split> {
  const { users: many, cutMs, heals, random, servers } = settings;
  const stage = await startStage(settings);
  const knocking = new AbortController();
  try {
    const oldSide = servers.filter(({ side }) => side === 'old');
    const newSide = servers.filter(({ side }) => side === 'new');
    const judge = stage.urlOf(newSide.at(-1)?.name ?? '');
    const tenant = usersOfTenant(stage.tenant, (oldSide.length + 1) * many + 1);
    const groups = await Promise.all(
      oldSide.map(async (server) => {
        const url = stage.urlOf(server.name);
        return { server, url, users: await tenant.prepareMany(url, many) };
      }),
    );
    const others = await tenant.prepareMany(groups[0]?.url ?? '', Math.ceil(many / 2));
    // Until everything is on the replicas, also that of a server that does not wait.
    await sleep(200);

    const knocks = servers.map(async ({ name, side, wait }) => ({
      ...{ server: name, side, wait },
      times: await tenant.knock(stage.urlOf(name), knocking.signal),
    }));
    const times = { beforeMs: leadMs, afterMs: cutMs * 0.8 };
    const acting = groups.map(({ url, users }) => tenant.during(url, users, times, random));
    await sleep(leadMs);
    await stage.cut();
    const cutAt = performance.now();
    await stage.elected();
    await tenant.served(judge);
    const ended = await tenant.endAll(judge, others);
    await sleep(Math.max(0, cutAt + cutMs - performance.now()));
    const acknowledged = await Promise.all(acting);
    /** Every second link is opened on the new side, too. */
    const isContested = ({ kind, user }: Acknowledged, group: number) =>
      kind === 'exchange' && (groups[group]?.users.indexOf(user) ?? 0) % 2 === 0;
    const contested = (group: number) => (acknowledged[group] ?? []).filter((one) => isContested(one, group));
    const opened = await Promise.all(
      groups.map(async (_, i) =>
        tenant.openLinks(
          judge,
          contested(i).map(({ user }) => user),
        ),
      ),
    );
    const stale = await Promise.all(groups.map(({ url }) => tenant.accepted(url, ended)));
    const cutForMs = performance.now() - cutAt;
    if (heals) {
      stage.heal();
      await stage.demoted();
    }
    const demotedAfterMs = performance.now() - cutAt - cutForMs;
    knocking.abort();
    const knocked = await Promise.all(knocks);
    const after = (server: string) =>
      knocked.find((one) => one.server === server)?.times.filter((at) => at > cutAt) ?? [];

    const counts: Count[] = [];
    for (const [i, { server }] of groups.entries()) {
      const own = acknowledged[i] ?? [];
      const undone: Acknowledged[] = [];
      const judged = own.filter((one) => !contested(i).includes(one));
      for (const one of judged) if (await tenant.isUndone(judge, one)) undone.push(one);
      const of = (all: Acknowledged[], ...kinds: Acknowledged['kind'][]) =>
        all.filter(({ kind }) => kinds.includes(kind)).length;
      counts.push({
        ...{ server: server.name, wait: server.wait },
        ...{ exchanged: of(judged, 'exchange'), lostExchanges: of(undone, 'exchange') },
        ...{ contested: contested(i).length, doubled: opened[i]?.length ?? 0 },
        ...{ ended: of(judged, 'delete', 'end'), resurrected: of(undone, 'delete', 'end') },
        ...{ created: of(judged, 'create'), lostCreated: of(undone, 'create') },
        acknowledgedForMs: Math.max(0, ...after(server.name).map((at) => at - cutAt)),
        ...{ staleKeys: stale[i]?.keys ?? 0, staleSessions: stale[i]?.sessions ?? 0 },
      });
    }
    return {
      ...{ counts, endedOnNewSide: ended.length, cutForMs, demotedAfterMs },
      newSide: newSide.map(({ name, wait }) => ({
        ...{ server: name, wait },
        refusedForMs: Math.min(...after(name).map((at) => at - cutAt), Number.POSITIVE_INFINITY),
      })),
    };
  } finally {
    knocking.abort();
    await stage.stop();
  }
}

/** How many changes a server has acknowledged. Who acknowledges none loses none, which proves nothing. */
export const acknowledgedOf = ({ exchanged, contested, ended, created }: Count): number =>
  exchanged + contested + ended + created;

/** What the setting promises to prevent, in sentences; none if it has. */
export const brokenBy = ({ server, lostExchanges, doubled, resurrected, lostCreated }: Count): string[] =>
  Object.entries({
    'lost exchanges': lostExchanges,
    'doubled exchanges': doubled,
    'resurrected deletes': resurrected,
    'lost keys': lostCreated,
  })
    .filter(([, many]) => many > 0)
    .map(([what, many]) => `${server}: ${many} ${what}`);
