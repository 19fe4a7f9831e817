import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { aptInstall } from './apt.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** What fetching takes, and unpacking. */
const PACKAGES = ['debian-archive-keyring', 'xz-utils'];

/**
 * Fetches the source of one of Debian's packages by apt, which checks it against the signed list of the suite, and unpacks it in `work`, an
 * empty folder. apt gets lists and a state of its own: this machine's stay as they are.
 *
 * @param suite such as `sid`
 * @returns the folder of the source, such as `…/git-2.55.0`
 */
export async function debianSource(name: string, suite: string, work: string): Promise<string> {
  const sources = join(work, 'sources.list');
  const uri = await mirror();
  await writeFile(sources, `deb-src [signed-by=${KEYRING}] ${uri} ${suite} main\n`);
  const folders = ['lists/partial', 'cache/archives/partial', 'parts', 'source'];
  for (const folder of folders) await mkdir(join(work, folder), { recursive: true });
  const options = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': join(work, 'parts'),
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    // The folder is this user's alone.
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
  };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const place = { cwd: join(work, 'source') };
  await execa('apt-get', [...settings, '-qq', '--error-on=any', 'update'], place);
  await execa('apt-get', [...settings, '-qq', '--download-only', '--only-source', 'source', name], place);
  const archive = (await readdir(place.cwd)).find((name) => name.endsWith('.orig.tar.xz'));
  if (archive === undefined) throw new Error('apt-get fetched no source.');
  await execa('tar', ['-xf', archive], place);
  const unpacked = (await readdir(place.cwd, { withFileTypes: true })).find((entry) => entry.isDirectory());
  return join(place.cwd, unpacked?.name ?? '');
}

/** Where this machine gets its packages. A new machine has no lists yet, which name their origins. */
async function mirror(): Promise<string> {
  const known = existsSync(KEYRING) ? await knownMirror() : undefined;
  if (known !== undefined) return known;
  await aptInstall(...PACKAGES);
  const uri = await knownMirror();
  if (uri === undefined) throw new Error('apt-get names no mirror of Debian; run “apt-get update” first.');
  return uri;
}

async function knownMirror(): Promise<string | undefined> {
  const format = '$(ORIGIN) $(RELEASE) $(REPO_URI)';
  const { stdout } = await execa('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const targets = stdout.split('\n').map((line) => line.split(' '));
  return targets.find(([origin, release = '']) => origin === 'Debian' && /^[a-z]+$/.test(release))?.[2];
}
