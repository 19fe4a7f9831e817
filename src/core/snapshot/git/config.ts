/** Settings of a repository, of the user and of the machine, as `git config` merges them. */
export interface GitConfig {
  /** The last value of `key` (section and variable in lower case); undefined where it is not set. */
  get(key: string): string | undefined;
  /** Names between `section.` and `.variable`, each once, in the order they were first set. */
  subsections(section: string): string[];
}

/** What `git config --null --get-regexp` must be asked for: nothing else of a person's configuration is any of our business. */
export const CONFIG_WANTED =
  '^(filter\\..*|lfs\\.storage|remote\\..*\\.(url|promisor)|branch\\..*\\.remote|core\\.ignorecase|extensions\\.(objectformat|partialclone))$';

/** Parses the output of `git config --null` (https://git-scm.com/docs/git-config#Documentation/git-config.txt--z). */
export function parseConfig(output: string): GitConfig {
  const values = new Map<string, string>();
  for (const record of output.split('\0')) {
    if (record !== '') {
      const newline = record.indexOf('\n');
      // A key alone stands for true.
      const [key, value] =
        newline < 0 ? [record, 'true'] : [record.slice(0, newline), record.slice(newline + 1)];
      values.set(key, value);
    }
  }
  return {
    get: (key) => values.get(key),
    subsections: (section) => {
      const names = [...values.keys()].flatMap((key) => {
        const end = key.lastIndexOf('.');
        return key.startsWith(`${section}.`) && end > section.length
          ? [key.slice(section.length + 1, end)]
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
