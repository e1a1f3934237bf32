import type { Dataset } from '../../store/dataset.ts';
import type { HealthOfNode, NodeHealth, RedisHealth } from '../../store/health.ts';
import type { Store } from '../../store/index.ts';
import type { RedisSettings } from '../../store/redis/settings.ts';
import { StoreUnavailable } from '../../store/redis.ts';
import type { Workspace } from '../../store/workspaces.ts';
import { dueWorkspaces } from './migration.ts';

/** The result of one check. */
export interface Finding {
  check:
    | 'redis'
    | 'connection'
    | 'version'
    | 'persistence'
    | 'eviction'
    | 'clock'
    | 'replicas'
    | 'failover'
    | 'permissions'
    | 'migration'
    | 'restore'
    | 'https';
  level: 'ok' | 'warning' | 'error';
  message: string;
  /** How to fix it. */
  fix?: string;
}

const oldestRedis = 7;
const maxClockSkewMs = 5000;

function versionFinding({ version }: NodeHealth): Finding {
  const check = 'version';
  if (Number(version.split('.')[0]) >= oldestRedis) return { check, level: 'ok', message: `Redis is ${version}.` };
  const fix = `Run Redis ${oldestRedis} or later, or Valkey.`;
  return { check, level: 'error', message: `Redis is ${version}, which is too old.`, fix };
}

function persistenceFinding({ appendOnly, snapshots }: NodeHealth): Finding {
  const check = 'persistence';
  if (appendOnly) return { check, level: 'ok', message: 'Redis writes an append-only file.' };
  const fix = 'Set "appendonly yes" in redis.conf.';
  if (snapshots) {
    const message = 'Redis writes only snapshots: a crash loses every change after the last one.';
    return { check, level: 'warning', message, fix };
  }
  if (snapshots === undefined) {
    const message = 'Redis writes no append-only file, and does not report whether it writes snapshots.';
    return { check, level: 'warning', message, fix };
  }
  return { check, level: 'error', message: 'Redis writes nothing to disk: a restart loses everything.', fix };
}

function evictionFinding({ maxMemoryPolicy, maxMemory }: NodeHealth): Finding {
  const check = 'eviction';
  if (maxMemoryPolicy === 'noeviction') return { check, level: 'ok', message: 'Redis evicts nothing.' };
  const fix = 'Set "maxmemory-policy noeviction" in redis.conf.';
  const message = `Redis evicts by "${maxMemoryPolicy ?? 'unknown'}": root keys and portals can vanish when memory is full.`;
  return { check, level: maxMemory === 0 ? 'warning' : 'error', message, fix };
}

function clockFinding({ clockSkewMs }: NodeHealth): Finding {
  const check = 'clock';
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (Math.abs(clockSkewMs) <= maxClockSkewMs) return { check, level: 'ok', message: 'The clocks agree.' };
  const fix = 'Keep both machines on NTP.';
  const side = clockSkewMs > 0 ? 'ahead of' : 'behind';
  return { check, level: 'warning', message: `This machine is ${seconds} s ${side} Redis.`, fix };
}

function httpsFinding(portalBaseUrl: string): Finding {
  const check = 'https';
  const { protocol, hostname } = new URL(portalBaseUrl);
  if (protocol === 'https:') return { check, level: 'ok', message: 'The portal is on https, its cookies are Secure.' };
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const message = 'PORTAL_BASE_URL is not https, so cookies are not Secure and travel in clear.';
  const fix = 'Put the portal behind TLS and set PORTAL_BASE_URL to its https:// origin.';
  return { check, level: local ? 'warning' : 'error', message, fix };
}

/** How the server connects to Redis. */
type Connection = Pick<RedisSettings, 'nodes' | 'login' | 'tls' | 'waitReplicas'>;

const isThisMachine = (host: string) => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

/** Who can read along, and who else can log in. A client that reaches Redis can do everything. */
function connectionFindings({ nodes, login, tls }: Connection): Finding[] {
  const check = 'connection';
  const away = nodes.filter(({ host }) => !isThisMachine(host));
  if (away.length === 0) return [{ check, level: 'ok', message: 'Redis is on this machine.' }];
  const findings: Finding[] = [];
  if (tls === undefined) {
    const fix = 'Use rediss://, unless only these machines share the network.';
    findings.push({ check, level: 'warning', message: 'The connection to Redis is not encrypted.', fix });
  }
  if (login.password === undefined && tls?.cert === undefined) {
    const fix = 'Set a password or require client certificates, unless only the server can reach Redis.';
    findings.push({ check, level: 'warning', message: 'Redis needs no password.', fix });
  }
  const message = 'The connection to Redis is encrypted and needs a login.';
  return findings.length > 0 ? findings : [{ check, level: 'ok', message }];
}

/** Whether all nodes reply and serve all records. */
function reachFindings(nodes: HealthOfNode[], unserved: string | undefined): Finding[] {
  const check = 'redis';
  const away = nodes.filter(({ health }) => health === undefined);
  const silent = away.map(({ address, replicaOf }): Finding => {
    const level = replicaOf === undefined ? 'error' : 'warning';
    return {
      check,
      level,
      message: `${address} is unavailable.`,
      fix: 'Check that it runs, and that the login is valid.',
    };
  });
  if (unserved !== undefined) {
    const fix = 'Check the nodes with CLUSTER INFO and CLUSTER SHARDS.';
    silent.push({ check, level: 'error', message: `${unserved}.`, fix });
  }
  const message = nodes.length === 1 ? 'Redis replies.' : `All ${nodes.length} nodes of Redis reply.`;
  return silent.length > 0 ? silent : [{ check, level: 'ok', message }];
}

/** Redis is there, but refuses the login or a command that the server needs. */
const refusalFinding = (refusal: string): Finding => ({
  check: 'redis',
  level: 'error',
  message: `Redis refuses: ${refusal}.`,
  fix: 'Check the login, and grant the Redis user the permissions in "Restrict the Redis user" of the documentation.',
});

/** What a check reads from a node. */
const sources = { INFO: [versionFinding, persistenceFinding, evictionFinding], TIME: [clockFinding] };

/** The checks of what the nodes report, as far as the ACL allows it. */
function nodeFindings(nodes: HealthOfNode[]): Finding[] {
  return (['INFO', 'TIME'] as const).flatMap((command) => {
    const allowed = nodes.filter(({ health }) => health?.forbidden.includes(command) !== true);
    const looked = sources[command].flatMap((look) => onEveryNode(allowed, look));
    return allowed.length === nodes.length ? looked : [...looked, forbiddenFinding(command)];
  });
}

/** The ACL forbids a command that only the doctor needs. */
function forbiddenFinding(command: keyof typeof sources): Finding {
  const unknown = { INFO: 'the version, the persistence and the eviction', TIME: 'the clock' }[command];
  return {
    check: 'permissions',
    level: 'warning',
    message: `The Redis user may not run ${command}, so ${unknown} cannot be checked.`,
    fix: `Allow it with "ACL SETUSER <user> +${command.toLowerCase()}", or check ${unknown} yourself.`,
  };
}

/** One finding if the check passes on every node, else one for each node that fails it. */
function onEveryNode(nodes: HealthOfNode[], look: (health: NodeHealth) => Finding): Finding[] {
  const looked = nodes.flatMap(({ address, health }) => (health === undefined ? [] : [{ address, ...look(health) }]));
  const findings = looked.map(({ address, message, ...rest }) => ({
    ...rest,
    message: nodes.length === 1 || rest.level === 'ok' ? message : `${address}: ${message}`,
  }));
  const wrong = findings.filter(({ level }) => level !== 'ok');
  return wrong.length > 0 ? wrong : findings.slice(0, 1);
}

/** In a mode that survives the loss of a node, each primary needs a replica. */
function replicaFindings({ isSpread, nodes }: RedisHealth): Finding[] {
  if (!isSpread) return [];
  const check = 'replicas';
  const alone = nodes.filter(
    ({ address, replicaOf }) => replicaOf === undefined && !nodes.some((other) => other.replicaOf === address),
  );
  const fix = 'Give it a replica.';
  const message = (address: string) => `${address} has no replica: its data is unavailable whenever it is.`;
  if (alone.length === 0) return [{ check, level: 'ok', message: 'Every primary has a replica.' }];
  return alone.map(({ address }) => ({ check, level: 'warning', message: message(address), fix }));
}

const failoverGuide = 'See "Plan for a failover" of the documentation.';

/** What a failover can lose of what was acknowledged. Without replicas there is no failover. */
function failoverFindings(nodes: HealthOfNode[], { waitReplicas = 0 }: Connection): Finding[] {
  const check = 'failover';
  const primaries = nodes.flatMap(({ address, health }) =>
    health?.replicas === undefined ? [] : [{ address, replicas: health.replicas, needsReplicas: health.needsReplicas }],
  );
  const short = primaries
    .filter(({ replicas }) => replicas < waitReplicas)
    .map(({ address, replicas }): Finding => {
      const message = `${address} has ${replicas} of the ${waitReplicas} replicas that REDIS_WAIT_REPLICAS needs: no change is acknowledged.`;
      return { check, level: 'error', message, fix: 'Give it more replicas, or set REDIS_WAIT_REPLICAS to fewer.' };
    });
  if (short.length > 0 || !primaries.some(({ replicas }) => replicas > 0)) return short;
  const findings: Finding[] = [];
  if (waitReplicas === 0) {
    const message = 'A failover can undo changes that the server has acknowledged: REDIS_WAIT_REPLICAS is 0.';
    findings.push({ check, level: 'warning', message, fix: `Set REDIS_WAIT_REPLICAS=1. ${failoverGuide}` });
  }
  if (primaries.some(({ needsReplicas }) => !needsReplicas)) {
    const message =
      'A primary that is cut off still verifies keys that were deleted since: min-replicas-to-write is 0.';
    const fix = `Set "min-replicas-to-write 1" in redis.conf. ${failoverGuide}`;
    findings.push({ check, level: 'warning', message, fix });
  }
  const message = 'A change is acknowledged only after a replica has it.';
  return findings.length > 0 ? findings : [{ check, level: 'ok', message }];
}

/** Whether data of 0.1.0 is where this version finds it. */
function migrationFinding(due: Workspace[]): Finding {
  const check = 'migration';
  if (due.length === 0) return { check, level: 'ok', message: 'All data is of this version.' };
  const [first] = due;
  const which = due.length === 1 ? `The workspace ${first?.workspaceId} has` : `${due.length} workspaces have`;
  return {
    check,
    level: 'error',
    message: `${which} data of 0.1.0, so the keys of users are not found.`,
    fix: 'Stop the servers, and run "portico migrate".',
  };
}

/** The shortest time without a server that is worth a question, in ms. */
const longGapMs = 600_000;

const timeText = (ms: number) => new Date(ms).toISOString();

/** Whether the data is that of a backup, as far as anything says it. */
function restoreFinding({ restored, gap }: Dataset): Finding {
  const check = 'restore';
  if (restored !== undefined) {
    const from = restored === 0 ? '' : ` of ${timeText(restored)}`;
    const message = `Redis was restored from a backup${from}, and the servers refuse all calls.`;
    return { check, level: 'error', message, fix: 'Run "portico restore fence".' };
  }
  if (gap === undefined || gap.to - gap.from < longGapMs)
    return { check, level: 'ok', message: 'Nothing says that a backup was restored.' };
  const message = `No server used the data from ${timeText(gap.from)} to ${timeText(gap.to)}: either no server was running, or a backup was restored.`;
  const fix = 'If a backup was restored, run "portico restore fence"; if not, "portico restore dismiss".';
  return { check, level: 'warning', message, fix };
}

/** Checks Redis and the settings that the server depends on. Each finding says how to fix it. */
export async function diagnose(
  store: Pick<Store, 'health' | 'probe' | 'workspaces' | 'dataset'>,
  portalBaseUrl: string,
  connection: Connection,
): Promise<Finding[]> {
  try {
    const health = await store.health();
    const unserved = await store.probe().then(
      () => undefined,
      (error: Error) => (error instanceof StoreUnavailable ? error : Promise.reject(error)),
    );
    const { nodes } = health;
    // Data that Redis cannot serve is no reason to say nothing about the rest.
    const ofData =
      unserved === undefined
        ? [migrationFinding(await dueWorkspaces(store)), restoreFinding(await store.dataset.read())]
        : [];
    return [
      ...(unserved?.refusal === undefined
        ? reachFindings(nodes, unserved?.reason)
        : [refusalFinding(unserved.refusal)]),
      ...nodeFindings(nodes),
      ...replicaFindings(health),
      ...failoverFindings(nodes, connection),
      ...ofData,
      ...connectionFindings(connection),
      httpsFinding(portalBaseUrl),
    ];
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const fix = 'Check REDIS_URL and that Redis is running.';
    const unreachable: Finding = { check: 'redis', level: 'error', message: 'Redis is unreachable.', fix };
    return [error.refusal === undefined ? unreachable : refusalFinding(error.refusal), httpsFinding(portalBaseUrl)];
  }
}
