import type { Call } from './driver.ts';

/** Where a promise comes from: a document, and its words if they are in the contract. */
export interface ClientSource {
  page: string;
  quote?: string;
}

/**
 * `must`: a client that breaks it does harm, such as acting twice, sending a credential elsewhere, or taking a failure for a
 * success. `should`: a program can do it around the client, and has to if the client does not.
 */
type Level = 'must' | 'should';

/** A promise of a client. */
export interface NamedPromise {
  /** Names the promise in reports, and for `--only`. */
  id: string;
  topic: 'credentials' | 'requests' | 'repeats' | 'waiting' | 'errors' | 'growth' | 'redirects';
  level: Level;
  /** The promise in words. */
  name: string;
  source: ClientSource;
  call: Call;
}
