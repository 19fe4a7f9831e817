import * as vscode from 'vscode';
import type { ImportRequest } from '../publishService.ts';
import { asRow, subjectOf } from '../rows.ts';
import type { Services } from '../services.ts';
import type { ImportStart } from './importModel.ts';
import { registrySource } from './sourcePlaces.ts';

/** The commands that bring a model from another hub or registry. What they do is loaded with the first of them. */
export function registerImports(services: Services): vscode.Disposable {
  const run = async (start: ImportStart): Promise<void> => {
    await (await import('./importModel.ts')).importModel(services, start);
  };
  return vscode.Disposable.from(
    services.commands.register('modelRegistries.importModel', async (argument) => {
      if (!isImportRequest(argument)) return run(startOf(services, argument));
      const { againFrom } = await import('./importModel.ts');
      return run(againFrom(services, argument.source, argument.again));
    }),
    services.commands.register('modelRegistries.promoteVersion', (argument) =>
      run(startOf(services, argument)),
    ),
  );
}

/** A registry is where it goes; a model or a version is what comes. */
function startOf(services: Pick<Services, 'sessions'>, argument: unknown): ImportStart {
  const row = asRow(argument);
  const subject = subjectOf(row?.kind === 'empty' && row.parent.kind === 'registry' ? row.parent : row);
  if (subject === undefined) return {};
  const { session, registry, model, commit } = subject;
  if (model === undefined) return { place: { session, registry } };
  return {
    from: registrySource(services, { session, registry }),
    chosen: { model, revision: commit ?? session.host.hub(registry).revision },
    except: { session, registry },
  };
}

function isImportRequest(value: unknown): value is ImportRequest {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'importRequest';
}
