/** One operation: prose and schemas, with the request and the response beside it. */
import { memo, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { writeJson } from '../openapi/json.ts';
import type { Entry } from '../openapi/navigation.ts';
import { type Content, type Operation, operationOf, type Parameter } from '../openapi/operation.ts';
import { sampleOf } from '../openapi/sample-value.ts';
import { lineOf } from '../openapi/schema.ts';
import { Code, Copy } from './code.tsx';
import { Markdown } from './markdown.tsx';
import { type PanelSettings, RequestPanel } from './request-panel.tsx';
import { Lines, SchemaView } from './schema-view.tsx';

/** Parameters are shown as fields of an object. */
function Parameters({ document, parameters, title }: { document: unknown; parameters: Parameter[]; title: string }) {
  const line = useMemo(() => {
    const properties = Object.fromEntries(
      parameters.map(({ name, schema, description, isDeprecated, examples }) => [
        name,
        {
          ...(typeof schema === 'object' && schema),
          ...(description !== undefined && { description }),
          ...(isDeprecated && { deprecated: true }),
          ...(examples[0] !== undefined && { example: examples[0].value }),
        },
      ]),
    );
    const required = parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    return lineOf(document, { type: 'object', properties, required });
  }, [document, parameters]);
  if (parameters.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <Lines document={document} line={line} />
    </section>
  );
}

function ContentView({ document, content: { mediaType, schema } }: { document: unknown; content: Content }) {
  const line = useMemo(() => lineOf(document, schema), [document, schema]);
  return (
    <>
      <p className="viewer-facts">
        <code>{mediaType}</code>
      </p>
      {schema !== undefined && <SchemaView document={document} line={line} />}
    </>
  );
}

/** Bodies in several media types: one is shown, and the user chooses. */
function Contents({ document, contents }: { document: unknown; contents: Content[] }) {
  const t = useTranslations('viewer');
  const [chosen, setChosen] = useState(0);
  const content = contents[chosen] ?? contents[0];
  if (content === undefined) return <p className="viewer-facts">{t('noBody')}</p>;
  return (
    <>
      {contents.length > 1 && (
        <div className="viewer-field">
          <label>
            {t('mediaType')}
            <select value={chosen} onChange={({ target }) => setChosen(Number(target.value))}>
              {contents.map(({ mediaType }, i) => (
                <option key={mediaType} value={i}>
                  {mediaType}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      <ContentView key={content.mediaType} document={document} content={content} />
    </>
  );
}

function Responses({ document, operation }: { document: unknown; operation: Operation }) {
  const t = useTranslations('viewer');
  const [first] = operation.responses;
  return (
    <section>
      <h3>{t('responses')}</h3>
      {operation.responses.map((response) => (
        <details key={response.status} className="viewer-response" open={response === first}>
          <summary>
            <code data-status={response.status.charAt(0)}>{response.status}</code>
          </summary>
          <Markdown source={response.description} level={4} />
          {/* First the body: after the headers it would look like one of them. */}
          <Contents document={document} contents={response.contents} />
          {response.headers.length > 0 && (
            <Parameters document={document} parameters={response.headers} title={t('header')} />
          )}
        </details>
      ))}
    </section>
  );
}

/** An example of the first response that has a body. */
function ExampleResponse({ document, operation }: { document: unknown; operation: Operation }) {
  const t = useTranslations('viewer');
  const example = useMemo(() => {
    for (const { status, contents } of operation.responses) {
      const [content] = contents;
      if (content === undefined) continue;
      const given = content.examples[0];
      if (given === undefined && content.schema === undefined) continue;
      const value = given === undefined ? sampleOf(document, content.schema, 'response') : given.value;
      const isText = typeof value === 'string' && !/json/i.test(content.mediaType);
      return { status, isJson: !isText, text: isText ? value : writeJson(value, 2) };
    }
    return undefined;
  }, [document, operation]);
  if (example === undefined) return null;
  return (
    <Code
      text={example.text}
      isJson={example.isJson}
      title={<span>{`${t('exampleResponse')} · ${example.status}`}</span>}
    >
      {(select) => <Copy text={() => example.text} label={t('copy')} select={select} />}
    </Code>
  );
}

/** An operation. Nothing of the others is read. */
export const OperationView = memo(function OperationView({
  document,
  entry,
  titleId,
  ...panel
}: PanelSettings & { document: unknown; entry: Entry; titleId: string }) {
  const t = useTranslations('viewer');
  const operation = useMemo(() => operationOf(document, entry), [document, entry]);
  const { description, externalDocs, parameters, body, callbacks } = operation;
  return (
    <article className="viewer-operation" aria-labelledby={titleId}>
      <div className="viewer-prose">
        <h2 id={titleId} tabIndex={-1}>
          <bdi>{entry.title}</bdi>
        </h2>
        <p className="viewer-address">
          <span className="viewer-method" data-method={entry.method}>
            {entry.method}
          </span>{' '}
          <code>{entry.path}</code>
          {entry.isDeprecated && <span className="viewer-badge">{t('deprecated')}</span>}
        </p>
        {entry.isWebhook && <p>{t('webhook')}</p>}
        <Markdown source={description} level={3} />
        {externalDocs !== undefined && /^https?:/i.test(externalDocs.url) && (
          <p>
            <a href={externalDocs.url} target="_blank" rel="noreferrer">
              {externalDocs.description ?? t('more')}
            </a>
          </p>
        )}
      </div>
      <div className="viewer-side">
        <RequestPanel document={document} operation={operation} {...panel} />
        <ExampleResponse document={document} operation={operation} />
      </div>
      <div className="viewer-prose">
        {(['path', 'query', 'header', 'cookie'] as const).map((where) => (
          <Parameters
            key={where}
            document={document}
            parameters={parameters.filter((each) => each.in === where)}
            title={t(where)}
          />
        ))}
        {body !== undefined && (
          <section>
            <h3>
              {t('body')} {body.isRequired && <span className="viewer-required">{t('required')}</span>}
            </h3>
            <Markdown source={body.description} level={4} />
            <Contents document={document} contents={body.contents} />
          </section>
        )}
        <Responses document={document} operation={operation} />
        {callbacks.length > 0 && (
          <section>
            <h3>{t('callbacks')}</h3>
            {callbacks.map(({ name, method, url, description: text, body: sent }) => (
              <details key={`${name} ${method} ${url}`} className="viewer-response">
                <summary>
                  {name} <code>{`${method} ${url}`}</code>
                </summary>
                <Markdown source={text} level={4} />
                {sent !== undefined && <Contents document={document} contents={sent.contents} />}
              </details>
            ))}
          </section>
        )}
      </div>
    </article>
  );
});
