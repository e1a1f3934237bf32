import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type SampleLanguage, sampleIn, sampleLanguages } from '../../ui/openapi/samples.ts';
import { Code, Copy } from '../../ui/viewer/code.tsx';
import { TabLink } from '../frame/tab-link.tsx';
import { Segments } from '../parts/field.tsx';
import { useSession } from '../server/session.ts';
import { firstRequest } from './first-request.ts';

/**
 * Shows how to call the API with a key, in the chosen programming language.
 *
 * @param document undefined if there is none
 */
export function Authentication({ document }: { document: unknown }) {
  const t = useTranslations('docs.authentication');
  const copy = useTranslations('viewer')('copy');
  const { tabs } = useSession();
  const [language, setLanguage] = useState<SampleLanguage>('curl');
  const { scheme, request } = useMemo(() => firstRequest(document), [document]);
  const text = useMemo(() => sampleIn(language, request), [language, request]);
  const kind = scheme.kind === 'other' ? 'bearer' : scheme.kind;
  return (
    <section className="guide" aria-labelledby="authentication">
      <h2 id="authentication">{t('title')}</h2>
      <p>
        {t('text')} {t(kind, { name: scheme.parameter })}{' '}
        {tabs.includes('keys') && <TabLink tab="keys">{t('createKey')}</TabLink>}
      </p>
      <Code
        text={text}
        isJson={false}
        title={
          <Segments
            legend={t('language')}
            value={language}
            options={sampleLanguages.map((value) => ({ value, label: value }))}
            onChange={setLanguage}
          />
        }
      >
        {(select) => <Copy key={language} text={() => text} label={copy} select={select} />}
      </Code>
      <p className="muted">{t('response')}</p>
    </section>
  );
}
