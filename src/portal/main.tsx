/** The browser app for end users. It calls the server only through the generated client. */
import { QueryClientProvider } from '@tanstack/react-query';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { IntlProvider } from 'use-intl';
import type { PorticoError } from '../../clients/typescript/src/index.ts';
import { App, preloadTab } from './app.tsx';
import { readBoot, takeLink } from './boot.ts';
import './common.ts';
import { followParent } from './embedding/follow-parent.ts';
import { defaultLanguage, type Language, languages } from './messages/index.ts';
import { localeFor } from './messages/locale.ts';
import type { Messages } from './messages/messages.ts';
import { openPage, tabHere } from './open-page.ts';
import { Announcer } from './parts/announcer.tsx';
import { userTimeZone } from './parts/time-zone.ts';
import { createQueryClient } from './server/query-client.ts';

const isLanguage = (code: string): code is Language => code in languages;

/** Loads the texts of the language that the server chose, or of the default language if they cannot be loaded. */
async function loadTexts(): Promise<{ language: Language; messages: Messages }> {
  const page = document.documentElement;
  const chosen = isLanguage(page.lang) ? page.lang : defaultLanguage;
  try {
    return { language: chosen, messages: (await languages[chosen]()).default };
  } catch {
    const { default: messages } = await languages[defaultLanguage]();
    Object.assign(page, { lang: defaultLanguage, dir: 'ltr' });
    return { language: defaultLanguage, messages };
  }
}

async function start(place: HTMLElement): Promise<void> {
  const boot = readBoot();
  const link = takeLink();
  // The dialogs add a style element that stops the page from scrolling. The policy allows it only with this nonce.
  setNonce(document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '');
  followParent(boot.portal?.embeddingOrigins);

  let visitEnded: (error: PorticoError) => void = () => {};
  const queryClient = createQueryClient((error) => visitEnded(error));
  const tab = tabHere(boot);
  const loaded = tab === undefined ? undefined : preloadTab(tab);
  const [{ language, messages }, first] = await Promise.all([
    loadTexts(),
    openPage(boot, link, queryClient, () => void loaded?.then((module) => module?.prefetch?.(queryClient))),
    loaded,
  ]);
  if (first === undefined) return;
  // The server chooses the language. The session or the browser knows the user's formats for dates and numbers in it.
  const locale = localeFor(language, [boot.locale ?? language, ...navigator.languages]);

  createRoot(place).render(
    <StrictMode>
      <IntlProvider locale={locale} messages={messages} timeZone={userTimeZone()}>
        <QueryClientProvider client={queryClient}>
          <Announcer>
            <App
              boot={boot}
              first={first}
              sessionId={link?.sessionId}
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
    // The messages could not be loaded. The server wrote a fallback text into the page.
    const broken = document.querySelector<HTMLTemplateElement>('#broken');
    if (broken !== null) place.replaceChildren(broken.content.cloneNode(true));
  });
}
