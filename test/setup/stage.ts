import { join } from 'node:path';
import { startRegistry } from '../registry/startRegistry.ts';
import type { RegistryOptions, RunningRegistry } from '../registry/registry.ts';
import { makeSampleWorkspace } from './sampleModel.ts';
import type { SampleWorkspace } from './sampleModel.ts';
import { installExtension, startServer, vscodeServer, writeKeybindings, writeSettings } from './vscode.ts';
import type { Keybinding, RunningServer, VscodeVersion } from './vscode.ts';

export interface StageOptions {
  /** One that {@link prepareStage} made, or a copy of it. Holds everything the stage keeps; opened again, it goes on where it stopped. */
  readonly folder: string;
  readonly version: VscodeVersion;
  /** Ports of 127.0.0.1; free ones when absent. */
  readonly ports?: { readonly registry: number; readonly vscode: number };
  /** A secret that the workbench's address must carry. */
  readonly connectionToken?: string;
  /** Folders of further extensions, loaded as they are. */
  readonly extensions?: readonly string[];
  /** Whether folders are opened in Restricted Mode until they are trusted. */
  readonly restricted?: boolean;
  /** User settings besides those that point at the registry. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Shortcuts besides VS Code's own. */
  readonly keybindings?: readonly Keybinding[];
  /** Requests that the registry takes in a minute; as many as Buildkite when absent. */
  readonly rateLimit?: RegistryOptions['rateLimit'];
  /** Serves a Hub, too, which the setting names. */
  readonly rootHub?: RegistryOptions['rootHub'];
  /** Variables that VS Code and the extension find set, besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Everything a person needs to use the extension on this machine alone. */
export interface Stage {
  /** Seeded. */
  readonly registry: RunningRegistry;
  readonly workspace: SampleWorkspace;
  /** A VS Code with the packaged extension, pointed at `registry`. */
  readonly server: RunningServer;
  /** Address of the workbench with the sample workspace open. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Asks nobody at the start: a folder stays restricted until the person trusts it. */
const RESTRICTED = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
} as const;

const registryIn = (folder: string) => join(folder, 'registry');
const serverIn = async (folder: string, version: VscodeVersion) => ({
  server: await vscodeServer(version),
  dataDirectory: join(folder, 'data'),
  extensionsDirectory: join(folder, 'extensions'),
});

/** Makes what takes seconds and is the same for all stages: a seeded registry, and VS Code's folders with the packaged extension. */
export async function prepareStage({
  folder,
  vsix,
  version,
}: Pick<StageOptions, 'folder' | 'version'> & { readonly vsix: string }): Promise<void> {
  const seed = async () => {
    const registry = await startRegistry({ dataDir: registryIn(folder), seed: true });
    await registry.stop();
  };
  await Promise.all([seed(), installExtension(vsix, await serverIn(folder, version))]);
}

/** Starts the local registry and a VS Code with the packaged extension in it. */
export async function openStage({
  folder,
  version,
  ports,
  connectionToken,
  extensions = [],
  restricted = false,
  settings = {},
  keybindings = [],
  rateLimit,
  rootHub,
  environment,
}: StageOptions): Promise<Stage> {
  const registry = await startRegistry({
    dataDir: registryIn(folder),
    port: ports?.registry,
    rateLimit,
    rootHub,
  });
  try {
    const workspace = await makeSampleWorkspace(join(folder, 'acme'));
    const installed = await serverIn(folder, version);
    await writeSettings(installed.dataDirectory, {
      'modelRegistries.apiUrl': registry.apiUrl,
      'modelRegistries.hubs': registry.rootHub
        ? [{ address: registry.rootHub.url, name: 'Hugging Face' }]
        : [],
      'modelRegistries.packagesUrl': registry.packagesUrl,
      'modelRegistries.webUrl': registry.webUrl,
      ...(restricted ? RESTRICTED : {}),
      ...settings,
    });
    await writeKeybindings(installed.dataDirectory, keybindings);
    const server = await startServer({
      ...installed,
      port: ports?.vscode,
      connectionToken,
      workspaceTrust: restricted,
      environment,
      testDriver: extensions.length > 0,
    });
    const payload = extensions.map((path) => ['extensionDevelopmentPath', server.remoteUri(path)] as const);
    return {
      registry,
      workspace,
      server,
      url: server.urlOf({
        folder: workspace.folder,
        ...(payload.length === 0 ? {} : { payload }),
      }),
      async stop() {
        await server.stop();
        await registry.stop();
      },
    };
  } catch (error) {
    await registry.stop();
    throw error;
  }
}
