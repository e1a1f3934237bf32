/** Copies of the audit log, as `portico audit tail --json`, `audit list --json` and `auditLogs.listEntries` write them. */
import { open } from 'node:fs/promises';
import type { AuditEntry } from '../../../generated/client/types.gen.ts';
import { CommandFailure } from './failure.ts';

/** The entries of a line: one, a list, or a page of the API. Undefined for anything else. */
function entriesOf(line: string): AuditEntry[] | undefined {
  try {
    const value = JSON.parse(line);
    const list = Array.isArray(value) ? value : Array.isArray(value.data) ? value.data : [value];
    const isEntry = ({ auditId, time, action, resource }: Partial<AuditEntry>) =>
      /^\d+-\d+$/.test(String(auditId)) && Number.isFinite(time) && Boolean(action) && typeof resource?.id === 'string';
    return list.every(isEntry) ? list : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the entries of a file that are wanted, a line at a time, and the time of the first one, in Unix ms.
 *
 * @throws CommandFailure file_not_found, invalid_audit_log with the number of the line
 */
export async function readAuditFile(
  path: string,
  wanted: (entry: AuditEntry) => boolean,
): Promise<{ entries: AuditEntry[]; from: number }> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure('file_not_found', `The file ${path} cannot be read: ${error.code}.`, 2);
  });
  const read = { entries: [] as AuditEntry[], from: Number.POSITIVE_INFINITY };
  let number = 0;
  for await (const line of file.readLines()) {
    number += 1;
    if (line.trim() === '') continue;
    const entries = entriesOf(line);
    if (entries === undefined) {
      const message = `Line ${number} of ${path} is no entry of the audit log. Copy the log with "portico audit tail --json".`;
      throw new CommandFailure('invalid_audit_log', message, 2);
    }
    for (const entry of entries) {
      read.from = Math.min(read.from, entry.time);
      if (wanted(entry)) read.entries.push(entry);
    }
  }
  return read;
}
