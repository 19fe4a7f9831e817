import { Failure } from '../../core/failure.ts';
import type { Listing, Registry } from '../../core/hosts/host.ts';

/** The models of a registry whose names hold a text, as far as one page of the list tells. */
interface Answer {
  /** Newest first, none twice. */
  readonly names: readonly string[];
  /** Whether there are no others. */
  readonly isWhole: boolean;
}

/** The names that models of a registry have, learnt while one is typed; made anew for each question. */
export class ModelNames {
  readonly #registry: Registry;
  readonly #listing: Pick<Listing, 'models'>;
  /** By the text, in lower case, that was asked for. */
  readonly #answers = new Map<string, Answer>();

  constructor(listing: Pick<Listing, 'models'>, registry: Registry) {
    this.#listing = listing;
    this.#registry = registry;
  }

  /**
   * Names that hold the text. The registry is not asked where it is known that it has nothing to add; one that lists no
   * models has none. Throws a `Failure`.
   */
  async find(text: string, signal: AbortSignal): Promise<readonly string[]> {
    const wanted = text.trim().toLowerCase();
    return (this.#known(wanted) ?? (await this.#ask(wanted, text.trim(), signal))).names;
  }

  /** Whether a model is called so; undefined where that was not asked. */
  has(model: string): boolean | undefined {
    if ([...this.#answers.values()].some(({ names }) => names.includes(model))) return true;
    return this.#known(model.toLowerCase())?.isWhole === true ? false : undefined;
  }

  /** What is known without asking: a whole list for a part of the text holds all that a longer text could find. */
  #known(wanted: string): Answer | undefined {
    const exact = this.#answers.get(wanted);
    if (exact !== undefined) return exact;
    const wider = [...this.#answers].find(([part, { isWhole }]) => isWhole && wanted.includes(part))?.[1];
    return (
      wider && {
        names: wider.names.filter((name) => name.toLowerCase().includes(wanted)),
        isWhole: true,
      }
    );
  }

  async #ask(wanted: string, name: string, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#list(name, signal);
    this.#answers.set(wanted, answer);
    return answer;
  }

  async #list(name: string, signal: AbortSignal): Promise<Answer> {
    try {
      const { items, next } = await this.#listing.models(this.#registry, name === '' ? {} : { name }, signal);
      return { names: [...new Set(items.map(({ model }) => model))], isWhole: next === undefined };
    } catch (error) {
      if (error instanceof Failure && error.kind === 'notFound') return { names: [], isWhole: false };
      throw error;
    }
  }
}
