/**
 * How a script proves its caller. Every script that writes on behalf of a caller calls one of `refuseManager`, `refuseOwner`,
 * `refuseRootKey`, `refuseSession` and `refuseOutdated` before anything else. What it does after that, it does for a caller that was
 * valid in that very moment.
 *
 * Control data is at home, and the records of a user are in a partition. A script at home reads the control data itself. One in a
 * partition cannot: its caller is checked by control data that the process has read, and the script refuses it if the partition knows
 * of another version. A change of control data is acknowledged only after all partitions know of it (store/control.ts).
 */
import { snippet, text } from './script.ts';

/** Verifies the root key of a call at home. */
export const verifiesRootKey = snippet('refuseRootKey', {
  keys: ['rootKeys', 'workspace'],
  args: ['rootKeyHash'],
  outcomes: { root_key_not_found: {}, workspace_not_found: {}, workspace_disabled: {} },
});

/** Verifies who changes control data. `callerType` is the type of their actor in the audit log. */
export const verifiesManager = snippet('refuseManager', { uses: [verifiesRootKey], args: ['callerType'] });

/** Verifies that the control data by which the caller was checked is that of this moment. */
export const verifiesControl = snippet('refuseOutdated', {
  keys: ['controlSeen'],
  args: ['controlVersion'],
  // The version that the partition knows of.
  outcomes: { outdated: { version: text } },
});

/** Verifies the browser session of a call. */
export const verifiesSession = snippet('refuseSession', {
  uses: [verifiesControl],
  keys: ['browserSession'],
  outcomes: { session_not_found: {} },
});

/** Verifies who changes records of a user. */
export const verifiesOwner = snippet('refuseOwner', { uses: [verifiesSession], args: ['callerType'] });
