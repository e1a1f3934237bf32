import { useFormatter, useTranslations } from 'use-intl';
import type { TopKey } from '../../../generated/client/types.gen.ts';
import { useKeyNames } from './key-names.ts';
import { outcomes } from './outcomes.ts';
import type { KnownKey } from './queries.ts';

/** The name of a key, which shows it alone, or all of them again. */
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
  const { keyId, apiId } = topKey;
  // The server knows no API of a key that is gone, and would not tell of such a one alone.
  const isGone = apiId === undefined;
  const name = names.name({ name: topKey.name, isGone });
  return (
    <>
      {isGone ? (
        name
      ) : (
        <button
          type="button"
          className="key-link"
          aria-pressed={isChosen}
          title={isChosen ? t('allKeys') : t('onlyThis', { name })}
          onClick={() => onChoose(isChosen ? undefined : keyId)}
        >
          {name}
        </button>
      )}
      <code>{known?.start === undefined ? keyId : `${known.start}…`}</code>
    </>
  );
}

/** The keys that were used most. Choosing one shows its usage alone, choosing it again that of all. */
export function TopKeys({
  topKeys,
  known,
  chosen,
  onChoose,
}: {
  topKeys: readonly TopKey[];
  known: readonly KnownKey[];
  chosen: string | undefined;
  onChoose: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  return (
    <div className="usage-panel">
      <h2 id="top-keys">{t('topKeys')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
      <section className="table-wrap" aria-labelledby="top-keys" tabIndex={0}>
        <table className="data" aria-labelledby="top-keys">
          <thead>
            <tr>
              <th scope="col">{t('key')}</th>
              <th scope="col" className="number">
                {t('total')}
              </th>
              {outcomes.map((outcome) => (
                <th key={outcome} scope="col" className="number">
                  {t(`outcomes.${outcome}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {topKeys.map((topKey) => (
              // Wherever a row is clicked, it is the button in it that is meant.
              <tr
                key={topKey.keyId}
                className={topKey.apiId === undefined ? undefined : 'choosable'}
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
                {outcomes.map((outcome) => (
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
