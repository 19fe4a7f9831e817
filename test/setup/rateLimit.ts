/** Requests that a registry takes in a minute from tests that are not about that: they ask for more than a person does. */
export const AMPLE = { organization: 10_000, user: 10_000 } as const;
