/** The doctor's report: what the daemon finds, and what only the editor can know. */

import { extensions, window, workspace } from 'vscode';
import { messageNames } from '../protocol/messages.ts';
import type { DoctorCheck, DoctorReport } from '../protocol/messages.ts';
import { isServedScheme } from './documentFilter.ts';
import type { LanguageLink } from './languageLink.ts';
import { hasSuggestions } from './suggestionSettings.ts';
import type { LinkState } from './supervisor.ts';

/** Extensions that offer inline suggestions of their own; VS Code then shows whichever answers first. */
const rivals: readonly string[] = [
  'github.copilot',
  'continue.continue',
  'codeium.codeium',
  'tabnine.tabnine-vscode',
  'tabbyml.vscode-tabby',
  'ggml-org.llama-vscode',
  'supermaven.supermaven',
];

export async function examine(link: LanguageLink | undefined, state: LinkState): Promise<DoctorCheck[]> {
  return [...editorChecks(), ...(await daemonChecks(link, state))];
}

function editorChecks(): DoctorCheck[] {
  const document = window.activeTextEditor?.document;
  const checks: DoctorCheck[] = [];
  const inline = workspace.getConfiguration('editor', document).get('inlineSuggest.enabled', true);
  checks.push(
    inline
      ? { name: 'Editor', verdict: 'ok', detail: 'The editor shows inline suggestions.' }
      : {
          name: 'Editor',
          verdict: 'error',
          detail: 'The editor shows no inline suggestions, from Idiom or anyone.',
          remedy: 'Switch the setting editor.inlineSuggest.enabled on.',
        },
  );
  if (document !== undefined && isServedScheme(document.uri.scheme) && !hasSuggestions(document)) {
    checks.push({
      name: 'This file',
      verdict: 'warning',
      detail: `Suggestions are off for this file (${document.languageId}).`,
      remedy: 'Run "Idiom: Toggle Suggestions...".',
    });
  }
  if (!workspace.isTrusted) {
    checks.push({
      name: 'Trust',
      verdict: 'warning',
      detail: 'This workspace is not trusted, so Idiom suggests but records nothing.',
      remedy: 'Run "Workspaces: Manage Workspace Trust" if you trust its authors.',
    });
  }
  const others = rivals.flatMap((id) => extensions.getExtension(id) ?? []).filter(({ isActive }) => isActive);
  if (others.length > 0) {
    checks.push({
      name: 'Other extensions',
      verdict: 'warning',
      detail: `Inline suggestions also come from ${others.map(({ id }) => id).join(', ')}.`,
      remedy: 'Switch its inline suggestions off if you see too few of Idiom.',
    });
  }
  return checks;
}

async function daemonChecks(link: LanguageLink | undefined, state: LinkState): Promise<DoctorCheck[]> {
  const name = 'Daemon';
  if (link === undefined) {
    const detail = 'reason' in state ? state.reason : 'The connection to the daemon is still being made.';
    const remedy = state.kind === 'failed' ? state.remedy : 'Wait a moment, then ask again.';
    return [{ name, verdict: 'error', detail, remedy }];
  }
  try {
    return [...((await link.request(messageNames.doctor)) as DoctorReport).checks];
  } catch (error) {
    return [
      {
        name,
        verdict: 'error',
        detail: `The daemon gave no report: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: 'Run "Idiom: Restart Engine"; if that does not help, reload the window.',
      },
    ];
  }
}
