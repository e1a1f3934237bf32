import { lazy, Suspense, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { FetchedOpenapiDocument } from '../../../generated/client/types.gen.ts';
import { Crash } from '../parts/crash.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { Loading } from '../parts/loading.tsx';
import { Authentication } from './authentication.tsx';
import { basicsOf } from './openapi.ts';
import { useDocument } from './use-document.ts';

// Large, and not needed to read how to authenticate.
const Renderer = lazy(() => import('./renderer/renderer.tsx'));

/** The customer's document, with a key to try it with. */
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
      <Crash instead={<p role="alert">{errors('openapi_document_unavailable')}</p>}>
        <Suspense fallback={<Loading />}>
          <Renderer document={document} apiKey={key.trim()} />
        </Suspense>
      </Crash>
    </section>
  );
}

/** The Documentation tab: how to call the customer's API, and its reference. */
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
