/** Where everybody begins. */
import type { Facts } from '../facts.ts';
import type { Page, Section } from '../page.ts';
import { list, plain, section } from '../write-markdown.ts';

const link = ({ source, title, description }: Page) => `[${title}](${source}): ${plain(description)}`;

/** What there is, and where. */
export function homePage({ document, errors, operations }: Facts, sections: Section[]): Page {
  const { info } = document;
  const written = sections.filter(({ title }) =>
    ['Get started', 'Integrate', 'Operate', 'Concepts', 'Evidence'].includes(title),
  );
  return {
    source: 'index.md',
    title: `${info.title} documentation`,
    label: 'Home',
    description: `${info.summary} How to integrate it, run it, and what every operation and error means.`,
    markdown: `${info.description.split('\n\n')[0]}

${written.map(({ title, pages }) => section(title, list(pages.map(link)))).join('')}
## Reference

- [API reference](reference/index.md): the ${operations.length} operations, each with samples in curl, TypeScript, Python and Go
- [Try it](reference/try.md): call them from the browser
- [Errors](errors/index.md): the ${errors.length} errors, each with its causes and what to do
- [openapi.yaml](../openapi.yaml), [openapi.json](../openapi.json): the contract that all of this is made from

## Configuration

- [Environment variables](configuration/environment.md): what the server reads at its start
- [Command line](configuration/command-line.md): workspaces, root keys, portals, sessions, audit
- [Portal settings](configuration/portal.md): every field of a portal

## For machines

- [llms.txt](../llms.txt), [llms-full.txt](../llms-full.txt): this documentation for language models
- Every page is Markdown too: ask for \`text/markdown\`, or add \`.md\` to its address
`,
  };
}
