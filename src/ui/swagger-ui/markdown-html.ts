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
const { image } = markdown.renderer.rules;
markdown.renderer.rules['image'] = (tokens, at, options, env, renderer) => {
  const token = tokens[at];
  const url = String(token?.attrGet('src') ?? '');
  if (image !== undefined && url.startsWith('data:image/')) return image(tokens, at, options, env, renderer);
  // A document fetches nothing by being shown, so that it does not learn who reads it. A click opens the image.
  const text = markdown.utils.escapeHtml(token?.content || url);
  const isInLink = tokens[at - 1]?.type === 'link_open';
  if (isInLink || !/^https?:/i.test(url)) return text;
  return `<a href="${markdown.utils.escapeHtml(url)}" target="_blank" rel="noreferrer">${text}</a>`;
};

/** Returns a description as HTML without scripts, styles or other unsafe content. */
export const htmlOf = (source: string): string =>
  markdown.render(
    source
      .replaceAll(/<br\s*\/?>/gi, '  \n')
      .replaceAll(/<\/?i>/gi, '_')
      .replaceAll(/<\/?b>/gi, '**'),
  );
