import type { Author } from '../domain/workspaces/audit.ts';
import type { Operator } from '../store/proof.ts';

/** A person at the command line, who is not identified. No other room can import this, so no request is an operator's. */
export const commandLine: Author<Operator> = { proof: { actor: { type: 'cli' } } as Operator };
