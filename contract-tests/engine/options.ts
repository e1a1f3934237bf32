import type { ExpectedFailures } from './expected-failures.ts';
import type { Profile } from './profile.ts';
import type { CheckResult } from './run-check.ts';
import type { Target } from './target.ts';

/** The server and the credentials that the suite needs to test it. */
export interface ConformanceOptions {
  /** Base URL of the server, or a target of your own. */
  target: string | Target;
  /** A root key with all permissions; required if `target` is a URL. */
  rootKey?: string;
  /** Slug of an enabled portal in that workspace; required if `target` is a URL. */
  slug?: string;
  /** Slug of a disabled portal in that workspace; without it some checks are skipped. */
  disabledSlug?: string | undefined;
  /** A root key of another workspace; without it some checks are skipped. */
  foreignRootKey?: string | undefined;
  /**
   * A root key of the same workspace that can read, create, update, delete and import the keys of one API, which can be any; without it some
   * checks are skipped.
   */
  otherApiRootKey?: string | undefined;
  /**
   * A root key of the same workspace with only `portal.*.create_session` and `api.*.read_analytics`; without it the checks of
   * `insufficient_permissions` are skipped, because no operation creates root keys.
   */
  limitedRootKey?: string | undefined;
  /** An OpenAPI document that the server can fetch; without it some checks are skipped. */
  openapiUrl?: string | undefined;
  /**
   * The version of the contract that the server claims, if it is the one of the last release: `0.1.0`. By default the present contract.
   */
  contractVersion?: string | undefined;
  /** The version of the target, for the report. */
  targetVersion?: string | undefined;
  /** Path of the contract, an OpenAPI YAML file; the openapi.yaml of this project by default. */
  specFile?: string;
  /** The part of the contract that the server claims; the whole contract by default. */
  profile?: Profile | undefined;
  /** Runs only the checks whose `operation › promise` matches. */
  only?: RegExp | undefined;
  /**
   * Whether a response with a field or an enum value that the contract does not document fails its check. By default it is a
   * warning: the contract allows what a later version may add.
   */
  strictResponses?: boolean | undefined;
  /** Decides the order of the checks and the ids that they create, an integer from 0 to 999,999,999; random by default. */
  seed?: number | undefined;
  /** The checks that are known to fail. One that passes is `unexpected`. */
  expectedFailures?: ExpectedFailures | undefined;
  /** Runs only the checks that cannot change the target, and sends it nothing else. */
  readOnly?: boolean | undefined;
  /**
   * Deletes what the run has created, in `runConformance`: portals, APIs, users with their sessions and keys. No operation deletes entries
   * of the audit log, stored responses of an Idempotency-Key (they expire) and the usage of deleted APIs.
   */
  clean?: boolean | undefined;
  /** Maximum number of checks that run at once; 4 by default. */
  concurrency?: number;
  /** Ends the run early: no more checks begin, and `clean` deletes what there is. */
  signal?: AbortSignal | undefined;
  /** Called with each result when its check ends. */
  onResult?: (result: CheckResult) => void;
}
