/** The dashboard's document: a policy that lets the bundle run and nothing else, and the bundle. Pure. */

export interface DashboardFiles {
  /** As the webview may load them. */
  readonly script: string;
  readonly style: string;
  /** The webview's own source, for the policy. */
  readonly source: string;
  /** New for each document; only a script that carries it runs. */
  readonly nonce: string;
  /** BCP 47, of the editor. */
  readonly language: string;
}

/** Policy: https://developer.mozilla.org/docs/Web/HTTP/Headers/Content-Security-Policy */
export function dashboardHtml({ script, style, source, nonce, language }: DashboardFiles): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Idiom</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<script type="module" nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
