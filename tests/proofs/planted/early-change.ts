/** A server that acknowledges a change before replicas have it, whatever REDIS_WAIT_REPLICAS says. */
import { plant } from '../../support/plant.ts';

plant(
  'store/redis/replication.ts',
  'await waiter.wait(',
  'void (async (mark: string) => waiter.wait(mark).catch(() => {}))(',
);
