/**
 * Lets a test read the CPU time of the main thread of a server, in which its event loop runs. A server loads this file with
 * `--import`. CPU time does not depend on what else the machine does, as the time of a response does.
 */
import { createServer } from 'node:net';

createServer((socket) => {
  const { user, system } = process.threadCpuUsage();
  socket.end(String((user + system) / 1000));
})
  .listen(process.env['CPU_TIME_SOCKET'])
  .unref();
