import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Line, linesOf } from '../openapi/schema.ts';
import { Markdown } from './markdown.tsx';

/** What holds for a value: constraints, possible values, default and example. */
function Facts({ line: { constraints, values, default: usual, example, description } }: { line: Line }) {
  const t = useTranslations('viewer');
  return (
    <>
      <Markdown source={description} level={4} />
      {constraints.length > 0 && (
        <p className="viewer-facts">
          {constraints.map(([keyword, value]) => (
            <code key={keyword}>
              {keyword} {value}
            </code>
          ))}
        </p>
      )}
      {values.length > 0 && (
        <p className="viewer-facts">
          {t('values')}{' '}
          {values.map((value) => (
            <code key={value}>{value}</code>
          ))}
        </p>
      )}
      {usual !== undefined && (
        <p className="viewer-facts">
          {t('default')} <code>{usual}</code>
        </p>
      )}
      {example !== undefined && (
        <p className="viewer-facts">
          {t('example')} <code>{example}</code>
        </p>
      )}
    </>
  );
}

/** A line, and what is inside of it once the user asks for it. */
function LineView({
  document,
  line,
  number,
  isOpen,
}: {
  document: unknown;
  line: Line;
  number: number;
  isOpen: boolean;
}) {
  const t = useTranslations('viewer');
  const id = useId();
  const [open, setOpen] = useState(isOpen);
  const name =
    line.kind === 'anyField'
      ? t('anyField')
      : line.kind === 'variant' && line.name === ''
        ? t('variant', { number })
        : line.name;
  return (
    <li>
      <p className="viewer-line">
        {name !== '' && <code className="viewer-name">{name}</code>} <bdi className="viewer-type">{line.type}</bdi>
        {line.isRequired && <span className="viewer-required">{t('required')}</span>}
        {line.isDeprecated && <span className="viewer-badge">{t('deprecated')}</span>}
        {line.isReadOnly && <span className="viewer-badge">{t('readOnly')}</span>}
        {line.isWriteOnly && <span className="viewer-badge">{t('writeOnly')}</span>}
      </p>
      <Facts line={line} />
      {line.isCycle && <p className="viewer-facts">{t('cycle')}</p>}
      {line.hasLines && (
        <button
          type="button"
          className="viewer-more"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'hideFields' : 'showFields', { name: name || line.type })}
        </button>
      )}
      {line.hasLines && <div id={id}>{open && <Lines document={document} line={line} />}</div>}
    </li>
  );
}

/** The lines inside of a line. */
export function Lines({ document, line }: { document: unknown; line: Line }) {
  const lines = linesOf(document, line);
  const first = lines.findIndex(({ kind }) => kind === 'variant');
  return (
    <ul className="viewer-lines">
      {lines.map((each, i) => (
        <LineView
          // biome-ignore lint/suspicious/noArrayIndexKey: variants can have one name, and the list never changes
          key={`${each.kind} ${each.name} ${i}`}
          document={document}
          line={each}
          number={i - first + 1}
          isOpen={false}
        />
      ))}
    </ul>
  );
}

/** A schema: its fields, or what it is if it has none. */
export function SchemaView({ document, line }: { document: unknown; line: Line }) {
  return line.hasLines ? (
    <>
      <p className="viewer-line">
        <bdi className="viewer-type">{line.type}</bdi>
      </p>
      <Markdown source={line.description} level={4} />
      <Lines document={document} line={line} />
    </>
  ) : (
    <ul className="viewer-lines">
      <LineView document={document} line={line} number={1} isOpen={false} />
    </ul>
  );
}
