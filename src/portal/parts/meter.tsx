/** From which part of the limit the meter warns. */
const warningFrom = 0.8;

/** How much of something limited is used. The text beside it says it too, so that it never depends on a color. */
export function Meter({ label, used, limit, text }: { label: string; used: number; limit: number; text: string }) {
  const part = Math.min(used / limit, 1);
  const level = part === 1 ? 'full' : part >= warningFrom ? 'high' : 'usual';
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers draw parts of a meter element in ways that no style can change
    <div
      role="meter"
      className="meter"
      aria-label={label}
      aria-valuetext={text}
      aria-valuemin={0}
      aria-valuemax={limit}
      aria-valuenow={Math.min(used, limit)}
    >
      <div className="meter-fill" data-level={level} style={{ width: `${part * 100}%` }} />
    </div>
  );
}
