/**
 * `npm run count` proves that counting is exact: 100,000 verifications over three server processes, one of which restarts
 * twice under load. Every response must be counted once, and a quota must accept exactly as many as it allows in each of two periods.
 * `npm run count -- 20000` sets another number.
 */
import { isDeepStrictEqual } from 'node:util';
import { buildIfStale } from '../freshness/if-stale.ts';
import { countExactly } from './exact-count.ts';

await buildIfStale();

const total = Number(process.argv[2] ?? 100_000);
const { sent, answered, counted, exported, unsure, restarts, seconds, quota } = await countExactly({
  total,
  processes: 3,
});
const { limit, periods, stored } = quota;
const isQuotaExact =
  periods.length === 2 &&
  stored === limit &&
  periods.every(({ accepted, refused }) => accepted === limit && refused > 0);
const isCountExact =
  unsure === 0 && answered.total === sent && isDeepStrictEqual(answered, counted) && exported === sent;
const exact = isQuotaExact && isCountExact;
console.log(`answered  ${JSON.stringify(answered)}`);
console.log(`counted   ${JSON.stringify(counted)}`);
console.log(`exported  ${exported}`);
console.log(`a quota of ${limit}, by period ${JSON.stringify(periods)}, stored ${stored}`);
console.log(
  `3 processes, ${restarts} restarts, ${unsure} responses with 503, ${seconds.toFixed(1)} s, ${Math.round(sent / seconds)} a second`,
);
console.log(exact ? 'exact' : 'NOT EXACT');
process.exitCode = exact ? 0 : 1;
