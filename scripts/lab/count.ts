/**
 * `npm run count` proves that counting is exact: 100,000 verifications over three server processes, one of which restarts
 * twice under load. Every response must be counted once. `npm run count -- 20000` sets another number.
 */
import { isDeepStrictEqual } from 'node:util';
import { buildIfStale } from '../freshness/if-stale.ts';
import { countExactly } from './exact-count.ts';

await buildIfStale();

const total = Number(process.argv[2] ?? 100_000);
const { answered, counted, exported, unsure, restarts, seconds } = await countExactly({ total, processes: 3 });
const exact = unsure === 0 && answered.total === total && isDeepStrictEqual(answered, counted) && exported === total;
console.log(`answered  ${JSON.stringify(answered)}`);
console.log(`counted   ${JSON.stringify(counted)}`);
console.log(`exported  ${exported}`);
console.log(
  `3 processes, ${restarts} restarts, ${unsure} responses with 503, ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} a second`,
);
console.log(exact ? 'exact' : 'NOT EXACT');
process.exitCode = exact ? 0 : 1;
