/** Compares sent and counted verifications over several server processes, under load, while one of them restarts. */
import { Portico } from '../../clients/typescript/src/index.ts';
import type { VerificationCounts } from '../../generated/client/types.gen.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, porticoText, startServer } from '../../tests/support/server.ts';
import { rawRequest, sendRepeatedly } from './raw-client.ts';

/** Verifications by the responses, and as the server counted them. */
export interface ExactCount {
  answered: VerificationCounts;
  counted: VerificationCounts;
  /** The total that the command line exports by minute. */
  exported: number;
  /** Responses with 503, which may or may not be counted. A run with any is inconclusive. */
  unsure: number;
  restarts: number;
  seconds: number;
}

const permissions = ['create_key', 'read_key', 'read_analytics'].map((action) => `api.*.${action}`);

/** Runs `total` verifications of four keys with different outcomes over `processes` server processes. */
export async function countExactly({ total, processes }: { total: number; processes: number }): Promise<ExactCount> {
  const redis = await startRedis();
  const { rootKey, workspaceId } = await portico<{ rootKey: string; workspaceId: string }>(
    redis.url,
    ...['workspace', 'create', '--name', 'Count'],
  );
  const settings = { REDIS_URL: redis.url, HOST: '127.0.0.1', LOG_LEVEL: 'info', NODE_ENV: 'production' };
  const start = (port: number) => startServer({ ...settings, PORT: String(port) });
  const servers = await Promise.all(Array.from({ length: processes }, () => start(0)));
  const [first] = servers;
  if (first === undefined) throw new Error('at least one process is needed');
  try {
    const backend = new Portico({ baseUrl: first.url, rootKey });
    const { apiId } = await backend.apis.createApi({ name: 'Count' });
    await backend.portal.createConfiguration({ slug: 'count', apiIds: [apiId] });
    const grant = { slug: 'count', externalId: 'user_123', permissions };
    const { sessionId } = await backend.portal.createSession(grant);
    const { token } = await backend.portal.exchangeSession({ sessionId });
    const user = new Portico({ baseUrl: first.url, sessionToken: token });
    const newKey = async (more: object) => (await user.portal.createKey({ apiId, ...more })).key;
    const ratelimit = { limit: Math.ceil(total / 100), duration: 2_592_000_000 };
    const keys = await Promise.all([{}, {}, { enabled: false }, { ratelimit }].map(newKey));

    const startTime = Date.now() - 60_000;
    const answered: VerificationCounts = {
      ...{ total: 0, valid: 0, rateLimited: 0, disabled: 0, expired: 0 },
      ...{ usageExceeded: 0, insufficientPermissions: 0, forbidden: 0 },
    };
    const outcomes = {
      ...({ VALID: 'valid', RATE_LIMITED: 'rateLimited', DISABLED: 'disabled', EXPIRED: 'expired' } as const),
      ...({ USAGE_EXCEEDED: 'usageExceeded' } as const),
    };
    let sent = 0;
    let unsure = 0;
    const take = () => sent < total && ++sent > 0;
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
    };
    const begun = performance.now();
    const load = Promise.all(
      servers.flatMap(({ port, url }) =>
        [...keys, ...keys].map((key) =>
          sendRepeatedly(port, rawRequest(url, 'keys.verifyKey', rootKey, { key }), take, onResponse),
        ),
      ),
    );
    let restarts = 0;
    // The last process restarts twice, after one and two thirds of the verifications.
    for (const share of processes > 1 ? [1 / 3, 2 / 3] : []) {
      const far = async () => {
        while (answered.total < total * share) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await Promise.race([far(), load]);
      const last = servers.length - 1;
      const { port } = servers[last] ?? first;
      await servers[last]?.stop();
      servers[last] = await start(port);
      restarts++;
    }
    await load;
    const seconds = (performance.now() - begun) / 1000;
    const body = { startTime, endTime: Date.now() + 60_000 };
    const { totals: counted } = await user.portal.getVerifications(body);
    const lines = await porticoLines(redis.url, 'usage', 'export', '--workspace', workspaceId);
    const exported = lines
      .filter(({ granularity, externalId }) => granularity === 'minute' && externalId !== undefined)
      .reduce((sum, line) => sum + line.total, 0);
    return { answered, counted, exported, unsure, restarts, seconds };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
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
