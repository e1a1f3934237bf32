/** Python: openapi-python-client in its own virtual environment, checked by mypy --strict. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installDebian } from '../../tests/support/system-binary.ts';
import { python as systemPython } from '../../tests/support/toolchains.ts';
import type { Language, Workbench } from './language.ts';

const version = '0.29.1';
const tools = [`openapi-python-client==${version}`, 'ruff==0.17.6', 'mypy==2.4.1', 'httpx==0.28.1', 'attrs==26.1.0'];

/** One virtual environment per set of tool versions. */
const venv = ({ cache }: Workbench) => join(cache, `python-${tools.join('-').replaceAll(/[^\w.]+/g, '_')}`);
const bin = (bench: Workbench, name: string) => join(venv(bench), 'bin', name);

/** Debian's Python needs an extra package for virtual environments. */
function ensureVenv(): void {
  try {
    execFileSync(systemPython(), ['-c', 'import ensurepip'], { stdio: 'ignore' });
  } catch {
    installDebian('python3-venv');
  }
}

export const python: Language = {
  id: 'python',
  title: 'Python',
  generator: 'openapi-python-client',
  version,
  proves: 'run',
  recipe: [
    ...['openapi-python-client', 'generate', '--path', 'openapi.yaml'],
    ...['--output-path', 'portico_client', '--meta', 'none'],
  ],
  notes: ['mypy --strict except for `client.py`, whose `__exit__` passes arguments of type `object`'],
  first: { file: 'first.py', fence: 'python' },
  async prepare(bench) {
    if (existsSync(bin(bench, 'openapi-python-client'))) return;
    ensureVenv();
    await bench.run([systemPython(), '-m', 'venv', '--clear', venv(bench)]);
    await bench.run([bin(bench, 'pip'), 'install', '--quiet', ...tools], { quiet: true });
  },
  tool: (bench) => ({
    command: [bin(bench, 'openapi-python-client')],
    // It formats the client with ruff from PATH.
    env: { PATH: `${join(venv(bench), 'bin')}${delimiter}${process.env['PATH']}` },
  }),
  async compile(bench) {
    const config = '[mypy]\nstrict = True\n[mypy-portico_client.client]\ndisable_error_code = arg-type\n';
    await writeFile(join(bench.directory, 'mypy.ini'), config);
    await bench.run([bin(bench, 'mypy'), 'first.py', 'flow.py', 'judge.py', 'portico_client']);
  },
  start: async (bench, program) => [bin(bench, 'python'), `${program}.py`],
};
