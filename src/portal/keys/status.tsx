import type { ListedKey, Policy } from '../../../generated/client/types.gen.ts';
import { usePresent } from '../parts/relative-time.tsx';
import { endOf } from './key-rules.ts';
import { statusOf, useStatusText } from './key-status.ts';

/** The status of a key, as a text and a shape, never only as a colour. */
export function Status({ of: key, policy }: { of: ListedKey; policy: Policy | undefined }) {
  const present = usePresent(endOf(key, policy));
  const statusText = useStatusText();
  return <span className={`status ${statusOf(key, policy, present)}`}>{statusText(key, policy, present)}</span>;
}
