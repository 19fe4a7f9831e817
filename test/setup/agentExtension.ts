import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * An extension that calls a tool of language models, as an agent in VS Code does, with the command "Agent: Call Tool". A dialog shows
 * what the agent reads: VS Code shows no notifications where extensions under development are loaded.
 */
export interface AgentExtension {
  /** To be loaded as an extension under development. It works in Restricted Mode, too. */
  readonly folder: string;
  /** What the command calls from now on. */
  willCall(name: string, input: object): Promise<void>;
}

const MANIFEST = {
  name: 'agent',
  publisher: 'test',
  version: '0.0.1',
  engines: { vscode: '^1.105.0' },
  main: './extension.cjs',
  capabilities: { untrustedWorkspaces: { supported: true } },
  contributes: { commands: [{ command: 'agent.call', title: 'Call Tool', category: 'Agent' }] },
};

const SOURCE = `
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');
exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('agent.call', async () => {
      const { name, input } = JSON.parse(readFileSync(join(__dirname, 'call.json'), 'utf8'));
      try {
        const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
        const text = content.map(({ value }) => value).join('').replace(/\\s+/g, ' ');
        vscode.window.showInformationMessage(name + ' answered', { modal: true, detail: text });
      } catch (error) {
        vscode.window.showErrorMessage(name + ' refused', { modal: true, detail: error.message });
      }
    }),
  );
};
`;

/** Writes the extension into `folder`. */
export async function makeAgentExtension(folder: string): Promise<AgentExtension> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(join(folder, 'extension.cjs'), SOURCE);
  return {
    folder,
    willCall: (name, input) => writeFile(join(folder, 'call.json'), JSON.stringify({ name, input })),
  };
}
