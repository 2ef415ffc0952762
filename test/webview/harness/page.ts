/** Runs in the browser before the page's own script: stands in for VS Code's webview preload. */
import { fromText, toText } from './wireText.ts';

interface Given {
  readonly bodyClass: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly channel: string;
}
declare global {
  interface Window {
    acquireVsCodeApi(): { postMessage(m: unknown): void; getState(): unknown; setState(s: unknown): void };
    setTheme(bodyClass: string, variables: Readonly<Record<string, string>>): void;
  }
}
const given = JSON.parse(document.getElementById('given')!.textContent!) as Given;

window.setTheme = (bodyClass, variables) => {
  const root = document.documentElement;
  for (const name of Array.from(root.style)) root.style.removeProperty(name);
  for (const [name, value] of Object.entries(variables)) root.style.setProperty(name, value);
  document.body.className = bodyClass;
};
window.setTheme(given.bodyClass, given.variables);

const events = new EventSource(`/events?channel=${given.channel}`);
const ready = new Promise<void>((resolve) => {
  events.onopen = () => resolve();
});
events.onmessage = (e: MessageEvent<string>) => window.postMessage(JSON.parse(toText(fromText(e.data)), revive), '*');

/** The message goes through the same text twice, so that the page sees what VS Code's JSON channel would give it: marked numbers, real arrays. */
function revive(_: string, v: unknown): unknown {
  if (typeof v !== 'object' || v === null || !('$array' in v)) return v;
  return fromText(JSON.stringify(v));
}

let state: unknown = JSON.parse(sessionStorage.getItem('state') ?? 'null');
let acquired = false;
window.acquireVsCodeApi = () => {
  if (acquired) throw new Error('An instance of the VS Code API has already been acquired');
  acquired = true;
  return {
    postMessage: (m) => void ready.then(() => fetch(`/message?channel=${given.channel}`, { method: 'POST', body: toText(m) })),
    getState: () => state,
    setState: (s) => {
      state = s;
      sessionStorage.setItem('state', JSON.stringify(s));
    },
  };
};
