import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import type { Verifications } from '../../../generated/client/types.gen.ts';
import { pathOfTab } from '../frame/tabs.ts';
import { useSession } from '../server/session.ts';
import { Chart } from './chart.tsx';
import { Figures } from './figures.tsx';
import { Legend } from './legend.tsx';
import type { KnownKey, OwnKeys } from './queries.ts';
import { SeriesTable } from './series-table.tsx';
import type { TimeWindow } from './time-window.ts';
import { TopKeys } from './top-keys.tsx';

/** Shown for a window without usage, with a next step. */
function Empty({ children }: { children: ReactNode }) {
  const t = useTranslations('analytics.empty');
  const { tabs } = useSession();
  return (
    <div className="empty">
      <h2>{t('title')}</h2>
      <p>{t('text')}</p>
      {children}
      {tabs.includes('keys') && (
        <Link className="button" href={pathOfTab.keys}>
          {t('link')}
        </Link>
      )}
    </div>
  );
}

/** The usage of a window: figures, chart or table, and keys. */
export function Usage({
  usage,
  known,
  own,
  onZoom,
  onZoomOut,
}: {
  usage: Verifications;
  known: readonly KnownKey[];
  own: OwnKeys | 'loading' | undefined;
  onZoom: (window: TimeWindow) => void;
  /** Undefined if all of the chosen time range is shown. */
  onZoomOut: (() => void) | undefined;
}) {
  const t = useTranslations('analytics');
  const [isTable, setTable] = useState(false);
  const [highlightedId, highlight] = useState<string>();
  const zoomOut = onZoomOut && (
    <button type="button" className="button" onClick={onZoomOut}>
      {t('zoomOut')}
    </button>
  );
  if (usage.totals.total === 0) return <Empty>{zoomOut}</Empty>;
  return (
    <>
      <Figures totals={usage.totals} before={usage.previousTotals} own={own} />
      <div className="usage-panel">
        <div className="title-row">
          <h2>{t('chart')}</h2>
          <Legend usage={usage} />
          {zoomOut}
        </div>
        {isTable ? (
          <SeriesTable usage={usage} />
        ) : (
          <Chart
            usage={usage}
            highlighted={usage.topKeys.find(({ keyId }) => keyId === highlightedId)}
            onZoom={onZoom}
            onZoomOut={onZoomOut}
          />
        )}
        <div className="title-row">
          <p className="hint">
            {t('timeZone', { zone: usage.timeZone.replaceAll('_', ' ') })}
            {!isTable && ` · ${t('zoomHint')}`}
          </p>
          <button type="button" className="text-link" onClick={() => setTable(!isTable)}>
            {isTable ? t('showChart') : t('showTable')}
          </button>
        </div>
      </div>
      <TopKeys usage={usage} known={known} highlighted={highlightedId} onHighlight={highlight} />
    </>
  );
}
