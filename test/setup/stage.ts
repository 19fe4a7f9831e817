import { join } from 'node:path';
import { startRegistry } from '../registry/startRegistry.ts';
import type { RunningRegistry } from '../registry/registry.ts';
import { makeSampleWorkspace } from './sampleModel.ts';
import type { SampleWorkspace } from './sampleModel.ts';
import { installExtension, startServer, vscodeServer, writeSettings } from './vscode.ts';
import type { RunningServer, VscodeVersion } from './vscode.ts';

export interface StageOptions {
  /** Holds everything the stage keeps. Opened again, it goes on where it stopped. */
  readonly folder: string;
  /** The packaged extension. */
  readonly vsix: string;
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

/** Starts the local registry and a VS Code with the packaged extension in it. */
export async function openStage({
  folder,
  vsix,
  version,
  ports,
  connectionToken,
  extensions = [],
  restricted = false,
  settings = {},
  environment,
}: StageOptions): Promise<Stage> {
  const registry = await startRegistry({
    dataDir: join(folder, 'registry'),
    port: ports?.registry,
    seed: true,
  });
  try {
    const workspace = await makeSampleWorkspace(join(folder, 'acme'));
    const installed = {
      server: await vscodeServer(version),
      dataDirectory: join(folder, 'data'),
      extensionsDirectory: join(folder, 'extensions'),
    };
    await installExtension(vsix, installed);
    await writeSettings(installed.dataDirectory, {
      'modelRegistries.apiUrl': registry.apiUrl,
      'modelRegistries.packagesUrl': registry.packagesUrl,
      'modelRegistries.webUrl': registry.webUrl,
      ...(restricted ? RESTRICTED : {}),
      ...settings,
    });
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
