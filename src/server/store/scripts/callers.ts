/**
 * How a script proves its caller. Every script that writes on behalf of a caller uses one of these parts, and those at home call it
 * before anything else. What the script does after that, it does for a caller that was valid in that very moment.
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
export const verifiesControl = snippet('requireControl', {
  keys: ['controlSeen'],
  args: ['controlVersion'],
  // The version that the partition knows of.
  outcomes: { outdated: { version: text } },
});

/** Does the same, and reads a record of the script, which costs less than a command for each. */
export const verifiesControlAndReads = snippet('requireControlAndRead', {
  keys: ['controlSeen', 'record'],
  args: ['controlVersion'],
  outcomes: { outdated: { version: text } },
});

/** Verifies the browser session of a call. `tokenHash` is the SHA-256 of its token. */
export const verifiesSession = snippet('requireSession', {
  uses: [verifiesControl],
  keys: ['callingSession'],
  args: ['tokenHash'],
  outcomes: { session_not_found: {} },
});

/** Verifies who changes records of a user. `tokenHash` is '' for another caller than a browser session. */
export const verifiesOwner = snippet('requireOwner', {
  uses: [verifiesControl],
  keys: ['callingSession'],
  args: ['tokenHash'],
  outcomes: { session_not_found: {} },
});
