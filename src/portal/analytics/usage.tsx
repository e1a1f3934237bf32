import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import type { Verifications } from '../../../generated/client/types.gen.ts';
import { pathOfTab } from '../frame/tabs.ts';
import { useSession } from '../server/session.ts';
import { Chart } from './chart.tsx';
import { Figures } from './figures.tsx';
import { outcomesIn } from './outcomes.ts';
import type { KnownKey, OwnKeys } from './queries.ts';
import { SeriesTable } from './series-table.tsx';
import { TopKeys } from './top-keys.tsx';

/** Shown for a window without usage, with a next step. */
function Empty() {
  const t = useTranslations('analytics.empty');
  const { tabs } = useSession();
  return (
    <div className="empty">
      <h2>{t('title')}</h2>
      <p>{t('text')}</p>
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
  keyId,
  onKey,
}: {
  usage: Verifications;
  known: readonly KnownKey[];
  own: OwnKeys | 'loading' | undefined;
  keyId: string | undefined;
  onKey: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  const [isTable, setTable] = useState(false);
  if (usage.totals.total === 0) return <Empty />;
  return (
    <>
      <Figures totals={usage.totals} before={usage.previousTotals} own={own} />
      <div className="usage-panel">
        <div className="title-row">
          <h2>{t('chart')}</h2>
          <button type="button" className="button" onClick={() => setTable(!isTable)}>
            {isTable ? t('showChart') : t('showTable')}
          </button>
        </div>
        {isTable ? <SeriesTable usage={usage} /> : <Chart usage={usage} />}
        <p className="hint">{t('timeZone', { zone: usage.timeZone.replaceAll('_', ' ') })}</p>
      </div>
      <TopKeys topKeys={usage.topKeys} shown={outcomesIn(usage.totals)} known={known} chosen={keyId} onChoose={onKey} />
    </>
  );
}
