/** The right column of an operation: the sample in four languages, and the form that sends the request. */
import { useId, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { parseJson, writeJson } from '../openapi/json.ts';
import type { Operation, Parameter } from '../openapi/operation.ts';
import { type ApiRequest, bodyText, type Input, initialInput, keyOf, requestOf } from '../openapi/request.ts';
import { type SampleLanguage, sampleIn, sampleLanguages } from '../openapi/samples.ts';
import type { Alternative } from '../openapi/security.ts';
import { callable, type Server, urlOfServer } from '../openapi/servers.ts';
import { fetchable, Refusal, type Send } from './call.ts';
import { Code, Copy } from './code.tsx';
import { linesOfValue } from './fields.ts';

/** The secrets that the user has entered, by scheme. They are in memory only, and no text of the page shows them. */
interface Secrets {
  values: Readonly<Record<string, string>>;
  set: (name: string, value: string) => void;
  /** A key that the user has just created; undefined if there is none. */
  created: string | undefined;
}

/** What the forms of all operations have in common. */
export interface PanelSettings {
  secrets: Secrets;
  send: Send;
  isCallable: (url: string) => boolean;
  language: SampleLanguage;
  setLanguage: (language: SampleLanguage) => void;
}

/** The name of a secret among those of all operations. */
const secretKey = (scheme: string, position: number): string => `${position} ${scheme}`;

/** The values of the variables of an alternative. */
function variablesOf(alternative: Alternative, { values }: Secrets): Record<string, string> {
  return Object.fromEntries(
    alternative.flatMap(({ name, variables }) =>
      variables.map((variable, i) => [variable, values[secretKey(name, i)] ?? '']),
    ),
  );
}

/** Whether a value means the same in each language of the samples, also without quotes. */
const isSafe = (value: string): boolean => /^[\w.~+/=-]+$/.test(value);

/** A sample with the secrets in the place of their variables, for the clipboard alone. */
const withSecrets = (text: string, variables: Record<string, string>): string =>
  Object.entries(variables).reduce(
    (result, [name, value]) =>
      !isSafe(value)
        ? result
        : result
            .replaceAll(
              new RegExp(`process\\.env\\.${name}\\b|os\\.environ\\["${name}"\\]|os\\.Getenv\\("${name}"\\)`, 'g'),
              () => JSON.stringify(value),
            )
            .replaceAll(new RegExp(`\\$${name}\\b`, 'g'), () => value),
    text,
  );

function Samples({
  request,
  variables,
  language,
  setLanguage,
}: {
  request: ApiRequest;
  variables: Record<string, string>;
  language: SampleLanguage;
  setLanguage: (language: SampleLanguage) => void;
}) {
  const t = useTranslations('viewer');
  const text = useMemo(() => sampleIn(language, request), [language, request]);
  const canFill = Object.values(variables).some(isSafe);
  return (
    <Code
      text={text}
      isJson={false}
      title={
        <label>
          <span className="viewer-hidden">{t('language')}</span>
          <select value={language} onChange={({ target }) => setLanguage(target.value as SampleLanguage)}>
            {sampleLanguages.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      }
    >
      {(select) => (
        <>
          {canFill && <Copy text={() => withSecrets(text, variables)} label={t('copyWithKey')} select={select} />}
          <Copy text={() => text} label={t('copy')} select={select} />
        </>
      )}
    </Code>
  );
}

function SecretFields({ alternative, secrets }: { alternative: Alternative; secrets: Secrets }) {
  const t = useTranslations('viewer');
  return alternative.map(({ name, kind, variables }) => {
    if (kind === 'cookie') return <p key={name}>{t('cookieHint')}</p>;
    if (kind === 'other') return null;
    return variables.map((variable, i) => {
      const own = secretKey(name, i);
      const label = kind === 'basic' ? t(i === 0 ? 'user' : 'password') : alternative.length > 1 ? name : t('key');
      return (
        <div key={variable} className="viewer-field">
          <label>
            {label}
            <input
              type={kind === 'basic' && i === 0 ? 'text' : 'password'}
              autoComplete="off"
              spellCheck={false}
              value={secrets.values[own] ?? ''}
              onChange={({ target }) => secrets.set(own, target.value.trim())}
            />
          </label>
          <p className="viewer-hint">{t('keyHint')}</p>
          {secrets.created !== undefined && kind !== 'basic' && secrets.values[own] !== secrets.created && (
            <button type="button" onClick={() => secrets.set(own, secrets.created ?? '')}>
              {t('useNewKey')}
            </button>
          )}
        </div>
      );
    });
  });
}

function ParameterField({
  document,
  parameter,
  value,
  onChange,
}: {
  document: unknown;
  parameter: Parameter;
  value: string;
  onChange: (value: string) => void;
}) {
  const t = useTranslations('viewer');
  const id = useId();
  const values = linesOfValue(document, parameter.schema);
  return (
    <div className="viewer-field">
      <label htmlFor={id}>
        <span>
          <code>{parameter.name}</code>{' '}
          {parameter.isRequired && <span className="viewer-required">{t('required')}</span>}
        </span>
        {values.length > 0 ? (
          <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
            {(!parameter.isRequired || !values.includes(value)) && <option value="" />}
            {values.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ) : (
          <input
            id={id}
            value={value}
            spellCheck={false}
            autoComplete="off"
            onChange={({ target }) => onChange(target.value)}
          />
        )}
      </label>
    </div>
  );
}

function ServerFields({
  servers,
  input,
  onChange,
  isCallable,
}: {
  servers: Server[];
  input: Input;
  onChange: (over: Partial<Input>) => void;
  isCallable: (url: string) => boolean;
}) {
  const t = useTranslations('viewer');
  const id = useId();
  const [current] = callable(
    servers.filter(({ url }) => url === input.server?.url),
    isCallable,
    input.serverValues,
  );
  return (
    <>
      {servers.length > 1 && (
        <div className="viewer-field">
          <label>
            {t('server')}
            <select
              value={input.server?.url}
              onChange={({ target }) =>
                onChange({ server: servers.find(({ url }) => url === target.value), serverValues: {} })
              }
            >
              {servers.map(({ url, description }) => (
                <option key={url} value={url}>
                  {description === undefined ? url : `${url} (${description})`}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {current?.variables.map(({ name, values, default: usual }) => {
        const value = input.serverValues[name] ?? usual;
        const change = (next: string) => onChange({ serverValues: { ...input.serverValues, [name]: next } });
        if (values.length === 1) return null;
        return (
          <div key={name} className="viewer-field">
            <label htmlFor={`${id} ${name}`}>
              <code>{name}</code>
              {values.length > 0 ? (
                <select id={`${id} ${name}`} value={value} onChange={({ target }) => change(target.value)}>
                  {values.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              ) : (
                <input id={`${id} ${name}`} value={value} onChange={({ target }) => change(target.value)} />
              )}
            </label>
          </div>
        );
      })}
    </>
  );
}

/** What came back, as far as the page shows it. */
interface Outcome {
  status: string;
  ms: number;
  headers: string;
  body: string | number;
}

/** The longest body that the page shows, in characters. */
const maxShown = 200_000;

async function outcomeOf(response: Response, begun: number): Promise<Outcome> {
  const bytes = await response.arrayBuffer();
  const ms = Math.round(performance.now() - begun);
  const headers = Array.from(response.headers, ([name, value]) => `${name}: ${value}`).join('\n');
  let body: string | number = bytes.byteLength;
  try {
    body = new TextDecoder('utf-8', { fatal: true }).decode(bytes).slice(0, maxShown);
    body = writeJson(parseJson(body), 2);
  } catch {
    // It is no JSON, or no text: then its length is shown.
  }
  return { status: `${response.status} ${response.statusText}`.trim(), ms, headers, body };
}

function OutcomeView({ outcome }: { outcome: Outcome }) {
  const t = useTranslations('viewer');
  const { status, ms, headers, body } = outcome;
  return (
    <>
      <p className="viewer-status">
        <strong>{status}</strong> · {t('duration', { ms })}
      </p>
      {typeof body === 'number'
        ? body > 0 && <p>{t('binary', { bytes: body })}</p>
        : body !== '' && <Code text={body} isJson title={null} />}
      {headers !== '' && <Code text={headers} isJson={false} title={t('responseHeaders')} />}
    </>
  );
}

/** The column beside an operation. */
export function RequestPanel({
  document,
  operation,
  secrets,
  send,
  isCallable,
  language,
  setLanguage,
}: PanelSettings & { document: unknown; operation: Operation }) {
  const t = useTranslations('viewer');
  const id = useId();
  const servers = useMemo(() => callable(operation.servers, isCallable), [operation, isCallable]);
  const [input, setInput] = useState(() => initialInput(document, operation, servers));
  const [files, setFiles] = useState<Record<string, File>>({});
  const [isOpen, setIsOpen] = useState(false);
  const [state, setState] = useState<'sending' | Outcome | { failed: string }>();
  const request = useMemo(() => requestOf(document, operation, input), [document, operation, input]);
  const variables = variablesOf(input.alternative, secrets);
  const change = (over: Partial<Input>) => setInput({ ...input, ...over });
  const contents = operation.body?.contents ?? [];
  const canCall =
    input.server !== undefined && servers.length > 0 && isCallable(urlOfServer(input.server, input.serverValues));

  async function submit(): Promise<void> {
    setState('sending');
    const begun = performance.now();
    try {
      const { url, init } = fetchable(request, variables, files);
      setState(await outcomeOf(await send(url, init), begun));
    } catch (error) {
      setState({ failed: t(error instanceof Refusal ? error.text : 'failed') });
    }
  }

  return (
    <>
      <Samples request={request} variables={variables} language={language} setLanguage={setLanguage} />
      {!operation.entry.isWebhook && (
        <section className="viewer-try" aria-labelledby={`${id}-title`}>
          <h3 id={`${id}-title`}>
            <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => setIsOpen(!isOpen)}>
              {t('tryIt')}
            </button>
          </h3>
          <div id={id}>
            {isOpen && (
              <form
                onSubmit={(event) => {
                  event.preventDefault();
                  void submit();
                }}
              >
                <ServerFields servers={servers} input={input} onChange={change} isCallable={isCallable} />
                {operation.alternatives.length > 1 && (
                  <div className="viewer-field">
                    <label>
                      {t('authentication')}
                      <select
                        value={operation.alternatives.indexOf(input.alternative)}
                        onChange={({ target }) =>
                          change({ alternative: operation.alternatives[Number(target.value)] ?? [] })
                        }
                      >
                        {operation.alternatives.map((alternative, i) => {
                          const name = alternative.map((scheme) => scheme.name).join(' + ') || t('none');
                          return (
                            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
                            <option key={i} value={i}>
                              {name}
                            </option>
                          );
                        })}
                      </select>
                    </label>
                  </div>
                )}
                <SecretFields alternative={input.alternative} secrets={secrets} />
                {operation.parameters
                  .filter(({ in: where }) => where !== 'cookie')
                  .map((parameter) => (
                    <ParameterField
                      key={keyOf(parameter)}
                      document={document}
                      parameter={parameter}
                      value={input.parameters[keyOf(parameter)] ?? ''}
                      onChange={(value) => change({ parameters: { ...input.parameters, [keyOf(parameter)]: value } })}
                    />
                  ))}
                {contents.length > 1 && (
                  <div className="viewer-field">
                    <label>
                      {t('mediaType')}
                      <select
                        value={input.mediaType}
                        onChange={({ target }) => {
                          const content = contents.find(({ mediaType }) => mediaType === target.value);
                          change({
                            mediaType: target.value,
                            body: content === undefined ? '' : bodyText(document, content),
                          });
                        }}
                      >
                        {contents.map(({ mediaType }) => (
                          <option key={mediaType}>{mediaType}</option>
                        ))}
                      </select>
                    </label>
                  </div>
                )}
                {input.mediaType !== undefined && (
                  <div className="viewer-field">
                    <label>
                      {t('body')}
                      <textarea
                        dir="ltr"
                        rows={Math.min(12, input.body.split('\n').length + 1)}
                        spellCheck={false}
                        value={input.body}
                        onChange={({ target }) => change({ body: target.value })}
                      />
                    </label>
                  </div>
                )}
                {request.body?.kind === 'form' &&
                  request.body.parts
                    .filter(([, value]) => typeof value !== 'string')
                    .map(([name]) => (
                      <div key={name} className="viewer-field">
                        <label>
                          {t('file', { name })}
                          <input
                            type="file"
                            onChange={({ target }) => {
                              const [file] = target.files ?? [];
                              if (file !== undefined) setFiles({ ...files, [name]: file });
                            }}
                          />
                        </label>
                      </div>
                    ))}
                {canCall ? (
                  <button type="submit" className="viewer-send" disabled={state === 'sending'}>
                    {t(state === 'sending' ? 'sending' : 'send')}
                  </button>
                ) : (
                  <p>{t('cannotCall')}</p>
                )}
              </form>
            )}
          </div>
          <div className="viewer-outcome" role="status">
            {typeof state === 'object' &&
              ('failed' in state ? <p className="viewer-failed">{state.failed}</p> : <OutcomeView outcome={state} />)}
          </div>
        </section>
      )}
    </>
  );
}
