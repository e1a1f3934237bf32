/** Code samples in four languages, generated from the examples in the spec. */
import type { Operation } from './facts.ts';

/** The request of a sample. */
export interface SampleRequest {
  operation: Pick<Operation, 'operationId' | 'method' | 'path' | 'security'>;
  /** undefined if the operation has no body. */
  body: unknown;
  /** The headers that the operation requires, besides the credential. The TypeScript client sends them by itself. */
  headers: Record<string, string>;
  /** Origin of the server. */
  base: string;
}

/** A sample, with the name of its language and the identifier of the syntax highlighter. */
export interface Sample {
  title: string;
  language: string;
  text: string;
}

/** The environment variable of the credential; undefined if the operation needs none. */
export function credentialOf({ security }: Pick<Operation, 'security'>): 'ROOT_KEY' | 'PORTAL_TOKEN' | undefined {
  const schemes = security.flatMap((requirement) => Object.keys(requirement));
  if (schemes.length === 0) return undefined;
  return schemes.includes('rootKey') ? 'ROOT_KEY' : 'PORTAL_TOKEN';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Notation {
  indent: string;
  name(name: string): string;
  scalar(value: unknown): string;
}

/** A JSON value as a literal of a language: short values on one line, others on several. */
function literal(value: unknown, notation: Notation, indent = ''): string {
  const { name, scalar, indent: step } = notation;
  if (!Array.isArray(value) && !isObject(value)) return scalar(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const write = (inner: string) =>
    Array.isArray(value)
      ? value.map((item) => literal(item, notation, inner))
      : Object.entries(value).map(([key, item]) => `${name(key)}: ${literal(item, notation, inner)}`);
  const flat = write(indent);
  const space = Array.isArray(value) || flat.length === 0 ? '' : ' ';
  const line = `${open}${space}${flat.join(', ')}${space}${close}`;
  if (line.length <= 60 && !line.includes('\n')) return line;
  const inner = `${indent}${step}`;
  return `${open}\n${write(inner)
    .map((item) => `${inner}${item},\n`)
    .join('')}${indent}${close}`;
}

const quoted = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const typescript: Notation = {
  indent: '  ',
  name: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)),
  scalar: (value) => (typeof value === 'string' ? quoted(value) : JSON.stringify(value)),
};

const python: Notation = {
  indent: '    ',
  name: (name) => JSON.stringify(name),
  scalar: (value) =>
    value === true ? 'True' : value === false ? 'False' : value === null ? 'None' : JSON.stringify(value),
};

function curl({ operation, body, headers, base }: SampleRequest): string {
  const credential = credentialOf(operation);
  const lines = [`curl ${operation.method === 'get' ? '' : '-X POST '}${base}${operation.path}`];
  if (credential !== undefined) lines.push(`-H "Authorization: Bearer $${credential}"`);
  for (const [name, value] of Object.entries(headers)) lines.push(`-H '${name}: ${value}'`);
  if (body !== undefined) {
    lines.push(`-H 'Content-Type: application/json'`);
    const line = JSON.stringify(body);
    const json = line.length <= 80 ? line : JSON.stringify(body, null, 2).replaceAll('\n', '\n  ');
    lines.push(`-d '${json.replaceAll("'", "'\\''")}'`);
  }
  return lines.join(' \\\n  ');
}

function typeScript({ operation, body, base }: SampleRequest): string {
  const credential = credentialOf(operation);
  const option = { ROOT_KEY: 'rootKey', PORTAL_TOKEN: 'sessionToken' };
  const options = [
    `baseUrl: '${base}'`,
    ...(credential === undefined ? [] : [`${option[credential]}: process.env.${credential}`]),
  ];
  return `import { Portico } from '@portico/client';

const portico = new Portico({
${options.map((line) => `  ${line},\n`).join('')}});

const result = await portico.${operation.operationId}(${body === undefined ? '' : literal(body, typescript)});
console.log(result);`;
}

function pythonSample({ operation, body, headers, base }: SampleRequest): string {
  const credential = credentialOf(operation);
  const lines = [`    "${base}${operation.path}",`];
  const sent = Object.entries(headers).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  if (credential !== undefined) sent.unshift(`"Authorization": f"Bearer {os.environ['${credential}']}"`);
  if (sent.length === 1) lines.push(`    headers={${sent}},`);
  else if (sent.length > 1) lines.push('    headers={', ...sent.map((line) => `        ${line},`), '    },');
  if (body !== undefined) lines.push(`    json=${literal(body, python, '    ')},`);
  lines.push('    timeout=10,');
  return `${credential === undefined ? '' : 'import os\n\n'}import requests

response = requests.${operation.method}(
${lines.join('\n')}
)
response.raise_for_status()
print(response.json()["data"])`;
}

function go({ operation, body, headers, base }: SampleRequest): string {
  const credential = credentialOf(operation);
  const json = JSON.stringify(body, null, 2);
  const text = body === undefined ? '' : json.includes('`') ? JSON.stringify(json) : `\`${json}\``;
  const imports = [
    'fmt',
    'io',
    'log',
    'net/http',
    ...(credential === undefined ? [] : ['os']),
    ...(body === undefined ? [] : ['strings']),
  ];
  const sets = [
    ...(credential === undefined ? [] : [`request.Header.Set("Authorization", "Bearer "+os.Getenv("${credential}"))`]),
    ...Object.entries(headers).map(([name, value]) => `request.Header.Set("${name}", "${value}")`),
    ...(body === undefined ? [] : ['request.Header.Set("Content-Type", "application/json")']),
  ];
  const method = operation.method === 'get' ? 'MethodGet' : 'MethodPost';
  const reader = body === undefined ? 'nil' : 'strings.NewReader(body)';
  return `package main

import (
${imports.map((name) => `\t"${name}"\n`).join('')})

func main() {
${body === undefined ? '' : `\tbody := ${text}\n`}\trequest, err := http.NewRequest(http.${method}, "${base}${operation.path}", ${reader})
	if err != nil {
		log.Fatal(err)
	}
${sets.map((line) => `\t${line}\n`).join('')}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	responseBody, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, string(responseBody))
}`;
}

/** The samples of a request, each a complete program or command. */
export const samplesOf = (request: SampleRequest): Sample[] => [
  { title: 'curl', language: 'sh', text: curl(request) },
  { title: 'TypeScript', language: 'ts', text: typeScript(request) },
  { title: 'Python', language: 'python', text: pythonSample(request) },
  { title: 'Go', language: 'go', text: go(request) },
];
