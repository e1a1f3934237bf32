/**
 * A network of processes that can be cut in two. Each process has an address of its own and is reached through a proxy, which knows by the
 * address of a connection from which process it comes.
 */
import { type BadNetwork, startBadNetwork } from './bad-network.ts';

/** A process in the network. */
export interface Member {
  /** From where it connects to others. */
  address: string;
  /** The arguments with which a Redis does. */
  args: string[];
}

/** A network. */
export interface SplitNetwork {
  /** A new process. */
  join(): Member;
  /** Starts a proxy to a port of a process. Returns the port at which others reach it. */
  publish(member: Member, port: number): Promise<number>;
  /** Drops all data between these processes and the others, without an error. */
  cut(side: readonly Member[]): void;
  /** Connects both sides again. Connections that have lost data are reset. */
  heal(): void;
  stop(): void;
}

export function createSplitNetwork(): SplitNetwork {
  const proxies: { owner: Member; network: BadNetwork }[] = [];
  let members = 0;
  return {
    join() {
      members += 1;
      const address = `127.0.1.${members}`;
      return { address, args: ['--bind-source-addr', address] };
    },
    async publish(owner, port) {
      const network = await startBadNetwork(port);
      proxies.push({ owner, network });
      return network.port;
    },
    cut(side) {
      const inside = new Set(side.map(({ address }) => address));
      for (const { owner, network } of proxies)
        network.set('blackhole', (from) => inside.has(from) !== inside.has(owner.address));
    },
    heal() {
      for (const { network } of proxies) {
        network.set('reset', network.affected());
        network.set('open');
      }
    },
    stop() {
      for (const { network } of proxies) network.stop();
    },
  };
}
