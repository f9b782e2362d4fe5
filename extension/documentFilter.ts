/** Which documents Idiom reads at all, by the scheme of their URI. Settings may exclude more; see suggestionSettings.ts. */

/**
 * Not code, or not the user's: panels, inputs of chats and forms, read-only copies. All other schemes are served, so that
 * remote, virtual, untitled and notebook documents work without being listed.
 */
const excludedSchemes: ReadonlySet<string> = new Set([
  'output',
  'log',
  'debug',
  'debug-console',
  'git',
  'gitfs',
  'git-graph',
  'gitlens',
  'pr',
  'review',
  'comment',
  'vscode-scm',
  'vscode-terminal',
  'vscode-settings',
  'vscode-interactive-input',
  'vscode-interactive',
  'vscode-notebook-cell-output',
  'vscode-notebook-cell-metadata',
  'walkThrough',
  'walkThroughSnippet',
  'search-editor',
  'inmemory',
  'private',
]);

/** Editors of chats and inline chats, whatever they are called from one version to the next. */
const excludedPrefixes: readonly string[] = ['chat', 'vscode-chat', 'inline-chat', 'vscode-inline-chat'];

export function isServedScheme(scheme: string): boolean {
  return !excludedSchemes.has(scheme) && !excludedPrefixes.some((prefix) => scheme.startsWith(prefix));
}
