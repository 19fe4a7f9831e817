/**
 * A name as the most lenient file system takes it: what is equal here may be the same file somewhere. Folds case, and
 * how accents are put together, at least as much as NTFS, APFS and HFS+ do, and leaves out the code points that HFS+
 * (https://git-scm.com/docs/git-config, core.protectHFS) and ext4's case-folding folders
 * (https://docs.kernel.org/filesystems/ext4/directory.html) do not see.
 */
export function foldedName(name: string): string {
  return name.replace(IGNORED, '').normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');
}

/** HFS+ leaves out `U+206A` to `U+206F` besides, which are in no property. */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\u206A-\u206F]/gu;
