/**
 * A process that loads this with `--import` connects to others from the address in PORTICO_OWN_ADDRESS, so that a proxy knows which process
 * it is. All addresses of 127.0.0.0/8 are this machine.
 */
import { Socket } from 'node:net';

const address = process.env['PORTICO_OWN_ADDRESS'];
const { connect } = Socket.prototype;
Object.assign(Socket.prototype, {
  connect(this: Socket, ...args: unknown[]): Socket {
    // Node passes the options in a list if another function of it has read the arguments before.
    const [options] = (Array.isArray(args[0]) ? args[0] : args) as [{ port?: number; localAddress?: string }];
    if (typeof options === 'object' && options.port !== undefined && address !== undefined)
      options.localAddress ??= address;
    return Reflect.apply(connect, this, args);
  },
});
