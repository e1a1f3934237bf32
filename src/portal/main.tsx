/** The portal as end users see it. Knows the server through the generated client alone. */
import { QueryClientProvider } from '@tanstack/react-query';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { IntlProvider } from 'use-intl';
import { App, preloadTab } from './app.tsx';
import { readBoot } from './boot.ts';
import { pathOfTab } from './frame/tabs.ts';
import { defaultLanguage, type Language, languages } from './messages/index.ts';
import { Announcer } from './parts/announcer.tsx';
import type { CallFailed } from './server/answer.ts';
import { createQueryClient } from './server/query-client.ts';
import { prefetchApis } from './server/session.ts';
import { wearBrand } from './theme/brand.ts';

const isLanguage = (code: string): code is Language => code in languages;

async function start(place: HTMLElement): Promise<void> {
  const { sessionId, ...boot } = readBoot();
  // The dialogs keep the page behind them from scrolling by a style element, which the policy allows by this alone.
  setNonce(document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '');
  if (boot.portal !== undefined) wearBrand(boot.portal);

  let visitEnded: (error: CallFailed) => void = () => {};
  const queryClient = createQueryClient((error) => visitEnded(error));
  if (boot.page === 'app' && location.pathname === pathOfTab.keys) void prefetchApis(queryClient);

  const { lang } = document.documentElement;
  const language = isLanguage(lang) ? lang : defaultLanguage;
  const [{ default: messages }] = await Promise.all([
    languages[language]().catch(languages[defaultLanguage]),
    boot.page === 'app' ? preloadTab(location.pathname) : undefined,
  ]);
  // The server has chosen the language; how the user writes dates and numbers in it, the browser knows better.
  const locale = navigator.languages.find((code) => code.split('-')[0] === language) ?? language;

  createRoot(place).render(
    <StrictMode>
      <IntlProvider locale={locale} messages={messages} timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}>
        <QueryClientProvider client={queryClient}>
          <Announcer>
            <App
              boot={boot}
              sessionId={sessionId}
              onFailure={(listener) => {
                visitEnded = listener;
              }}
            />
          </Announcer>
        </QueryClientProvider>
      </IntlProvider>
    </StrictMode>,
  );
}

const place = document.getElementById('portal');
if (place !== null) {
  start(place).catch(() => {
    // Not even a language could be loaded: the server has put into the page what is said then.
    const broken = document.querySelector<HTMLTemplateElement>('#broken');
    if (broken !== null) place.replaceChildren(broken.content.cloneNode(true));
  });
}
