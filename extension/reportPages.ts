/** Shows a report as a rendered page. Its text is Markdown, which VS Code's own Markdown extension turns into HTML. */

import { commands, env, Range, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import { commandIds } from './commandIds.ts';
import { reportHtml } from './reportHtml.ts';

export class ReportPages implements Disposable {
  readonly #panels = new Map<string, WebviewPanel>();

  /** Opens the report, or brings the page of an earlier one up to date. */
  async show(title: string, markdown: string): Promise<void> {
    const body = await render(markdown);
    if (body === undefined) return showText(markdown);
    const panel = this.#panels.get(title) ?? this.#open(title);
    panel.webview.html = reportHtml({ title, body, language: env.language });
    panel.reveal();
  }

  #open(title: string): WebviewPanel {
    const panel = window.createWebviewPanel('idiom.report', title, ViewColumn.Active, {
      enableCommandUris: [commandIds.openPlace],
      enableFindWidget: true,
      localResourceRoots: [],
    });
    this.#panels.set(title, panel);
    panel.onDidDispose(() => this.#panels.delete(title));
    return panel;
  }

  dispose(): void {
    for (const panel of this.#panels.values()) panel.dispose();
  }
}

/** Undefined where VS Code's Markdown extension is switched off. */
async function render(markdown: string): Promise<string | undefined> {
  try {
    return await commands.executeCommand<string>('markdown.api.render', markdown);
  } catch {
    return undefined;
  }
}

async function showText(content: string): Promise<void> {
  await window.showTextDocument(await workspace.openTextDocument({ language: 'markdown', content }));
}

/** What a link of a report runs: opens a file of this machine at a line, 1-based. */
export async function openPlace(path: unknown, line: unknown): Promise<void> {
  if (typeof path !== 'string' || typeof line !== 'number') return;
  const at = Math.max(0, line - 1);
  await window.showTextDocument(Uri.file(path), { selection: new Range(at, 0, at, 0), preview: true });
}
