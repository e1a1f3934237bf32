import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Icon } from '../parts/icon.tsx';
import { CallSample } from './lazy-call-sample.tsx';

/** The steps of a new user, in their order; `done` is after the last one. */
const steps = ['create', 'copy', 'call', 'done'] as const;
type Step = (typeof steps)[number];

/** One step: done, at hand, or still to come. */
function StepItem({ of: step, current, children }: { of: Exclude<Step, 'done'>; current: Step; children?: ReactNode }) {
  const t = useTranslations('keys.firstRun');
  const number = steps.indexOf(step);
  const isDone = number < steps.indexOf(current);
  const isCurrent = step === current;
  return (
    <li className={isDone ? 'step done' : 'step'} {...(isCurrent && { 'aria-current': 'step' })}>
      <span className="step-number" aria-hidden="true">
        {isDone ? <Icon name="check" /> : number + 1}
      </span>
      <div>
        <p className="step-title">
          {t(`${step}.title`)}
          {isDone && <span className="visually-hidden"> ({t('isDone')})</span>}
        </p>
        <p className="muted">{t(`${step}.text`)}</p>
        {children}
      </div>
    </li>
  );
}

/** Leads a new user to the first call of the API. The last step is done when the server has seen a key. */
export function FirstRun({
  step,
  onCreate,
  onDone,
}: {
  step: Exclude<Step, 'copy'>;
  onCreate?: () => void;
  /** Called when the user has seen that everything is done. */
  onDone?: () => void;
}) {
  const t = useTranslations('keys');
  const close = useTranslations('common')('close');
  const isDone = step === 'done';
  return (
    <section className="panel first-run" aria-labelledby="first-run">
      <div className="title-row">
        <div>
          <h2 id="first-run">{step === 'create' ? t('empty.title') : t('firstRun.title')}</h2>
          {step === 'create' && <p className="muted">{t('empty.canCreate')}</p>}
        </div>
        {isDone && (
          <button type="button" className="icon-button" aria-label={close} title={close} onClick={onDone}>
            <Icon name="x" />
          </button>
        )}
      </div>
      <ol>
        <StepItem of="create" current={step}>
          {onCreate !== undefined && (
            <button type="button" className="button primary" aria-haspopup="dialog" onClick={onCreate}>
              {t('create')}
            </button>
          )}
        </StepItem>
        <StepItem of="copy" current={step} />
        <StepItem of="call" current={step}>
          {step === 'call' && <CallSample secret={undefined} />}
          {/* The text changes in place, so that screen readers read it. */}
          {step !== 'create' && (
            <p className={isDone ? 'first-call received' : 'first-call'} role="status">
              {isDone && <Icon name="check" />}
              {t(isDone ? 'firstRun.received' : 'firstRun.waiting')}
            </p>
          )}
        </StepItem>
      </ol>
    </section>
  );
}
