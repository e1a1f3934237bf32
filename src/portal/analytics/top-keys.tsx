import { useFormatter, useTranslations } from 'use-intl';
import type { TopKey, Verifications } from '../../../generated/client/types.gen.ts';
import { Sparkline } from '../parts/sparkline.tsx';
import { inColumns } from './chart-scales.ts';
import { useKeyNames } from './key-names.ts';
import type { KnownKey } from './queries.ts';

/** The maximum number of bars of a trend. */
const trendBars = 32;

/** One of the most used keys. A click highlights it in the chart, or no key again. */
function Row({
  of: topKey,
  known,
  all,
  isHighlighted,
  onHighlight,
}: {
  of: TopKey;
  known: KnownKey | undefined;
  /** The calls of all keys. */
  all: number;
  isHighlighted: boolean;
  onHighlight: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  const names = useKeyNames();
  const { keyId, total, valid } = topKey;
  const name = names.name(topKey);
  const percent = (part: number) => format.number(part, { style: 'percent', maximumFractionDigits: 1 });
  return (
    // A click anywhere in the row activates its button.
    <tr
      className="choosable"
      data-highlighted={isHighlighted || undefined}
      onClick={({ currentTarget, target }) => {
        const button = currentTarget.querySelector('button');
        if (button !== null && target !== button) button.click();
      }}
    >
      <th scope="row">
        <button
          type="button"
          className="row-link"
          dir="auto"
          aria-pressed={isHighlighted}
          title={t('highlight', { name })}
          onClick={() => onHighlight(isHighlighted ? undefined : keyId)}
        >
          {name}
        </button>
        <code>{known?.start === undefined ? keyId : `${known.start}…`}</code>
      </th>
      <td className="wide">
        <Sparkline counts={inColumns(topKey.trend, trendBars)} />
      </td>
      <td className="number">{format.number(total)}</td>
      <td className="share">
        <div className="share-bar" aria-hidden="true">
          <div className="share-part" style={{ width: `${(total / Math.max(all, 1)) * 100}%` }} />
        </div>
        {percent(total / Math.max(all, 1))}
      </td>
      <td className="number">{percent(valid / Math.max(total, 1))}</td>
      <td className="number">{format.number(total - valid)}</td>
    </tr>
  );
}

/** The most used keys. Choosing a key highlights it in the chart; choosing it again highlights none. */
export function TopKeys({
  usage: { topKeys, totals },
  known,
  highlighted,
  onHighlight,
}: {
  usage: Verifications;
  known: readonly KnownKey[];
  highlighted: string | undefined;
  onHighlight: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  return (
    <div className="usage-panel top-keys">
      <h2 id="top-keys">{t('topKeys')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it */}
      <section className="table-wrap" aria-labelledby="top-keys" tabIndex={0}>
        <table className="data" aria-labelledby="top-keys">
          <thead>
            <tr>
              <th scope="col">{t('key')}</th>
              <th scope="col" className="wide">
                {t('trend')}
              </th>
              <th scope="col" className="number">
                {t('figures.calls')}
              </th>
              <th scope="col">{t('share')}</th>
              <th scope="col" className="number">
                {t('figures.successRate')}
              </th>
              <th scope="col" className="number">
                {t('figures.refused')}
              </th>
            </tr>
          </thead>
          <tbody>
            {topKeys.map((topKey) => (
              <Row
                key={topKey.keyId}
                of={topKey}
                known={known.find(({ keyId }) => keyId === topKey.keyId)}
                all={totals.total}
                isHighlighted={topKey.keyId === highlighted}
                onHighlight={onHighlight}
              />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
