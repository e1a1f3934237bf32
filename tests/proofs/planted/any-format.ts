/** A server that works with data of any format. */
import { plant } from '../../support/plant.ts';

plant('store/dataset.ts', 'if (format !== dataFormat) throw', 'if (format < 0) throw');
