/** This process must not work with the data that Redis has. The message is one sentence for the operator. */
export class DataRefused extends Error {
  readonly kind: 'format' | 'restored';

  constructor(kind: DataRefused['kind'], message: string) {
    super(message);
    this.name = 'DataRefused';
    this.kind = kind;
  }
}
