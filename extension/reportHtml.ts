/** A report's document: its rendered text in the editor's own colors and fonts, and nothing that runs. Pure. */

export interface ReportDocument {
  readonly title: string;
  /** HTML, rendered from Markdown without raw HTML. */
  readonly body: string;
  /** BCP 47, of the editor. */
  readonly language: string;
}

/** Variables: https://code.visualstudio.com/api/references/theme-color */
const style = `
body { font: var(--vscode-font-size) / 1.5 var(--vscode-font-family); max-width: 56em; padding: 0 2em 2em; }
h1 { font-size: 1.6em; font-weight: 500; }
h2 { font-size: 1.2em; font-weight: 500; margin-top: 1.6em; }
a { color: var(--vscode-textLink-foreground); }
code, pre { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
pre { background: var(--vscode-textCodeBlock-background); overflow-x: auto; padding: 0.8em; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); padding: 0.3em 1.2em 0.3em 0; text-align: left; }
`;

/** Policy: https://developer.mozilla.org/docs/Web/HTTP/Headers/Content-Security-Policy */
export function reportHtml({ title, body, language }: ReportDocument): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
