import { newestGit } from '../../setup/newestGit.ts';
import { describeTraps } from './gitRunsNothing.ts';

const git = await newestGit();
// All that the Git of this machine knows, too, has been tried with it.
if (git !== undefined) describeTraps(git, ({ since }) => since !== undefined);
