import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { Failure } from '../../core/failure.ts';
import type { Services } from '../services.ts';
import { inWords } from '../../core/schemas.ts';
import { describedPlans } from './describedPlans.ts';
import { listInput, planInput, publishInput } from './inputs.ts';
import { listRegistries } from './list.ts';
import { carryOutPublish, confirmationOf, describePlan, withPlan } from './publish.ts';

/** What the tools do. Inputs are unchecked; every call throws a `Failure`, or the signal's reason when aborted. */
export class ToolWork {
  readonly #services: Services;
  readonly #described = describedPlans();

  constructor(services: Services) {
    this.#services = services;
  }

  list(input: unknown, signal: AbortSignal): Promise<unknown> {
    return listRegistries(this.#services, checked(listInput, input), signal);
  }

  plan(input: unknown, signal: AbortSignal): Promise<unknown> {
    return withPlan(this.#services, checked(planInput, input), signal, (planned) =>
      describePlan(planned, this.#described),
    );
  }

  confirmation(input: unknown, signal: AbortSignal): Promise<vscode.PreparedToolInvocation> {
    return confirmationOf(this.#services, checked(publishInput, input), this.#described, signal);
  }

  publish(input: unknown, signal: AbortSignal): Promise<unknown> {
    return carryOutPublish(this.#services, checked(publishInput, input), this.#described, signal);
  }
}

function checked<T>(schema: z.ZodMiniType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input, inWords);
  if (error === undefined) return data;
  throw new Failure('refused', vscode.l10n.t('The input makes no sense: {0}', z.prettifyError(error)));
}
