import type { RedisHealth } from '../store/health.ts';
import type { Store } from '../store/index.ts';
import { StoreUnavailable } from '../store/redis.ts';

/** One thing that was looked at. */
export interface Finding {
  check: 'redis' | 'version' | 'persistence' | 'eviction' | 'clock' | 'https';
  level: 'ok' | 'warning' | 'error';
  message: string;
  /** What to do about it. */
  fix?: string;
}

const oldestRedis = 7;
const greatestSkewMs = 5000;

function versionFinding({ version }: RedisHealth): Finding {
  const check = 'version';
  if (Number(version.split('.')[0]) >= oldestRedis) return { check, level: 'ok', message: `Redis is ${version}.` };
  const fix = `Run Redis ${oldestRedis} or later, or Valkey.`;
  return { check, level: 'error', message: `Redis is ${version}, which is too old.`, fix };
}

function persistenceFinding({ appendOnly, snapshots }: RedisHealth): Finding {
  const check = 'persistence';
  if (appendOnly) return { check, level: 'ok', message: 'Redis writes an append-only file.' };
  const fix = 'Set "appendonly yes" in redis.conf.';
  if (snapshots) {
    const message = 'Redis writes snapshots alone: a crash loses what came after the last one.';
    return { check, level: 'warning', message, fix };
  }
  if (snapshots === undefined) {
    const message = 'Redis writes no append-only file, and does not tell whether it writes snapshots.';
    return { check, level: 'warning', message, fix };
  }
  return { check, level: 'error', message: 'Redis keeps nothing on disk: a restart loses everything.', fix };
}

function evictionFinding({ maxMemoryPolicy, maxMemory }: RedisHealth): Finding {
  const check = 'eviction';
  if (maxMemoryPolicy === 'noeviction') return { check, level: 'ok', message: 'Redis evicts nothing.' };
  const fix = 'Set "maxmemory-policy noeviction" in redis.conf.';
  const message = `Redis evicts by "${maxMemoryPolicy ?? 'unknown'}": root keys and portals can vanish when memory is full.`;
  return { check, level: maxMemory === 0 ? 'warning' : 'error', message, fix };
}

function clockFinding({ clockSkewMs }: RedisHealth): Finding {
  const check = 'clock';
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (Math.abs(clockSkewMs) <= greatestSkewMs) return { check, level: 'ok', message: 'The clocks agree.' };
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

/** Looks at what the server stands on, and says of each thing whether it is well and what to do. */
export async function diagnose(store: Store, portalBaseUrl: string): Promise<Finding[]> {
  try {
    const health = await store.health();
    return [
      { check: 'redis', level: 'ok', message: 'Redis answers.' },
      versionFinding(health),
      persistenceFinding(health),
      evictionFinding(health),
      clockFinding(health),
      httpsFinding(portalBaseUrl),
    ];
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const fix = 'Check REDIS_URL, and that Redis runs.';
    return [{ check: 'redis', level: 'error', message: 'Redis cannot be reached.', fix }, httpsFinding(portalBaseUrl)];
  }
}
