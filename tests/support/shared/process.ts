/**
 * The process that the tests of one run share. `setup.ts` starts it and `client.ts` calls it. It ends with the process that
 * started it.
 */
import '../patient-redis.ts';
import { startPatientServer } from '../server.ts';
import { startServices } from './services.ts';

const services = await startServices(startPatientServer);
process.send?.(services.url);
process.once('disconnect', async () => {
  await services.stop();
  process.exit();
});
