/**
 * Installs what the suites need from the machine, before they run side by side and all ask for it at once: `system` (packages of the
 * system), `clients` (huggingface_hub in several versions, and the reference readers of weights), `vscode` or `windows`. What cannot be had
 * here is told and left to the tests that need it; but for `windows`, which nobody asks for without need.
 */
import { Argument, program } from 'commander';
import { chromium } from './chromium.ts';
import { provideKeyring } from './keyring.ts';
import { hfClient, huggingfaceHubVersions, weightReaders } from './python.ts';
import { installedShells } from './shells.ts';
import { vscodeServer, vscodeVersions } from './vscode.ts';
import { provideWindows } from './windows/windows.ts';

const provisions = {
  system: [chromium, installedShells, provideKeyring],
  clients: [...huggingfaceHubVersions.map((version) => () => hfClient(version)), weightReaders],
  windows: [provideWindows],
  vscode: vscodeVersions.map((version) => () => vscodeServer(version)),
} as const;
type What = keyof typeof provisions;

program.addArgument(new Argument('<what>').choices(Object.keys(provisions))).parse();
const what = program.args[0] as What;
const wanted: readonly (() => Promise<unknown>)[] = provisions[what];
const outcomes = await Promise.allSettled(wanted.map((provide) => provide()));
for (const outcome of outcomes) {
  if (outcome.status !== 'rejected') continue;
  console.error(String(outcome.reason));
  if (what === 'windows') process.exitCode = 1;
}
