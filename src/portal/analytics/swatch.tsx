import { type Outcome, outcomeColor } from './outcomes.ts';

/** The colour of an outcome, beside its name. */
export function Swatch({ of }: { of: Outcome }) {
  return <span className="swatch" style={{ background: outcomeColor[of] }} />;
}
