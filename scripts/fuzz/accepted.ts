/** The findings of the fuzzer that are accepted: the baseline of Schemathesis, with a reason for each entry. */

/** How many findings may be accepted. It may only become smaller. */
export const maxAccepted = 12;

/** accepted.json. */
export interface Accepted {
  entries: { operation: string; check: string; reason?: string }[];
}

/** What is wrong with the file. */
export function problemsOf({ entries }: Accepted, maximum = maxAccepted): string[] {
  const unexplained = entries
    .filter(({ reason = '' }) => reason.trim().length < 20)
    .map(({ operation, check }) => `accepted.json: ${operation}, ${check} has no reason`);
  const many =
    entries.length > maximum ? [`accepted.json has ${entries.length} entries, at most ${maximum} may be`] : [];
  return [...unexplained, ...many];
}
