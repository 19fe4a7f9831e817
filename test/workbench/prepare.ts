/** Makes, once for all windows of a run, what takes seconds and is the same for each: they start from a copy of it. */
import { rename, rm } from 'node:fs/promises';
import { prepareStage } from '../setup/stage.ts';
import { preparedFolder, version, vsix } from './prepared.ts';

const partial = `${preparedFolder}.partial`;
await rm(partial, { recursive: true, force: true });
await prepareStage({ folder: partial, vsix, version });
await rm(preparedFolder, { recursive: true, force: true });
await rename(partial, preparedFolder);
