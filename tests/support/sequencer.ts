/** The order of the test files: the slowest first, so that no slow file runs alone at the end. */
import { statSync } from 'node:fs';

/** The part of Jest's test file that the sequencer uses. */
interface TestFile {
  path: string;
}

/**
 * Files that take more than 20 s beside the others, the slowest first. Those that mostly wait, such as `hostile`, come between
 * those that compute, so that both cores have work.
 */
const slow = [
  'contract/released',
  'faults/failover',
  'hostile/hostile',
  'contract/conformance',
  'docs/pages',
  'portal/documentation',
  'portal/analytics',
  'portal/states',
  'tests/observe/traces',
  'portal/accessibility',
  'portal/pictures',
  'portal/notices',
  'faults/server-killed',
  'malformed/malformed',
  'portal/keys',
  'faults/redis-process',
  'contract/contract',
  'contract/arazzo',
  'tests/process/workers',
  'typescript/package',
  'process/readiness',
  'process/main',
  'keys/counting',
  'validation/validate',
  'growth/growth',
  'limits/growth',
  'proofs/histories',
  'typescript/retry',
  'proofs/model',
  'proofs/clocks',
  'proofs/power-loss',
  'topologies/topologies',
  'topologies/two-servers',
  'logs/logs',
  'tests/observe/metrics',
  'docs/guides',
  'portal/frame',
  'portal/entry',
  'portal/expiry',
  'portal/failures',
  'portal/embedding',
];

/** Jest creates a sequencer and uses its order. Jest's default uses the durations of earlier runs, which CI does not have. */
export default class Sequencer {
  sort<T extends TestFile>(tests: Iterable<T>): T[] {
    const rank = ({ path }: TestFile) => {
      const found = slow.findIndex((name) => path.endsWith(`${name}.test.ts`));
      return found < 0 ? slow.length : found;
    };
    const size = ({ path }: TestFile) => statSync(path).size;
    return [...tests].sort((one, other) => rank(one) - rank(other) || size(other) - size(one));
  }

  shard<T extends TestFile>(tests: Iterable<T>): T[] {
    return [...tests];
  }

  allFailedTests<T extends TestFile>(tests: Iterable<T>): T[] {
    return [...tests];
  }

  cacheResults(): void {}
}
