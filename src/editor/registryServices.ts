import * as vscode from 'vscode';
import { Failure } from '../core/failure.ts';
import type { RegistryService, ServiceKind, ServiceSurroundings } from '../core/hosts/service.ts';
import { firstProgram, programCandidates } from '../core/programs/programPath.ts';
import { outsideOfWorkspace } from './workspace.ts';
import type { RegistryServices } from './services.ts';
import type { Settings } from './settings.ts';

/** @param kinds Every kind of service that there is. */
export function createRegistryServices(
  kinds: readonly ServiceKind[],
  settings: Pick<Settings, 'value' | 'onDidChange'>,
): RegistryServices {
  const changed = new vscode.EventEmitter<void>();
  const surroundings: ServiceSurroundings = {
    setting: (name) => settings.value(name),
    findProgram: async (name) => {
      const candidates = programCandidates(name, process.env, process.platform);
      // A program is looked for in Restricted Mode, too.
      return firstProgram(vscode.workspace.isTrusted ? candidates : await outsideOfWorkspace(candidates));
    },
    environment: process.env,
    platform: process.platform,
  };
  let current = servicesOf(kinds, surroundings);
  const subscription = settings.onDidChange(() => {
    current = servicesOf(kinds, surroundings);
    changed.fire();
  });
  return {
    get all() {
      return current.all;
    },
    get failures() {
      return current.failures;
    },
    onDidChange: changed.event,
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}

/** The service that an account is one of, by its id, whether it is signed in or not. */
export function serviceOf(
  services: readonly RegistryService[],
  accountId: string,
): RegistryService | undefined {
  return services.find(({ id }) => accountId.startsWith(`${id}#`) || accountId.startsWith(`${id}@`));
}

function servicesOf(
  kinds: readonly ServiceKind[],
  surroundings: ServiceSurroundings,
): Pick<RegistryServices, 'all' | 'failures'> {
  const all: RegistryService[] = [];
  const failures: Failure[] = [];
  for (const kind of kinds) {
    try {
      all.push(...kind(surroundings));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  return { all, failures };
}
