/** Whether one URI lies at or below another, however either is percent-encoded; asks no file system. */

export function isWithin(rootUri: string, uri: string): boolean {
  const root = withoutSlashes(plain(rootUri));
  const inner = plain(uri);
  return inner === root || inner.startsWith(`${root}/`);
}

/** Editors write `file:///c%3A/a` and `file:///C:/a` for the same file. */
function plain(uri: string): string {
  let decoded = uri;
  try {
    decoded = decodeURIComponent(uri);
  } catch {
    // Not percent-encoded after all: taken as it is.
  }
  return decoded.replace(/^file:\/\/\/[A-Z]:/, (drive) => drive.toLowerCase());
}

function withoutSlashes(uri: string): string {
  let end = uri.length;
  while (uri[end - 1] === '/') end--;
  return uri.slice(0, end);
}
