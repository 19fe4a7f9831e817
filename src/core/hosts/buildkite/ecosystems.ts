/** Whether a registry of that ecosystem holds Hugging Face models. How Buildkite spells it is not documented, so spelling does not count. */
export function holdsModels(ecosystem: string): boolean {
  return ecosystem.replace(/[-_ ]/g, '').toLowerCase() === 'huggingface';
}
