/**
 * A server loads this with `--import`, and then has a fault: it reads what a user has used of a quota with one verification, and writes it
 * with the next one. A limiter that reads and then writes does this, when the verification of another process comes between the two.
 */
import { createHash } from 'node:crypto';
import { scripts } from '../../../src/server/store/scripts.ts';

const { verifyApiKey } = scripts;
const own = `quotaUseKey .. ':${process.pid}'`;
const changes: [right: string, wrong: string][] = [
  [
    'quotaUsed, quotaEnds = readCount(quotaUseKey, periodEnd, true)',
    `local unwritten = redis.call('GET', ${own})
     if unwritten then redis.call('SET', quotaUseKey, unwritten, 'PXAT', whole(periodEnd)) end
     quotaUsed, quotaEnds = readCount(quotaUseKey, periodEnd, true)`,
  ],
  [
    'add(quotaUseKey, quotaEnds, periodEnd)',
    `redis.call('SET', ${own}, whole(quotaUsed + counted), 'PXAT', whole(periodEnd))`,
  ],
];
let text = verifyApiKey.SCRIPT;
for (const [right, wrong] of changes) {
  if (!text.includes(right)) throw new Error(`the script has no "${right}" to break`);
  text = text.replace(right, wrong);
}
Object.assign(verifyApiKey, { SCRIPT: text, SHA1: createHash('sha1').update(text).digest('hex') });
