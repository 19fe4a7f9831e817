import type { BuildDetails, Pipeline } from '../state.ts';
import type { Invalid } from './registryRequest.ts';

/** The body of a new build: https://buildkite.com/docs/apis/rest-api/builds#create-a-build */
export function buildCreation(
  body: unknown,
): (Omit<BuildDetails, 'creatorId'> & { readonly anyBranch: boolean }) | Invalid {
  const fields = isRecord(body) ? body : {};
  const errors: string[] = [];
  const required = (name: 'commit' | 'branch') => {
    const value = fields[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
    errors.push(`${name === 'commit' ? 'Commit' : 'Branch'} can't be blank`);
    return '';
  };
  const texts = (name: 'env' | 'meta_data'): Record<string, string> => {
    const value = fields[name] ?? {};
    if (!isRecord(value) || Object.values(value).some((each) => typeof each === 'object')) {
      errors.push(`${name === 'env' ? 'Env' : 'Meta data'} must be a JSON object of strings`);
      return {};
    }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
  };
  const { message, author } = fields;
  if (message !== undefined && typeof message !== 'string') errors.push('Message must be a string');
  const details = {
    commit: required('commit'),
    branch: required('branch'),
    message: typeof message === 'string' ? message : '',
    env: texts('env'),
    metaData: texts('meta_data'),
    author: authorOf(author, errors),
    anyBranch: fields.ignore_pipeline_branch_filters === true,
  };
  return errors.length > 0 ? { errors } : details;
}

/** Buildkite's Go client sends an empty one where it was given none. */
function authorOf(author: unknown, errors: string[]): BuildDetails['author'] {
  if (author === undefined || author === null) return null;
  if (isRecord(author)) {
    const { name, email } = author;
    if (name === undefined && email === undefined) return null;
    if (typeof name === 'string' && typeof email === 'string') return { name, email };
  }
  errors.push('Author must have a name and an email');
  return null;
}

/** Whether the pipeline's filter lets a branch be built: patterns with `*`, and `!` in front of those that are not. */
export function buildsBranch({ branches }: Pipeline, branch: string): boolean {
  const patterns = (branches ?? '').split(/\s+/).filter(Boolean);
  const matches = (pattern: string) =>
    new RegExp(
      `^${pattern
        .split('*')
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    ).test(branch);
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!'));
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  return (wanted.length === 0 || wanted.some(matches)) && !unwanted.some(matches);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
