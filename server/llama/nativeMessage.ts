/** Messages of llama.cpp as a person may read them: without the folders of the machine that built it. */

/** `C:\a\b\c.cpp:12:` or `/a/b/c.cpp`. */
const folders =
  /(?:[A-Za-z]:)?(?:[\\/][^\s\\/:'"]+)+[\\/](?=[^\s\\/:'"]+\.(?:c|cc|cpp|cxx|h|hpp|cu|cuh|m|mm|metal|comp)\b)/g;

export function withoutBuildPaths(message: string): string {
  return message.replace(folders, '');
}

/** Of what a dying process wrote, the line that says why: a failed assertion, else the last one. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '');
  return withoutBuildPaths(
    said.findLast((line) => /GGML_ASSERT|GGML_ABORT|fatal error/.test(line)) ?? said.at(-1) ?? '',
  );
}
