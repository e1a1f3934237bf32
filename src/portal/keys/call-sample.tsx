import '../common.ts';
import { useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { shellText } from '../../ui/curl.ts';
import { type SampleLanguage, sampleIn, sampleLanguages } from '../../ui/openapi/samples.ts';
import { firstRequest } from '../documentation/first-request.ts';
import { useDocument } from '../documentation/use-document.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Segments } from '../parts/field.tsx';
import { CallSamplePlace } from './call-sample-place.tsx';

/** How many characters of a key a sample shows. */
const shownCharacters = 12;

export interface CallSampleProps {
  /** The new key, which a copied command contains; undefined if it is no longer known. */
  secret: string | undefined;
}

/**
 * A call of the customer's API that works as it is: with its address, in the chosen language. A copied command sets the key as well, which
 * the page shows only in part. Programs read it from the environment. Without a document no address is known, so there is no sample.
 */
export default function CallSample({ secret }: CallSampleProps) {
  const t = useTranslations('keys.created');
  const { data: fetched, isPending } = useDocument();
  const [language, setLanguage] = useState<SampleLanguage>('curl');
  const code = useRef<HTMLElement>(null);
  const request = useMemo(() => (fetched ? firstRequest(fetched.document).request : undefined), [fetched]);
  if (isPending) return <CallSamplePlace />;
  if (request === undefined) return null;
  const call = sampleIn(language, request);
  const setsKey = secret !== undefined && language === 'curl' && call.includes('$API_KEY');
  const withKey = (key: string) => (setsKey ? `API_KEY=${key}\n${call}` : call);
  return (
    <div className="call-sample">
      <div className="call-sample-head">
        {secret !== undefined && <p>{t('snippet')}</p>}
        <Segments
          legend={t('language')}
          value={language}
          options={sampleLanguages.map((value) => ({ value, label: value }))}
          onChange={setLanguage}
        />
      </div>
      <div className="call-sample-code">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it */}
        <pre tabIndex={0}>
          <code ref={code}>{withKey(`${secret?.slice(0, shownCharacters)}…`)}</code>
        </pre>
        <CopyButton
          key={language}
          look="icon"
          text={withKey(shellText(secret ?? ''))}
          label={t('copyCall')}
          select={() => code.current && getSelection()?.selectAllChildren(code.current)}
        />
      </div>
    </div>
  );
}
