/**
 * Compares sent and counted verifications over several server processes, under load, while one of them restarts. Two keys share a quota,
 * whose period ends in the middle: the clock of Redis, which decides, is set shortly before the end of an hour.
 */
import { Portico } from '../../clients/typescript/src/index.ts';
import type { VerificationCounts } from '../../generated/client/types.gen.ts';
import { keys as names } from '../../src/server/store/keys.ts';
import { fakeClock } from '../../tests/support/fake-clock.ts';
import { startRedis, tell, until } from '../../tests/support/redis.ts';
import { portico, porticoText, startServer } from '../../tests/support/server.ts';
import { rawRequest, sendRepeatedly } from './raw-client.ts';

/** Verifications by the responses, and as the server counted them. */
export interface ExactCount {
  /** How many were sent, without those with 503. */
  sent: number;
  answered: VerificationCounts;
  counted: VerificationCounts;
  /** The total that the command line exports by minute. */
  exported: number;
  /** Responses with 503, which may or may not be counted. A run with any is inconclusive. */
  unsure: number;
  restarts: number;
  seconds: number;
  quota: QuotaCount;
}

/** What the responses said of a quota, and what Redis has stored. */
export interface QuotaCount {
  limit: number;
  /** The verifications under the quota in each period, in order: how many were accepted and how many refused. */
  periods: { accepted: number; refused: number }[];
  /** What Redis has counted of the last period. */
  stored: number;
}

/** What runs. */
export interface CountOptions {
  /** How many verifications there are at least: the load goes on while the period ends. */
  total: number;
  processes: number;
  /** Whether the last process restarts, twice; yes by default. */
  isRestarted?: boolean;
  /** Modules that each server loads before its own. */
  preload?: string[];
}

const externalId = 'user_123';
const permissions = ['create_key', 'read_key', 'read_analytics'].map((action) => `api.*.${action}`);
const outcomes = {
  ...({ VALID: 'valid', RATE_LIMITED: 'rateLimited', DISABLED: 'disabled', EXPIRED: 'expired' } as const),
  ...({ USAGE_EXCEEDED: 'usageExceeded' } as const),
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A time zone whose hour ends at least five minutes from now and at most 35, and when it ends, in Unix ms. */
function nextHour(now: number): { timeZone: string; end: number } {
  // How far the hours of the zone begin after those of UTC.
  const zones = { UTC: 0, 'Asia/Kolkata': 30 * minuteMs, 'Asia/Kathmandu': 15 * minuteMs };
  const ends = Object.entries(zones).map(([timeZone, after]) => ({
    timeZone,
    end: (Math.floor((now + 5 * minuteMs - after) / hourMs) + 1) * hourMs + after,
  }));
  return ends.reduce((first, other) => (other.end < first.end ? other : first));
}

/** Runs verifications of six keys with different outcomes over `processes` server processes. */
export async function countExactly({
  total,
  processes,
  isRestarted = processes > 1,
  preload = [],
}: CountOptions): Promise<ExactCount> {
  const clock = await fakeClock();
  const redis = await startRedis({ env: clock.env });
  const { rootKey, workspaceId } = await portico<{ rootKey: string; workspaceId: string }>(
    redis.url,
    ...['workspace', 'create', '--name', 'Count'],
  );
  const settings = { REDIS_URL: redis.url, HOST: '127.0.0.1', LOG_LEVEL: 'info', NODE_ENV: 'production' };
  const start = (port: number) => startServer({ ...settings, PORT: String(port) }, { preload });
  const servers = await Promise.all(Array.from({ length: processes }, () => start(0)));
  const [first] = servers;
  if (first === undefined) throw new Error('at least one process is needed');
  try {
    const backend = new Portico({ baseUrl: first.url, rootKey });
    const { timeZone, end } = nextHour(Date.now());
    const quotaLimit = Math.ceil(total / 20);
    const policy = { perUser: { quota: { limit: quotaLimit, period: 'hour', timeZone } as const } };
    const { apiId } = await backend.apis.createApi({ name: 'Count' });
    const { apiId: governedId } = await backend.apis.createApi({ name: 'Count under a quota', policy });
    await backend.portal.createConfiguration({ slug: 'count', apiIds: [apiId, governedId] });
    const { sessionId } = await backend.portal.createSession({ slug: 'count', externalId, permissions });
    const { token } = await backend.portal.exchangeSession({ sessionId });
    const user = new Portico({ baseUrl: first.url, sessionToken: token });
    const newKey = async (more: object) => (await user.portal.createKey({ apiId, ...more })).key;
    const ratelimit = { limit: Math.ceil(total / 100), duration: 2_592_000_000 };
    const governed = { apiId: governedId };
    const keys = await Promise.all([{}, {}, { enabled: false }, { ratelimit }, governed, governed].map(newKey));

    const startTime = Date.now() - minuteMs;
    const answered: VerificationCounts = {
      ...{ total: 0, valid: 0, rateLimited: 0, disabled: 0, expired: 0 },
      ...{ usageExceeded: 0, insufficientPermissions: 0, forbidden: 0 },
    };
    const periods = new Map<number, { accepted: number; refused: number }>();
    let sent = 0;
    let most = Number.POSITIVE_INFINITY;
    let unsure = 0;
    const take = () => sent < most && ++sent > 0;
    const onResponse = (response: string) => {
      if (response.startsWith('HTTP/1.1 503 ')) {
        unsure++;
        sent--;
        return;
      }
      const code = /"code":"(\w+)"/.exec(response)?.[1] as keyof typeof outcomes;
      if (!(code in outcomes)) throw new Error(`no verification: ${response}`);
      answered[outcomes[code]]++;
      answered.total++;
      const reset = Number(/"quota":\{[^}]*"reset":(\d+)/.exec(response)?.[1] ?? 0);
      if (reset === 0) return;
      const period = periods.get(reset) ?? { accepted: 0, refused: 0 };
      period[code === 'VALID' ? 'accepted' : 'refused']++;
      periods.set(reset, period);
    };
    const begun = performance.now();
    const load = Promise.all(
      servers.flatMap(({ port, url }) =>
        [...keys, ...keys].map((key) =>
          sendRepeatedly(port, rawRequest(url, 'keys.verifyKey', rootKey, { key }), take, onResponse),
        ),
      ),
    );
    /** Waits until so many verifications are done. */
    const reached = async (many: number) => {
      const far = async () => {
        while (answered.total < many) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await Promise.race([far(), load]);
    };
    let restarts = 0;
    /** Restarts the last process. */
    const restart = async () => {
      if (!isRestarted) return;
      const last = servers.length - 1;
      const { port } = servers[last] ?? first;
      await servers[last]?.stop();
      servers[last] = await start(port);
      restarts++;
    };
    /** Moves the clock of Redis to a moment before the end of the period, and waits for the end. */
    const endPeriod = async () => {
      await clock.setAhead(end - Date.now() - 100);
      await until('the period ends', async () => Number((await tell<string[]>(redis.url, 'TIME'))[0]) * 1000 >= end);
    };
    await reached(total / 3);
    await endPeriod();
    most = sent + Math.ceil((2 * total) / 3);
    await restart();
    await reached(most - total / 3);
    await restart();
    await load;
    const seconds = (performance.now() - begun) / 1000;
    const { totals: counted } = await user.portal.getVerifications({ startTime, endTime: end + 5 * minuteMs });
    const lines = await porticoLines(redis.url, 'usage', 'export', '--workspace', workspaceId);
    const exported = lines
      .filter((line) => line.granularity === 'minute' && line.externalId !== undefined)
      .reduce((sum, line) => sum + line.total, 0);
    const stored = Number(await tell(redis.url, 'GET', names.quotaUse({ workspaceId, externalId }, governedId)));
    const inOrder = [...periods].sort(([a], [b]) => a - b).map(([, period]) => period);
    const quota = { limit: quotaLimit, periods: inOrder, stored };
    return { sent, answered, counted, exported, unsure, restarts, seconds, quota };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
    await clock.remove();
  }
}

interface ExportedLine {
  granularity: string;
  externalId?: string;
  total: number;
}

/** The parsed NDJSON output of a command. */
async function porticoLines(redisUrl: string, ...args: string[]): Promise<ExportedLine[]> {
  return porticoText(redisUrl, ...args).then((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): ExportedLine => JSON.parse(line)),
  );
}
