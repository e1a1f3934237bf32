/**
 * Tests that do not test the deadlines of Redis load this before the server (`node --import`). On a busy machine Redis can
 * reply late, and a 503 would hide the result of the test.
 */
import { deadlines } from '../../src/server/store/redis/deadlines.ts';

// Not that for replicas: it bounds how long a test waits that has cut them off.
const { replication: _, ...ofRedis } = deadlines;
for (const name of Object.keys(ofRedis) as (keyof typeof ofRedis)[]) deadlines[name] *= 20;
