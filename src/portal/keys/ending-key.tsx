import { useId } from 'react';
import { useTranslations } from 'use-intl';
import type { ListedKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Icon } from '../parts/icon.tsx';
import { usePresent } from '../parts/relative-time.tsx';
import { useNameOf } from './key-name.ts';
import { endOf } from './key-rules.ts';
import { statusOf, useStatusText } from './key-status.ts';
import type { KeyActions } from './key-table.tsx';
import { useMayDo } from './use-key-actions.ts';

/** The shown key that expires next, if it soon does, nothing has replaced it yet, and the user can do something about it. */
export function EndingKey({
  keys,
  apis,
  onOpen,
}: { keys: ListedKey[]; apis: VisibleApi[] } & Pick<KeyActions, 'onOpen'>) {
  const t = useTranslations('keys');
  const text = useId();
  const nameOf = useNameOf();
  const statusText = useStatusText();
  const mayDo = useMayDo();
  const present = usePresent();
  const [next] = keys
    .flatMap((key) => {
      const api = apis.find(({ apiId }) => apiId === key.apiId);
      const end = endOf(key, api?.policy);
      const may = mayDo(key, api);
      // A new key has the expiry of the old one, but the time that the policy gives begins again.
      const step = end === key.expires ? may.update && 'edit' : may.rotate && 'reroll';
      const isEnding = statusOf(key, api?.policy, present) === 'ending' && key.replacedBy === undefined;
      return end !== undefined && isEnding && step ? [{ key, api, end, step } as const] : [];
    })
    .toSorted((a, b) => a.end - b.end);
  if (next === undefined) return null;
  const { key, api, step } = next;
  return (
    <div className="warning ending-key">
      <Icon name="warning" />
      <p id={text}>
        <strong>
          <bdi>{nameOf(key)}</bdi>
        </strong>
        {' · '}
        {statusText(key, api?.policy, present)}
      </p>
      <button
        type="button"
        className="text-link"
        aria-haspopup="dialog"
        aria-describedby={text}
        onClick={() => onOpen(key, step)}
      >
        {t(`${step}.action`)}
      </button>
    </div>
  );
}
