import MarkdownIt from 'markdown-it';

/**
 * Renders Markdown of the customer's document. HTML in it stays text: it is not trusted, and even an unused style attribute
 * would violate the content security policy. Line breaks and the tags for italics and bold, which Swagger UI writes itself,
 * become Markdown.
 */
const markdown = new MarkdownIt({ html: false, linkify: true });

for (const cell of ['th_open', 'td_open']) {
  // The alignment of a column would be a style attribute, which the policy refuses.
  markdown.renderer.rules[cell] = (tokens, at) => `<${tokens[at]?.tag}>`;
}
markdown.renderer.rules['link_open'] = (tokens, at, options, _env, renderer) => {
  tokens[at]?.attrSet('target', '_blank');
  tokens[at]?.attrSet('rel', 'noreferrer');
  return renderer.renderToken(tokens, at, options);
};
const isShown = (url: unknown) => /^(https:|data:image\/)/.test(String(url ?? ''));
const { image } = markdown.renderer.rules;
markdown.renderer.rules['image'] = (tokens, at, options, env, renderer) => {
  const token = tokens[at];
  if (image !== undefined && isShown(token?.attrGet('src'))) return image(tokens, at, options, env, renderer);
  return markdown.utils.escapeHtml(token?.content ?? '');
};

/** Returns a description as HTML without scripts, styles or other unsafe content. */
export const htmlOf = (source: string): string =>
  markdown.render(
    source
      .replaceAll(/<br\s*\/?>/gi, '  \n')
      .replaceAll(/<\/?i>/gi, '_')
      .replaceAll(/<\/?b>/gi, '**'),
  );
