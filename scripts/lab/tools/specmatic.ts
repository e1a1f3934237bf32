/**
 * Specmatic with what its documentation recommends for APIs: generated positive and negative tests (`resiliencyTests: all`,
 * https://docs.specmatic.io/references/configuration/test-configuration), credentials in variables that are named as the security schemes
 * (https://docs.specmatic.io/features/authentication), and examples for requests that succeed: the example of a request and that of its response
 * have the same name. It does not support API keys in cookies, so its copy of the contract has the bearer tokens alone.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Spec, specOperations } from '../../../contract-tests/engine/spec.ts';
import { npmPackage, verifySha256 } from './install.ts';
import { failedTests } from './junit.ts';
import { runProgram, type Tool } from './tool.ts';

const version = '2.55.1';
const sha256 = '07a1ae4b861c6b4dab67a4a1407c58f28db306b3b7732eda92148bce8f2729b9';

/** The contract without cookies, and with one pair of examples of the request and the response for the operation. */
function specForSpecmatic(spec: Spec, operationId: string): Spec {
  const copy = structuredClone(spec);
  copy.paths = Object.fromEntries(
    Object.entries(copy.paths).filter(([, methods]) =>
      Object.values(methods).some((operation) => operation.operationId === operationId),
    ),
  );
  for (const { path, method, security } of specOperations(copy)) {
    const operation = copy.paths[path]?.[method];
    if (operation === undefined) continue;
    operation.security = security.filter((alternative) => !('portalSessionCookie' in alternative));
    const contents = [operation.requestBody, operation.responses['200']].map(
      (part) => part?.content?.['application/json'],
    );
    for (const content of contents) {
      const [example] = Object.values(content?.examples ?? {});
      if (content !== undefined && example !== undefined) content.examples = { success: example };
    }
  }
  delete copy.components.securitySchemes['portalSessionCookie'];
  // It makes texts for the patterns of headers, and cannot for some of them.
  for (const { schema } of Object.values(copy.components.headers)) delete schema?.['pattern'];
  for (const { responses } of specOperations(copy))
    for (const { headers = {} } of Object.values(responses))
      for (const { schema } of Object.values(headers)) delete schema?.['pattern'];
  return copy;
}

/** Installs Specmatic. It needs Java. */
export async function specmatic(): Promise<Tool> {
  const jar = join(await npmPackage('specmatic', version), 'specmatic.jar');
  await verifySha256(jar, sha256);
  return {
    name: `Specmatic ${version}`,
    async run({ url, operation, seconds, known, spec, directory }) {
      const contract = join(directory, 'openapi.json');
      await writeFile(contract, JSON.stringify(specForSpecmatic(spec, operation)));
      const config = [
        'version: 2',
        'contracts:',
        '  - provides:',
        '      - openapi.json',
        'test:',
        '  resiliencyTests:',
      ];
      await writeFile(join(directory, 'specmatic.yaml'), [...config, '    enable: all', ''].join('\n'));
      const reports = join(directory, 'junit');
      const { code, text } = await runProgram(
        'java',
        ['-jar', jar, 'test', contract, '--lenient', `--testBaseURL=${url}`, `--junitReportDir=${reports}`],
        {
          ...{ seconds, cwd: directory },
          env: { rootKey: known.rootKey, portalSessionBearer: known.token, SPECMATIC_TELEMETRY: 'false' },
        },
      );
      const files = await readdir(reports).catch(() => []);
      if (code === undefined && files.length === 0) throw new Error('its time was over');
      if (files.length === 0) throw new Error(text.slice(-2000));
      const texts = await Promise.all(files.map((file) => readFile(join(reports, file), 'utf8')));
      return texts.flatMap(failedTests);
    },
  };
}
