import { lazy, Suspense, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { FetchedOpenapiDocument } from '../../../generated/client/types.gen.ts';
import { ErrorBoundary } from '../parts/error-boundary.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { Loading } from '../parts/loading.tsx';
import { Authentication } from './authentication.tsx';
import { basicsOf } from './openapi.ts';
import { useDocument } from './use-document.ts';

// Loaded separately: it is large, and the section about authentication does not need it.
const Renderer = lazy(() => import('./renderer/renderer.tsx'));

/** The customer's OpenAPI document, with a field for a key to try requests. */
function Reference({ document, fetchedAt, stale }: FetchedOpenapiDocument) {
  const t = useTranslations('docs');
  const errors = useTranslations('errors');
  const format = useFormatter();
  const [key, setKey] = useState('');
  return (
    <section className="reference" aria-labelledby="reference">
      <h2 id="reference">{t('reference')}</h2>
      {stale && (
        <p className="muted">
          {t('stale', { date: format.dateTime(new Date(fetchedAt), { dateStyle: 'medium', timeStyle: 'short' }) })}
        </p>
      )}
      <Field label={t('key')} hint={t('keyHint')}>
        <input
          className="input key-to-try"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      </Field>
      <ErrorBoundary fallback={<p role="alert">{errors('openapi_document_unavailable')}</p>}>
        <Suspense fallback={<Loading />}>
          <Renderer document={document} apiKey={key.trim()} />
        </Suspense>
      </ErrorBoundary>
    </section>
  );
}

/** The documentation tab: authentication, and the reference of the customer's API. */
export default function DocumentationTab() {
  const t = useTranslations('docs');
  const { data: fetched, error, refetch } = useDocument();
  return (
    <>
      <h1>{t('title')}</h1>
      {(fetched !== undefined || error !== null) && <Authentication {...basicsOf(fetched?.document)} />}
      {fetched === undefined && error === null && <Loading />}
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
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
