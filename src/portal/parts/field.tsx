import { cloneElement, type ReactElement, useId } from 'react';

/** A control with its label, and a hint or an error, connected for screen readers. */
export function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: string;
  hint?: string | undefined;
  wrong?: string | undefined;
  children: ReactElement<{ id?: string; 'aria-describedby'?: string | undefined; 'aria-invalid'?: boolean }>;
}) {
  const id = useId();
  const note = wrong ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, {
        id,
        'aria-describedby': note === undefined ? undefined : `${id}-note`,
        ...(wrong !== undefined && { 'aria-invalid': true }),
      })}
      {note !== undefined && (
        <p id={`${id}-note`} className={wrong === undefined ? 'hint' : 'wrong'}>
          {note}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  legend: string;
  value: Value;
  options: readonly { value: Value; label: string; count?: string | undefined }[];
  onChange: (value: Value) => void;
}

/** The radio buttons of a group, each in its label. */
function Radios<Value extends string>({ value, options, onChange }: Omit<ChoiceProps<Value>, 'legend'>) {
  const name = useId();
  return options.map((option) => (
    <label key={option.value}>
      <input
        type="radio"
        name={name}
        value={option.value}
        checked={option.value === value}
        onChange={() => onChange(option.value)}
      />
      {option.label}
      {option.count !== undefined && <span className="count">{option.count}</span>}
    </label>
  ));
}

/** A visible group of radio buttons. */
export function Choices<Value extends string>({
  legend,
  hint,
  ...radios
}: ChoiceProps<Value> & { hint?: string | undefined }) {
  const id = useId();
  return (
    <fieldset className="field" aria-describedby={hint === undefined ? undefined : id}>
      <legend>{legend}</legend>
      <div className="choices">
        <Radios {...radios} />
      </div>
      {hint !== undefined && (
        <p id={id} className="hint">
          {hint}
        </p>
      )}
    </fieldset>
  );
}

/** A choice of one of a few in one control, such as which rows a table shows. */
export function Segments<Value extends string>({ legend, ...radios }: ChoiceProps<Value>) {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{legend}</legend>
      <Radios {...radios} />
    </fieldset>
  );
}
