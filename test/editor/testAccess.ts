import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/editor/testAccess.ts';
import { localRegistry } from './localRegistry.ts';
import { scriptedPrompts, type Script, type ScriptedPrompts } from './scriptedPrompts.ts';

export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('model-registries.model-registries');
  assert(found, 'VS Code does not know the extension');
  return found;
}

/** What the extension gives its tests. Activates it. */
export async function testAccess(): Promise<TestAccess> {
  return (await extension().activate()) as TestAccess;
}

/** Runs `task` with prompts answered by `script`. */
export async function withPrompts<T>(
  script: Script,
  task: (prompts: ScriptedPrompts) => Promise<T>,
): Promise<{ readonly result: T; readonly prompts: ScriptedPrompts }> {
  const prompts = scriptedPrompts(script);
  const replaced = (await testAccess()).usePrompts(prompts);
  try {
    return { result: await task(prompts), prompts };
  } finally {
    replaced.dispose();
  }
}

/** Points the settings at the local registry, as a user's settings would. */
export async function useLocalRegistry(): Promise<void> {
  const { apiUrl, packagesUrl, webUrl } = localRegistry();
  // Signing in asks for the service where there is another one.
  const hubs: readonly unknown[] = [];
  for (const [name, value] of Object.entries({ apiUrl, packagesUrl, webUrl, hubs }))
    await setting(name, value);
}

export async function setting(name: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration('modelRegistries')
    .update(name, value, vscode.ConfigurationTarget.Global);
}

/** Signs in as a person does, by pasting the token. */
export async function signIn(token: string): Promise<ScriptedPrompts> {
  const { prompts } = await withPrompts({ input: { 'signIn.token': [token] } }, async () => {
    await vscode.commands.executeCommand('modelRegistries.signIn');
  });
  return prompts;
}

export async function signOutOfAll(): Promise<void> {
  const { sessions } = await testAccess();
  await sessions.ready;
  while (sessions.all.length > 0) {
    const label = sessions.all[0]?.label ?? '';
    await withPrompts(
      { pick: { 'signOut.account': label }, confirm: { 'signOut.confirm': true } },
      async () => {
        await vscode.commands.executeCommand('modelRegistries.signOut');
      },
    );
  }
}
