/** The conformance suite tests a server of 0.1.0 with the contract of that version. */
import { runConformance } from '../../../contract-tests/index.ts';
import { startRedis } from '../../../tests/support/redis.ts';
import { unlimited } from '../../../tests/support/server.ts';
import { call } from '../../../tests/support/tenant.ts';
import type { OldVersion } from './old-version.ts';
import type { Point } from './versions.ts';

/** How many broken promises the page names. */
const shownFailures = 10;

/** Runs `npm run conformance -- --contract-version 0.1.0` with everything that the suite can be given, on a Redis of its own. */
export async function suiteOnOld(old: OldVersion): Promise<Point> {
  const redis = await startRedis();
  try {
    const [{ rootKey = '' }, { rootKey: foreignRootKey }] = [
      await old.cli(redis.url, 'workspace', 'create', '--name', 'Acme'),
      await old.cli(redis.url, 'workspace', 'create', '--name', 'Other'),
    ];
    const server = await old.start(redis.url, unlimited);
    try {
      const returnUrl = 'https://app.acme.example/settings';
      const { data } = await call(server.url, 'apis.createApi', rootKey, { name: 'API' });
      const portal = { returnUrl, apiIds: [data['apiId']] };
      await call(server.url, 'portal.createConfiguration', rootKey, { ...portal, slug: 'my-portal' });
      await call(server.url, 'portal.createConfiguration', rootKey, { ...portal, slug: 'no-portal', enabled: false });
      const { results } = await runConformance({
        ...{ target: server.url, rootKey, foreignRootKey, slug: 'my-portal', disabledSlug: 'no-portal' },
        contractVersion: '0.1.0',
      });
      const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
      const failed = results
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ operation, promise }) => `${operation} › ${promise}`);
      const named = failed.length === 0 ? '' : `: ${failed.slice(0, shownFailures).join('; ')}`;
      return {
        held: failed.length === 0 && count('passed') > 0,
        sentence: `the suite tests 0.1.0 with the contract of 0.1.0: ${count('passed')} checks passed, ${failed.length} failed${named}, and ${count('skipped')} were skipped`,
      };
    } finally {
      await server.stop();
    }
  } finally {
    await redis.stop();
  }
}
