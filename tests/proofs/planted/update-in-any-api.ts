/** A server that changes a key without a look at its API: neither the permission on it nor the portal of the session matters. */
import { plant } from '../../support/plant.ts';

const file = 'src/server/domain/keys/key-access.ts';
plant(file, 'if (!holds(caller, apiId, action))', "if (action !== 'update_key' && !holds(caller, apiId, action))");
plant(
  file,
  '|| !isVisible(caller, key.record.apiId)',
  "|| (action !== 'update_key' && !isVisible(caller, key.record.apiId))",
);
