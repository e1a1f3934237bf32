/**
 * Programs that send a request, in four languages. Their texts come from a document that is not trusted: each is written as a literal
 * of its language, and secrets are read from the environment.
 */
import { curlUrl, isToken, shellText } from '../curl.ts';
import type { ApiRequest, FormPart, Part } from './request.ts';

/** The languages, in the order of the list. */
export const sampleLanguages = ['curl', 'JavaScript', 'Python', 'Go'] as const;
export type SampleLanguage = (typeof sampleLanguages)[number];

/** What a literal cannot show as it is: control, format and bidi characters, separators, and halves of surrogate pairs. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A text as a string literal of JavaScript, Python and Go. Characters that people do not see are escaped; JSON has no other escapes. */
const literal = (text: string): string =>
  JSON.stringify(text).replaceAll(invisible, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

/** Go and Python have no halves of surrogate pairs: a character beyond U+FFFF has an escape of its own. */
const longLiteral = (text: string): string =>
  literal(text).replaceAll(/\\u(d[89ab]..)\\u(d[c-f]..)/g, (_, high: string, low: string) => {
    const code = (Number.parseInt(high, 16) - 0xd800) * 0x400 + (Number.parseInt(low, 16) - 0xdc00) + 0x10000;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });

/** How a language writes a text with secrets. */
interface Notation {
  literal: (text: string) => string;
  secret: (variable: string) => string;
  base64: (value: string) => string;
  plus: string;
}

function valueIn({ literal: quote, secret, base64, plus }: Notation, parts: readonly Part[]): string {
  const texts = parts.map((part) => {
    if (typeof part === 'string') return quote(part);
    if ('secret' in part) return secret(part.secret);
    return base64(
      part.base64.map((inner) => (typeof inner === 'string' ? quote(inner) : secret(inner.secret))).join(plus),
    );
  });
  return texts.join(plus);
}

const javaScript: Notation = {
  literal,
  secret: (variable) => `process.env.${variable}`,
  base64: (value) => `btoa(${value})`,
  plus: ' + ',
};
const python: Notation = {
  literal: longLiteral,
  secret: (variable) => `os.environ[${JSON.stringify(variable)}]`,
  base64: (value) => `base64.b64encode((${value}).encode()).decode()`,
  plus: ' + ',
};
const go: Notation = {
  literal: longLiteral,
  secret: (variable) => `os.Getenv(${JSON.stringify(variable)})`,
  base64: (value) => `base64.StdEncoding.EncodeToString([]byte(${value}))`,
  plus: ' + ',
};

/** The address with the secrets of its query, whose names are encoded. */
function addressParts({ url, secretQuery }: ApiRequest): Part[] {
  const parts: Part[] = [];
  let text = url;
  for (const [name, value] of secretQuery) {
    parts.push(`${text}${parts.length > 0 || url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=`, ...value);
    text = '';
  }
  return parts.length > 0 ? parts : [url];
}

/** Parts in double quotes of a shell, where only the secrets are expanded. Other texts are in single quotes. */
function shellValue(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return shellText(part);
      if ('secret' in part) return `"$${part.secret}"`;
      const inner = part.base64.map((each) => (typeof each === 'string' ? each : `$${each.secret}`)).join('');
      return `"$(printf %s "${inner}" | base64 | tr -d '\\n')"`;
    })
    .join('');
}

function curlOf(request: ApiRequest): string {
  const { method, headers, body } = request;
  const lines = [
    `curl ${method === 'GET' && body === undefined ? '' : `-X ${method} `}${shellValue(addressParts(request))}`,
  ];
  for (const [name, value] of headers) {
    // curl has an option for what it encodes itself.
    const basic = value.find((part) => typeof part !== 'string' && 'base64' in part);
    if (basic !== undefined && typeof basic !== 'string' && 'base64' in basic)
      lines.push(`-u "${basic.base64.map((each) => (typeof each === 'string' ? each : `$${each.secret}`)).join('')}"`);
    else {
      const [first = '', ...rest] = value;
      lines.push(
        `-H ${shellValue(typeof first === 'string' ? [`${name}: ${first}`, ...rest] : [`${name}: `, ...value])}`,
      );
    }
  }
  // `--data` would read a file if the text begins with @.
  if (body?.kind === 'text') lines.push(`--data-raw ${shellText(body.text)}`);
  if (body?.kind === 'file') lines.push("--data-binary '@file'");
  if (body?.kind === 'form')
    for (const [name, value] of body.parts)
      lines.push(
        typeof value === 'string'
          ? `--form-string ${shellText(`${name}=${value}`)}`
          : `--form ${shellText(`${name}=@${value.file}`)}`,
      );
  return lines.join(' \\\n  ');
}

const formLines = (parts: FormPart[], write: (name: string, value: string, isFile: boolean) => string): string[] =>
  parts.map(([name, value]) => (typeof value === 'string' ? write(name, value, false) : write(name, value.file, true)));

function javaScriptOf(request: ApiRequest): string {
  const { method, headers, body } = request;
  const lines = [
    ...(body?.kind === 'form'
      ? [
          'const form = new FormData();',
          ...formLines(body.parts, (name, value, isFile) =>
            isFile
              ? `form.append(${literal(name)}, await openAsBlob(${literal(value)}), ${literal(value)});`
              : `form.append(${literal(name)}, ${literal(value)});`,
          ),
          '',
        ]
      : []),
    `const response = await fetch(${valueIn(javaScript, addressParts(request))}, {`,
    `  method: ${literal(method)},`,
    ...(headers.length === 0
      ? []
      : [
          '  headers: {',
          ...headers.map(([name, value]) => `    ${literal(name)}: ${valueIn(javaScript, value)},`),
          '  },',
        ]),
    ...(body?.kind === 'text' ? [`  body: ${jsonLiteral(body.text, headers) ?? literal(body.text)},`] : []),
    ...(body?.kind === 'form' ? ['  body: form,'] : []),
    ...(body?.kind === 'file' ? ["  body: await openAsBlob('file'),"] : []),
    '});',
    'console.log(response.status, await response.text());',
  ];
  const hasFile =
    body?.kind === 'file' || (body?.kind === 'form' && body.parts.some(([, value]) => typeof value !== 'string'));
  return [...(hasFile ? ["import { openAsBlob } from 'node:fs';", ''] : []), ...lines].join('\n');
}

/** JSON as an expression of JavaScript. Numbers that it would change, and texts that people do not see, stay in a text. */
function jsonLiteral(text: string, headers: ApiRequest['headers']): string | undefined {
  const isJson = headers.some(
    ([name, [type]]) => name === 'Content-Type' && typeof type === 'string' && /json/i.test(type),
  );
  if (!isJson) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const json = JSON.stringify(value, null, 2);
    // The text is that of the document, so it is compared without its white space.
    const isSame =
      JSON.stringify(value) ===
      text.replaceAll(/("(?:\\.|[^"\\])*")|\s+/g, (_, quoted: string | undefined) => quoted ?? '');
    return isSame &&
      json.search(invisible) === json.search(/\n/) &&
      !/__proto__/.test(json) &&
      json.replaceAll('\n', '').search(invisible) < 0
      ? `JSON.stringify(${json.replaceAll('\n', '\n  ')})`
      : undefined;
  } catch {
    return undefined;
  }
}

function pythonOf(request: ApiRequest): string {
  const { method, headers, body } = request;
  const fields = body?.kind === 'form' ? body.parts.filter(([, value]) => typeof value === 'string') : [];
  const files = body?.kind === 'form' ? body.parts.filter(([, value]) => typeof value !== 'string') : [];
  const address = valueIn(python, addressParts(request));
  const lines = [
    'response = requests.request(',
    `    ${longLiteral(method)},`,
    `    ${address},`,
    ...(headers.length === 0
      ? []
      : [
          '    headers={',
          ...headers.map(([name, value]) => `        ${longLiteral(name)}: ${valueIn(python, value)},`),
          '    },',
        ]),
    ...(body?.kind === 'text' ? [`    data=${longLiteral(body.text)}.encode(),`] : []),
    ...(body?.kind === 'form' && (files.length > 0 || fields.length > 0)
      ? [
          '    files=[',
          ...formLines([...fields, ...files], (name, value, isFile) =>
            isFile
              ? `        (${longLiteral(name)}, open(${longLiteral(value)}, "rb")),`
              : `        (${longLiteral(name)}, (None, ${longLiteral(value)})),`,
          ),
          '    ],',
        ]
      : []),
    ...(body?.kind === 'file' ? ['    data=open("file", "rb"),'] : []),
    '    timeout=10,',
    ')',
    'print(response.status_code, response.text)',
  ];
  const text = lines.join('\n');
  const imports = ['base64', 'os'].filter(
    (name) =>
      text.includes(`${name}.`) &&
      [...headers, ...request.secretQuery].some(([, value]) => value.some((part) => typeof part !== 'string')),
  );
  return [
    ...imports.filter((name) => name === 'os' || text.includes('base64.b64encode(')).map((name) => `import ${name}`),
    ...(imports.length > 0 ? [''] : []),
    'import requests',
    '',
    text,
  ].join('\n');
}

function goOf(request: ApiRequest): string {
  const { method, headers, body } = request;
  const hasSecret = [...headers, ...request.secretQuery].some(([, value]) =>
    value.some((part) => typeof part !== 'string'),
  );
  const hasBase64 = headers.some(([, value]) => value.some((part) => typeof part !== 'string' && 'base64' in part));
  const files = body?.kind === 'form' && body.parts.some(([, value]) => typeof value !== 'string');
  const imports = [
    ...(body?.kind === 'form' ? ['bytes'] : []),
    ...(hasBase64 ? ['encoding/base64'] : []),
    'fmt',
    'io',
    'log',
    ...(body?.kind === 'form' ? ['mime/multipart'] : []),
    'net/http',
    ...(hasSecret || files || body?.kind === 'file' ? ['os'] : []),
    ...(body?.kind === 'text' ? ['strings'] : []),
  ];
  const check = ['\tif err != nil {', '\t\tlog.Fatal(err)', '\t}'];
  const before: string[] = [];
  let reader = 'nil';
  if (body?.kind === 'text') reader = `strings.NewReader(${longLiteral(body.text)})`;
  if (body?.kind === 'file') {
    before.push('\tfile, err := os.Open("file")', ...check);
    reader = 'file';
  }
  if (body?.kind === 'form') {
    before.push('\tvar body bytes.Buffer', '\tform := multipart.NewWriter(&body)');
    if (files) before.push('\tvar part io.Writer', '\tvar content []byte', '\tvar err error');
    before.push(
      ...body.parts.flatMap(([name, value]) =>
        typeof value === 'string'
          ? [`\tform.WriteField(${longLiteral(name)}, ${longLiteral(value)})`]
          : [
              `\tcontent, err = os.ReadFile(${longLiteral(value.file)})`,
              ...check,
              `\tpart, err = form.CreateFormFile(${longLiteral(name)}, ${longLiteral(value.file)})`,
              ...check,
              '\tpart.Write(content)',
            ],
      ),
      '\tform.Close()',
    );
    reader = '&body';
  }
  return [
    'package main',
    '',
    'import (',
    ...imports.map((name) => `\t"${name}"`),
    ')',
    '',
    'func main() {',
    ...before,
    `\trequest, err := http.NewRequest(${longLiteral(method)}, ${valueIn(go, addressParts(request))}, ${reader})`,
    ...check,
    ...headers.map(([name, value]) => `\trequest.Header.Set(${longLiteral(name)}, ${valueIn(go, value)})`),
    ...(body?.kind === 'form' ? ['\trequest.Header.Set("Content-Type", form.FormDataContentType())'] : []),
    '\tresponse, err := http.DefaultClient.Do(request)',
    ...check,
    '\tdefer response.Body.Close()',
    '\ttext, err := io.ReadAll(response.Body)',
    ...check,
    '\tfmt.Println(response.Status, string(text))',
    '}',
  ].join('\n');
}

const writers: Record<SampleLanguage, (request: ApiRequest) => string> = {
  curl: curlOf,
  JavaScript: javaScriptOf,
  Python: pythonOf,
  Go: goOf,
};

/** The address of a request that cannot be one. */
const unknownAddress = 'https://api.example.com/';

/** A complete command or program that sends the request. What cannot be an address or a method is replaced. */
export function sampleIn(language: SampleLanguage, request: ApiRequest): string {
  const url = curlUrl(request.url) ?? unknownAddress;
  return writers[language]({ ...request, url, method: isToken(request.method) ? request.method : 'GET' });
}
