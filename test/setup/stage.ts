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

/** Starts the local registry and a VS Code with the packaged extension in it. */
export async function openStage({
  folder,
  vsix,
  version,
  ports,
  connectionToken,
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
    });
    const server = await startServer({ ...installed, port: ports?.vscode, connectionToken });
    return {
      registry,
      workspace,
      server,
      url: server.urlOf({ folder: workspace.folder }),
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
