/** How much of a command is shown where a whole one would hide the rest. */
const mostLetters = 400;

/** The beginning of a long command, and where all of it is: a part of a command cannot be repeated. */
export const brief = (command: string, place: string): string =>
  command.length <= mostLetters ? command : `${command.slice(0, mostLetters)}… (cut; the whole command is ${place})`;
