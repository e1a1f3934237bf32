/** How much of something limited is used. The text beside it says it too, so that it never depends on a color. */
export function Meter({ label, used, limit, text }: { label: string; used: number; limit: number; text: string }) {
  return (
    <meter
      className="meter"
      aria-label={label}
      aria-valuetext={text}
      min={0}
      max={limit}
      value={used}
      // It warns from 80 % on, and again at the end.
      low={limit * 0.8}
      high={limit * 0.999}
      optimum={0}
    />
  );
}
