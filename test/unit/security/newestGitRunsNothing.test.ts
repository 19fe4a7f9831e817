import { newestGit } from '../../setup/newestGit.ts';
import { describeTraps } from './gitRunsNothing.ts';

const git = await newestGit();
if (git !== undefined) describeTraps(git);
