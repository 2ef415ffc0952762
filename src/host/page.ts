/** The HTML of a panel: a frame for dist/webview.js that can load nothing but the extension's own files. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { FIRST_PAINT } from '../shared/firstPaint.ts';

export const resourceRoots = (extension: vscode.Uri): vscode.Uri[] => [
  vscode.Uri.joinPath(extension, 'dist'),
  vscode.Uri.joinPath(extension, 'media'),
];

export function page(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64');
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    // blob: the page draws its own graph into a picture to save it.
    `img-src ${webview.cspSource} blob:`,
  ].join('; ');
  // vscode-elements finds the icon font by the id of the link.
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tracenest</title>
<link rel="stylesheet" id="vscode-codicon-stylesheet" nonce="${nonce}" href="${file('webview.css')}">
</head>
<body>
<div id="app">${FIRST_PAINT}</div>
<script nonce="${nonce}" src="${file('webview.js')}"></script>
</body>
</html>`;
}
