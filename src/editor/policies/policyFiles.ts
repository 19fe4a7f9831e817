import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { OidcPolicies } from '../../core/hosts/host.ts';
import type { PolicyLanguage } from '../../core/hosts/policies.ts';
import { usableSession } from '../accounts/usableSessions.ts';
import { isAbort } from '../commands.ts';
import { serviceOf } from '../registryServices.ts';
import type { Services } from '../services.ts';
import { sayInStatusBar } from '../statusBar.ts';
import { registryName } from '../wording.ts';
import { type PolicyAddress, policyAddressOf, policyUri } from './policyAddress.ts';

type PolicyServices = Pick<Services, 'sessions' | 'registryServices' | 'prompts' | 'log'>;

/** The policy of a registry, as the server last told it. */
interface InForce {
  /** undefined where there is none. */
  readonly policy: string | undefined;
  /** What a person begins with: the policy, or how one is written. */
  readonly text: string;
}

/**
 * When a policy changed is not known. VS Code reads a file again whose time is another one, and asks a question of its own before it
 * saves over a newer one: every other text is older than the one before, because whether the server has another one is for us to ask.
 */
const NEWEST_MTIME = Date.UTC(2100, 0, 1);

/**
 * The policies of registries as files for VS Code's editors. To save one is to put it in force, once the person has seen the difference
 * and agreed; what cannot be put in force stays in the editor, unsaved, and the refusal says why.
 */
export class PolicyFiles implements vscode.FileSystemProvider {
  readonly #services: PolicyServices;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  /** By the URI of what is edited. */
  readonly #inForce = new Map<string, Promise<InForce>>();
  /** By the same, what was shown last. */
  readonly #shown = new Map<string, { readonly text: string; readonly mtime: number }>();

  constructor(services: PolicyServices) {
    this.#services = services;
  }

  readonly onDidChangeFile = this.#changed.event;

  dispose(): void {
    this.#changed.dispose();
  }

  /** The server is asked when a policy is opened, and before it is replaced. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  /** Asks the server anew, and has editors that hold no changes show it. Throws a `Failure`. */
  async refresh(address: PolicyAddress): Promise<void> {
    await this.#load(address);
    this.#tell(address, 'edited', 'in-force');
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return this.#answer(uri, async (address) => {
      const bytes = await this.#bytes(address);
      return {
        type: vscode.FileType.File,
        ctime: 0,
        mtime: this.#mtime(address, (await this.#known(address)).text),
        size: bytes.length,
        ...(address.side === 'in-force' && { permissions: vscode.FilePermission.Readonly }),
      };
    });
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#answer(uri, (address) => this.#bytes(address));
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    return this.#answer(uri, (address) => {
      if (address.side !== 'edited') throw vscode.FileSystemError.NoPermissions(uri);
      return this.#apply(address, Buffer.from(content).toString('utf8'));
    });
  }

  readDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.FileNotADirectory(uri);
  }

  createDirectory = refuse;
  delete = refuse;
  rename = refuse;

  async #apply(address: PolicyAddress, text: string): Promise<void> {
    const inForce = await this.#known(address);
    if (text === inForce.text) return;
    const language = await this.languageOf(address);
    const policy = language.isEmpty(text) ? undefined : text;
    if (policy === undefined && inForce.policy === undefined) {
      this.#put(address, { policy, text });
      return;
    }
    refuseErrors(language, text);
    const agreed = await this.#agrees(address, language, text, policy);
    if (!agreed) {
      throw new Failure(
        'refused',
        vscode.l10n.t('The OIDC policy was not applied. Your text stays here, unsaved.'),
      );
    }
    const { registry } = address;
    const replaced = await this.#replace(address, inForce.policy, policy);
    this.#put(address, { policy: replaced, text: replaced ?? text });
    sayInStatusBar(
      replaced === undefined
        ? vscode.l10n.t('Removed the OIDC policy of {0}', registryName(registry))
        : vscode.l10n.t('Applied the OIDC policy of {0}', registryName(registry)),
      5000,
    );
  }

  async #replace(
    address: PolicyAddress,
    before: string | undefined,
    policy: string | undefined,
  ): Promise<string | undefined> {
    const { signal } = new AbortController();
    const { registry } = address;
    const policies = await this.#policiesOf(address);
    try {
      return await policies.replace(registry, before, policy, signal);
    } catch (error) {
      // What the person agreed to was another change: they see the new one, and save again.
      if (error instanceof Failure && error.kind === 'conflict') await this.#showOther(address);
      throw error;
    }
  }

  async #showOther(address: PolicyAddress): Promise<void> {
    await this.#load(address);
    this.#tell(address, 'in-force');
    await showDifference(address);
  }

  async #agrees(
    address: PolicyAddress,
    language: PolicyLanguage,
    text: string,
    policy: string | undefined,
  ): Promise<boolean> {
    await showDifference(address);
    const name = registryName(address.registry);
    const warnings = language.problems(text).map(({ start, message }) => atLine(text, start, message));
    return this.#services.prompts.confirm({
      id: 'policy.apply',
      message:
        policy === undefined
          ? vscode.l10n.t('Remove the OIDC policy of {0}?', name)
          : vscode.l10n.t('Apply this OIDC policy to {0}?', name),
      detail: [
        policy === undefined
          ? vscode.l10n.t('Builds then need somebody’s access token. The editor shows what is removed.')
          : vscode.l10n.t(
              'From now on, it decides which builds may read and publish there. The editor shows what changes.',
            ),
        ...warnings,
      ].join('\n\n'),
      action: policy === undefined ? vscode.l10n.t('Remove') : vscode.l10n.t('Apply'),
      default: policy === undefined || warnings.length > 0 ? 'cancel' : 'action',
      severity: policy === undefined || warnings.length > 0 ? 'warning' : 'information',
    });
  }

  /** How the policies of the address are written. Throws a `Failure` where its service is not among the settings any more. */
  async languageOf({ accountId }: PolicyAddress): Promise<PolicyLanguage> {
    const service = serviceOf(this.#services.registryServices.all, accountId);
    const language = await service?.policyLanguage?.();
    if (language) return language;
    throw new Failure(
      'notFound',
      vscode.l10n.t('The service of this OIDC policy is no longer in your settings.'),
    );
  }

  async #bytes(address: PolicyAddress): Promise<Uint8Array> {
    const { policy, text } = await this.#known(address);
    return Buffer.from(address.side === 'edited' ? text : (policy ?? ''), 'utf8');
  }

  #mtime(address: PolicyAddress, text: string): number {
    const before = this.#shown.get(keyOf(address));
    if (before?.text === text) return before.mtime;
    const mtime = (before?.mtime ?? NEWEST_MTIME) - 1;
    this.#shown.set(keyOf(address), { text, mtime });
    return mtime;
  }

  #known(address: PolicyAddress): Promise<InForce> {
    return this.#inForce.get(keyOf(address)) ?? this.#load(address);
  }

  /** Asked for once, by however many at a time; a failure is not kept. */
  #load(address: PolicyAddress): Promise<InForce> {
    const key = keyOf(address);
    const loading = this.#read(address);
    this.#inForce.set(key, loading);
    loading.catch(() => {
      if (this.#inForce.get(key) === loading) this.#inForce.delete(key);
    });
    return loading;
  }

  async #read(address: PolicyAddress): Promise<InForce> {
    const { registry } = address;
    const policies = await this.#policiesOf(address);
    const policy = await policies.read(registry, new AbortController().signal);
    return { policy, text: policy ?? (await this.languageOf(address)).beginning(registry) };
  }

  #put(address: PolicyAddress, inForce: InForce): void {
    this.#inForce.set(keyOf(address), Promise.resolve(inForce));
    this.#tell(address, 'in-force');
  }

  #tell(address: PolicyAddress, ...sides: readonly PolicyAddress['side'][]): void {
    this.#changed.fire(
      sides.map((side) => ({ type: vscode.FileChangeType.Changed, uri: policyUri({ ...address, side }) })),
    );
  }

  async #policiesOf({ accountId, registry }: PolicyAddress): Promise<OidcPolicies> {
    const { host } = await usableSession(this.#services, (id) => id === accountId);
    if (host.oidcPolicies) return host.oidcPolicies;
    throw new Failure('notFound', vscode.l10n.t('{0} has no OIDC policy.', registryName(registry)));
  }

  async #answer<T>(uri: vscode.Uri, task: (address: PolicyAddress) => T | Promise<T>): Promise<T> {
    const address = policyAddressOf(uri);
    if (!address) throw vscode.FileSystemError.FileNotFound(uri);
    try {
      return await task(address);
    } catch (error) {
      if (!isAbort(error)) this.#services.log.warn(`OIDC policy: ${uri.path}: ${String(error)}`);
      throw error instanceof Failure ? vscode.FileSystemError.Unavailable(error.message) : error;
    }
  }
}

/** What is in force on the left, what the person has written on the right. */
async function showDifference(address: PolicyAddress): Promise<void> {
  const [edited, inForce] = (['edited', 'in-force'] as const).map((side) => policyUri({ ...address, side }));
  await vscode.commands.executeCommand(
    'vscode.diff',
    inForce,
    edited,
    vscode.l10n.t('OIDC Policy of {0}: Current ↔ Yours', registryName(address.registry)),
  );
}

function refuseErrors(language: PolicyLanguage, text: string): void {
  const error = language.problems(text).find(({ severity }) => severity === 'error');
  if (error) throw new Failure('refused', atLine(text, error.start, error.message));
}

function atLine(text: string, offset: number, message: string): string {
  return vscode.l10n.t('Line {0}: {1}', text.slice(0, offset).split('\n').length, message);
}

function keyOf(address: PolicyAddress): string {
  return policyUri({ ...address, side: 'edited' }).toString();
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}
