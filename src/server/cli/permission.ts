/** Finds typing errors in permissions. The server accepts any tuple, because a company may have permissions of its own. */

import type { Command } from 'commander';
import leven from 'leven';
import { knownValues } from '../../../generated/known-values.ts';
import { operations } from '../../../generated/operations.ts';
import { collect } from './command.ts';
import { UsageError } from './failure.ts';

/** Every permission that an operation requires, with `*` as the resource id. */
const known = [
  ...Object.values(operations).flatMap((operation) => ('permission' in operation ? [operation.permission] : [])),
  ...knownValues.KeyAction.map((action) => `api.*.${action}`),
].map((tuple) => tuple.split('.') as [type: string, id: string, action: string]);

/** Adds `--permission` to a command. */
export const addPermissions = (command: Command, description: string): Command =>
  command
    .option('--permission <tuple>', description, collect)
    .option('--allow-unknown-permissions', 'accept permissions that no operation of Portico requires');

/** The options of `addPermissions`. */
export interface PermissionOptions {
  permission?: string[];
  allowUnknownPermissions?: true;
}

/** The known permission that is most like this one. */
function nearestTo([type = '', id = '', action = '']: string[]): string {
  const distance = ([knownType, , knownAction]: (typeof known)[number]) =>
    leven(type.toLowerCase(), type === '*' ? '*' : knownType) +
    leven(action.toLowerCase(), action === '*' ? '*' : knownAction);
  const [nearest = known[0]] = known.toSorted((a, b) => distance(a) - distance(b));
  return [type === '*' ? '*' : nearest?.[0], id, action === '*' ? '*' : nearest?.[2]].join('.');
}

/**
 * The permissions of the options.
 *
 * @throws UsageError if no operation requires one, with the most similar that one requires
 */
export function permissionsOf({ permission = [], allowUnknownPermissions }: PermissionOptions): string[] {
  const unknown = permission.filter((tuple) => {
    const segments = tuple.split('.');
    const [type, , action] = segments;
    // Another number of segments is no permission at all, which the domain refuses.
    if (segments.length !== 3) return false;
    return !known.some(
      ([knownType, , knownAction]) =>
        [knownType, '*'].includes(type ?? '') && [knownAction, '*'].includes(action ?? ''),
    );
  });
  if (unknown.length > 0 && !allowUnknownPermissions) {
    const sentences = unknown.map(
      (tuple) => `No operation requires --permission ${tuple}. Did you mean ${nearestTo(tuple.split('.'))}?`,
    );
    throw new UsageError(`${sentences.join(' ')} Add --allow-unknown-permissions to use it anyway.`);
  }
  return permission;
}
