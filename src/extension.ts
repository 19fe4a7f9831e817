import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { buildkiteServices } from './core/hosts/buildkite/service.ts';
import { hubServices } from './core/hosts/hub/service.ts';
import type { ServiceKind } from './core/hosts/service.ts';
import { createHttpClient } from './core/http/nodeClient.ts';
import { redactedLog } from './core/log.ts';
import { createJournalStore } from './core/publish/journals.ts';
import { createHashMemory } from './core/snapshot/hashMemory.ts';
import { registerAccounts } from './editor/accounts/accounts.ts';
import { createAccountStore } from './editor/accounts/accountStore.ts';
import { createLentLogins } from './editor/accounts/lentLogins.ts';
import { watchRefusals } from './editor/accounts/refusals.ts';
import { SessionList } from './editor/accounts/sessionList.ts';
import { createCommands } from './editor/commands.ts';
import { registerDownloads } from './editor/downloads/downloads.ts';
import { showFailure } from './editor/failureNotice.ts';
import { registerImports } from './editor/imports/imports.ts';
import { registerInstructions } from './editor/instructions/instructions.ts';
import { registerModelPage } from './editor/modelPage/modelPage.ts';
import { registriesDrop } from './editor/localModels/dragAndDrop.ts';
import { registerLocalModels } from './editor/localModels/localModels.ts';
import { commitOfLocalRow } from './editor/localModels/rows.ts';
import { WindowPublishes } from './editor/publishes/publishes.ts';
import { InterruptedPublishes } from './editor/publishes/interruptedPublishes.ts';
import { registerPublishesView } from './editor/publishes/publishesView.ts';
import { createPublishLogs } from './editor/publishes/logs.ts';
import { registerPublishing } from './editor/publishing/publishing.ts';
import { ShownDiffs } from './editor/publishing/shownDiffs.ts';
import { registerPipelineBuilds } from './editor/pipelineBuilds/pipelineBuilds.ts';
import { offerInterrupted } from './editor/publishing/interruptedOffers.ts';
import { createPublishHistory } from './editor/publishes/history.ts';
import { registerPolicies } from './editor/policies/policies.ts';
import { registerReadTokens } from './editor/readTokens/readTokens.ts';
import { createRegistryServices } from './editor/registryServices.ts';
import { RegistriesTree } from './editor/registries/registriesView.ts';
import { registerRegistryCommands } from './editor/registries/rowCommands.ts';
import { registerRegistryActions } from './editor/registries/registryActions.ts';
import type { Prompts } from './editor/prompts.ts';
import type { Services } from './editor/services.ts';
import { createSettings } from './editor/settings.ts';
import { BRIEF_WAITS, replaceablePrompts, type TestAccess } from './editor/testAccess.ts';
import { registerTools } from './editor/tools/tools.ts';
import type { Waits } from './editor/waits.ts';
import { FileContents } from './editor/versionFiles/fileContents.ts';
import { registerVersionFiles } from './editor/versionFiles/versionFiles.ts';
import { watchMemory } from './editor/watchedMemory.ts';
import { windowPrompts } from './editor/windowPrompts.ts';

/** Every kind of service of registries. */
const SERVICE_KINDS: readonly ServiceKind[] = [buildkiteServices, hubServices];

/** Takes over what has to be disposed. */
type Own = <T extends { dispose(): unknown }>(disposable: T) => T;

/** What differs where the extension is tested. */
interface Surroundings {
  readonly prompts: Prompts;
  readonly waits: Waits;
  readonly kinds: readonly ServiceKind[];
}

/** Builds every service once, registers every feature, and has them disposed in reverse order, the log last. */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  if (vscode.l10n.bundle) l10n.config({ contents: vscode.l10n.bundle });
  const own = ownedBy(context);
  const kinds = [...SERVICE_KINDS];
  const replaceable = replaceablePrompts(windowPrompts);
  const isTest = context.extensionMode === vscode.ExtensionMode.Test;
  const built = createServices(
    context,
    isTest
      ? { prompts: replaceable.prompts, waits: BRIEF_WAITS, kinds }
      : { prompts: windowPrompts, waits: {}, kinds },
    own,
  );
  const { services, sessions, registries, logs, journals, journalFolder, interrupted } = built;
  const features = registerFeatures(built, own);
  const { registryServices, history, log } = services;
  // Nobody waits for it, and the window's other extensions wait for this one.
  const later = setImmediate(() => {
    // Without a workspace the folder is every such window's.
    if (context.storageUri) void logs.keepOnly(new Set(history.records.map(({ id }) => id)));
    offerInterrupted(services, interrupted).catch((error: unknown) =>
      log.error(`interrupted publishes: ${String(error)}`),
    );
  });
  own({ dispose: () => clearImmediate(later) });

  if (!isTest) return undefined;
  return {
    ...features,
    sessions,
    registryServices,
    registries,
    journals,
    journalFolder,
    history,
    logFolder: context.logUri.fsPath,
    offerInterrupted: () => offerInterrupted(services, interrupted),
    offerServices: (kind) => {
      kinds.push(kind);
      return { dispose: () => void kinds.splice(kinds.indexOf(kind), 1) };
    },
    usePrompts: replaceable.replace,
  };
}

function ownedBy({ subscriptions }: vscode.ExtensionContext): Own {
  const disposables: { dispose(): unknown }[] = [];
  subscriptions.push({
    dispose: () => {
      while (disposables.length > 0) disposables.pop()?.dispose();
    },
  });
  return (disposable) => {
    disposables.push(disposable);
    return disposable;
  };
}

/** The services, and what of them single features know more of. */
function createServices(context: vscode.ExtensionContext, { prompts, waits, kinds }: Surroundings, own: Own) {
  const channel = own(vscode.window.createOutputChannel('Model Registries', { log: true }));
  const log = redactedLog(channel);
  const commands = createCommands(log, (error, retry) => {
    showFailure(prompts, error, retry).catch((notShown: unknown) => log.error(`notice: ${String(notShown)}`));
  });
  const { version } = context.extension.packageJSON as { readonly version: string };
  const unwatched = own(
    createHttpClient({ userAgent: `model-registries-vscode/${version}`, log, backoff: waits.backoff }),
  );
  const http = watchRefusals(unwatched, (token, url, failure) => sessions.tokenRefused(token, url, failure));
  const folder = context.globalStorageUri.fsPath;
  const hashes = createHashMemory({ folder, log });
  const journalFolder = join(folder, 'publishes');
  const journals = createJournalStore({ folder: journalFolder, log });
  const logs = createPublishLogs({
    folder: join(context.storageUri?.fsPath ?? folder, 'publish-logs'),
    log,
  });
  const history = own(
    createPublishHistory(context.workspaceState, (gone) => logs.remove(gone.map(({ id }) => id))),
  );
  const publishes = own(new WindowPublishes({ http, log, hashes, journals, history, logs }));
  const interrupted = own(new InterruptedPublishes({ journals, publishes, log }));
  const settings = own(createSettings());
  const store = own(createAccountStore(context.secrets, log));
  const registryServices = own(createRegistryServices(kinds, settings));
  const logins = own(createLentLogins(registryServices, log));
  const sessions = own(new SessionList({ store, services: registryServices, logins, http, unwatched, log }));
  const registries = own(new RegistriesTree({ http, log, sessions, settings }, waits, registriesDrop));
  const services: Services = {
    log,
    http,
    hashes,
    history,
    publishes,
    shownPlans: own(new ShownDiffs()),
    settings,
    registryServices,
    sessions,
    prompts,
    commands,
    registriesView: registries,
    workspaceMemory: context.workspaceState,
    globalMemory: own(watchMemory(context.globalState)),
    extensionUri: context.extensionUri,
  };
  const publishing = { journals, journalFolder, interrupted, logs };
  return { services, channel, store, logins, sessions, registries, waits, ...publishing };
}

/** Gives what their tests look at. */
function registerFeatures(built: ReturnType<typeof createServices>, own: Own) {
  const { services, channel, store, logins, sessions, registries, logs, interrupted, waits } = built;
  own(services.commands.register('modelRegistries.showLog', () => channel.show()));
  own(registerAccounts({ ...services, sessions, store, logins }));
  own(registerRegistryCommands(services, registries, commitOfLocalRow));
  own(registerRegistryActions(services, () => registries.view.selection));
  own(registerReadTokens(services));
  own(registerPolicies(services));
  own(registerPublishing(services));
  own(registerImports(services));
  const { builds } = own(registerPipelineBuilds(services, waits));
  own(registerInstructions(services));
  const contents = new FileContents(services);
  own(registerVersionFiles(services, contents));
  own(registerModelPage(services, contents));
  const { tools } = own(registerTools(services));
  own(registerDownloads(services));
  const localModels = own(registerLocalModels(services));
  const neighbors = [registries.view, localModels.view.view];
  const publishes = own(registerPublishesView(services, logs, { interrupted, builds, neighbors }));
  return { publishes, builds, tools, localModels };
}
