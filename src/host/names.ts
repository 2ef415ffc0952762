/** Names that people gave to addresses: renames kept with the workspace, and names files of trusted folders. */

import * as vscode from 'vscode';
import type { NamesFile } from '../engine/identity/namesFile.ts';
import type { AnalysisOptions } from '../shared/protocol.ts';
import type { Log } from './log.ts';
import { namesFilePatterns } from './settings.ts';

const KEY = 'tracenest.names';
const MAX_FILES = 20;
const MAX_FILE_BYTES = 4 << 20;
const MAX_NAME = 100;

export class Names {
  private readonly state: vscode.Memento;
  private readonly log: Log;

  constructor(state: vscode.Memento, log: Log) {
    this.state = state;
    this.log = log;
  }

  /** "address" or "address:port" -> name. Files of a folder that is not trusted name nothing. */
  async all(resource: vscode.Uri | undefined): Promise<Pick<AnalysisOptions, 'names' | 'renames'>> {
    return { names: vscode.workspace.isTrusted ? await this.fromFiles(resource) : {}, renames: this.renames() };
  }

  renames(): Readonly<Record<string, string>> {
    return texts(this.state.get<unknown>(KEY));
  }

  /** An empty name takes a rename back. */
  async rename(addresses: readonly string[], name: string): Promise<void> {
    const all: Record<string, string> = { ...this.renames() };
    for (const address of addresses) {
      if (name === '') delete all[address];
      else all[address] = name;
    }
    await this.state.update(KEY, all);
  }

  /** Files in order of path, so that the same folder always gives the same names; where two name one address, the later one counts. */
  private async fromFiles(resource: vscode.Uri | undefined): Promise<Record<string, string>> {
    const uris = new Map<string, vscode.Uri>();
    for (const pattern of namesFilePatterns(resource))
      for (const uri of await vscode.workspace.findFiles(pattern, '**/node_modules/**', MAX_FILES)) uris.set(uri.toString(), uri);
    const found: Record<string, string> = {};
    for (const [, uri] of [...uris].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_FILES)) {
      const { names, problems } = await this.read(uri);
      Object.assign(found, names);
      for (const problem of problems) this.log.warn(`Names file ${uri.path}: ${problem}`);
    }
    return found;
  }

  /** Names of a file, kept with the workspace; those given before stay where the file says nothing. */
  async keep(names: Readonly<Record<string, string>>): Promise<void> {
    await this.state.update(KEY, { ...this.renames(), ...names });
  }

  /** Never throws: what is wrong with the file is among the problems. */
  async read(uri: vscode.Uri): Promise<NamesFile> {
    try {
      if ((await vscode.workspace.fs.stat(uri)).size > MAX_FILE_BYTES)
        return { names: {}, problems: [`larger than ${MAX_FILE_BYTES >> 20} MB, not read`] };
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      // Loaded with the first file there is: most windows have none, and start without a YAML parser.
      const { readNamesFile } = await import('./seldom.ts');
      const { names, problems } = readNamesFile(text);
      return { names: texts(names), problems };
    } catch (e) {
      return { names: {}, problems: [e instanceof Error ? e.message : String(e)] };
    }
  }
}

/** The entries of an object whose values are names; anything else in it is left out. */
function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const named = Object.entries(value).filter((e): e is [string, string] => typeof e[1] === 'string' && e[1] !== '');
  return Object.fromEntries(named.map(([address, name]) => [address, name.slice(0, MAX_NAME)]));
}
