import { posix } from 'node:path';

/** Files that programs keep keys, passwords and tokens in. Templates of them hold none. */
const NAMES: readonly RegExp[] = [
  /^\.?[\w-]*\.env(?:\.(?!example$|sample$|template$|dist$).+)?$/i,
  /^\.envrc$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:\.(?!pub$).+)?$/i,
  /\.(?:pem|key|p8|p12|pfx|pkcs12|ppk|jks|keystore|keytab|kdbx?|ovpn|tfstate|tfvars)$/i,
  /^[._]netrc$/i,
  /^\.(?:pypirc|npmrc|htpasswd|git-credentials|dockercfg|s3cfg|boto|pgpass|my\.cnf|vault-token|credentials)$/i,
  /^\.(?:bash|zsh|sh|python|psql|mysql|node_repl)_history$/i,
  /^(?:credentials|client_secrets?|service[-_]account.*|application_default_credentials|kaggle)\.json$/i,
  /^(?:credentials|secrets?)\.(?:json|ya?ml|toml|ini|cfg|csv|txt)$/i,
  /^(?:accesskeys|rootkey)\.csv$/i,
  /^kubeconfig$/i,
];

/** Where programs keep them under names that say nothing. */
const FOLDERS: readonly RegExp[] = [
  /(?:^|\/)\.(?:ssh|aws|gnupg|azure|password-store)\//i,
  /(?:^|\/)\.config\/gcloud\//i,
  /(?:^|\/)\.kube\/config$/i,
  /(?:^|\/)\.docker\/config\.json$/i,
  /(?:^|\/)\.cargo\/credentials(?:\.toml)?$/i,
  /(?:^|\/)\.?huggingface\/(?:token|stored_tokens)$/i,
];

/** Whether a file of that path is likely to hold secrets, by its name alone. */
export function isSecretFile(path: string): boolean {
  const name = posix.basename(path);
  return NAMES.some((pattern) => pattern.test(name)) || FOLDERS.some((pattern) => pattern.test(path));
}
