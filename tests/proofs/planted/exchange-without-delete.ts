/** An exchange reads the session id, and does not remove it in the same step: GET instead of GETDEL. */
import { plant } from '../../support/plant.ts';

const read = ".lua`), 'utf8')";
plant('store/scripts/script.ts', read, `${read}.replace("'GETDEL', sessionKey", "'GET', sessionKey")`);
