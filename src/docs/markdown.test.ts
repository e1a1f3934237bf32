import { expect, test } from '@jest/globals';
import { addressOf, render, servedMarkdown } from './markdown.ts';
import { linkTo } from './page.ts';

test.each([
  ['quickstart.md', 'concepts/sessions.md', '/docs/concepts/sessions'],
  ['concepts/sessions.md', '../quickstart.md#redirect', '/docs/quickstart#redirect'],
  ['concepts/sessions.md', './errors.md', '/docs/concepts/errors'],
  ['concepts/sessions.md', '../reference/portal.createSession.md', '/docs/reference/portal.createSession'],
  ['concepts/sessions.md', '../errors/unkey/data/key_retired.md', '/docs/errors/unkey/data/key_retired'],
  ['concepts/sessions.md', '../errors/index.md', '/docs/errors'],
  ['concepts/sessions.md', '../index.md', '/docs'],
  ['concepts/sessions.md', '../../openapi.yaml', '/openapi.yaml'],
  ['concepts/sessions.md', '../screenshots/keys-light.png', '/docs/screenshots/keys-light.png'],
  ['concepts/sessions.md', '#lifetimes', '#lifetimes'],
  ['concepts/sessions.md', 'https://acme.example/a.md', 'https://acme.example/a.md'],
])('in %s a link to %s leads to %s', (source, link, address) => {
  expect(addressOf(source, link)).toBe(address);
});

test.each([
  ['index.md', 'concepts/sessions.md', 'concepts/sessions.md'],
  ['concepts/sessions.md', 'concepts/errors.md', 'errors.md'],
  ['errors/unkey/data/key_retired.md', 'errors/unkey/authentication/missing.md', '../authentication/missing.md'],
  ['errors/unkey/data/key_retired.md', 'reference/portal.listKeys.md', '../../../reference/portal.listKeys.md'],
])('from %s to %s the link is %s', (from, to, link) => {
  expect(linkTo(from, to)).toBe(link);
});

test('served Markdown has absolute links to Markdown, and unchanged code', () => {
  const text =
    'See [it](errors.md#retry).\n\n```md\n[it](errors.md)\n```\n\n[out](https://a.example) [y](../../openapi.yaml)';
  expect(servedMarkdown('concepts/sessions.md', text, 'https://p.example')).toBe(
    'See [it](https://p.example/docs/concepts/errors.md#retry).\n\n```md\n[it](errors.md)\n```\n\n[out](https://a.example) [y](https://p.example/openapi.yaml)',
  );
});

test('consecutive code blocks in different languages become tabs; others do not', () => {
  const fence = (info: string) => `\`\`\`${info}\nx\n\`\`\`\n\n`;
  const { html } = render('a.md', fence('sh') + fence('ts') + fence('go'));
  expect(html.match(/<fieldset/g)).toHaveLength(1);
  expect(html.match(/type="radio"/g)).toHaveLength(3);
  expect(html.match(/ checked>/g)).toHaveLength(1);
  expect(render('a.md', fence('sh') + fence('sh')).html).not.toContain('<fieldset');
  expect(render('a.md', `${fence('sh')}Then:\n\n${fence('ts')}`).html).not.toContain('<fieldset');
  expect(render('a.md', fence('json title="One"') + fence('json title="Two"')).html).toContain('value="Two"');
  expect(render('a.md', fence('json title="One"')).html).toContain('<figcaption>One</figcaption>');
});

test('code has classes for colors, HTML stays text, and tables have no styles', () => {
  expect(render('a.md', '```ts\nconst a = 1;\n```').html).toContain('<span class="hljs-keyword">const</span>');
  expect(render('a.md', '```unknown\n<b>\n```').html).toContain('<code>&lt;b&gt;</code>');
  expect(render('a.md', '<script>x</script>').html).not.toContain('<script>');
  const { html } = render('a.md', '| a | b |\n|:-:|--:|\n| 1 | 2 |');
  expect(html).toContain('<th scope="col">');
  expect(html).not.toContain('style');
});

test('headings get the anchors of GitHub, and divide the text for the search', () => {
  const { html, headings, passages } = render('a.md', 'First.\n\n## Say `x` twice\n\nSecond `y`.\n\n## Say x twice\n');
  expect(headings.map(({ id }) => id)).toEqual(['say-x-twice', 'say-x-twice-1']);
  expect(html).toContain('<a class="header-anchor" href="#say-x-twice">');
  expect(passages.map(({ heading, text }) => [heading?.text, text.trim()])).toEqual([
    [undefined, 'First.'],
    ['Say x twice', 'Second y.'],
    ['Say x twice', ''],
  ]);
});

test('the text for the search separates table cells, and leaves out the table head', () => {
  const { passages } = render('a.md', 'First\n\n| name | use |\n|---|---|\n| `a` | Sets a. |\n| `b` | Sets b. |\n');
  expect(passages[0]?.text.trim()).toBe('First · a · Sets a. b · Sets b.');
});
