import { randomBytes } from 'node:crypto';
import { uuidv7 } from './uuid.ts';

/** Reads one registry, until it is deleted: for who installs from it. */
export interface RegistryToken {
  readonly id: string;
  readonly registryId: string;
  /** The token itself, `bkpt_…`. */
  readonly secret: string;
  readonly description: string;
  /** Who made it. */
  readonly userId: string;
  readonly createdAt: string;
}

/** The registry tokens of all registries, in the order they were made. */
export class RegistryTokens {
  #tokens: RegistryToken[];
  readonly #onChange: () => void;

  /** @param onChange called after every change. */
  constructor(tokens: readonly RegistryToken[], onChange: () => void) {
    this.#tokens = [...tokens];
    this.#onChange = onChange;
  }

  all(): readonly RegistryToken[] {
    return this.#tokens;
  }

  of(registryId: string): readonly RegistryToken[] {
    return this.#tokens.filter((token) => token.registryId === registryId);
  }

  one(registryId: string, id: string): RegistryToken | undefined {
    return this.of(registryId).find((token) => token.id === id);
  }

  /** The token with that secret. */
  bySecret(secret: string): RegistryToken | undefined {
    return this.#tokens.find((token) => token.secret === secret);
  }

  add(details: Pick<RegistryToken, 'registryId' | 'description' | 'userId'>): RegistryToken {
    const token: RegistryToken = {
      id: uuidv7(),
      secret: `bkpt_${randomBytes(20).toString('hex')}`,
      createdAt: new Date().toISOString(),
      ...details,
    };
    this.#change([...this.#tokens, token]);
    return token;
  }

  /** Answers the token as it is now. */
  describe(token: RegistryToken, description: string): RegistryToken {
    const after = { ...token, description };
    this.#change(this.#tokens.map((each) => (each.id === token.id ? after : each)));
    return after;
  }

  delete(id: string): void {
    this.#change(this.#tokens.filter((token) => token.id !== id));
  }

  deleteAllOf(registryId: string): void {
    this.#change(this.#tokens.filter((token) => token.registryId !== registryId));
  }

  #change(tokens: RegistryToken[]): void {
    this.#tokens = tokens;
    this.#onChange();
  }
}
