import { type Outcome, outcomeColor } from './outcomes.ts';

/** A colour sample for an outcome. */
export function Swatch({ of }: { of: Outcome }) {
  return <span className="swatch" style={{ background: outcomeColor[of] }} />;
}
