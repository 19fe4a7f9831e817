import { join } from 'node:path';
import { projectFolder } from '../setup/project.ts';
import { vscodeVersions } from '../setup/vscode.ts';
import type { VscodeVersion } from '../setup/vscode.ts';

/** The VS Code that this run is about. */
export const version = (process.env.MODEL_REGISTRIES_TEST_VSCODE ?? vscodeVersions[0]) as VscodeVersion;

/** The file that people install; the run packages it. */
export const vsix = join(projectFolder, 'dist', 'model-registries.vsix');

/** A stage with that file in that VS Code; prepare.ts makes it. */
export const preparedFolder = join(projectFolder, '.test-output', 'stage', version);
