import type { RegistryKey } from './host.ts';

/** A stretch of a text, in UTF-16 units; `end` is not part of it. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a policy, or unlikely to be meant; a sentence. With an error the policy is not put in force. */
export interface PolicyProblem extends TextSpan {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** What can be written at a place of a policy; it takes the place of the span. */
export interface PolicyCompletion extends TextSpan {
  readonly kind: 'statement' | 'key' | 'value';
  readonly label: string;
  /** Its lines after the first are indented as deep as the first one is. */
  readonly insert: string;
  readonly detail: string | undefined;
}

/** The language that a service's OIDC policies are written in, a kind of YAML. Pure. */
export interface PolicyLanguage {
  /** Where the service describes it. */
  readonly documentation: URL;
  /** What a person without a policy begins with: comments alone. */
  beginning(registry: RegistryKey): string;
  /** Whether it says nothing but comments: to put it in force is to take the policy away. */
  isEmpty(text: string): boolean;
  /** In the order of the text. */
  problems(text: string): readonly PolicyProblem[];
  /** @param offset In UTF-16 units. The text may be anything, such as a half-written line. */
  completions(text: string, offset: number): readonly PolicyCompletion[];
}

/** Whether a policy lets a build publish into its registry: `unknown` where that depends on what is only known when it runs. */
export interface Admission {
  readonly kind: 'allowed' | 'denied' | 'unknown';
  /** With the reason. */
  readonly sentence: string;
}
