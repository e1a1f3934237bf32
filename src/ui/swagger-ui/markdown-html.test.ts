import { expect, test } from '@jest/globals';
import { htmlOf } from './markdown-html.ts';

test('Markdown becomes HTML', () => {
  expect(htmlOf('Some **bold** `code`')).toBe('<p>Some <strong>bold</strong> <code>code</code></p>\n');
  expect(htmlOf('<i>Default</i> : <b>20</b>')).toBe('<p><em>Default</em> : <strong>20</strong></p>\n');
  expect(htmlOf('a<br/>b')).toBe('<p>a<br>\nb</p>\n');
  expect(htmlOf('[docs](https://acme.example)')).toContain(
    '<a href="https://acme.example" target="_blank" rel="noreferrer">',
  );
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<p style="position:fixed">x</p>',
  '<iframe src="https://evil.example"></iframe>',
  '<svg/onload=alert(1)>',
])('HTML stays text: %s', (source) => {
  expect(htmlOf(source)).not.toMatch(/<(script|img|p style|iframe|svg)/);
});

test.each(['javascript:alert(1)', 'vbscript:x', 'data:text/html,x', 'file:///etc/passwd'])(
  'no link leads to %s',
  (url) => {
    expect(htmlOf(`[x](${url})`)).not.toContain('href');
  },
);

test('a table has no style attributes', () => {
  const html = htmlOf('| a | b |\n|:-:|--:|\n| 1 | 2 |\n');
  expect(html).toContain('<td>1</td>');
  expect(html).not.toContain('style');
});

test.each([
  [
    '![logo](https://acme.example/a.png)',
    '<a href="https://acme.example/a.png" target="_blank" rel="noreferrer">logo</a>',
  ],
  [
    '![](http://acme.example/?a=1&b="2")',
    '<a href="http://acme.example/?a=1&amp;b=%222%22" target="_blank" rel="noreferrer">',
  ],
  [
    '[![<b>](https://acme.example/a.png)](https://acme.example)',
    '<a href="https://acme.example" target="_blank" rel="noreferrer">**</a>',
  ],
  ['![logo](//acme.example/a.png)', '<p>logo</p>'],
  ['![logo](a.png)', '<p>logo</p>'],
  ['![logo][1]\n\n[1]: https://acme.example/a.png', '<p><a href='],
])('an image needs a click: %s', (source, html) => {
  expect(htmlOf(source)).toContain(html);
  expect(htmlOf(source)).not.toContain('<img');
});

test('an image that is in the document is shown', () => {
  expect(htmlOf('![dot](data:image/png;base64,AAAA)')).toContain('<img src="data:image/png;base64,AAAA" alt="dot">');
});
