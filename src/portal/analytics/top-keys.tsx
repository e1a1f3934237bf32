import { useFormatter, useTranslations } from 'use-intl';
import type { TopKey } from '../../../generated/client/types.gen.ts';
import { useKeyNames } from './key-names.ts';
import type { Outcome } from './outcomes.ts';
import type { KnownKey } from './queries.ts';

/** The name of a key. A click shows only this key, or all keys again. */
function Name({
  topKey,
  known,
  isChosen,
  onChoose,
}: {
  topKey: TopKey;
  known: KnownKey | undefined;
  isChosen: boolean;
  onChoose: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  const names = useKeyNames();
  const { keyId } = topKey;
  const name = names.name(topKey);
  return (
    <>
      <button
        type="button"
        className="key-link"
        aria-pressed={isChosen}
        title={isChosen ? t('allKeys') : t('onlyThis', { name })}
        onClick={() => onChoose(isChosen ? undefined : keyId)}
      >
        {name}
      </button>
      <code>{known?.start === undefined ? keyId : `${known.start}…`}</code>
    </>
  );
}

/** The most used keys. Choosing a key shows only its usage; choosing it again shows all usage. */
export function TopKeys({
  topKeys,
  shown,
  known,
  chosen,
  onChoose,
}: {
  topKeys: readonly TopKey[];
  /** The outcomes that have a column. */
  shown: readonly Outcome[];
  known: readonly KnownKey[];
  chosen: string | undefined;
  onChoose: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  return (
    <div className="usage-panel">
      <h2 id="top-keys">{t('topKeys')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it */}
      <section className="table-wrap" aria-labelledby="top-keys" tabIndex={0}>
        <table className="data" aria-labelledby="top-keys">
          <thead>
            <tr>
              <th scope="col">{t('key')}</th>
              <th scope="col" className="number">
                {t('total')}
              </th>
              {shown.map((outcome) => (
                <th key={outcome} scope="col" className="number">
                  {t(`outcomes.${outcome}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {topKeys.map((topKey) => (
              // A click anywhere in the row activates its button.
              <tr
                key={topKey.keyId}
                className="choosable"
                onClick={({ currentTarget, target }) => {
                  const button = currentTarget.querySelector('button');
                  if (button !== null && target !== button) button.click();
                }}
              >
                <th scope="row">
                  <Name
                    topKey={topKey}
                    known={known.find(({ keyId }) => keyId === topKey.keyId)}
                    isChosen={chosen === topKey.keyId}
                    onChoose={onChoose}
                  />
                </th>
                <td className="number">{format.number(topKey.total)}</td>
                {shown.map((outcome) => (
                  <td key={outcome} className="number">
                    {format.number(topKey[outcome])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
