import { execFileSync } from 'node:child_process';
import { findGit } from '../../../src/core/snapshot/git/program.ts';
import { describeTraps } from './gitRunsNothing.ts';

const program = await findGit(process.env, process.platform);
const said = execFileSync(program, ['version']).toString();
describeTraps({ program, version: /\d+(\.\d+)+/.exec(said)?.[0] ?? '' }, () => true);
