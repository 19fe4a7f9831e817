/**
 * Nothing of the machine's or the person's configuration of Git. Git takes this path for the null device on Windows, too,
 * where it ends at the one that Node.js names.
 */
export const noGitConfiguration = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' } as const;
