import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Field, Segments } from '../parts/field.tsx';
import { now } from '../server/clock.ts';
import { checkDays, dayOf, lastDayOf, presets, type Range, type TimeWindow, type WrongDays } from './time-window.ts';

/** The two days of a custom range. They take effect on submit, because a date is incomplete while it is typed. */
function CustomRange({
  window,
  storedSince,
  onApply,
  onMistake,
}: {
  window: TimeWindow;
  storedSince: number | undefined;
  onApply: (range: Range) => void;
  onMistake: (isWrong: boolean) => void;
}) {
  const t = useTranslations('analytics');
  const [days, setDays] = useState({ from: dayOf(window.startTime), to: lastDayOf(window) });
  const [wrong, setWrong] = useState<WrongDays>({});
  const form = useRef<HTMLFormElement>(null);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const found = checkDays(days.from, days.to, new Date(now()));
    setWrong(found);
    const [first] = Object.keys(found);
    onMistake(first !== undefined);
    if (first === undefined) onApply(days);
    else form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  };
  return (
    // The app validates itself: the browser's messages would be in the browser's language.
    <form ref={form} className="custom-range" noValidate onSubmit={apply}>
      {(['from', 'to'] as const).map((end) => {
        const mistake = wrong[end];
        return (
          <Field key={end} label={t(end)} wrong={mistake && t(mistake)}>
            <input
              className="input"
              type="date"
              name={end}
              min={storedSince && dayOf(storedSince)}
              max={dayOf(now())}
              value={days[end]}
              onChange={({ target }) => setDays({ ...days, [end]: target.value })}
            />
          </Field>
        );
      })}
      <button type="submit" className="button">
        {t('apply')}
      </button>
    </form>
  );
}

/**
 * Selects the time range: a preset up to now, or from one day to another.
 *
 * @param window the current window, which is the initial custom range
 * @param storedSince when the stored usage begins, in Unix ms; undefined if that is not known yet
 * @param children the other controls, which are beside the presets and above the days
 */
export function RangePicker({
  range,
  window,
  storedSince,
  onChange,
  onMistake,
  children,
}: {
  range: Range;
  window: TimeWindow;
  storedSince: number | undefined;
  onChange: (range: Range) => void;
  /** Called with whether the chosen days have a mistake, before they take effect. */
  onMistake: (isWrong: boolean) => void;
  children: ReactNode;
}) {
  const t = useTranslations('analytics');
  const [isCustom, setCustom] = useState(false);
  const value = isCustom || !('preset' in range) ? 'custom' : range.preset;
  return (
    <div className="usage-controls">
      <Segments
        legend={t('range')}
        value={value}
        options={[...presets, 'custom' as const].map((name) => ({ value: name, label: t(`ranges.${name}`) }))}
        onChange={(chosen) => {
          setCustom(chosen === 'custom');
          onMistake(false);
          if (chosen !== 'custom') onChange({ preset: chosen });
        }}
      />
      {children}
      {value === 'custom' && (
        <CustomRange window={window} storedSince={storedSince} onApply={onChange} onMistake={onMistake} />
      )}
    </div>
  );
}
