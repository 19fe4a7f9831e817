import { PASSED_ON, PATTERN_FILES } from './settings.ts';

/** Settings of a repository, of the user and of the machine, as `git config` merges them. */
export interface GitConfig {
  /** The last value of `key` (section and variable in lower case); undefined where it is not set. */
  get(key: string): string | undefined;
  /** The same as bytes, for a path that may be no text. */
  bytes(key: string): Buffer | undefined;
  /**
   * Names of the filters that run something when Git compares a file (https://git-scm.com/docs/gitattributes#_filter),
   * but for Git LFS's: one character a byte.
   */
  filters(): ReadonlySet<string>;
  /** Names between `section.` and `.variable`, each once, in the order they were first set. */
  subsections(section: string): string[];
}

/** The settings that are read for themselves; those of `settings.ts` are handed on to Git. */
const READ = [
  'lfs\\.(storage|fetchinclude|fetchexclude|url)',
  'remote\\..*\\.url',
  'branch\\..*\\.remote',
  'extensions\\.objectformat',
  'filter\\..*\\.(clean|process)',
];

/** What every command of ours sets on its command line, which counts last: without it an answer is not whole. */
export const ALWAYS_SET = 'safe.barerepository';

const HANDED_ON = [...PASSED_ON, ...PATTERN_FILES].map((key) => key.replace('.', '\\.'));

/** What `git config --null --get-regexp` is asked for: nothing else of a configuration is our business. */
export const CONFIG_WANTED = `^(${[...READ, ...HANDED_ON, ALWAYS_SET.replace('.', '\\.')].join('|')})$`;

/**
 * Parses the output of `git config --null` (https://git-scm.com/docs/git-config#Documentation/git-config.txt--z). Names
 * and values are bytes, and those that are no UTF-8 stay different from each other.
 */
export function parseConfig(output: Buffer): GitConfig {
  const values = new Map<string, string>();
  for (const record of output.toString('latin1').split('\0')) {
    if (record !== '') {
      const newline = record.indexOf('\n');
      // A key alone stands for true.
      const [key, value] =
        newline < 0 ? [record, 'true'] : [record.slice(0, newline), record.slice(newline + 1)];
      values.set(key, value);
    }
  }
  const bytes = (key: string) => {
    const value = values.get(Buffer.from(key, 'utf8').toString('latin1'));
    return value === undefined ? undefined : Buffer.from(value, 'latin1');
  };
  return {
    bytes,
    get: (key) => bytes(key)?.toString('utf8'),
    filters: () => {
      const names = [...values].flatMap(([key, value]) => {
        const name = /^filter\.(.*)\.(?:clean|process)$/s.exec(key)?.[1];
        return name === undefined || name === 'lfs' || value === '' ? [] : [name];
      });
      return new Set(names);
    },
    subsections: (section) => {
      const names = [...values.keys()].flatMap((key) => {
        const end = key.lastIndexOf('.');
        return key.startsWith(`${section}.`) && end > section.length
          ? [Buffer.from(key.slice(section.length + 1, end), 'latin1').toString('utf8')]
          : [];
      });
      return [...new Set(names)];
    },
  };
}

/** Whether a boolean setting is on (https://git-scm.com/docs/git-config, boolean). */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(true|yes|on|[1-9]\d*)$/i.test(value);
}
