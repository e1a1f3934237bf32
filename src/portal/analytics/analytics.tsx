import '../common.ts';
import { useState } from 'react';
import { useFormatter, useTimeZone, useTranslations } from 'use-intl';
import { useLocation, useSearch } from 'wouter';
import { Failure } from '../parts/failure.tsx';
import { Icon } from '../parts/icon.tsx';
import { now } from '../server/clock.ts';
import { isTransient } from '../server/failures.ts';
import { useLast } from '../server/last.ts';
import { endsSession } from '../server/query-client.ts';
import { KeyFilter } from './key-filter.tsx';
import { isTooEarly, useKnownKeys, useVerifications } from './queries.ts';
import { RangePicker } from './range-picker.tsx';
import { fileNameOf, queryOf, readQuery, windowOf } from './time-window.ts';
import { Usage } from './usage.tsx';
import { useDownload } from './use-download.ts';

/** Shows why there is no usage. A retry does not help for a window before the retention period. */
function UsageError({
  error,
  storedSince,
  onRetry,
}: {
  error: unknown;
  /** When the stored usage begins, in Unix ms; undefined until a response has named it. */
  storedSince: number | undefined;
  onRetry: () => void;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  if (!isTooEarly(error)) return <Failure error={error} onRetry={onRetry} />;
  return (
    <p className="failure" role="alert">
      {t('rangeTooEarly')}{' '}
      {storedSince !== undefined && t('storedSince', { date: format.dateTime(storedSince, { dateStyle: 'long' }) })}
    </p>
  );
}

/** The analytics tab: how often the user's keys were used, and with what result. The address of the page has what it shows. */
export default function Analytics() {
  const t = useTranslations();
  const [path, navigate] = useLocation();
  // Fixed, so that the chart, the filter and the download show the same data.
  const [asOf, setAsOf] = useState(now);
  const query = useSearch();
  const { range, zoom, keyId } = readQuery(new URLSearchParams(query), new Date(asOf));
  const window = zoom ?? windowOf(range, new Date(asOf));
  /** Whether the days in the form have a mistake. An error of other days is then out of date. */
  const [hasMistake, setMistake] = useState(false);
  const timeZone = useTimeZone() ?? 'UTC';
  const request = { ...window, timeZone, ...(keyId !== undefined && { keyId }) };
  const { data, error, refetch, isFetching, isPlaceholderData } = useVerifications(request, asOf);
  const usage = useLast(data);
  const { known, own } = useKnownKeys(usage?.topKeys);
  const fileName = fileNameOf(zoom ? 'part' : range, window);
  const download = useDownload({ ...request, timeZone: usage?.timeZone ?? timeZone }, fileName);
  /** Shows something else. "Back" of the browser leads out of a part of the chart. */
  const show = (next: Partial<{ range: typeof range; zoom: typeof zoom; keyId: typeof keyId }>) => {
    const all = { range, zoom, keyId, ...next };
    navigate(path + queryOf(all.range, all.zoom, all.keyId), { replace: next.zoom === undefined });
  };
  const isReady = data !== undefined && !isPlaceholderData;
  return (
    <>
      <div className="title-row usage-title">
        <div>
          <h1>{t('analytics.title')}</h1>
          <p className="muted">{t('analytics.intro')}</p>
        </div>
        <RangePicker
          range={range}
          window={window}
          storedSince={usage?.storedSince}
          onChange={(next) => {
            setAsOf(now());
            show({ range: next, zoom: undefined });
          }}
          onMistake={setMistake}
        >
          <KeyFilter keys={known} value={keyId} onChange={(next) => show({ keyId: next })} />
          <button
            type="button"
            className="icon-button bordered"
            aria-label={t('analytics.refresh')}
            title={t('analytics.refresh')}
            onClick={() => setAsOf(now())}
          >
            <Icon name="rotate" />
          </button>
          <button
            type="button"
            className="button"
            disabled={!isReady || download.isPending}
            onClick={() => download.mutate()}
          >
            <Icon name="download" />
            {t('analytics.download')}
          </button>
        </RangePicker>
      </div>
      {download.error !== null && !endsSession(download.error) && (
        <Failure error={download.error} onRetry={() => download.mutate()} />
      )}
      <div className="usage" aria-busy={isFetching}>
        {error !== null && !endsSession(error) && !hasMistake && (
          <UsageError error={error} storedSince={usage?.storedSince} onRetry={() => void refetch()} />
        )}
        {usage !== undefined && (error === null || isTransient(error)) && (
          <Usage
            usage={usage}
            known={known}
            own={own}
            onZoom={(part) => show({ zoom: part })}
            onZoomOut={zoom && (() => show({ zoom: undefined }))}
          />
        )}
      </div>
      <p className={usage === undefined && isFetching ? 'loading' : 'visually-hidden'} role="status">
        {isFetching && t('common.loading')}
      </p>
    </>
  );
}
