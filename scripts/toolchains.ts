/** What runs the documentation's snippets, where npm brings none: found on PATH, else installed. */
import { systemBinary } from './system-binary.ts';

export const python = () => systemBinary(['python3'], { debian: 'python3', brew: 'python' });
export const go = () => systemBinary(['go'], { debian: 'golang-go', brew: 'go' });
export const curl = () => systemBinary(['curl'], { debian: 'curl', brew: 'curl' });
