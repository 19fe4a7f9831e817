/**
 * The settings of a repository, a person and a machine that decide what Git takes for a change
 * (https://git-scm.com/docs/git-config), in lower case as `git config` lists them. All of them are switches, words or
 * numbers: none names a program, a file or a server.
 */
export const PASSED_ON: readonly string[] = [
  // How a file's content is compared with a blob.
  'core.autocrlf',
  'core.eol',
  'core.filemode',
  'core.symlinks',
  // What of a file's metadata counts.
  'core.checkstat',
  'core.trustctime',
  // How names are compared and taken.
  'core.ignorecase',
  'core.precomposeunicode',
  'core.protecthfs',
  'core.protectntfs',
  'core.longpaths',
  // Which files are to be there at all.
  'core.sparsecheckout',
  'core.sparsecheckoutcone',
  'index.sparse',
  'sparse.expectfilesoutsideofpatterns',
  // How fast it goes, and which of the files beside the packs can be relied on.
  'core.fscache',
  'core.preloadindex',
  'index.threads',
  'core.multipackindex',
];

/** The settings that name files of patterns: their contents are handed on, by `patternFiles.ts`. */
export const PATTERN_FILES: readonly string[] = ['core.excludesfile', 'core.attributesfile'];

/**
 * What stands in every configuration of ours. A stranger's index can bring a cache of untracked files along, which Git
 * would believe, and of a split index, the other half would be written.
 */
const OURS: readonly (readonly [key: string, value: string])[] = [
  ['core.repositoryformatversion', '0'],
  ['core.bare', 'false'],
  ['core.untrackedcache', 'false'],
  ['core.splitindex', 'false'],
];

/** A switch, word or number: letters that mean nothing to the parser of configurations. */
const PLAIN = /^[\w+-]{0,32}$/;

/** A configuration (https://git-scm.com/docs/git-config#_configuration_file): ours, and what is {@link PASSED_ON}. */
export function ownConfig(config: { get(key: string): string | undefined }): string {
  const passedOn = PASSED_ON.flatMap((key): (readonly [string, string])[] => {
    const value = config.get(key);
    // Git itself does not go on where a switch is anything else.
    return value !== undefined && PLAIN.test(value) ? [[key, value]] : [];
  });
  return [...passedOn, ...OURS]
    .map(([key, value]) => {
      const [section = '', name = ''] = key.split('.');
      return `[${section}]\n\t${name} = ${value}\n`;
    })
    .join('');
}
