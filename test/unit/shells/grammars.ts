/**
 * How shells that are not on every machine read a command, written from their documentation and independent of the code
 * under test.
 */

/** The value of a PowerShell verbatim string. Throws where the text is not exactly one. */
export function readPowerShellString(text: string): string {
  const quotes = "'\u2018\u2019\u201a\u201b";
  if (!quotes.includes(text.charAt(0)) || text === '') throw new Error(`Not a string: ${text}`);
  let value = '';
  for (let index = 1; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (quotes.includes(char)) {
      const next = text.charAt(index + 1);
      if (next === '' || !quotes.includes(next)) {
        if (index !== text.length - 1) throw new Error(`Text after the string: ${text}`);
        return value;
      }
      value += next;
      index += 1;
    } else {
      value += char;
    }
  }
  throw new Error(`String without end: ${text}`);
}

/**
 * The command line that PowerShell's `Legacy` passing makes of arguments; other passing where no argument needs a
 * choice.
 */
export function startedByPowerShell(words: readonly string[]): string {
  return words
    .map((word) => {
      let quotes = 0;
      let wrap = false;
      for (let index = 0; index < word.length; index += 1) {
        const char = word.charAt(index);
        if (char === '"' && word.charAt(index - 1) !== '\\') quotes += 1;
        else if (/\s/.test(char) && quotes % 2 === 0) wrap = true;
      }
      return wrap ? `"${word}"` : word;
    })
    .join(' ');
}

/**
 * The commands that cmd.exe runs for one line typed at its prompt, as a hostile environment would have it: every name
 * is a variable.
 */
export function readCmd(line: string): readonly string[] {
  const expanded = line.replace(/%([^%:^]+)(?::[^%]*)?%/g, 'EXPANDED');
  const commands: string[] = [''];
  let quoted = false;
  for (let index = 0; index < expanded.length; index += 1) {
    const char = expanded.charAt(index);
    if (char === '\n') throw new Error('A line break ends the command.');
    if (char === '"') quoted = !quoted;
    if (!quoted && char === '^') {
      index += 1;
      commands.push((commands.pop() ?? '') + expanded.charAt(index));
    } else if (!quoted && char === '&') {
      commands.push('');
    } else if (!quoted && '|<>()'.includes(char)) {
      throw new Error(`cmd takes ${char} for an operator in: ${line}`);
    } else {
      commands.push((commands.pop() ?? '') + char);
    }
  }
  return commands;
}

/** The arguments that a Windows program finds in its command line (Microsoft C runtime since 2008). */
export function programArguments(commandLine: string): readonly string[] {
  const found: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (let index = 0; index < commandLine.length; index += 1) {
    const char = commandLine.charAt(index);
    if (char === '\\') {
      let slashes = 0;
      while (commandLine.charAt(index + slashes) === '\\') slashes += 1;
      const beforeQuote = commandLine.charAt(index + slashes) === '"';
      current = (current ?? '') + '\\'.repeat(beforeQuote ? Math.floor(slashes / 2) : slashes);
      index += slashes - 1;
      if (beforeQuote && slashes % 2 === 1) {
        current += '"';
        index += 1;
      }
    } else if (char === '"') {
      current ??= '';
      if (quoted && commandLine.charAt(index + 1) === '"') {
        current += '"';
        index += 1;
      } else {
        quoted = !quoted;
      }
    } else if ((char === ' ' || char === '\t') && !quoted) {
      if (current !== undefined) found.push(current);
      current = undefined;
    } else {
      current = (current ?? '') + char;
    }
  }
  if (current !== undefined) found.push(current);
  return found;
}

/**
 * A text of a pipeline as `buildkite-agent pipeline upload` leaves it, in a hostile environment in which every variable
 * is set: https://buildkite.com/docs/agent/cli/reference/pipeline#environment-variable-substitution and the grammar in
 * the parser of github.com/buildkite/interpolate.
 */
export function interpolated(text: string): string {
  let result = '';
  let rest = text;
  while (rest !== '') {
    const [read, written] = nextOfPipeline(rest);
    result += written;
    rest = rest.slice(read);
  }
  return result;
}

/** How many characters are read, and what stands for them. */
function nextOfPipeline(rest: string): readonly [number, string] {
  for (const [text, written] of [
    ['\\\\', '\\\\'],
    ['\\$', '$'],
    ['$$', '$'],
    ['$(', '$('],
  ] as const) {
    if (rest.startsWith(text)) return [text.length, written];
  }
  if (!rest.startsWith('$') || rest.length === 1) return [1, rest.charAt(0)];
  const variable = /^\$(?:\p{L}[\p{L}\p{N}_]*|\{\p{L}[\p{L}\p{N}_]*[^}]*\})/u.exec(rest)?.[0];
  if (variable === undefined) throw new Error(`The agent refuses: ${rest}`);
  return [variable.length, 'EXPANDED'];
}
