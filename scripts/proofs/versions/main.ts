/** `npm run prove -- versions`: 0.1.0 and this version on one Redis, before and after the migration. It takes some minutes. */
import { startRedis } from '../../../tests/support/redis.ts';
import { portico, startServer } from '../../../tests/support/server.ts';
import { call } from '../../../tests/support/tenant.ts';
import { runProof } from '../proof.ts';
import { oldVersion } from './old-version.ts';
import { suiteOnOld } from './suite.ts';
import { besideNext, lockedOut, onOldData, type Point } from './versions.ts';

const proof = {
  name: 'versions',
  title: 'Two versions',
  description: 'See what 0.1.0, this version and a later one do to the same Redis.',
  order: 87,
  group: 'Correctness',
};

await runProof(proof, async () => {
  const old = await oldVersion();
  const redis = await startRedis();
  try {
    const points: Point[] = [await suiteOnOld(old)];
    const note = (held: boolean, sentence: string) => points.push({ held, sentence });
    const { rootKey = '' } = await old.cli(redis.url, 'workspace', 'create', '--name', 'Acme');
    const first = await old.start(redis.url);
    const ask = async (url: string, operation: string, bearer: string, body: unknown) =>
      call(url, operation, bearer, body);
    const { apiId } = (await ask(first.url, 'apis.createApi', rootKey, { name: 'API' })).data;
    await ask(first.url, 'portal.createConfiguration', rootKey, { slug: 'my-portal', apiIds: [apiId] });
    const permissions = ['api.*.create_key', 'api.*.read_key'];
    const link = { slug: 'my-portal', externalId: 'user_1', permissions };
    const { sessionId } = (await ask(first.url, 'portal.createSession', rootKey, link)).data;
    const token = String((await ask(first.url, 'portal.exchangeSession', '', { sessionId })).data['token']);
    const { key } = (await ask(first.url, 'portal.createKey', token, { apiId })).data;
    const verify = (url: string) => ask(url, 'keys.verifyKey', rootKey, { key });
    note((await verify(first.url)).data['code'] === 'VALID', '0.1.0 serves its own data');
    points.push(...(await onOldData(redis.url)));
    note((await verify(first.url)).data['code'] === 'VALID', '0.1.0 still serves it afterwards');

    // Its last call must be a minute ago, or the command refuses.
    await first.stop();
    const refused = await portico(redis.url, 'migrate').then(
      () => false,
      () => true,
    );
    note(refused, 'the migration does not begin within a minute of a call to 0.1.0');
    await new Promise((resolve) => setTimeout(resolve, 61_000));
    await portico(redis.url, 'migrate');
    const env = { REDIS_URL: redis.url, REDIS_MODE: 'standalone', PORT: '0', HOST: '127.0.0.1', METRICS_PORT: '' };
    const server = await startServer(env);
    note((await verify(server.url)).data['code'] === 'VALID', 'this version serves the migrated data');
    const again = await old.start(redis.url);
    points.push(...(await lockedOut(again.url, redis.url, [rootKey, token])));
    note((await verify(server.url)).data['code'] === 'VALID', 'this version serves it beside 0.1.0');
    await again.stop();
    points.push(...(await besideNext(server, redis.url, rootKey)));
    await server.stop();
    return {
      held: points.every(({ held }) => held),
      lines: points.map(({ held, sentence }) => `${held ? '' : '**broken:** '}${sentence}`),
    };
  } finally {
    await redis.stop();
    await old.remove();
  }
});
