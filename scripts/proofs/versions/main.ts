/** `npm run prove -- versions`: 0.1.0 and this version on one Redis, before and after the migration. It takes some minutes. */
import { startRedis } from '../../../tests/support/redis.ts';
import { portico, startServer } from '../../../tests/support/server.ts';
import { call } from '../../../tests/support/tenant.ts';
import { runProof } from '../proof.ts';
import { oldData } from './old-calls.ts';
import { oldVersion } from './old-version.ts';
import { suiteOnOld } from './suite.ts';
import { allowed, besideNext, lockedOut, onOldData, type Point } from './versions.ts';

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
    const newWorkspace = async () =>
      (await old.cli(redis.url, 'workspace', 'create', '--name', 'Acme'))['rootKey'] ?? '';
    const first = await old.start(redis.url);
    const { rootKey, key, calls } = await oldData(first.url, await newWorkspace());
    points.push(await allowed(first.url, (await oldData(first.url, await newWorkspace())).calls));
    const verify = (url: string) => call(url, 'keys.verifyKey', rootKey, { key });
    points.push(...(await onOldData(redis.url)));
    note((await verify(first.url)).data['code'] === 'VALID', '0.1.0 still serves its data afterwards');

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
    points.push(...(await lockedOut(again.url, redis.url, calls)));
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
