import '../common.ts';
import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { FetchedOpenapiDocument } from '../../../generated/client/types.gen.ts';
import { Viewer } from '../../ui/viewer/viewer.tsx';
import { readBoot } from '../boot.ts';
import { useOfferedKey } from '../parts/created-key.ts';
import { ErrorBoundary } from '../parts/error-boundary.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { Authentication } from './authentication.tsx';
import { useDocument } from './use-document.ts';

/** The customer's OpenAPI document. */
function Reference({ document, fetchedAt, stale }: FetchedOpenapiDocument) {
  const t = useTranslations('docs');
  const errors = useTranslations('errors');
  const format = useFormatter();
  const createdKey = useOfferedKey();
  const [isCallable] = useState(() => {
    const { apiOrigins = [] } = readBoot();
    return (url: string) => apiOrigins.includes(URL.parse(url)?.origin ?? '');
  });
  return (
    <>
      {stale && (
        <p className="muted">
          {t('stale', { date: format.dateTime(new Date(fetchedAt), { dateStyle: 'medium', timeStyle: 'short' }) })}
        </p>
      )}
      <ErrorBoundary fallback={<p role="alert">{errors('openapi_document_unavailable')}</p>}>
        <Viewer document={document} of="customers" isCallable={isCallable} createdKey={createdKey}>
          <Authentication document={document} />
        </Viewer>
      </ErrorBoundary>
    </>
  );
}

/** The documentation tab: authentication, and the reference of the customer's API. */
export default function DocumentationTab() {
  const t = useTranslations('docs');
  const { data: fetched, error, refetch } = useDocument();
  return (
    <>
      <h1>{t('title')}</h1>
      {fetched === undefined && error === null && <Loading />}
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {!fetched && (fetched === null || error !== null) && <Authentication document={undefined} />}
      {fetched === null && (
        <div className="empty">
          <h2>{t('none.title')}</h2>
          <p>{t('none.text')}</p>
        </div>
      )}
      {fetched && <Reference {...fetched} />}
    </>
  );
}
