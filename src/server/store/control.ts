/**
 * Control data: the workspace, its root keys, portals, epochs and APIs. It is at home, in one slot; the records of users are in
 * partitions. A step in a partition depends on control data that it cannot read in the same step, so the data has a version:
 *
 * - A process caches control data with the version that it has read it at. A step in a partition gets that version, and is refused if
 *   the partition knows of another one. The process then reads again. So what it has decided by the data holds in that very step.
 * - A change first writes the data and the next version at home, then raises the version of every partition, and only then is
 *   acknowledged (`publish`). From then on, every process is refused with older data, on its next call.
 * - A process that dies in between leaves a version at home that is not published. Whichever process reads it publishes it, and each
 *   process looks for one every few seconds (`completeChanges`).
 * - A version that a failover has lost is raised again: at home to what a partition knows of, in a partition to what home has. A
 *   process forgets its cache with the connection, so that it cannot agree with an old version that a new primary has.
 */
import { LRUCache } from 'lru-cache';
import { Problem } from '../problem.ts';
import type { Api, Portal, Workspace } from './control-data.ts';
import { keys } from './keys.ts';
import { type Partition, partitionsOf } from './partitions.ts';
import type { Outdated, Proof, RootKey, SessionProof } from './proof.ts';
import { type Redis, StoreUnavailable } from './redis.ts';

/** The control data that a step depends on. What is not named is not read. */
export interface Wanted {
  /** SHA-256 of a root key. */
  rootKeyHash?: string;
  /** A portal, by its slug or its id. */
  slug?: string;
  portalId?: string;
  apiId?: string;
}

/** A portal, and its epoch: sessions of an earlier one have ended. */
export interface PortalNow {
  portal: Portal;
  epoch: string;
}

/** Control data of one version. A record is undefined if it was not wanted or does not exist. It is shared and frozen. */
export interface Control {
  version: string;
  workspace: Workspace | undefined;
  rootKey: RootKey | undefined;
  entry: PortalNow | undefined;
  api: Api | undefined;
}

declare const checked: unique symbol;

/** Control data by which a caller was accepted. Only `run` makes one, and it decides nothing that Redis does not confirm. */
export type CheckedControl = Control & { readonly [checked]: true };

/** How many times a step starts again while others change the control data of its workspace. */
const maxTries = 20;
/** How many portals or APIs a process tells a step at most. */
const maxTold = 16;

/** How much JSON of control data a process caches, in characters. */
const cachedCharacters = 32 * 2 ** 20;
/** How many workspaces a process knows the version of, and how long after their last call, in ms. */
const maxWorkspaces = 10_000;
const knownMs = 60_000;

/** What a process knows of a workspace. */
interface Known {
  version: string;
  /** The connection over which it was read. */
  connection: number;
  /** The ids of the portals and APIs that were read last. */
  portalIds: Set<string>;
  apiIds: Set<string>;
}

interface CachedRecord {
  version: string;
  value: unknown;
  size: number;
}

/** The value, which many calls share from now on: nothing can change it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
}

/** Adds an id as the last one. */
function remember(ids: Set<string>, id: string): void {
  ids.delete(id);
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > maxTold && oldest !== undefined) ids.delete(oldest);
}

/**
 * The root key of this control data, if it exists and its workspace is enabled.
 *
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled
 */
export function requireRootKey({ rootKey, workspace }: Control): RootKey {
  if (rootKey === undefined) throw new Problem('unkey/authentication/key_not_found');
  if (workspace === undefined) throw new Problem('unkey/data/workspace_not_found');
  if (!workspace.enabled) throw new Problem('unkey/authorization/workspace_disabled');
  return rootKey;
}

/**
 * The portal of this control data, if a session of it can be used by the page that sends the request.
 *
 * @throws Problem portal_session_not_found, foreign_origin, workspace_disabled, forbidden
 */
export function requireEntry(
  { workspace, entry }: Control,
  { epoch, pageOrigin }: Pick<SessionProof, 'epoch' | 'pageOrigin'>,
): Portal {
  if (workspace === undefined || entry === undefined)
    throw new Problem('unkey/authentication/portal_session_not_found');
  const { portal } = entry;
  if (pageOrigin !== '' && portal.allowedOrigins?.includes(pageOrigin) !== true) {
    throw new Problem('unkey/authorization/foreign_origin');
  }
  if (!workspace.enabled) throw new Problem('unkey/authorization/workspace_disabled');
  if (!portal.enabled) throw new Problem('unkey/authorization/forbidden');
  if (epoch !== entry.epoch) throw new Problem('unkey/authentication/portal_session_not_found');
  return portal;
}

export type ControlStore = ReturnType<typeof controlStore>;

export function controlStore(redis: Redis) {
  // A workspace that is not used any more is not looked after either.
  const known = new LRUCache<string, Known>({ max: maxWorkspaces, ttl: knownMs, updateAgeOnGet: true });
  const records = new LRUCache<string, CachedRecord>({
    maxSize: cachedCharacters,
    sizeCalculation: ({ size }) => size,
  });

  const raise = (versionKey: string, version: string) =>
    redis.run((client) => client.raiseVersion({ keys: { version: versionKey }, args: { version } }));

  /** What is being published, by workspace and version: calls that wait for the same must not all do it. */
  const publishing = new Map<string, Promise<void>>();

  /** Gives every partition, and then home, the version as one that all partitions have. */
  function raiseAll(workspaceId: string, version: string): Promise<void> {
    const name = `${workspaceId} ${version}`;
    const raiseEach = async () => {
      await Promise.all(partitionsOf(workspaceId).map((place) => raise(keys.controlSeen(place), version)));
      await raise(keys.published(workspaceId), version);
    };
    const underWay = publishing.get(name) ?? raiseEach().finally(() => publishing.delete(name));
    publishing.set(name, underWay);
    return underWay;
  }

  const knownNow = (workspaceId: string): Known | undefined => {
    const now = known.get(workspaceId);
    return now?.connection === redis.connection() ? now : undefined;
  };

  /** The cached record, if it is of this version. */
  function recordAt<Value>(name: string, version: string): Value | undefined {
    const record = records.get(name);
    return record?.version === version ? (record.value as Value) : undefined;
  }

  /** The control data as this process knows it; undefined if it does not know all of it. It may be outdated. */
  function cached(workspaceId: string, { rootKeyHash, slug, portalId, apiId }: Wanted): Control | undefined {
    const now = knownNow(workspaceId);
    if (now === undefined) return undefined;
    const { version } = now;
    const read = <Value>(kind: string, id: string) => recordAt<Value>(`${workspaceId} ${kind} ${id}`, version);
    const workspace = read<Workspace>('workspace', '');
    const rootKey = rootKeyHash === undefined ? undefined : read<RootKey>('root-key', rootKeyHash);
    const id = slug === undefined ? portalId : read<string>('slug', slug);
    const entry = id === undefined ? undefined : read<PortalNow>('portal', id);
    const api = apiId === undefined ? undefined : read<Api>('api', apiId);
    const isComplete =
      workspace !== undefined &&
      (rootKeyHash === undefined || rootKey !== undefined) &&
      ((slug ?? portalId) === undefined || entry !== undefined) &&
      (apiId === undefined || api !== undefined);
    return isComplete ? { version, workspace, rootKey, entry, api } : undefined;
  }

  /** Reads control data at home, and caches it. Others may not know of it yet, if it is not published. */
  async function readHome(workspaceId: string, wanted: Wanted): Promise<{ control: Control; isPublished: boolean }> {
    const connection = redis.connection();
    const { rootKeyHash = '', slug = '', portalId = '', apiId = '' } = wanted;
    const reply = await redis.run((client) =>
      client.readControl({
        keys: {
          control: keys.control(workspaceId),
          published: keys.published(workspaceId),
          workspace: keys.workspace(workspaceId),
          rootKeys: keys.rootKeys(workspaceId),
          portalSlugs: keys.portalSlugs(workspaceId),
          portals: keys.portals(workspaceId),
          portalEpochs: keys.portalEpochs(workspaceId),
          apis: keys.apis(workspaceId),
        },
        args: { rootKeyHash, slug, portalId, apiId },
      }),
    );
    const { version, published } = reply;
    const before = known.get(workspaceId);
    const isSame = before?.version === version && before.connection === connection;
    const now = isSame ? before : { version, connection, portalIds: new Set<string>(), apiIds: new Set<string>() };
    known.set(workspaceId, now);
    const keep = <Value>(kind: string, id: string, value: Value, size: number): Value => {
      records.set(`${workspaceId} ${kind} ${id}`, { version, value: frozen(value), size: size + 200 });
      return value;
    };
    const parsed = <Value>(kind: string, id: string, text: string): Value | undefined =>
      text === '' ? undefined : keep<Value>(kind, id, JSON.parse(text), text.length);
    const workspace = parsed<Workspace>('workspace', '', reply.workspace);
    const rootKey = parsed<RootKey>('root-key', rootKeyHash, reply.rootKey);
    const api = parsed<Api>('api', apiId, reply.api);
    let entry: PortalNow | undefined;
    if (reply.portal !== '') {
      const portal: Portal = JSON.parse(reply.portal);
      entry = keep('portal', portal.portalId, { portal, epoch: reply.epoch }, reply.portal.length);
      keep('slug', portal.slug, portal.portalId, 0);
      remember(now.portalIds, portal.portalId);
    }
    if (api !== undefined) remember(now.apiIds, apiId);
    // A change whose process has died, or is about to finish it.
    const isPublished = published === version;
    if (!isPublished) void raiseAll(workspaceId, version).catch(() => {});
    return { control: { version, workspace, rootKey, entry, api }, isPublished };
  }

  const read = async (workspaceId: string, wanted: Wanted) => (await readHome(workspaceId, wanted)).control;

  /**
   * Control data that the check accepts. A refusal is decided by data that was read just now. If that is not published, another process
   * could still serve the next call: so a refusal first reaches the partition that it is about.
   */
  async function current(
    workspaceId: string,
    wanted: Wanted,
    check: (control: Control) => void,
    place?: Partition,
  ): Promise<Control> {
    const found = cached(workspaceId, wanted);
    if (found !== undefined) {
      try {
        check(found);
        return found;
      } catch {
        // It may be outdated.
      }
    }
    const { control: fresh, isPublished } = await readHome(workspaceId, wanted);
    try {
      check(fresh);
    } catch (refusal) {
      if (!isPublished && place !== undefined) await raise(keys.controlSeen(place), fresh.version);
      throw refusal;
    }
    return fresh;
  }

  /** Makes a partition and this process agree, after a step was refused with another version than the partition knows of. */
  async function agree(place: Partition, used: string, seen: string): Promise<void> {
    const { workspaceId } = place;
    if (Number(seen) < Number(used)) {
      await raise(keys.controlSeen(place), used);
      return;
    }
    known.delete(workspaceId);
    const { version } = await read(workspaceId, {});
    // Home has lost the last changes. Those that it has get a version that every partition accepts.
    if (Number(version) < Number(seen)) await raise(keys.control(workspaceId), seen);
    known.delete(workspaceId);
  }

  return {
    /**
     * Runs a step in a partition for a caller whom the check accepts, by control data that is valid in that very step. Starts again
     * if the data has changed.
     *
     * @param check throws if the caller is to be refused
     * @param step runs a script that verifies the control data, with `controlOf`
     * @throws Problem of the check; StoreUnavailable
     */
    async run<Reply extends { outcome: string }>(
      place: Partition,
      wanted: Wanted,
      check: (control: Control) => void,
      step: (control: CheckedControl) => Promise<Reply | Outdated>,
    ): Promise<Exclude<Reply, Outdated>> {
      for (let tries = 0; tries < maxTries; tries++) {
        const control = await current(place.workspaceId, wanted, check, place);
        const reply = await step(control as CheckedControl);
        if (reply.outcome !== 'outdated') return reply as Exclude<Reply, Outdated>;
        await agree(place, control.version, (reply as Outdated).version);
      }
      throw new StoreUnavailable('the control data of the workspace keeps changing');
    },

    /** Control data as it is now. @throws StoreUnavailable */
    fresh: read,

    /** Control data that the check accepts. @throws Problem of the check; StoreUnavailable */
    current,

    /**
     * Control data of this version; undefined if there is a later one.
     *
     * @throws StoreUnavailable
     */
    async at(workspaceId: string, version: string, wanted: Wanted): Promise<Control | undefined> {
      const found = cached(workspaceId, wanted);
      const control = found?.version === version ? found : await read(workspaceId, wanted);
      const { entry } = control;
      if (entry !== undefined) remember(knownNow(workspaceId)?.portalIds ?? new Set(), entry.portal.portalId);
      if (control.api !== undefined) remember(knownNow(workspaceId)?.apiIds ?? new Set(), control.api.apiId);
      return control.version === version ? control : undefined;
    },

    /** The root key with this hash as this process knows it. It may have been revoked since. */
    cachedRootKey: (workspaceId: string, hash: string): RootKey | undefined =>
      records.get(`${workspaceId} root-key ${hash}`)?.value as RootKey | undefined,

    /** The entries of the portals that were used last, of this version. */
    lastEntries({ version, workspace }: Control): PortalNow[] {
      if (workspace === undefined) return [];
      const { workspaceId } = workspace;
      const ids = knownNow(workspaceId)?.portalIds ?? [];
      return [...ids].flatMap((id) => recordAt<PortalNow>(`${workspaceId} portal ${id}`, version) ?? []);
    },

    /** The APIs that were used last, of this version. */
    lastApis({ version, workspace }: Control): Api[] {
      if (workspace === undefined) return [];
      const { workspaceId } = workspace;
      const ids = knownNow(workspaceId)?.apiIds ?? [];
      return [...ids].flatMap((id) => recordAt<Api>(`${workspaceId} api ${id}`, version) ?? []);
    },

    /** The API with this id, if the process knows it in this version. */
    cachedApi({ version, workspace }: Control, apiId: string): Api | undefined {
      return workspace && recordAt<Api>(`${workspace.workspaceId} api ${apiId}`, version);
    },

    /**
     * Resolves once every partition knows of the control data that home has. Every change of control data waits for it before it is
     * acknowledged, and so does one that found nothing to change: it may repeat one that was not.
     *
     * @throws StoreUnavailable if a partition cannot be reached; another process, or the next change, completes it
     */
    async publish(workspaceId: string): Promise<void> {
      known.delete(workspaceId);
      const [version, published] = await redis.run((client) =>
        client.mGet([keys.control(workspaceId), keys.published(workspaceId)]),
      );
      if (version != null && version !== published) await raiseAll(workspaceId, version);
    },

    /** The workspaces that this process serves. */
    served: (): string[] => [...known.keys()],

    /** Completes changes of other processes in the workspaces that this process knows, and forgets what they have changed. */
    async completeChanges(): Promise<void> {
      await Promise.all(
        [...known.keys()].map(async (workspaceId) => {
          const [version, published] = await redis.run((client) =>
            client.mGet([keys.control(workspaceId), keys.published(workspaceId)]),
          );
          if (known.peek(workspaceId)?.version !== (version ?? '0')) known.delete(workspaceId);
          if (version != null && version !== published) await raiseAll(workspaceId, version);
        }),
      );
    },
  };
}

/** The part of a script's keys and arguments by which it verifies the control data, as snippets/requireControl.lua does. */
export const controlOf = {
  keys: (place: Partition) => ({ controlSeen: keys.controlSeen(place) }),
  args: ({ version }: CheckedControl) => ({ controlVersion: version }),
};

/**
 * How a script in a partition accepts its caller: by the control data, and if that is a browser session, by that as well, as
 * snippets/requireOwner.lua does.
 */
export const callerOf = {
  wanted(proof: Proof): Wanted {
    if ('ref' in proof) return { portalId: proof.portalId };
    return 'verification' in proof ? { rootKeyHash: proof.hash } : {};
  },
  /** @throws Problem of a caller that is no longer valid */
  check(now: Control, proof: Proof): void {
    if ('ref' in proof) requireEntry(now, proof);
    else if ('verification' in proof) requireRootKey(now);
    else if (now.workspace === undefined) throw new Problem('unkey/data/workspace_not_found');
  },
  /** The keys and arguments of the script. */
  of: (place: Partition, proof: Proof, checked: CheckedControl) => ({
    keys: {
      ...controlOf.keys(place),
      callingSession: keys.session(place, 'ref' in proof ? proof.ref.handle : 'none'),
    },
    args: { ...controlOf.args(checked), tokenHash: 'ref' in proof ? proof.ref.hash : '' },
  }),
};

/** The part of a script's keys and arguments by which it verifies its caller. */
export type CallerParts = ReturnType<typeof callerOf.of>;
