/**
 * `npm run fuzz` calls a server with requests that Schemathesis makes from openapi.yaml, valid and invalid ones, and judges
 * the responses by the same document. It knows nothing of our code or our suite. Options: `--minutes` (2 by default), `--seed`
 * to repeat a run, and `--accept` to write the findings of this run into accepted.json. A finding that is not in that file
 * fails the run. Add a `reason` by hand.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Portico } from '../../clients/typescript/src/index.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../freshness/if-stale.ts';
import { pythonTools } from '../python-tools.ts';
import { type Accepted, problemsOf } from './accepted.ts';
import { dictionariesOf } from './dictionaries.ts';

const root = join(import.meta.dirname, '../..');
const acceptedFile = join(import.meta.dirname, 'accepted.json');

/** Operations that end the session of the run, or delete what it needs. They come last. */
const destructive = [
  'apis.deleteApi',
  'portal.updateConfiguration',
  'portal.deleteConfiguration',
  'portal.revokeSessions',
];
const parts: { share: number; include?: string[]; exclude?: string[] }[] = [
  { share: 0.8, exclude: [...destructive, 'portal.endSession'] },
  { share: 0.05, include: ['portal.endSession'] },
  { share: 0.15, include: destructive },
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    accept: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.minutes) * 60;
if (!(seconds > 0)) throw new Error(`--minutes takes a number greater than 0, not "${values.minutes}"`);

/** A workspace with a portal, an API, and a signed-in user with keys. */
async function arrange(baseUrl: string, redisUrl: string) {
  const { rootKey } = await portico<{ rootKey: string }>(redisUrl, 'workspace', 'create', '--name', 'Fuzz');
  const backend = new Portico({ baseUrl, rootKey });
  const { apiId } = await backend.apis.createApi({ name: 'Fuzz' });
  const { slug, portalId } = await backend.portal.createConfiguration({ slug: 'fuzz', apiIds: [apiId] });
  const actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];
  const permissions = actions.map((action) => `api.*.${action}`);
  const grant = { slug, externalId: 'user_123', permissions };
  const { sessionId } = await backend.portal.createSession(grant);
  const { token } = await backend.portal.exchangeSession({ sessionId });
  // Many, because the run deletes and rerolls some.
  const keys = await Promise.all(
    Array.from({ length: 50 }, () => backend.portal.createKey({ apiId }, { sessionToken: token })),
  );
  const known = {
    apiId: [apiId],
    slug: [slug],
    portal: [slug, portalId],
    externalId: [grant.externalId],
    keyId: keys.map(({ keyId }) => keyId),
    key: keys.map(({ key }) => key),
  };
  return { rootKey, token, known };
}

const names = (flag: string, operations: string[] = []) =>
  operations.flatMap((operation) => [`--${flag}-operation-id`, operation]);

await buildIfStale();
const tool = await pythonTools('scripts/fuzz/requirements.txt', 'fuzz');
const directory = await mkdtemp(join(tmpdir(), 'portico-fuzz-'));
const redis = await startRedis();
const settings = { REDIS_URL: redis.url, HOST: '127.0.0.1', PORT: '0', MAX_KEYS_PER_USER_AND_API: '1000000' };
const server = await startServer(settings);
try {
  const { rootKey, token, known } = await arrange(server.url, redis.url);
  const config = join(directory, 'schemathesis.toml');
  const credentials = await readFile(join(import.meta.dirname, 'schemathesis.toml'), 'utf8');
  await writeFile(config, credentials + dictionariesOf(known));
  console.log(`seed ${values.seed}, ${values.minutes} minutes`);
  for (const { share, include, exclude } of parts) {
    const child = spawn(
      tool('schemathesis'),
      [
        ...['--config-file', config, 'run', join(root, 'openapi.yaml'), '--url', server.url],
        ...['--seed', values.seed, '--max-time', String(Math.ceil(seconds * share)), '--continue-on-failure'],
        ...['--baseline', acceptedFile, ...(values.accept ? ['--baseline-update'] : [])],
        ...names('include', include),
        ...names('exclude', exclude),
      ],
      { cwd: directory, stdio: 'inherit', env: { ...process.env, ROOT_KEY: rootKey, SESSION_TOKEN: token } },
    );
    const [code] = await once(child, 'exit');
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  await server.stop();
  await redis.stop();
  await rm(directory, { recursive: true });
}
for (const problem of problemsOf(JSON.parse(await readFile(acceptedFile, 'utf8')) as Accepted)) {
  console.error(problem);
  process.exitCode = 1;
}
