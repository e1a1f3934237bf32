/** An OpenAPI document: a tree with search on the left, one operation beside it, and a URL for each operation. */
import {
  type ReactNode,
  useDeferredValue,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useTranslations } from 'use-intl';
import { fieldOf, textAt } from '../openapi/json.ts';
import { type Entry, type Group, groupsOf, searched } from '../openapi/navigation.ts';
import type { SampleLanguage } from '../openapi/samples.ts';
import { Breakable } from './breakable.tsx';
import { callApi, callOwnServer } from './call.ts';
import { Markdown } from './markdown.tsx';
import { OperationView } from './operation-view.tsx';

const start = '#/';
const hrefOf = (id: string): string => start + encodeURIComponent(id);

const subscribe = (changed: () => void) => {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
};

/** The id of the operation in the URL; empty for the overview. A fragment that is no operation, such as a skip link, changes nothing. */
function useChosen(): string {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const last = useRef('');
  if (hash.startsWith(start) || hash === '') {
    try {
      last.current = decodeURIComponent(hash.slice(start.length));
    } catch {
      last.current = '';
    }
  }
  return last.current;
}

function Tree({ groups, chosen, isSearch }: { groups: Group[]; chosen: Entry | undefined; isSearch: boolean }) {
  const t = useTranslations('viewer');
  const [toggled, setToggled] = useState<Record<string, boolean>>({});
  return groups.map(({ name, isWebhooks, entries }, position) => {
    const key = `${isWebhooks} ${name}`;
    const isOpen =
      isSearch || (toggled[key] ?? (entries.includes(chosen as Entry) || position === 0 || groups.length <= 5));
    return (
      <details
        key={key}
        open={isOpen}
        onToggle={({ currentTarget: { open } }) => {
          if (open !== isOpen) setToggled((all) => ({ ...all, [key]: open }));
        }}
      >
        <summary>{isWebhooks ? t('webhooks') : <Breakable text={name || t('other')} />}</summary>
        {isOpen && (
          <ul>
            {entries.map((entry) => (
              <li key={entry.id}>
                <a
                  href={hrefOf(entry.id)}
                  {...(entry === chosen && { 'aria-current': 'page' as const })}
                  data-deprecated={entry.isDeprecated}
                >
                  <span className="viewer-method" data-method={entry.method}>
                    {entry.method}
                  </span>
                  <bdi>
                    <Breakable text={entry.title} />
                  </bdi>
                </a>
              </li>
            ))}
          </ul>
        )}
      </details>
    );
  });
}

function Overview({ document, children }: { document: unknown; children: ReactNode }) {
  const t = useTranslations('viewer');
  const info = fieldOf(document, 'info');
  const version = textAt(info, 'version');
  return (
    <div className="viewer-prose">
      <h2>
        <bdi>{textAt(info, 'title')}</bdi>
      </h2>
      {version !== undefined && <p className="viewer-facts">{t('version', { version })}</p>}
      <Markdown source={textAt(info, 'description')} level={3} />
      {children}
    </div>
  );
}

/**
 * Shows a document, with forms to try its operations.
 *
 * @param of whose document it is: a customer's is not trusted, and cannot call this server; ours calls nothing else
 * @param isCallable whether the policy of the page allows calls to a URL
 * @param createdKey a key that the user has just created, which the forms offer
 * @param children more of the overview
 */
export function Viewer({
  document,
  of: owner,
  isCallable,
  createdKey,
  children,
}: {
  document: unknown;
  of: 'ours' | 'customers';
  isCallable: (url: string) => boolean;
  createdKey?: string | undefined;
  children?: ReactNode;
}) {
  const t = useTranslations('viewer');
  const titleId = useId();
  const groups = useMemo(() => groupsOf(document), [document]);
  const [search, setSearch] = useState('');
  const words = useDeferredValue(search);
  const found = useMemo(() => searched(groups, words), [groups, words]);
  const [secretValues, setSecretValues] = useState<Record<string, string>>({});
  const [language, setLanguage] = useState<SampleLanguage>('curl');
  const chosenId = useChosen();
  const chosen = useMemo(
    () => groups.flatMap(({ entries }) => entries).find(({ id }) => id === chosenId),
    [groups, chosenId],
  );
  const [firstGroup] = groups;
  const shown = chosen ?? firstGroup?.entries[0];
  const seen = useRef(chosenId);
  useEffect(() => {
    if (seen.current === chosenId) return;
    seen.current = chosenId;
    scrollTo(0, 0);
    // A screen reader reads the chosen operation. Its title is the only element with this id.
    globalThis.document.getElementById(titleId)?.focus({ preventScroll: true });
  }, [chosenId, titleId]);
  const secrets = useMemo(
    () => ({
      values: secretValues,
      set: (name: string, value: string) => setSecretValues((all) => ({ ...all, [name]: value })),
      created: createdKey,
    }),
    [secretValues, createdKey],
  );
  return (
    <div className="viewer">
      <nav className="viewer-tree" aria-label={t('navigation')}>
        <input
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <a href={start} {...(chosen === undefined && { 'aria-current': 'page' as const })}>
          {t('overview')}
        </a>
        <Tree groups={found} chosen={chosen} isSearch={words.trim() !== ''} />
        {found.length === 0 && <p role="status">{t(groups.length === 0 ? 'empty' : 'noMatch')}</p>}
      </nav>
      <div className="viewer-content">
        {chosen === undefined && <Overview document={document}>{children}</Overview>}
        {shown !== undefined && (
          <OperationView
            key={shown.id}
            document={document}
            entry={shown}
            titleId={titleId}
            secrets={secrets}
            send={owner === 'ours' ? callOwnServer : callApi}
            isCallable={isCallable}
            language={language}
            setLanguage={setLanguage}
          />
        )}
      </div>
    </div>
  );
}
