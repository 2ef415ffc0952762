import * as vscode from 'vscode';
import { type Command, open } from './context.ts';

export const openSample: Command = async (context) => {
  await open(vscode.Uri.joinPath(context.extension, 'media', 'sample', 'shop.pcap'));
};
