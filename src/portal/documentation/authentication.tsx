import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { TabLink } from '../frame/tab-link.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Choices } from '../parts/field.tsx';
import { useSession } from '../server/session.ts';
import type { Basics } from './openapi.ts';
import { type SnippetLanguage, snippet, snippetLanguages } from './snippets.ts';

/** Shows how to call the API with a key, in the chosen programming language. */
export function Authentication({ place, url }: Basics) {
  const t = useTranslations('docs.authentication');
  const copy = useTranslations('common')('copy');
  const { tabs } = useSession();
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  const code = useRef<HTMLElement>(null);
  const text = snippet(language, url, place);
  const how = () => {
    if (place.in === 'bearer') return t('bearer');
    return place.in === 'header' ? t('header', { header: place.name }) : t('query', { parameter: place.name });
  };
  return (
    <section className="guide" aria-labelledby="authentication">
      <h2 id="authentication">{t('title')}</h2>
      <p>
        {t('text')} {how()} {tabs.includes('keys') && <TabLink tab="keys">{t('createKey')}</TabLink>}
      </p>
      <Choices
        legend={t('language')}
        value={language}
        options={snippetLanguages.map((value) => ({ value, label: value }))}
        onChange={setLanguage}
      />
      <div className="snippet">
        {/* The code can be wider than the page, so the keyboard must be able to scroll it. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it */}
        <pre tabIndex={0}>
          <code ref={code}>{text}</code>
        </pre>
        <CopyButton
          key={language}
          text={text}
          label={copy}
          select={() => code.current && getSelection()?.selectAllChildren(code.current)}
        />
      </div>
      <p className="muted">{t('response')}</p>
    </section>
  );
}
