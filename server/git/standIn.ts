/** Files that stand in a checkout for something else: pointers to content kept elsewhere, and links written as text. */

/** Pointers are shorter than this: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md, "The Pointer"; git-annex reads 32 KiB. */
const maxPointerChars = 32_768;

/** The first line of a Git LFS pointer; the second address is its name before 2014. Keys are `[a-z0-9.-]`, `oid` is required. */
const lfsVersion = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v\d+\r?\n/;
const lfsId = /^oid [a-z0-9]+:[0-9a-f]+\r?$/m;

/** An unlocked annexed file in git, and a locked one where links are text: https://git-annex.branchable.com/internals/pointer_file/ */
const annexPath = /^(?:(?:\.\.\/)*\.git)?\/annex\/objects\/[^\n]+(?:\n|$)/;

/** A path and nothing else, without a line end: a symbolic link with core.symlinks=false (git-config(1)). */
const linkPath = /^[^\s:*?"<>|/]*(?:\/[^\s:*?"<>|/]+)+$/;
/** PATH_MAX of Linux. */
const maxLinkChars = 4096;

/** Whether a whole file's text is a Git LFS pointer, a git-annex pointer or a symbolic link that was checked out as text. */
export function isStandIn(text: string): boolean {
  if (text.length > maxPointerChars) return false;
  if (lfsVersion.test(text)) return lfsId.test(text);
  if (annexPath.test(text)) return true;
  return text.length <= maxLinkChars && linkPath.test(text);
}
