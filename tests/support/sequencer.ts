/** The order of the test files: the slowest first, so that no slow file runs alone at the end. */
import { statSync } from 'node:fs';

/** The part of Jest's test file that the sequencer uses. */
interface TestFile {
  path: string;
}

/** Files that take more than 15 s on an idle machine, the slowest first. Many of them only wait. */
const slow = [
  'contract/released',
  'portal/analytics',
  'portal/keys',
  'faults/failover',
  'hostile/hostile',
  'contract/conformance',
  'portal/accessibility',
  'malformed/malformed',
  'http/api/validate',
  'portal/expiry',
  'portal/notices',
  'portal/documentation',
  'contract/contract',
  'observe/metrics',
  'observe/traces',
  'docs/pages',
  'cli/cli',
  'topologies/topologies',
  'faults/redis-process',
  'faults/server-killed',
  'process/workers',
  'process/readiness',
  'typescript/package',
  'faults/network',
  'cli/operators',
  'process/main',
  'docs/guides',
  'portal/entry',
  'portal/frame',
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
