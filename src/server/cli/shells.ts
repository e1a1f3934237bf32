/** The completion scripts of the shells: everything that a command line can have, written out, so that no key press starts Node. */
import type { Command, Option } from 'commander';

/** What can follow a command, such as `portico api create`. */
interface Place {
  /** The words after `portico`, each with a space before it: ` api create`. Empty for the program. */
  path: string;
  commands: { word: string; text: string }[];
  flags: Flag[];
}

interface Flag {
  word: string;
  text: string;
  /** What comes after it: nothing, one of some words, the name of a file, or something that no shell knows. */
  value: 'none' | 'file' | 'unknown' | readonly string[];
}

/** The first sentence of a description. */
const summary = (text: string): string => text.split(/[.;:] /)[0]?.replace(/\.$/, '') ?? '';

const flagOf = ({ long, description, required, optional, argChoices, flags }: Option): Flag => ({
  word: long ?? flags,
  text: summary(description),
  value: required || optional ? (argChoices ?? (flags.endsWith('<file>') ? 'file' : 'unknown')) : 'none',
});

/** The program and everything below it. */
export function placesOf(command: Command, path = ''): Place[] {
  const commands = command.commands.map((below) => ({ word: below.name(), text: summary(below.description()) }));
  const flags = [...command.options.map(flagOf), { word: '--help', text: 'show help', value: 'none' as const }];
  return [
    { path, commands, flags },
    ...command.commands.flatMap((below) => placesOf(below, `${path} ${below.name()}`)),
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** Fish has its own rule for quotes. */
const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const words = (items: { word: string }[]): string => items.map(({ word }) => word).join(' ');

/** Every flag that takes such a value, as patterns of `case`. */
const casesOf = (places: Place[], value: Flag['value']): string =>
  places
    .flatMap(({ path, flags }) => flags.filter((flag) => flag.value === value).map(({ word }) => `'${path} ${word}'`))
    .join(' | ');

/** Arms of `case` for the flags that take one of some words. */
const choiceArms = (places: Place[], act: (choices: readonly string[]) => string): string =>
  places
    .flatMap(({ path, flags }) =>
      flags.flatMap(({ word, value }) => (Array.isArray(value) ? [`    '${path} ${word}') ${act(value)} ;;`] : [])),
    )
    .join('\n');

/** An arm of `case` for flags that take such a value, if there are any. */
const arm = (cases: string, act: string): string => (cases === '' ? '' : `    ${cases}) ${act} ;;\n`);

function bash(name: string, places: Place[]): string {
  return `_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at= found= i
  # Bash makes three words of --flag=value.
  if [[ $current == '=' ]]; then current=
  elif [[ $previous == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] && break
    at+=" \${COMP_WORDS[i]}"
  done
  COMPREPLY=()
  case "$at $previous" in
${choiceArms(places, (choices) => `found=${quoted(choices.join(' '))}`)}
${arm(casesOf(places, 'file'), 'compopt -o default 2>/dev/null; return')}${arm(casesOf(places, 'unknown'), 'return')}    *) case "$at" in
${places.map(({ path, commands, flags }) => `      '${path}') found=${quoted(words([...commands, ...flags]))} ;;`).join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -F _${name} ${name}
`;
}

function zsh(name: string, places: Place[]): string {
  const described = (items: { word: string; text: string }[]) =>
    items.map(({ word, text }) => quoted(`${word}:${text}`)).join(' ');
  return `#compdef ${name}
_${name}() {
  local previous=$words[CURRENT-1] at= i
  local -a found
  if [[ $words[CURRENT] == --*=* ]]; then
    previous=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    [[ $words[i] == -* ]] && break
    at+=" $words[i]"
  done
  case "$at $previous" in
${choiceArms(places, (choices) => `found=(${choices.map(quoted).join(' ')})`)}
${arm(casesOf(places, 'file'), '_files; return')}${arm(casesOf(places, 'unknown'), 'return')}    *) case "$at" in
${places.map(({ path, commands, flags }) => `      '${path}') found=(${described([...commands, ...flags])}) ;;`).join('\n')}
    esac ;;
  esac
  _describe ${name} found
}
if [[ $funcstack[1] == _${name} ]]; then _${name}; else compdef _${name} ${name}; fi
`;
}

function fish(name: string, places: Place[]): string {
  const line = (path: string, rest: string) => `complete -c ${name} -n "__${name}_at '${path}'" ${rest}`;
  const takes = (value: Flag['value']) => {
    if (value === 'none') return '';
    if (value === 'file') return ' -rF';
    return value === 'unknown' ? ' -x' : ` -xa ${fishQuoted(value.join(' '))}`;
  };
  const lines = places.flatMap(({ path, commands, flags }) => [
    ...commands.map(({ word, text }) => line(path, `-a ${word} -d ${fishQuoted(text)}`)),
    ...flags.map(({ word, text, value }) => line(path, `-l ${word.slice(2)}${takes(value)} -d ${fishQuoted(text)}`)),
  ]);
  return `function __${name}_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and break
        set at "$at $word"
    end
    test "$at" = "$argv[1]"
end
complete -c ${name} -f
${lines.join('\n')}
`;
}

/** The completion script of each shell, made from the commands of a program. */
export const shells: Record<string, (name: string, places: Place[]) => string> = { bash, zsh, fish };
