/** The maximum size of an entry, in bytes. Callers choose what is in it, and the log has a limit of entries only. */
export const maxEntryBytes = 4096;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const notStored = (bytes: number) => `(${bytes} bytes)`;

/** What an entry has of a state, by the names of the fields. */
type State = Record<string, unknown>;

/** The record as JSON. If it is too large, the largest values before and after the change are replaced by their sizes. */
export function entryText(record: { action: string; before?: State; after?: State }): string {
  const text = JSON.stringify(record);
  // Nearly every entry.
  if (Buffer.byteLength(text) <= maxEntryBytes) return text;
  const entry = {
    ...record,
    ...(record.before && { before: { ...record.before } }),
    ...(record.after && { after: { ...record.after } }),
  };
  const values = [entry.before, entry.after].flatMap((state = {}) =>
    Object.entries(state).map(([name, value]) => ({ state, name, bytes: bytesOf(value) })),
  );
  values.sort((a, b) => a.bytes - b.bytes);
  let size = Buffer.byteLength(text);
  while (size > maxEntryBytes) {
    const largest = values.pop();
    if (largest === undefined) break;
    const { state, name, bytes } = largest;
    state[name] = notStored(bytes);
    size -= bytes - bytesOf(state[name]);
  }
  return JSON.stringify(entry);
}
