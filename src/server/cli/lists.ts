/** Options that may be missing, and those that are lists. */
import { UsageError } from './failure.ts';

/** The fields that have a value; null is one. */
export const given = <T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/**
 * The values of a repeatable option, or null for the value `none`, which clears the list.
 *
 * @throws UsageError if the list is both cleared and set
 */
export function listOrNone(option: string, values: string[] | undefined): string[] | null | undefined {
  if (!values?.includes('none')) return values;
  if (values.length > 1) throw new UsageError(`--${option} none clears the list: pass no other value with it.`);
  return null;
}
