/** A server that acknowledges the end of a session before Redis has it. */
import { plant } from '../../support/plant.ts';

plant(
  'src/server/operations/portal.endSession.ts',
  'await endSession(store, caller, author());',
  'const by = author(); setTimeout(() => endSession(store, caller, by).catch(() => {}), 300);',
);
