/** Durations as people write them at the command line: `500ms`, `60s`, `15m`, `12h`, `90d`. */

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** A duration in ms, or undefined if the text is none. */
export function durationOf(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? [];
  return unit === '' ? undefined : Number(digits) * units[unit as keyof typeof units];
}

/** The text of a duration in ms, in the largest unit that has it without a fraction. `durationOf` reads it. */
export function durationText(ms: number): string {
  const [unit = 'ms', length = 1] = Object.entries(units).find(([, each]) => ms !== 0 && ms % each === 0) ?? [];
  return `${ms / length}${unit}`;
}
