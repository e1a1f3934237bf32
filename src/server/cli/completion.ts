import type { Command } from 'commander';
import { addExamples, addNoun, invocation } from './command.ts';
import { printText } from './output.ts';
import { placesOf, shells } from './shells.ts';

/** How a person turns it on, for each shell. */
const usage: Record<string, string> = {
  bash: `source <(${invocation} completion bash)`,
  zsh: `source <(${invocation} completion zsh)`,
  fish: `${invocation} completion fish | source`,
};

/** Adds `portico completion <shell>`. */
export function addCompletionCommands(program: Command): void {
  const noun = addNoun(program, 'completion', 'Completion of commands and options in a shell.');
  for (const [shell, script] of Object.entries(shells)) {
    const command = noun
      .command(shell)
      .description(
        `Prints the completion script of ${shell}. Load it in the start file of the shell, with an alias \`portico\` if you use npx.`,
      )
      .exitOverride()
      .showHelpAfterError('(add --help for usage and examples)')
      // The commands are read when the script is printed: all of them, also those that are added later.
      .action(() => {
        printText(script(program.name(), placesOf(program)));
      });
    addExamples(command, [usage[shell] ?? '']);
  }
}
